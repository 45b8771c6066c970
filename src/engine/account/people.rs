//! Strangers who ask, and people who are kept away.
//!
//! Nothing of ours goes to a stranger before the user has answered: what they
//! send becomes a request and nothing else (attack A18). What the user decides
//! is kept until the server was told. The list of who is blocked is the
//! server's; only it may change ours (attack A1).
//!
//! # Source
//! RFC 6121 §3.1; XEP-0191 §3; XEP-0377 §2 (a server says that it takes
//! reports), §3.

use std::collections::BTreeSet;

use jid::BareJid;
use minidom::Element;

use super::requests::Asked;
use super::session::Session;
use super::stream::Reports;
use crate::engine::api::Event;
use crate::engine::error::StoreError;
use crate::engine::store::requests::Answer;
use crate::engine::store::{blocked, contacts, requests};
use crate::engine::xmpp::blocking::{self, Change};
use crate::engine::xmpp::discovery;
use crate::engine::xmpp::namespaces::REPORTING;
use crate::engine::xmpp::presence::{self, Wish};
use crate::engine::xmpp::stanza;

/// As many wishes of a fresh stream are told apart; with more, all stay as they
/// are (attack A56).
const MOST_WISHES: usize = 1_000;

/// Who was heard to ask on a fresh stream, until all of them are.
#[derive(Debug, Default)]
pub(super) struct Wishes {
    held: BTreeSet<BareJid>,
    are_told: bool,
}

impl Wishes {
    fn heard(&mut self, who: &BareJid) {
        if !self.are_told && self.held.len() <= MOST_WISHES {
            self.held.insert(who.clone());
        }
    }

    /// Returns everybody who asks, once.
    fn all(&mut self) -> Option<BTreeSet<BareJid>> {
        if std::mem::replace(&mut self.are_told, true) {
            return None;
        }
        let held = std::mem::take(&mut self.held);
        (held.len() <= MOST_WISHES).then_some(held)
    }
}

impl Session {
    /// Tells the server what the user has decided since it was last told.
    pub(super) async fn tell_decisions(&mut self) -> Result<(), StoreError> {
        self.has_read();
        self.answer_wishes().await?;
        self.tell_blocked().await
    }

    /// Takes somebody's wish about seeing when the user is around.
    pub(super) async fn presence_wish(
        &mut self,
        who: BareJid,
        wish: Wish,
    ) -> Result<(), StoreError> {
        if who == self.own {
            return Ok(());
        }
        if let (Wish::ToSee, Some(stream)) = (wish, &mut self.stream) {
            stream.wishes.heard(&who);
        }
        let (account, now) = (self.account.id, self.context.clock.now());
        let is_answered = self
            .context
            .store
            .write(move |tx, changes| {
                let who = who.as_str();
                match wish {
                    Wish::NotToSee => {
                        requests::asks_no_more(tx, changes, account, who)?;
                        Ok(false)
                    }
                    // The server answers for who may see us already.
                    Wish::ToSee
                        if contacts::subscription(tx, account, who)?.shows_us()
                            || blocked::is_blocked(tx, account, who)? =>
                    {
                        Ok(false)
                    }
                    Wish::ToSee => requests::asks(tx, changes, account, who, now),
                }
            })
            .await?;
        if is_answered {
            self.answer_wishes().await?;
        }
        Ok(())
    }

    /// The server has told of all wishes that it holds: it did when we came
    /// online, and has answered a later question since. Those that it did not
    /// tell of were answered by another device (RFC 6121 §3.1.3).
    async fn wishes_are_told(&mut self) -> Result<(), StoreError> {
        let Some(held) = self.stream.as_mut().and_then(|stream| stream.wishes.all()) else {
            return Ok(());
        };
        let account = self.account.id;
        self.context
            .store
            .write(move |tx, changes| requests::only_these_ask(tx, changes, account, &held))
            .await
    }

    async fn answer_wishes(&mut self) -> Result<(), StoreError> {
        if self.stream.is_none() {
            return Ok(());
        }
        let account = self.account.id;
        let answers = self
            .context
            .store
            .write(move |tx, _| requests::take_answers(tx, account))
            .await?;
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        for (who, answer) in answers {
            match answer {
                Answer::Granted { sees_them } => {
                    stream.send(presence::grant(&who)).await;
                    if !sees_them {
                        stream.send(presence::ask(&who, "")).await;
                    }
                }
                Answer::Refused => {
                    stream.send(presence::refuse(&who)).await;
                }
            }
        }
        Ok(())
    }

