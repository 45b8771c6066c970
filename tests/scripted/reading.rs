//! What was read, told to the user's own devices by a node that only they can
//! read (XEP-0490).

use minidom::Element;
use stonechat::engine::api::Command;
use stonechat::engine::testing::Dialled;

use crate::stage::*;

const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
const OWNER: &str = "http://jabber.org/protocol/pubsub#owner";
const NODE: &str = "urn:xmpp:mds:displayed:0";

/// A message by Juliet with its id in Romeo's archive.
fn archived_by_juliet(id: &str) -> String {
    let stanza_id = format!("<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='{id}'/>");
    by_juliet(id, &format!("<body>{id}</body>{stanza_id}"))
}

fn item(chat: &str, by: &str, archive_id: &str) -> String {
    format!(
        "<item id='{chat}'><displayed xmlns='{NODE}'>\
         <stanza-id xmlns='urn:xmpp:sid:0' by='{by}' id='{archive_id}'/></displayed></item>"
    )
}

fn event(from: &str, items: &str) -> String {
    format!(
        "<message xmlns='jabber:client' type='headline' from='{from}' to='romeo@example.org'>\
         <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='{NODE}'>{items}</items>\
         </event></message>"
    )
}

/// Romeo online at a server that keeps things private; `items` is what the
/// node holds, `None`: there is none. Returns with the node looked at.
async fn romeo_at_home(items: Option<&str>) -> (Stage, Dialled) {
    let (stage, mut link) = romeo().await;
    begins_with_private_nodes(&mut link).await;
    let mut is_caught_up = false;
    loop {
        let asked = link.sent().await;
        if asked.has_child("query", "urn:xmpp:mam:2") {
            page_ends(&link, &asked, "complete='true'", "").await;
            is_caught_up = true;
        } else if asked.has_child("blocklist", "urn:xmpp:blocking") {
            answers(&link, &asked, "<blocklist xmlns='urn:xmpp:blocking'/>").await;
            break;
        } else if node(&asked).as_deref() == Some(NODE) {
            match items {
                Some(items) => {
                    let items = format!(
                        "<pubsub xmlns='{PUBSUB}'><items node='{NODE}'>{items}</items></pubsub>"
                    );
                    answers(&link, &asked, &items).await;
                }
                None => refuses(&link, &asked, "item-not-found").await,
            }
        } else {
            // Nobody's keys are here.
            refuses(&link, &asked, "feature-not-implemented").await;
        }
    }
    assert!(is_caught_up);
    stage.until_online().await;
    (stage, link)
}

/// Returns the node that a request is about.
fn node(request: &Element) -> Option<String> {
    let pubsub = request.children().next()?;
    let about = pubsub.children().next()?;
    about.attr("node").map(str::to_owned)
}

async fn answers(link: &Dialled, request: &Element, inside: &str) {
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='result' id='{}'>{inside}</iq>",
        id(request)
    ))
    .await;
}

/// Answers how the node is set up.
async fn is_set_up(link: &mut Dialled, access: &str) {
    let asked = next_about_reading(link).await;
    assert!(asked.has_child("pubsub", OWNER), "{asked:?}");
    assert_eq!(asked.attr("type"), Some("get"));
    let form = format!(
        "<pubsub xmlns='{OWNER}'><configure node='{NODE}'><x xmlns='jabber:x:data' type='form'>\
         <field var='pubsub#access_model'><value>{access}</value></field></x></configure></pubsub>"
    );
    answers(link, &asked, &form).await;
}

/// The next request about the node; keys of others are refused meanwhile.
async fn next_about_reading(link: &mut Dialled) -> Element {
    loop {
        let asked = link.sent().await;
        if node(&asked).as_deref() == Some(NODE) {
            return asked;
        }
        if asked.name() == "iq" && asked.attr("type") == Some("get") {
            refuses(link, &asked, "feature-not-implemented").await;
        }
    }
}

async fn juliet_writes(stage: &Stage, link: &Dialled, ids: &[&str]) {
    for id in ids {
        link.brings(&archived_by_juliet(id)).await;
    }
    let last = (*ids.last().unwrap()).to_owned();
    stage
        .until("what Juliet wrote", || async {
            stage.bodies().await.contains(&last)
        })
        .await;
}

async fn reads(stage: &Stage, body: &str) {
    let conversation = stage.juliet().await;
    let messages = stage.messages(conversation).await;
    let up_to = messages.iter().find(|message| message.body == body);
    stage.engine.command(Command::MarkRead {
        conversation,
        up_to: up_to.unwrap().id,
    });
}

async fn unread(stage: &Stage) -> u32 {
    let chat = stage.juliet().await;
    let row = stage.engine.conversation(chat).await.unwrap();
    row.unwrap().unread
}

async fn until_unread(stage: &Stage, count: u32) {
    stage
        .until("the count of unread messages", || async {
            unread(stage).await == count
        })
        .await;
}

/// The chat and the message that a publication names.
fn published(request: &Element) -> (String, String) {
    let publish = request.get_child("pubsub", PUBSUB).unwrap();
    let item = publish.get_child("publish", PUBSUB).unwrap();
    let item = item.get_child("item", PUBSUB).unwrap();
    let displayed = item.get_child("displayed", NODE).unwrap();
    let id = displayed.get_child("stanza-id", "urn:xmpp:sid:0").unwrap();
    assert_eq!(id.attr("by"), Some("romeo@example.org"));
    (
        item.attr("id").unwrap().to_owned(),
        id.attr("id").unwrap().to_owned(),
    )
}

