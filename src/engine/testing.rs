//! What tests outside the engine need: an engine without a network, and rows
//! to show. Only with the feature `testing`, never in a release.
//!
//! [`offline`] gives an [`Engine`] on a real store in a folder of its own, and
//! [`Commands`], the other end: it tells what the window asked for and plays
//! what the network would have done.

mod actions;
mod encryption;
mod people;
mod script;
mod searching;
mod set;

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::{Transaction, named_params};
use tokio::sync::{broadcast, mpsc, watch};

use crate::engine::api::{
    Command, Connections, EVENT_DEPTH, Engine, Event, Lacks, Parts, Presences, Request, Securities,
    SignIn,
};
use crate::engine::error::{SignInError, StoreError};
use crate::engine::link::Tap;
use crate::engine::model::{
    AccountId, Around, ConnectionState, ConsoleLine, Contact, ConversationId, Delivery, Direction,
    MessageId, MessageKind, Preferences, Presence, Protection, SecurityReport, ServerLacks,
    Setting, Subscription, Timestamp,
};
use crate::engine::store::columns::{
    cannot_read_column, delivery_codes, direction_code, kind_columns, protection_code,
};
use crate::engine::store::{self, Changes, Store, accounts, contacts, conversations};

pub use crate::engine::omemo::speed;
pub use crate::engine::secrets::{Secrets, SecretsProblem};
pub use actions::{answers, answers_unknown, corrects, reacts, retracts};
pub use encryption::{device, device_list, identity, part_of, trust};
pub use people::{blocked, reader, request};
pub use script::{Dialled, Script, scripted, scripted_from, scripted_impatient};
pub use searching::{Searching, account_of, searching, written};
pub use set::{
    account_look, draft, gap, labelled_contact, mute, picture, preferences, whole_history,
};

