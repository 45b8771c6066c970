//! Requests in flight: whose answer is awaited, from whom, and until when.
//!
//! An answer counts only when id **and** sender fit (attack A6); a late one,
//! or one nobody waits for, is dropped. Ids are random.
//!
//! # Source
//! RFC 6120 §8.1.2.1, §8.2.3.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jid::{BareJid, Jid};
use minidom::Element;
use tokio::time::Instant;

use super::contacts::Asking;
use super::profiles::Wanted;
use crate::engine::model::ConversationId;
use crate::engine::xmpp::stanza;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The contact list.
    ContactList,
    /// Copies of what our other devices do.
    Copies,
    /// What our account's server can do for us.
    AccountFeatures,
    /// A page of the archive, by query id.
    ArchivePage(String),
    /// A sign that everything up to this number of ours was taken, from a
    /// server without stream management.
    SignOfLife(u32),
    /// Somebody's list of devices, or our own.
    Devices(BareJid),
    /// The keys of a device.
    Keys(BareJid, u32),
    /// To publish our keys.
    OwnKeys(Attempt),
    /// To publish our list of devices.
    OwnDevices(Attempt),
    /// To open a node that others must be able to read, and then publish there.
    OpenNode(Node),
    /// What somebody publishes about themselves in this node.
    Profile(BareJid, String),
    /// Somebody's picture.
    Picture(Wanted),
    /// To publish a picture of ours, small and square, before it is told.
    OwnPicture(Vec<u8>),
    /// To tell what picture we have: this one, or none.
    OwnMetadata(Option<Vec<u8>>),
    /// To publish what we call ourselves.
    OwnNickname(String),
    /// To change the contact list; and, once that is done, to ask somebody new
    /// whether we may see when they are around.
    ContactChange(Option<Asking>),
    /// To remove the keys of a device of ours that is none any more.
    Removal,
    /// How far other devices of ours have read.
    ReadElsewhere,
    /// Whether what the account publishes can be kept private.
    PrivateNodes,
    /// To publish how far this chat was read.
    TellRead(ConversationId),
    /// How the node for that is set up.
    ReadNodeSetUp,
    /// To close it to others.
    CloseReadNode,
    /// Who is blocked.
    Blocked,
    /// What the server itself can do for us.
    ServerFeatures,
    /// To block an address (true), or to let it in again.
    Block(String, bool),
}

/// What an account publishes about its devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Which there are.
    Devices,
    /// The keys of this one.
    Keys,
}

/// Which attempt to publish something this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// The first, with options.
    First,
    /// The last, to a node that is as it is.
    Last,
}

/// Everything that is awaited.
#[derive(Debug, Default)]
pub(super) struct Requests {
    awaited: BTreeMap<String, Awaited>,
}

#[derive(Debug)]
struct Awaited {
    asked: Asked,
    /// Who has to answer; `None`: our server or account.
    whom: Option<BareJid>,
    deadline: Instant,
}

impl Requests {
    /// Notes a request to our own server or account and returns the id to send it with.
    pub fn ask(&mut self, asked: Asked) -> String {
        self.ask_of(None, asked)
    }

    /// Notes a request to somebody else's account and returns the id to send it with.
    pub fn ask_somebody(&mut self, whom: BareJid, asked: Asked) -> String {
        self.ask_of(Some(whom), asked)
    }

    fn ask_of(&mut self, whom: Option<BareJid>, asked: Asked) -> String {
        let id = random_id();
        self.awaited.insert(
            id.clone(),
            Awaited {
                asked,
                whom,
                deadline: Instant::now() + PATIENCE,
            },
        );
        id
    }

    /// Takes what an answer answers; `None` when nobody awaits it from there.
    pub fn answered(&mut self, answer: &Element, own: &Jid) -> Option<Asked> {
        let id = answer.attr("id")?;
        let is_theirs = match &self.awaited.get(id)?.whom {
            None => is_from_our_server(answer, own),
            Some(whom) => stanza::from(answer).ok().flatten() == Some(whom.clone().into()),
        };
        if !is_theirs {
            return None;
        }
        self.awaited.remove(id).map(|awaited| awaited.asked)
    }

    /// Gives all answers their whole time again: the connection was away, and
    /// could bring none meanwhile.
    pub fn wait_anew(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        for awaited in self.awaited.values_mut() {
            awaited.deadline = deadline;
        }
    }

    /// Notes that a part of an archive page came. The page as a whole may take
    /// as long as it needs.
    pub fn page_goes_on(&mut self, query_id: &str) {
        let page = self.awaited.values_mut().find(
            |awaited| matches!(&awaited.asked, Asked::ArchivePage(query) if query == query_id),
        );
        if let Some(page) = page {
            page.deadline = Instant::now() + PATIENCE;
        }
    }

    /// Returns when the next request has waited too long.
    pub fn deadline(&self) -> Option<Instant> {
        self.awaited.values().map(|awaited| awaited.deadline).min()
    }

