//! Romeo's engine on a stage of its own.

use std::path::Path;
use std::time::Duration;

use minidom::Element;
use stonechat::engine::api::{Command, Engine, SignIn};
use stonechat::engine::model::*;
use stonechat::engine::testing::{Dialled, Script, scripted, scripted_impatient};
use tempfile::TempDir;
use tokio::sync::broadcast;
use tokio::time::timeout;

pub const NOW: Timestamp = 1_800_000_000_000;
const PATIENCE: Duration = Duration::from_secs(5);

pub struct Stage {
    pub engine: Engine,
    pub script: Script,
    pub account: AccountId,
    folder: TempDir,
}

/// Starts Romeo's engine; the server has let him in and waits for his first requests.
pub async fn romeo() -> (Stage, Dialled) {
    romeo_in(tempfile::tempdir().unwrap()).await
}

/// As [`romeo`], in a folder that the test chose.
pub async fn romeo_in(folder: TempDir) -> (Stage, Dialled) {
    let started = scripted(&folder.path().join("data"), NOW);
    signs_in(folder, started, |_| {}).await
}

/// As [`romeo`], with an engine that asks the archive again at once.
pub async fn impatient_romeo() -> (Stage, Dialled) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let started = scripted_impatient(&data, NOW, Duration::from_millis(10));
    signs_in(folder, started, |_| {}).await
}

/// As [`romeo`], at a server that the test has had a say in.
pub async fn romeo_signs_in(offers: impl FnOnce(&mut Dialled)) -> (Stage, Dialled) {
    let folder = tempfile::tempdir().unwrap();
    let started = scripted(&folder.path().join("data"), NOW);
    signs_in(folder, started, offers).await
}

pub async fn signs_in(
    folder: TempDir,
    (engine, mut script): (Engine, Script),
    offers: impl FnOnce(&mut Dialled),
) -> (Stage, Dialled) {
    let form = sign_in_form();
    let (account, link) = tokio::join!(engine.sign_in(form), async {
        let mut link = script.dialled().await;
        offers(&mut link);
        link.lets_in("one").await;
        link
    });
    let account = account.unwrap();
    // This server publishes nobody's keys.
    engine.command(Command::EncryptByDefault {
        account,
        is_on: false,
    });
    (
        Stage {
            engine,
            script,
            account,
            folder,
        },
        link,
    )
}

pub fn sign_in_form() -> SignIn {
    SignIn {
        address: "romeo@example.org".into(),
        password: Secret::new("wherefore"),
        host: None,
        port: None,
        allows_plain: false,
        proxy: String::new(),
    }
}

/// Romeo online, with an empty archive and Juliet among his contacts.
pub async fn romeo_online() -> (Stage, Dialled) {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    page_ends(&link, &page, "complete='true'", "").await;
    stage.until_online().await;
    (stage, link)
}

/// Answers the requests a fresh stream begins with.
pub async fn begins(link: &mut Dialled, has_archive: bool) {
    begins_with(link, has_archive, "result").await;
}

/// As [`begins`], on a server with an archive that publishes what its accounts
/// want to.
pub async fn begins_publishing(link: &mut Dialled) {
    let features = begins_up_to_features(link, "result").await;
    let can = "<identity category='pubsub' type='pep'/><feature var='urn:xmpp:mam:2'/>";
    answer_features(link, &features, can).await;
}

/// As [`begins_publishing`], on a server that keeps private what shall be.
pub async fn begins_with_private_nodes(link: &mut Dialled) {
    let features = begins_up_to_features(link, "result").await;
    let can = "<identity category='pubsub' type='pep'/><feature var='urn:xmpp:mam:2'/>\
               <feature var='http://jabber.org/protocol/pubsub#publish-options'/>";
    answer_features(link, &features, can).await;
}

/// As [`begins`], on a server with an archive that copies nothing.
pub async fn begins_without_copies(link: &mut Dialled) {
    begins_with(link, true, "error").await;
}

async fn begins_with(link: &mut Dialled, has_archive: bool, copies_answer: &str) {
    let features = begins_up_to_features(link, copies_answer).await;
    let archive = if has_archive {
        "<feature var='urn:xmpp:mam:2'/>"
    } else {
        ""
    };
    answer_features(link, &features, archive).await;
    if !has_archive {
        refuses_page(link, "service-unavailable").await;
    }
}

/// Refuses the archive page that was asked for at once, if one was.
async fn refuses_page(link: &mut Dialled, condition: &str) {
    while let Some(page) = link.next_of_opening() {
        refuses(link, &page, condition).await;
    }
}

/// As [`begins`], on a server that refuses to say what it can do.
pub async fn begins_refused(link: &mut Dialled, condition: &str) {
    let features = begins_up_to_features(link, "result").await;
    refuses(link, &features, condition).await;
    refuses_page(link, condition).await;
}