/// Returns an engine without a network on a store that `fixture` filled, and
/// its other end. The folder goes with the last handle.
///
/// # Panics
/// When the store cannot be made or filled: then the test is wrong.
#[allow(clippy::expect_used)]
pub fn offline(fixture: impl FnOnce(&Transaction<'_>)) -> (Engine, Commands) {
    let folder = TemporaryFolder::new();
    let path = folder.0.join(store::FILE_NAME);
    let (events, _) = broadcast::channel(EVENT_DEPTH);
    let store = Store::open(&path, None, events.clone()).expect("a new store opens");
    fill(&path, fixture);
    let (requests, received) = mpsc::unbounded_channel();
    let (connections, known_connections) = watch::channel(Connections::new());
    let (presences, known_presences) = watch::channel(Presences::new());
    let (lacks, known_lacks) = watch::channel(Lacks::new());
    let (security, known_security) = watch::channel(Securities::new());
    let engine = Engine::new(Parts {
        store: store.clone(),
        requests,
        events: events.clone(),
        connections: known_connections,
        presences: known_presences,
        lacks: known_lacks,
        security: known_security,
        held: Box::new(folder),
    });
    let commands = Commands {
        received,
        store,
        events,
        connections,
        presences,
        lacks,
        security,
        answers: Vec::new(),
        taps: BTreeMap::new(),
    };
    (engine, commands)
}

/// The other end of an offline engine.
pub struct Commands {
    received: mpsc::UnboundedReceiver<Request>,
    store: Store,
    events: broadcast::Sender<Event>,
    connections: watch::Sender<Connections>,
    presences: watch::Sender<Presences>,
    lacks: watch::Sender<Lacks>,
    security: watch::Sender<Securities>,
    answers: Vec<Result<AccountId, SignInError>>,
    taps: BTreeMap<AccountId, Tap>,
}

/// What the window asked for.
#[derive(Debug)]
pub enum Asked {
    /// A wish without an answer.
    Command(Command),
    /// The sign-in form was sent; its answer was given as [`Commands::will_answer`] said.
    SignIn(SignIn),
    /// Somebody watches what passes over this account's connection.
    Console(AccountId),
    /// The engine was told to stop.
    Stop,
}

impl Commands {
    /// Returns what was asked since the last call.
    pub fn taken(&mut self) -> Vec<Asked> {
        let mut asked = Vec::new();
        while let Ok(request) = self.received.try_recv() {
            asked.push(self.answer(request));
        }
        asked
    }

    /// Returns the commands among what was asked since the last call.
    pub fn taken_commands(&mut self) -> Vec<Command> {
        self.taken()
            .into_iter()
            .filter_map(|asked| match asked {
                Asked::Command(command) => Some(command),
                Asked::SignIn(_) | Asked::Console(_) | Asked::Stop => None,
            })
            .collect()
    }

    /// Waits for the next thing asked; `None` when all handles are gone.
    pub async fn next(&mut self) -> Option<Asked> {
        let request = self.received.recv().await?;
        Some(self.answer(request))
    }

    /// Sets the answer to the next sign-in (then to the one after it, and so
    /// on). Without one it is [`SignInError::AddressInvalid`]. It is given
    /// when the request is taken.
    pub fn will_answer(&mut self, answer: Result<AccountId, SignInError>) {
        self.answers.push(answer);
    }

    /// Plays a change of an account's connection.
    pub fn set_connection(&self, account: AccountId, state: ConnectionState) {
        self.connections.send_modify(|connections| {
            connections.insert(account, state.clone());
        });
        self.tell(Event::Connection { account, state });
    }

    /// Plays a change of a contact's presence.
    pub fn set_presence(&self, account: AccountId, address: &str, presence: Presence) {
        let around = Around {
            presence,
            idle_since: None,
        };
        self.set_around(account, address, around);
    }

    /// Plays a change of how a contact is around.
    pub fn set_around(&self, account: AccountId, address: &str, around: Around) {
        let address = address.to_owned();
        self.presences.send_modify(|presences| {
            presences.insert((account, address.clone()), around);
        });
        self.tell(Event::Presence {
            account,
            address,
            presence: around.presence,
        });
    }

    /// Plays that it became known what an account's server lacks.
    pub fn set_server_lacks(&self, account: AccountId, lacks: ServerLacks) {
        self.lacks.send_modify(|known| {
            known.insert(account, lacks);
        });
        self.tell(Event::ServerLacks { account, lacks });
    }

    /// Plays that an account signed in, protected like this.
    pub fn set_security(&self, account: AccountId, report: SecurityReport) {
        self.security.send_modify(|known| {
            known.insert(account, report);
        });
        self.tell(Event::Security { account });
    }

    /// Plays that the other side began or stopped writing.
    pub fn set_typing(&self, conversation: ConversationId, is_composing: bool) {
        self.tell(Event::Typing {
            conversation,
            is_composing,
        });
    }

    /// Plays a line of the XML console; false when nobody watches.
    pub fn console_line(&self, account: AccountId, line: ConsoleLine) -> bool {
        self.taps.get(&account).is_some_and(|tap| tap.tell(line))
    }

    /// Sends an event of any kind.
    pub fn tell(&self, event: Event) {
        // No receiver: the test shows no window yet.
        let _ = self.events.send(event);
    }

    /// Plays a message that arrives, or that the user sent from elsewhere;
    /// the chat's line and the window hear of it as they would for real.
    pub async fn message(&self, message: NewMessage) -> Result<MessageId, StoreError> {
        self.store
            .write(move |tx, changes| add_message(tx, changes, &message))
            .await
    }

    /// Sets some, as the engine does for [`Command::Set`].
    pub async fn set(&self, settings: Vec<Setting>) -> Result<Preferences, StoreError> {
        self.store
            .write(move |tx, changes| store::preferences::change(tx, changes, &settings))
            .await
    }

    /// Plays a stretch of an archive. It is written in its turn, without
    /// anybody waiting for it.
    pub fn writes(&self, messages: Vec<NewMessage>) {
        drop(self.store.write_bulk(move |tx, changes| {
            for message in &messages {
                add_message(tx, changes, message)?;
            }
            Ok(())
        }));
    }

    /// Plays that one of the user's messages got further, or failed.
    pub async fn set_delivery(&self, id: MessageId, delivery: Delivery) -> Result<(), StoreError> {
        self.store
            .write(move |tx, changes| {
                let (delivery, failure) = delivery_codes(delivery);
                let conversation = tx.query_row(
                    "UPDATE messages
                     SET delivery = ?2, failure = ?3
                     WHERE id = ?1
                     RETURNING conversation_id",
                    (id.0, delivery, failure),
                    |row| row.get(0).map(ConversationId),
                )?;
                conversations::recompute(tx, changes, conversation)?;
                changes.message(conversation, id);
                Ok(())
            })
            .await
    }

    /// Marks a chat as read, as the accounts do for [`Command::MarkRead`].
    pub async fn mark_read(
        &self,
        conversation: ConversationId,
        up_to: MessageId,
    ) -> Result<bool, StoreError> {
        self.store
            .write(move |tx, changes| conversations::mark_read(tx, changes, conversation, up_to))
            .await
    }

    fn answer(&mut self, request: Request) -> Asked {
        match request {
            Request::Command(command) => Asked::Command(command),
            Request::SignIn(sign_in, answer) => {
                let given = if self.answers.is_empty() {
                    Err(SignInError::AddressInvalid)
                } else {
                    self.answers.remove(0)
                };
                // The form may be closed by now.
                let _ = answer.send(given);
                Asked::SignIn(sign_in)
            }
            Request::Console(account, watcher) => {
                let tap = self.taps.entry(account).or_insert_with(Tap::watchable);
                // The window may be closed by now.
                let _ = watcher.send(tap.watch());
                Asked::Console(account)
            }
            Request::Stop(done) => {
                // The one who asked may be gone.
                let _ = done.send(());
                Asked::Stop
            }
        }
    }
}

/// A message for a fixture.
#[derive(Clone, Debug)]
pub struct NewMessage {
    /// Chat it belongs to.
    pub conversation: ConversationId,
    /// Who wrote it.
    pub direction: Direction,
    /// What it is.
    pub kind: MessageKind,
    /// The text.
    pub body: String,
    /// When it was written.
    pub time: Timestamp,
    /// How far it got; received ones are `Delivered`.
    pub delivery: Delivery,
    /// How it was protected on its way.
    pub protection: Protection,
}

impl NewMessage {
    /// Returns a message by the other side.
    pub fn incoming(conversation: ConversationId, time: Timestamp, body: &str) -> Self {
        Self {
            conversation,
            direction: Direction::Incoming,
            kind: MessageKind::Text,
            body: body.to_owned(),
            time,
            delivery: Delivery::Delivered,
            protection: Protection::None,
        }
    }

    /// Makes it something else than a text.
    #[must_use]
    pub fn of_kind(self, kind: MessageKind) -> Self {
        Self { kind, ..self }
    }

    /// Protects it on its way.
    #[must_use]
    pub fn protected(self, protection: Protection) -> Self {
        Self { protection, ..self }
    }

    /// Returns a message by the user.
    pub fn outgoing(
        conversation: ConversationId,
        time: Timestamp,
        body: &str,
        delivery: Delivery,
    ) -> Self {
        Self {
            conversation,
            direction: Direction::Outgoing,
            kind: MessageKind::Text,
            body: body.to_owned(),
            time,
            delivery,
            protection: Protection::None,
        }
    }
}

/// Adds an account to a fixture.
///
/// # Panics
/// When it cannot be added.
#[allow(clippy::expect_used)]
pub fn account(tx: &Transaction<'_>, address: &str) -> AccountId {
    let account = accounts::NewAccount {
        address: address.to_owned(),
        host: None,
        port: None,
        allows_plain: false,
        proxy: String::new(),
    };
    accounts::insert(tx, &mut Changes::default(), &account)
        .expect("an account can be added")
        .expect("the address is new")
}

/// Adds a contact to a fixture; an empty name for none.
///
/// # Panics
/// When it cannot be added.
#[allow(clippy::expect_used)]
pub fn contact(tx: &Transaction<'_>, account: AccountId, address: &str, name: &str) {
    let contact = Contact {
        nickname: String::new(),
        picture: String::new(),
        account,
        address: address.to_owned(),
        name: name.to_owned(),
        subscription: Subscription::Both,
        labels: Vec::new(),
    };
    contacts::put(tx, &mut Changes::default(), &contact).expect("a contact can be added");
}

/// Adds a chat to a fixture.
///
/// # Panics
/// When it cannot be added.
#[allow(clippy::expect_used)]
pub fn conversation(
    tx: &Transaction<'_>,
    account: AccountId,
    address: &str,
    now: Timestamp,
) -> ConversationId {
    conversations::ensure(tx, &mut Changes::default(), account, address, now)
        .expect("a chat can be added")
}

/// Adds a message to a fixture.
///
/// # Panics
/// When it cannot be added.
#[allow(clippy::expect_used)]
pub fn message(tx: &Transaction<'_>, message: &NewMessage) -> MessageId {
    add_message(tx, &mut Changes::default(), message).expect("a message can be added")
}

/// Marks a chat of a fixture as read up to a message.
///
/// # Panics
/// When it cannot be marked.
#[allow(clippy::expect_used)]
pub fn read_up_to(tx: &Transaction<'_>, conversation: ConversationId, message: MessageId) {
    conversations::mark_read(tx, &mut Changes::default(), conversation, message)
        .expect("a chat can be marked as read");
}

fn add_message(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    message: &NewMessage,
) -> Result<MessageId, StoreError> {
    let (delivery, failure) = delivery_codes(message.delivery);
    let (kind, detail) = kind_columns(&message.kind, "");
    let id: i64 = tx.prepare_cached(
        "INSERT INTO messages (conversation_id, direction, body, time, place, delivery, failure,
                               kind, detail, cannot_read, protection)
         VALUES (:conversation, :direction, :body, :time,
                 (SELECT coalesce(max(id), 0) + 1 FROM messages), :delivery, :failure,
                 :kind, :detail, :cannot_read, :protection)
         RETURNING id",
    )?
    .query_row(
        named_params! {
            ":conversation": message.conversation.0,
            ":direction": direction_code(message.direction),
            ":body": message.body,
            ":time": message.time,
            ":delivery": delivery,
            ":failure": failure,
            ":kind": kind,
            ":detail": detail,
            ":cannot_read": cannot_read_column(&message.kind),
            ":protection": protection_code(message.protection),
        },
        |row| row.get(0),
    )?;
    if matches!(message.delivery, Delivery::Pending | Delivery::Sending) {
        tx.execute(
            "INSERT INTO outbox (account_id, conversation_id, message_id, kind)
             SELECT account_id, id, ?2, 0
             FROM conversations
             WHERE id = ?1",
            (message.conversation.0, id),
        )?;
    }
    conversations::message_added(tx, changes, MessageId(id))?;
    Ok(MessageId(id))
}

