//! Encrypted chats with slixmpp-omemo, whose OMEMO is not ours in any part.

mod actions;
mod cannot_read;
mod own_devices;
mod talking;
mod trust;

use std::sync::Arc;
use std::time::{Duration, Instant};

use stonechat::engine::api::Command;
use stonechat::engine::model::{
    CannotRead, ConversationId, Direction, Fingerprint, MessageKind, MessageRow, Protection, Trust,
};

use crate::support::accounts::{Person, romeo_and_juliet};
use crate::support::heard::{Heard, Order};
use crate::support::ours::Ours;
use crate::support::peers::Peer;
use crate::support::prosody::Prosody;

const BLIND: Protection = Protection::Omemo {
    trust: Trust::Blind,
};

/// How long something may take until it has changed.
const PATIENCE: Duration = Duration::from_secs(25);

/// Romeo with our program and Juliet with the other one, in each other's lists
/// of contacts. Both have published their keys, and nothing was written yet.
struct Pair {
    romeo: Person,
    juliet: Person,
    ours: Ours,
    peer: Peer,
    /// Romeo's chat with Juliet.
    chat: ConversationId,
    server: Arc<Prosody>,
    /// Where Juliet's program keeps her keys.
    folder: tempfile::TempDir,
}

impl Pair {
    async fn meet() -> Self {
        let server = Prosody::shared();
        let (romeo, juliet) = romeo_and_juliet(&server);
        Self::of(server, romeo, juliet).await
    }

    async fn of(server: Arc<Prosody>, romeo: Person, juliet: Person) -> Self {
        Self::after(server, romeo, juliet, async |_, _| {}).await
    }

    /// As [`Pair::of`], when she has done something before his device existed.
    async fn after(
        server: Arc<Prosody>,
        romeo: Person,
        juliet: Person,
        before: impl AsyncFnOnce(&mut Peer, &Person),
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut peer = Peer::with_keys(&folder.path().join("keys.json"), &juliet, &server).await;
        before(&mut peer, &romeo).await;
        let known = devices(&mut peer, &romeo.address).await;
        let ours = Ours::sign_in_encrypting(&romeo, &server).await;
        let chat = ours.chat_with(&juliet).await;
        while devices(&mut peer, &romeo.address).await == known {}
        Self {
            romeo,
            juliet,
            ours,
            peer,
            chat,
            server,
            folder,
        }
    }

    /// Ends our program properly, and starts it again.
    async fn restart(mut self) -> Self {
        self.ours = self.ours.restart().await;
        self.ours.wait_until_online().await;
        self
    }

    /// Kills Juliet's program, and starts it again with the same keys.
    async fn her_program_restarts(mut self) -> Self {
        self.peer.kill().await;
        let keys = self.folder.path().join("keys.json");
        self.peer = Peer::with_keys(&keys, &self.juliet, &self.server).await;
        self
    }

    fn he_writes(&self, text: &str) {
        self.ours.write(self.chat, text);
    }

    fn she_writes(&self, text: &str) {
        self.peer.encrypt(&self.romeo.address, text);
    }

    /// Lets her encrypt something now that is sent later, by this text as its name.
    async fn she_holds(&mut self, text: &str) {
        hold(&mut self.peer, &self.romeo.address, text).await;
    }

    fn she_releases(&self, texts: &[&str]) {
        self.peer.order(Order::Release {
            ids: texts.iter().map(|text| (*text).to_owned()).collect(),
        });
    }

    /// Waits until a message of hers came that is protected like this.
    async fn reads(&mut self, text: &str, protection: Protection) {
        reads(&mut self.ours, self.chat, text, protection).await;
    }

    /// Waits for a message that cannot be read, for this reason.
    async fn cannot_read(&mut self, why: CannotRead) -> MessageRow {
        let chat = self.chat;
        let kind = MessageKind::Unreadable { why };
        self.ours
            .wait_for(&format!("{kind:?}"), async |engine| {
                let ids = engine.message_ids(chat).await.unwrap();
                let rows = engine.messages(ids).await.unwrap();
                rows.into_iter().find(|row| row.kind == kind)
            })
            .await
    }

    /// Both write and both read.
    async fn talk(&mut self, about: &str) {
        let Self {
            ours,
            peer,
            romeo,
            chat,
            ..
        } = self;
        talk(ours, *chat, romeo, peer, about).await;
    }

    /// Asserts that nothing in the chat could not be read.
    async fn assert_all_read(&self) {
        let rows = self.ours.messages(self.chat).await;
        let unread: Vec<_> = rows
            .iter()
            .filter(|row| row.kind != MessageKind::Text)
            .collect();
        assert!(unread.is_empty(), "{unread:?}");
    }

