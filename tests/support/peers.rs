//! The other side of a chat: a client that is not ours, whichever it is.

use std::path::Path;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

use super::accounts::Person;
use super::heard::{Heard, Order};
use super::prosody::Prosody;
use super::{slixmpp_peer, tokio_xmpp_peer};

/// How long anything may take before the test fails.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// A signed-in client that is not ours.
pub struct Peer {
    /// Full address it was given by the server.
    pub address: String,
    pub(super) orders: mpsc::UnboundedSender<Order>,
    pub(super) heard: mpsc::UnboundedReceiver<Heard>,
    kept: Vec<Heard>,
    kill: Option<Box<dyn FnOnce() + Send>>,
}

/// Which client that is not ours.
#[derive(Clone, Copy, Debug)]
pub enum Client {
    /// tokio-xmpp, written in Rust.
    TokioXmpp,
    /// slixmpp, written in Python.
    Slixmpp,
    /// slixmpp with OMEMO.
    SlixmppOmemo,
    /// slixmpp with pictures and names of people.
    SlixmppProfile,
}

impl Peer {
    /// Signs `person` in with this client.
    pub async fn sign_in(client: Client, person: &Person, server: &Prosody) -> Self {
        match client {
            Client::TokioXmpp => tokio_xmpp_peer::sign_in(person, server).await,
            Client::Slixmpp => slixmpp_peer::sign_in("slixmpp_peer.py", person, server, None).await,
            Client::SlixmppProfile => {
                slixmpp_peer::sign_in("slixmpp_profile_peer.py", person, server, None).await
            }
            Client::SlixmppOmemo => {
                slixmpp_peer::sign_in("slixmpp_omemo_peer.py", person, server, None).await
            }
        }
    }

    /// Signs `person` in with slixmpp and OMEMO, with its keys in this file: a
    /// fresh device when there is none, else the one whose keys they are.
    pub async fn with_keys(keys: &Path, person: &Person, server: &Prosody) -> Self {
        slixmpp_peer::sign_in("slixmpp_omemo_peer.py", person, server, Some(keys)).await
    }

    pub(super) fn new(
        address: String,
        orders: mpsc::UnboundedSender<Order>,
        heard: mpsc::UnboundedReceiver<Heard>,
    ) -> Self {
        Self {
            address,
            orders,
            heard,
            kept: Vec::new(),
            kill: None,
        }
    }

    pub(super) fn killed_by(self, kill: Box<dyn FnOnce() + Send>) -> Self {
        Self {
            kill: Some(kill),
            ..self
        }
    }

    /// Kills the client at once (SIGKILL), and waits until it is dead.
    pub async fn kill(mut self) {
        let kill = self.kill.take().expect("it is a program of its own");
        kill();
        while self.heard.recv().await.is_some() {}
    }

    /// Sends a text that asks for a receipt and for read markers.
    pub fn send(&self, to: &str, body: &str, id: &str) {
        self.order(Order::Send {
            to: to.into(),
            body: body.into(),
            id: id.into(),
            markable: true,
        });
    }

    /// Sends a text for the devices of both sides only; its id is the text.
    pub fn encrypt(&self, to: &str, body: &str) {
        self.order(Order::SendEncrypted {
            to: to.into(),
            body: body.into(),
            id: body.into(),
            hold: false,
        });
    }

    /// Tells the client to do something.
    pub fn order(&self, order: Order) {
        self.orders.send(order).expect("the client runs");
    }

    /// Switches carbons on and waits until they are.
    pub async fn enable_carbons(&mut self) {
        self.order(Order::Carbons);
        self.hears("that carbons are on", |heard| {
            (*heard == Heard::Carbons).then_some(())
        })
        .await;
    }

    /// Waits for the first thing heard that `pick` takes, and removes it.
    /// What it does not take is kept for later questions.
    pub async fn hears<T>(&mut self, what: &str, mut pick: impl FnMut(&Heard) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        let mut seen = 0;
        loop {
            while seen < self.kept.len() {
                if let Some(found) = pick(&self.kept[seen]) {
                    self.kept.remove(seen);
                    return found;
                }
                seen += 1;
            }
            match timeout_at(until, self.heard.recv()).await {
                Ok(Some(heard)) => self.kept.push(heard),
                Ok(None) => panic!(
                    "{} ended while waiting for {what}; heard {:#?}",
                    self.address, self.kept
                ),
                Err(Elapsed { .. }) => panic!(
                    "{} did not hear {what}; heard {:#?}",
                    self.address, self.kept
                ),
            }
        }
    }

    /// Waits for a message with this text and returns (sender, id).
    pub async fn hears_text(&mut self, text: &str) -> (String, String) {
        self.hears(text, |heard| match heard {
            Heard::Message {
                from,
                id,
                body,
                is_copy: false,
                ..
            } if body == text => Some((from.clone(), id.clone())),
            _ => None,
        })
        .await
    }

    /// Waits for a receipt for this message.
    pub async fn hears_receipt(&mut self, message: &str) {
        self.hears(&format!("a receipt for {message}"), |heard| {
            matches!(heard, Heard::Receipt { id, .. } if id == message).then_some(())
        })
        .await;
    }

    /// Waits for a read marker for this message.
    pub async fn hears_displayed(&mut self, message: &str) {
        self.hears(&format!("a read marker for {message}"), |heard| {
            matches!(heard, Heard::Displayed { id, .. } if id == message).then_some(())
        })
        .await;
    }

    /// Returns the texts heard until `last` came, in order, and forgets them.
    /// `last` is a fence: what is sent after it cannot overtake it, so a text
    /// that is there twice shows.
    pub async fn texts_until(&mut self, last: &str) -> Vec<String> {
        let mut texts = Vec::new();
        loop {
            let text = self
                .hears(
                    &format!("the text {last:?} after {} others", texts.len()),
                    |heard| match heard {
                        Heard::Message {
                            body,
                            is_copy: false,
                            ..
                        } => Some(body.clone()),
                        _ => None,
                    },
                )
                .await;
            if text == last {
                return texts;
            }
            texts.push(text);
        }
    }

    /// Returns everything heard so far and not asked for yet.
    pub fn rest(&mut self) -> Vec<Heard> {
        while let Ok(heard) = self.heard.try_recv() {
            self.kept.push(heard);
        }
        std::mem::take(&mut self.kept)
    }

    /// Signs out and waits until that is done.
    pub async fn leave(mut self) {
        self.order(Order::Leave);
        self.hears("that it is offline", |heard| {
            (*heard == Heard::Offline).then_some(())
        })
        .await;
    }
}
