//! A keyring that is locked until the person answers its question: enough of
//! the Secret Service to keep one password.

// What a method of the bus is given is not ours to choose.
#![allow(clippy::unused_self, clippy::used_underscore_binding)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, fdo, interface};

use crate::bus::{Bus, KEYRING_NAME};

const SERVICE: &str = "/org/freedesktop/secrets";
const SESSION: &str = "/org/freedesktop/secrets/session/s1";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";
const ITEM: &str = "/org/freedesktop/secrets/collection/login/1";
const PROMPT: &str = "/org/freedesktop/secrets/prompt/p1";
const NONE: &str = "/";

/// A secret on the bus: session, parameters, value, content type.
type SecretOnBus = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

#[derive(Debug)]
struct Kept {
    is_locked: bool,
    password: Option<Vec<u8>>,
    /// What the person does when asked.
    unlocks: bool,
    questions: u32,
}

type Shared = Arc<Mutex<Kept>>;

/// The keyring, until it is dropped.
pub struct Asking {
    kept: Shared,
    _connection: Connection,
}

impl Asking {
    /// Starts it locked, with a person who unlocks it, or dismisses the question.
    pub async fn on(bus: &Bus, unlocks: bool) -> Self {
        let kept = Arc::new(Mutex::new(Kept {
            is_locked: true,
            password: None,
            unlocks,
            questions: 0,
        }));
        let connection = bus.connect().await;
        let objects = connection.object_server();
        objects.at(SERVICE, Service(kept.clone())).await.unwrap();
        objects
            .at(COLLECTION, Collection(kept.clone()))
            .await
            .unwrap();
        objects.at(ITEM, Item(kept.clone())).await.unwrap();
        objects.at(PROMPT, Prompt(kept.clone())).await.unwrap();
        connection.request_name(KEYRING_NAME).await.unwrap();
        Self {
            kept,
            _connection: connection,
        }
    }

    /// Locks it, as a new session of the desktop finds it.
    pub fn lock(&self) {
        self.kept.lock().unwrap().is_locked = true;
    }

    /// How often the person was asked since the last call.
    pub fn questions(&self) -> u32 {
        std::mem::take(&mut self.kept.lock().unwrap().questions)
    }

    /// What it holds, seen past its lock.
    pub fn holds(&self) -> Option<String> {
        let password = self.kept.lock().unwrap().password.clone();
        password.map(|password| String::from_utf8(password).unwrap())
    }
}

fn path(of: &str) -> OwnedObjectPath {
    of.try_into().unwrap()
}

struct Service(Shared);

#[interface(name = "org.freedesktop.Secret.Service")]
impl Service {
    fn open_session(
        &self,
        algorithm: &str,
        _input: Value<'_>,
    ) -> fdo::Result<(OwnedValue, OwnedObjectPath)> {
        if algorithm != "plain" {
            return Err(fdo::Error::NotSupported("only plain".to_owned()));
        }
        let output = OwnedValue::try_from(Value::from("")).unwrap();
        Ok((output, path(SESSION)))
    }

    fn search_items(
        &self,
        _attributes: HashMap<String, String>,
    ) -> (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) {
        let kept = self.0.lock().unwrap();
        let found: Vec<_> = kept.password.iter().map(|_| path(ITEM)).collect();
        if kept.is_locked {
            (Vec::new(), found)
        } else {
            (found, Vec::new())
        }
    }

    fn read_alias(&self, _name: &str) -> OwnedObjectPath {
        path(COLLECTION)
    }

    fn unlock(&self, objects: Vec<OwnedObjectPath>) -> (Vec<OwnedObjectPath>, OwnedObjectPath) {
        if self.0.lock().unwrap().is_locked {
            (Vec::new(), path(PROMPT))
        } else {
            (objects, path(NONE))
        }
    }
}

struct Collection(Shared);

#[interface(name = "org.freedesktop.Secret.Collection")]
impl Collection {
    #[zbus(property)]
    fn locked(&self) -> bool {
        self.0.lock().unwrap().is_locked
    }

    fn create_item(
        &self,
        _properties: HashMap<String, OwnedValue>,
        secret: SecretOnBus,
        _replace: bool,
    ) -> (OwnedObjectPath, OwnedObjectPath) {
        let mut kept = self.0.lock().unwrap();
        assert!(!kept.is_locked, "nothing goes into a locked collection");
        kept.password = Some(secret.2);
        (path(ITEM), path(NONE))
    }
}

struct Item(Shared);

#[interface(name = "org.freedesktop.Secret.Item")]
impl Item {
    fn get_secret(&self, session: OwnedObjectPath) -> (SecretOnBus,) {
        let kept = self.0.lock().unwrap();
        assert!(!kept.is_locked, "nothing comes out of a locked collection");
        let value = kept.password.clone().unwrap();
        ((session, Vec::new(), value, "text/plain".to_owned()),)
    }

    fn delete(&self) -> OwnedObjectPath {
        let mut kept = self.0.lock().unwrap();
        if kept.is_locked {
            return path(PROMPT);
        }
        kept.password = None;
        path(NONE)
    }
}

struct Prompt(Shared);

#[interface(name = "org.freedesktop.Secret.Prompt")]
impl Prompt {
    async fn prompt(
        &self,
        _window: &str,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<()> {
        let unlocks = {
            let mut kept = self.0.lock().unwrap();
            kept.questions += 1;
            kept.is_locked &= !kept.unlocks;
            kept.unlocks
        };
        let unlocked: Vec<ObjectPath<'_>> = if unlocks {
            vec![ITEM.try_into().unwrap()]
        } else {
            Vec::new()
        };
        Self::completed(&emitter, !unlocks, unlocked.into()).await?;
        Ok(())
    }

    #[zbus(signal)]
    async fn completed(
        emitter: &SignalEmitter<'_>,
        dismissed: bool,
        result: Value<'_>,
    ) -> zbus::Result<()>;
}