/// Adds to the history in the data folder of a program that does not run.
///
/// # Panics
/// When there is no history, or it cannot be written.
pub fn fill_folder(data: &std::path::Path, fixture: impl FnOnce(&Transaction<'_>)) {
    fill(&data.join(store::FILE_NAME), fixture);
}

/// Fills the store from this thread, so that a fixture may borrow.
#[allow(clippy::expect_used)]
fn fill(path: &std::path::Path, fixture: impl FnOnce(&Transaction<'_>)) {
    let mut connection = rusqlite::Connection::open(path).expect("the store opens twice");
    connection
        .pragma_update(None, "foreign_keys", true)
        .expect("foreign keys can be checked");
    let tx = connection.transaction().expect("a transaction begins");
    fixture(&tx);
    store::search::follow(&tx).expect("the index follows");
    tx.commit().expect("the fixture can be written");
}

/// A folder of its own for each offline engine.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("stonechat-offline-{}-{number}", std::process::id());
            let path = std::env::temp_dir().join(name);
            // In containers that share /tmp process ids repeat, and a killed
            // run leaves its folder behind.
            match fs::create_dir(&path) {
                Ok(()) => return Self(path),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => panic!("a folder for tests cannot be made: {error}"),
            }
        }
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!(%error, "A folder for tests was left behind.");
        }
    }
}