    /// Asks who is blocked.
    pub(super) async fn ask_for_blocked(&mut self) {
        if let Some(stream) = &mut self.stream {
            let id = stream.requests.ask(Asked::Blocked);
            stream.send(stanza::get(&id, None, blocking::list())).await;
        }
    }

    /// Takes the list of who is blocked; a server without one refuses.
    pub(super) async fn blocked_came(&mut self, answer: &Element) -> Result<(), StoreError> {
        self.wishes_are_told().await?;
        let is_error = answer.attr("type") == Some("error");
        let Some(list) = blocking::read_list(answer).filter(|_| !is_error) else {
            tracing::debug!("The server has no list of who is blocked.");
            return Ok(());
        };
        let account = self.account.id;
        self.context
            .store
            .write(move |tx, changes| blocked::replace_all(tx, changes, account, &list))
            .await
    }

    /// Takes a change of that list. Returns whether it was ours to take.
    pub(super) async fn blocked_changed(&mut self, push: &Element) -> Result<bool, StoreError> {
        if !stanza::is_from_own_account(push, &self.own) {
            tracing::warn!("Somebody else tried to change who is blocked.");
            return Ok(false);
        }
        let Some(change) = blocking::read_change(push) else {
            return Ok(false);
        };
        let account = self.account.id;
        self.context
            .store
            .write(move |tx, changes| match change {
                Change::Added(addresses) => blocked::added(tx, changes, account, &addresses),
                Change::Removed(addresses) => {
                    blocked::removed(tx, changes, account, Some(&addresses))
                }
                Change::Cleared => blocked::removed(tx, changes, account, None),
            })
            .await?;
        Ok(true)
    }

    async fn tell_blocked(&mut self) -> Result<(), StoreError> {
        let (account, own) = (self.account.id, self.own.clone());
        if self.stream.is_none() {
            return Ok(());
        }
        let wishes = self
            .context
            .store
            .read(move |connection| blocked::wishes(connection, account))
            .await?;
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        for wish in wishes {
            let report = wish.report.filter(|_| wish.is_block);
            if report.is_some() && matches!(stream.reports, Reports::Unknown | Reports::Asked) {
                // What a server does not know may be refused as a whole.
                if stream.reports == Reports::Unknown {
                    stream.reports = Reports::Asked;
                    let id = stream.requests.ask(Asked::ServerFeatures);
                    let question =
                        stanza::get(&id, Some(own.domain().as_str()), discovery::query());
                    stream.send(question).await;
                }
                continue;
            }
            if !stream.blocking.insert(wish.address.clone()) {
                continue;
            }
            let request = match report {
                _ if !wish.is_block => blocking::unblock(&wish.address),
                Some(reason) if stream.reports == Reports::Taken => {
                    blocking::block_and_report(&wish.address, reason, &own, &wish.messages)
                }
                _ => blocking::block(&wish.address),
            };
            if report.is_some() && stream.reports == Reports::NotTaken {
                self.context.tell(Event::NotReported {
                    account,
                    address: wish.address.clone(),
                });
            }
            let id = stream
                .requests
                .ask(Asked::Block(wish.address, wish.is_block));
            stream.send(stanza::set_request(&id, None, request)).await;
        }
        Ok(())
    }

    /// Takes what the server can do; `None`: it did not say.
    pub(super) async fn server_features_came(
        &mut self,
        answer: Option<&Element>,
    ) -> Result<(), StoreError> {
        let takes_reports =
            answer.is_some_and(|answer| discovery::features(answer).contains(REPORTING));
        if let Some(stream) = &mut self.stream {
            stream.reports = if takes_reports {
                Reports::Taken
            } else {
                Reports::NotTaken
            };
        }
        self.tell_blocked().await
    }

    /// Takes the answer to blocking somebody, or to letting them in again;
    /// `None`: none came, so it is said again some time.
    pub(super) async fn block_answered(
        &mut self,
        address: String,
        is_block: bool,
        answer: Option<&Element>,
    ) -> Result<(), StoreError> {
        if let Some(stream) = &mut self.stream {
            stream.blocking.remove(&address);
        }
        let Some(answer) = answer else {
            return Ok(());
        };
        let is_refused = answer.attr("type") == Some("error");
        let (account, whom) = (self.account.id, address.clone());
        self.context
            .store
            .write(move |tx, changes| {
                if is_refused {
                    blocked::refused(tx, changes, account, &whom)
                } else if is_block {
                    blocked::added(tx, changes, account, &[whom])
                } else {
                    blocked::removed(tx, changes, account, Some(&[whom]))
                }
            })
            .await?;
        if is_refused {
            tracing::info!("The server does not block.");
            self.context.tell(Event::NotBlocked { account, address });
        }
        Ok(())
    }
}