#[tokio::test]
async fn what_was_read_here_is_told_once_for_all_messages_up_to_there() {
    let (stage, mut link) = romeo_at_home(Some("")).await;
    is_set_up(&mut link, "whitelist").await;
    juliet_writes(&stage, &link, &["a1", "a2", "a3"]).await;

    reads(&stage, "a1").await;
    reads(&stage, "a2").await;
    reads(&stage, "a3").await;

    let told = next_about_reading(&mut link).await;
    assert_eq!(
        published(&told),
        ("juliet@example.org".to_owned(), "a3".to_owned())
    );
    let options = String::from(&told);
    assert!(options.contains("whitelist"), "{options}");
}

#[tokio::test]
async fn a5_a_new_node_is_looked_at_before_a_second_chat_is_told() {
    let (stage, mut link) = romeo_at_home(None).await;
    juliet_writes(&stage, &link, &["a1"]).await;
    reads(&stage, "a1").await;
    let told = next_about_reading(&mut link).await;
    assert_eq!(published(&told).1, "a1");

    answers(&link, &told, "").await;

    is_set_up(&mut link, "presence").await;
    let closed = next_about_reading(&mut link).await;
    assert_eq!(closed.attr("type"), Some("set"));
    let closed_as = String::from(&closed);
    assert!(closed_as.contains("whitelist"), "{closed_as}");
    answers(&link, &closed, "").await;
    // It says so, and it is not so: from here on nothing is told.
    is_set_up(&mut link, "open").await;
    juliet_writes(&stage, &link, &["a2"]).await;
    reads(&stage, "a2").await;
    until_unread(&stage, 0).await;
    stage.says("fence").await;
    loop {
        let sent = link.sent().await;
        assert_ne!(node(&sent).as_deref(), Some(NODE), "{sent:?}");
        if body(&sent).as_deref() == Some("fence") {
            break;
        }
    }
}

#[tokio::test]
async fn a5_a_node_that_others_can_read_is_closed_before_anything_is_told() {
    let (stage, mut link) = romeo_at_home(Some("")).await;

    is_set_up(&mut link, "presence").await;
    let closed = next_about_reading(&mut link).await;
    assert_eq!(closed.attr("type"), Some("set"));
    assert!(closed.has_child("pubsub", OWNER));
    answers(&link, &closed, "").await;
    is_set_up(&mut link, "whitelist").await;

    juliet_writes(&stage, &link, &["a1"]).await;
    reads(&stage, "a1").await;
    assert_eq!(published(&next_about_reading(&mut link).await).1, "a1");
}

#[tokio::test]
async fn what_other_devices_have_read_is_read_here_also_when_it_comes_later() {
    let items = item("juliet@example.org", "romeo@example.org", "a2");
    let (stage, link) = romeo_at_home(Some(&items)).await;
    link.brings(&event(
        "romeo@example.org",
        &item("nobody@example.org", "romeo@example.org", "n1"),
    ))
    .await;

    juliet_writes(&stage, &link, &["a1", "a2", "a3"]).await;
    until_unread(&stage, 1).await;
    link.brings(&event(
        "romeo@example.org",
        &item("juliet@example.org", "romeo@example.org", "a3"),
    ))
    .await;

    until_unread(&stage, 0).await;
}

#[tokio::test]
async fn a4_nobody_else_tells_what_the_user_has_read() {
    let (stage, link) = romeo_at_home(Some("")).await;
    juliet_writes(&stage, &link, &["a1"]).await;

    for (from, by) in [
        ("juliet@example.org", "romeo@example.org"),
        ("juliet@example.org/balcony", "romeo@example.org"),
        ("romeo@example.org/phone", "romeo@example.org"),
        ("example.org", "romeo@example.org"),
        ("romeo@example.org", "juliet@example.org"),
    ] {
        let items = item("juliet@example.org", by, "a1");
        link.brings(&event(from, &items)).await;
    }
    juliet_writes(&stage, &link, &["a2"]).await;

    assert_eq!(unread(&stage).await, 2);
}

#[tokio::test]
async fn a10_what_was_read_elsewhere_never_leads_back() {
    let (stage, link) = romeo_at_home(Some("")).await;
    juliet_writes(&stage, &link, &["a1", "a2"]).await;
    reads(&stage, "a2").await;
    until_unread(&stage, 0).await;

    for id in ["a1", "unknown", ""] {
        let items = item("juliet@example.org", "romeo@example.org", id);
        link.brings(&event("romeo@example.org", &items)).await;
    }
    juliet_writes(&stage, &link, &["a3"]).await;

    assert_eq!(unread(&stage).await, 1);
}

#[tokio::test]
async fn a10_a_marker_for_an_unknown_or_older_message_does_not_move_the_reader_back() {
    let (stage, mut link) = romeo_online().await;
    let mut ids = Vec::new();
    for text in ["one", "two"] {
        stage.says(text).await;
        let sent = link.sent().await;
        ids.push(id(&sent).to_owned());
    }
    let chat = stage.juliet().await;
    let displayed = |id: &str| {
        by_juliet(
            "marker",
            &format!("<displayed xmlns='urn:xmpp:chat-markers:0' id='{id}'/>"),
        )
    };
    let place = || async {
        let readers = stage.engine.readers(chat).await.unwrap();
        readers.first().map(|reader| reader.up_to)
    };
    let second = stage.messages(chat).await[1].id;

    link.brings(&displayed(&ids[1])).await;
    stage
        .until("Juliet's place", || async { place().await == Some(second) })
        .await;
    link.brings(&displayed(&ids[0])).await;
    link.brings(&displayed("unknown")).await;
    link.brings(&archived_by_juliet("fence")).await;
    stage
        .until("the fence", || async {
            stage.bodies().await.contains(&"fence".to_owned())
        })
        .await;

    // Juliet's own message is seen as well, and stands below both.
    let fence = stage.messages(chat).await[2].id;
    assert_eq!(place().await, Some(fence));
}