async fn begins_up_to_features(link: &mut Dialled, copies_answer: &str) -> Element {
    let contacts = link.sent().await;
    assert!(
        contacts.has_child("query", "jabber:iq:roster"),
        "{contacts:?}"
    );
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='result' id='{}'><query xmlns='jabber:iq:roster' ver='1'>\
         <item jid='juliet@example.org' name='Juliet' subscription='both'/></query></iq>",
        id(&contacts)
    ))
    .await;
    let copies = link.sent().await;
    assert!(
        copies.has_child("enable", "urn:xmpp:carbons:2"),
        "{copies:?}"
    );
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='{copies_answer}' id='{}'/>",
        id(&copies)
    ))
    .await;
    let features = link.sent().await;
    assert_eq!(features.attr("to"), Some(link.address.as_str()));
    assert_eq!(link.sent().await.name(), "presence");
    features
}

/// Answers the question for features: there is an archive.
pub async fn has_archive(link: &Dialled, features: &Element) {
    answer_features(link, features, "<feature var='urn:xmpp:mam:2'/>").await;
}

async fn answer_features(link: &Dialled, question: &Element, features: &str) {
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='result' id='{}' from='{}'>\
         <query xmlns='http://jabber.org/protocol/disco#info'>{features}</query></iq>",
        id(question),
        link.address
    ))
    .await;
}

/// Brings one archived message as the answer to a page that was asked for.
pub async fn archived(
    link: &Dialled,
    page: &Element,
    archive_id: &str,
    stamp: &str,
    message: &str,
) {
    link.brings(&format!(
        "<message xmlns='jabber:client' from='romeo@example.org'><result xmlns='urn:xmpp:mam:2' \
         queryid='{}' id='{archive_id}'><forwarded xmlns='urn:xmpp:forward:0'>\
         <delay xmlns='urn:xmpp:delay' stamp='{stamp}'/>{message}</forwarded></result></message>",
        query_id(page)
    ))
    .await;
}

/// Ends a page; `set` holds what XEP-0059 says of it.
pub async fn page_ends(link: &Dialled, page: &Element, attributes: &str, set: &str) {
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='result' id='{}'><fin xmlns='urn:xmpp:mam:2' {attributes}>\
         <set xmlns='http://jabber.org/protocol/rsm'>{set}</set></fin></iq>",
        id(page)
    ))
    .await;
}

/// Answers a request by an error.
pub async fn refuses(link: &Dialled, question: &Element, condition: &str) {
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='error' id='{}'><error type='cancel'>\
         <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
        id(question)
    ))
    .await;
}

/// Returns the value of a field by which a page is selected.
pub fn selected(page: &Element, name: &str) -> Option<String> {
    let form = page
        .get_child("query", "urn:xmpp:mam:2")?
        .get_child("x", "jabber:x:data")?;
    let field = form
        .children()
        .find(|field| field.attr("var") == Some(name))?;
    Some(field.get_child("value", "jabber:x:data")?.text())
}

pub fn id(stanza: &Element) -> &str {
    stanza.attr("id").unwrap()
}

pub fn query_id(page: &Element) -> &str {
    let query = page
        .get_child("query", "urn:xmpp:mam:2")
        .expect("an archive query");
    query.attr("queryid").unwrap()
}

/// Where a page begins, in XEP-0059's words: `("after", id)`, `("before", id)` or `("", "")`.
pub fn edge(page: &Element) -> (String, String) {
    let rsm = "http://jabber.org/protocol/rsm";
    let query = page.get_child("query", "urn:xmpp:mam:2").unwrap();
    let set = query.get_child("set", rsm).unwrap();
    set.children()
        .find(|child| child.name() != "max")
        .map_or_else(Default::default, |edge| {
            (edge.name().to_owned(), edge.text())
        })
}

pub fn body(stanza: &Element) -> Option<String> {
    Some(stanza.get_child("body", "jabber:client")?.text())
}

/// A message by Juliet, with what is inside.
pub fn by_juliet(id: &str, inside: &str) -> String {
    format!(
        "<message xmlns='jabber:client' type='chat' id='{id}' from='juliet@example.org/balcony' \
         to='romeo@example.org'>{inside}</message>"
    )
}

impl Stage {
    pub async fn until_online(&self) {
        self.until("online", || async {
            self.engine.connections().get(&self.account) == Some(&ConnectionState::Online)
        })
        .await;
    }

    pub async fn until_waiting(&self) {
        self.until("the time before the next try", || async {
            matches!(
                self.engine.connections().get(&self.account),
                Some(ConnectionState::Waiting { .. })
            )
        })
        .await;
    }

