//! Keyrings that misbehave: just enough of the Secret Service to be asked.

// What a method of the bus is given is not ours to choose.
#![allow(clippy::unused_self, clippy::used_underscore_binding)]

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::sync::Notify;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, fdo, interface};

use crate::bus::{Bus, KEYRING_NAME};

const SERVICE: &str = "/org/freedesktop/secrets";
const SESSION: &str = "/org/freedesktop/secrets/session/s1";
const ITEM: &str = "/org/freedesktop/secrets/collection/login/1";
const PROMPT: &str = "/org/freedesktop/secrets/prompt/p1";

/// A secret on the bus: session, parameters, value, content type.
type SecretOnBus = (OwnedObjectPath, Vec<u8>, Vec<u8>, String);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Takes every call and answers none.
    NeverAnswers,
    /// Has one locked item and asks before it unlocks.
    AsksThePerson,
}

/// A keyring that misbehaves, until it is dropped.
pub struct Fake {
    connection: Connection,
    prompts: Arc<Prompts>,
}

#[derive(Default)]
struct Prompts {
    opened: Notify,
    shown: AtomicU32,
}

impl Fake {
    pub async fn on(bus: &Bus, manner: Manner) -> Self {
        let connection = bus.connect().await;
        let prompts = Arc::new(Prompts::default());
        let objects = connection.object_server();
        objects.at(SERVICE, Service(manner)).await.unwrap();
        objects.at(ITEM, Item).await.unwrap();
        objects.at(PROMPT, Prompt(prompts.clone())).await.unwrap();
        connection.request_name(KEYRING_NAME).await.unwrap();
        Self {
            connection,
            prompts,
        }
    }

    /// Waits until the person is asked.
    pub async fn prompt_opens(&self) {
        tokio::time::timeout(Duration::from_secs(5), self.prompts.opened.notified())
            .await
            .expect("a prompt opens within five seconds");
    }

    /// Plays the person's answer to the open prompt.
    pub async fn answer_prompt(&self, is_granted: bool) {
        let unlocked: Vec<ObjectPath<'_>> = if is_granted {
            vec![ITEM.try_into().unwrap()]
        } else {
            Vec::new()
        };
        let emitter = SignalEmitter::new(&self.connection, PROMPT).unwrap();
        Prompt::completed(&emitter, !is_granted, unlocked.into())
            .await
            .unwrap();
    }

    pub fn prompts_shown(&self) -> u32 {
        self.prompts.shown.load(Ordering::SeqCst)
    }

    /// Ends as a keyring that crashes.
    pub async fn leave(self) {
        self.connection.close().await.unwrap();
    }
}

struct Service(Manner);

#[interface(name = "org.freedesktop.Secret.Service")]
impl Service {
    async fn open_session(
        &self,
        algorithm: &str,
        _input: Value<'_>,
    ) -> fdo::Result<(OwnedValue, OwnedObjectPath)> {
        if self.0 == Manner::NeverAnswers {
            std::future::pending::<()>().await;
        }
        if algorithm != "plain" {
            return Err(fdo::Error::NotSupported("only plain".to_owned()));
        }
        let output = OwnedValue::try_from(Value::from("")).unwrap();
        Ok((output, SESSION.try_into().unwrap()))
    }

    fn search_items(
        &self,
        attributes: HashMap<String, String>,
    ) -> (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) {
        assert_eq!(attributes["application"], "im.stonechat.Stonechat");
        (Vec::new(), vec![ITEM.try_into().unwrap()])
    }

    fn unlock(&self, _objects: Vec<OwnedObjectPath>) -> (Vec<OwnedObjectPath>, OwnedObjectPath) {
        (Vec::new(), PROMPT.try_into().unwrap())
    }
}

struct Item;

#[interface(name = "org.freedesktop.Secret.Item")]
impl Item {
    fn get_secret(&self, session: OwnedObjectPath) -> (SecretOnBus,) {
        let value = b"from the fake".to_vec();
        ((session, Vec::new(), value, "text/plain".to_owned()),)
    }
}

struct Prompt(Arc<Prompts>);

#[interface(name = "org.freedesktop.Secret.Prompt")]
impl Prompt {
    fn prompt(&self, _window: &str) {
        self.0.shown.fetch_add(1, Ordering::SeqCst);
        self.0.opened.notify_one();
    }

    #[zbus(signal)]
    async fn completed(
        emitter: &SignalEmitter<'_>,
        dismissed: bool,
        result: Value<'_>,
    ) -> zbus::Result<()>;
}