    /// Takes what has waited too long.
    pub fn expired(&mut self) -> Vec<Asked> {
        let now = Instant::now();
        let late: Vec<String> = self
            .awaited
            .iter()
            .filter(|(_, awaited)| awaited.deadline <= now)
            .map(|(id, _)| id.clone())
            .collect();
        late.iter()
            .filter_map(|id| self.awaited.remove(id))
            .map(|awaited| awaited.asked)
            .collect()
    }

    /// Returns whether something a fresh stream begins with is still awaited.
    pub fn is_beginning(&self) -> bool {
        self.awaited.values().any(|awaited| {
            matches!(
                awaited.asked,
                Asked::ContactList
                    | Asked::Copies
                    | Asked::AccountFeatures
                    | Asked::OwnKeys(_)
                    | Asked::OwnDevices(_)
                    | Asked::OpenNode(_)
            )
        })
    }

    /// Returns the ids of the archive queries that are open.
    pub fn open_queries(&self) -> BTreeSet<String> {
        self.awaited
            .values()
            .filter_map(|awaited| match &awaited.asked {
                Asked::ArchivePage(query_id) => Some(query_id.clone()),
                _ => None,
            })
            .collect()
    }
}

/// An answer to a request without `to` may name our account, its server, or nobody.
fn is_from_our_server(answer: &Element, own: &Jid) -> bool {
    match stanza::from(answer) {
        Ok(None) => true,
        Ok(Some(from)) => {
            let server = BareJid::from_parts(None, own.domain());
            from == own.to_bare() || from == server || from == *own
        }
        Err(_) => false,
    }
}

/// Returns an id nobody can guess.
pub(in crate::engine) fn random_id() -> String {
    use base64::Engine as _;
    let mut bytes = [0u8; 15];
    getrandom::fill(&mut bytes).expect("the system has random numbers");
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn own() -> Jid {
        Jid::new("romeo@example.org/orchard").unwrap()
    }

    fn answer(id: &str, from: &str) -> Element {
        format!("<iq xmlns='jabber:client' type='result' id='{id}' {from}/>")
            .parse()
            .unwrap()
    }

    #[tokio::test]
    async fn a6_an_answer_by_somebody_else_is_no_answer() {
        let mut requests = Requests::default();
        let id = requests.ask(Asked::ContactList);

        for from in [
            "from='juliet@example.org'",
            "from='evil.example'",
            "from='romeo@example.org/other'",
            "from='@'",
        ] {
            assert_eq!(
                requests.answered(&answer(&id, from), &own()),
                None,
                "{from}"
            );
        }
        assert_eq!(requests.answered(&answer("guessed", ""), &own()), None);
        assert_eq!(
            requests.answered(&answer(&id, "from='romeo@example.org'"), &own()),
            Some(Asked::ContactList)
        );
        assert_eq!(
            requests.answered(&answer(&id, ""), &own()),
            None,
            "answered twice"
        );
    }

    #[tokio::test]
    async fn a6_only_who_was_asked_answers_for_their_devices() {
        let mut requests = Requests::default();
        let juliet = BareJid::new("juliet@example.org").unwrap();
        let asked = Asked::Devices(juliet.clone());
        let id = requests.ask_somebody(juliet, asked.clone());

        for from in [
            "",
            "from='romeo@example.org'",
            "from='example.org'",
            "from='juliet@example.org/balcony'",
            "from='tybalt@example.org'",
            "from='@'",
        ] {
            assert_eq!(
                requests.answered(&answer(&id, from), &own()),
                None,
                "{from}"
            );
        }
        let theirs = answer(&id, "from='juliet@example.org'");
        assert_eq!(requests.answered(&theirs, &own()), Some(asked));
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_does_not_wait_for_ever() {
        let mut requests = Requests::default();
        let id = requests.ask(Asked::ArchivePage("q".into()));
        assert_eq!(requests.open_queries(), BTreeSet::from(["q".to_owned()]));

        tokio::time::advance(PATIENCE).await;

        assert_eq!(requests.expired(), [Asked::ArchivePage("q".into())]);
        assert!(requests.open_queries().is_empty());
        assert_eq!(requests.answered(&answer(&id, ""), &own()), None);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_may_come_after_the_connection_was_away_for_long() {
        let mut requests = Requests::default();
        let id = requests.ask(Asked::ContactList);
        tokio::time::advance(PATIENCE).await;

        requests.wait_anew();

        assert_eq!(requests.expired(), []);
        let answered = requests.answered(&answer(&id, ""), &own());
        assert_eq!(answered, Some(Asked::ContactList));
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_still_comes_in_slowly_is_not_late() {
        let mut requests = Requests::default();
        requests.ask(Asked::ArchivePage("q".into()));
        tokio::time::advance(PATIENCE / 2).await;

        requests.page_goes_on("q");
        tokio::time::advance(PATIENCE / 2).await;

        assert_eq!(requests.expired(), []);
        tokio::time::advance(PATIENCE / 2).await;
        assert_eq!(requests.expired(), [Asked::ArchivePage("q".into())]);
    }
}