    /// Looks again until something is there, for a while.
    async fn until<T>(
        &mut self,
        what: &str,
        mut look: impl AsyncFnMut(&mut Self) -> Option<T>,
    ) -> T {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            // Each look is a question to the server, which takes its time.
            if let Some(found) = look(self).await {
                return found;
            }
        }
        panic!("not seen: {what}");
    }

    /// Returns the number of this device of Romeo's, as our program knows it.
    async fn this_device(&self) -> u32 {
        let own = self
            .ours
            .engine
            .devices(self.ours.account, &self.romeo.address);
        let own = own.await.unwrap();
        let this = own.iter().find(|device| device.is_this);
        this.expect("it has keys").id
    }

    /// Returns the number of Romeo's only device, as she reads it.
    async fn own_device(&mut self) -> u32 {
        match self.own_devices().await[..] {
            [device] => device,
            ref others => panic!("not one device: {others:?}"),
        }
    }

    /// Returns the numbers of Romeo's devices, as she reads them.
    async fn own_devices(&mut self) -> Vec<u32> {
        devices(&mut self.peer, &self.romeo.address).await
    }

    /// Waits until Romeo's devices are others, and returns their numbers.
    async fn own_devices_other_than(&mut self, before: &[u32]) -> Vec<u32> {
        self.until("other devices", async |pair| {
            let now = pair.own_devices().await;
            (now != before).then_some(now)
        })
        .await
    }

    /// Returns the keys of one of Romeo's devices, as she reads them; `None`
    /// when there are none.
    async fn own_keys(&mut self, device: u32) -> Option<Published> {
        self.peer.order(Order::Bundle {
            of: self.romeo.address.clone(),
            device,
        });
        self.peer
            .hears("the keys of a device", |heard| match heard {
                Heard::Bundle {
                    pre_keys,
                    signed,
                    identity,
                    ..
                } => Some(Some(Published {
                    pre_keys: *pre_keys,
                    signed: *signed,
                    identity: identity.clone(),
                })),
                Heard::NoBundle { .. } => Some(None),
                _ => None,
            })
            .await
    }
}

/// The keys of a device, as others read them.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Published {
    /// How many one-time keys there are.
    pre_keys: usize,
    /// Number of the key that changes monthly.
    signed: u32,
    /// The public identity key.
    identity: String,
}

/// Trusts all devices of Juliet so far, and returns their keys.
async fn trusts(pair: &Pair, trust: Trust) -> Vec<Fingerprint> {
    let (engine, account) = (&pair.ours.engine, pair.ours.account);
    let known = engine.devices(account, &pair.juliet.address).await.unwrap();
    let keys: Vec<_> = known
        .iter()
        .filter_map(|device| device.fingerprint)
        .collect();
    for fingerprint in &keys {
        engine.command(Command::SetTrust {
            account,
            address: pair.juliet.address.clone(),
            fingerprint: *fingerprint,
            trust,
        });
    }
    keys
}

/// Waits until a message came that is protected like this.
async fn reads(ours: &mut Ours, chat: ConversationId, text: &str, protection: Protection) {
    let row = ours.wait_for_text(chat, Direction::Incoming, text).await;
    assert_eq!(row.protection, protection, "{text}");
}

/// Both write and both read.
async fn talk(ours: &mut Ours, chat: ConversationId, romeo: &Person, peer: &mut Peer, about: &str) {
    let (said, answered) = (format!("{about}, said"), format!("{about}, answered"));
    ours.write(chat, &said);
    peer.hears_text(&said).await;
    peer.encrypt(&romeo.address, &answered);
    reads(ours, chat, &answered, BLIND).await;
}

/// Lets somebody encrypt something now that is sent later.
async fn hold(peer: &mut Peer, to: &str, text: &str) {
    peer.order(Order::SendEncrypted {
        to: to.into(),
        body: text.into(),
        id: text.into(),
        hold: true,
    });
    // She obeys in order: once this is answered, it is encrypted.
    devices(peer, to).await;
}

/// Waits for the number of an encrypted message in its chain.
async fn counter(peer: &mut Peer) -> u32 {
    peer.hears("a counter", |heard| match heard {
        Heard::Counter { number, .. } => Some(*number),
        _ => None,
    })
    .await
}

/// Waits until keys came, and nothing to be read.
async fn hears_keys(peer: &mut Peer) {
    peer.hears("keys", |heard| {
        matches!(heard, Heard::Keys { .. }).then_some(())
    })
    .await;
}

/// Returns the numbers of somebody's devices, as the peer reads them.
async fn devices(peer: &mut Peer, of: &str) -> Vec<u32> {
    peer.order(Order::Devices { of: of.into() });
    peer.hears("a list of devices", |heard| match heard {
        Heard::Devices { devices, .. } => Some(devices.clone()),
        _ => None,
    })
    .await
}