    /// Waits until something holds, asking again at each event.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, holds: impl Fn() -> F) {
        let mut events = self.engine.subscribe();
        let waiting = async {
            while !holds().await {
                match events.recv().await {
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => panic!("the engine ended"),
                }
            }
        };
        assert!(timeout(PATIENCE, waiting).await.is_ok(), "in vain: {what}");
    }

    pub async fn chat(&self, address: &str) -> ConversationId {
        self.engine
            .open_chat(self.account, address.into())
            .await
            .unwrap()
    }

    pub async fn juliet(&self) -> ConversationId {
        self.chat("juliet@example.org").await
    }

    pub async fn messages(&self, conversation: ConversationId) -> Vec<MessageRow> {
        self.engine
            .latest_messages(conversation, 2_000)
            .await
            .unwrap()
    }

    pub async fn bodies(&self) -> Vec<String> {
        let juliet = self.juliet().await;
        self.messages(juliet)
            .await
            .into_iter()
            .map(|message| message.body)
            .collect()
    }

    pub async fn gaps(&self) -> Vec<Gap> {
        let juliet = self.juliet().await;
        self.engine.gaps(juliet).await.unwrap()
    }

    pub async fn says(&self, body: &str) {
        let conversation = self.juliet().await;
        self.engine.command(Command::SendText {
            conversation,
            body: body.into(),
            reply_to: None,
        });
    }

    pub async fn delivery(&self, body: &str) -> Option<Delivery> {
        let juliet = self.juliet().await;
        let messages = self.messages(juliet).await;
        messages
            .iter()
            .find(|message| message.body == body)
            .map(|message| message.delivery)
    }

    pub async fn until_delivery(&self, body: &str, delivery: Delivery) {
        self.until(&format!("{body:?} is {delivery:?}"), || async {
            self.delivery(body).await == Some(delivery)
        })
        .await;
    }

    pub async fn contact(&self, address: &str) -> Contact {
        let found = self.engine.contact(self.account, address).await;
        found.unwrap().expect("a contact")
    }

    /// What is kept of groups: ids in the archive, and stanzas.
    pub fn kept(&self) -> Vec<(String, String)> {
        let history = self.folder.path().join("data/history.db");
        let history = rusqlite::Connection::open(history).unwrap();
        let mut kept = history
            .prepare("SELECT archive_id, xml FROM kept_stanzas ORDER BY time, id")
            .unwrap();
        let rows = kept.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().collect::<rusqlite::Result<_>>().unwrap()
    }

    /// Waits until a query of the history has this answer. Nothing tells of
    /// what it looks at, so it looks again and again.
    pub async fn until_history(&self, query: &str, answer: i64) {
        let looking = async {
            loop {
                let found: i64 = self
                    .history()
                    .query_row(query, [], |row| row.get(0))
                    .unwrap();
                if found == answer {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        assert!(timeout(PATIENCE, looking).await.is_ok(), "in vain: {query}");
    }

    /// Changes what is on disk, behind the engine's back.
    pub fn change_history(&self, statements: &str) {
        self.history().execute_batch(statements).unwrap();
    }

    fn history(&self) -> rusqlite::Connection {
        let history = rusqlite::Connection::open(self.folder.path().join("data/history.db"));
        let history = history.unwrap();
        history.busy_timeout(PATIENCE).unwrap();
        history
    }

    /// Starts the program on a copy of what is on disk now, which is what a
    /// kill at this moment would leave.
    pub fn as_if_killed(&self) -> Stage {
        self.as_if_killed_and(scripted)
    }

    /// As [`Self::as_if_killed`], started in this way.
    pub fn as_if_killed_and(
        &self,
        start: impl FnOnce(&Path, Timestamp) -> (Engine, Script),
    ) -> Stage {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        // Nobody may fold the log into the file between the two copies.
        let history = self.history();
        history.execute_batch("BEGIN IMMEDIATE").unwrap();
        for file in ["history.db", "history.db-wal"] {
            let from = self.folder.path().join("data").join(file);
            std::fs::copy(from, data.join(file)).unwrap();
        }
        history.execute_batch("ROLLBACK").unwrap();
        let (engine, script) = start(&data, NOW);
        Stage {
            engine,
            script,
            account: self.account,
            folder,
        }
    }

    /// Whether any password is kept in the file.
    pub fn has_file_of_passwords(&self) -> bool {
        self.file_of_passwords().is_some()
    }

    /// What the file of passwords holds.
    pub fn file_of_passwords(&self) -> Option<String> {
        std::fs::read_to_string(self.folder.path().join("data/passwords")).ok()
    }

    /// Ends the program and starts it again on the same data.
    pub async fn restarts(self) -> Stage {
        let Stage {
            engine,
            folder,
            account,
            ..
        } = self;
        engine.stop().await;
        drop(engine);
        let (engine, script) = scripted(&folder.path().join("data"), NOW);
        Stage {
            engine,
            script,
            account,
            folder,
        }
    }
}
