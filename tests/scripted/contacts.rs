//! Adding somebody to the contacts, and who may see when the user is around.

use std::time::Duration;

use minidom::Element;
use stonechat::engine::api::Command;
use stonechat::engine::model::*;
use stonechat::engine::testing::Dialled;

use crate::stage::*;

const TYBALT: &str = "tybalt@example.org";
const TOKEN: &str = "1tMFqYDdKhfe2pwp";

fn add(stage: &Stage, token: &str, lets_see: bool) -> Command {
    Command::PutContact {
        account: stage.account,
        address: TYBALT.into(),
        name: "Tybalt".into(),
        labels: Vec::new(),
        token: token.into(),
        lets_see,
    }
}

async fn done(link: &Dialled, request: &Element) {
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='result' id='{}'/>",
        id(request)
    ))
    .await;
}

async fn asks(link: &Dialled, who: &str, inside: &str) {
    link.brings(&format!(
        "<presence xmlns='jabber:client' type='subscribe' from='{who}' \
         to='romeo@example.org'>{inside}</presence>"
    ))
    .await;
}

/// Takes the next stanza, a presence of this kind to Tybalt.
async fn says(link: &mut Dialled, kind: &str) -> Element {
    let presence = link.sent().await;
    assert_eq!(
        (presence.name(), presence.attr("type"), presence.attr("to")),
        ("presence", Some(kind), Some(TYBALT)),
        "{presence:?}"
    );
    presence
}

/// Nothing left before the next text to Juliet.
async fn says_nothing_more(stage: &Stage, link: &mut Dialled) {
    stage.says("fence").await;
    let sent = link.sent().await;
    assert_eq!(body(&sent).as_deref(), Some("fence"), "{sent:?}");
}

async fn who_asks(stage: &Stage) -> Vec<String> {
    let chats = stage.engine.conversations().await.unwrap();
    let asking = chats.into_iter().filter(|row| row.asks_for_presence);
    asking.map(|row| row.address).collect()
}

async fn until_asking(stage: &Stage, who: &[&str]) {
    stage
        .until("those who ask", || async {
            let mut asking = who_asks(stage).await;
            asking.sort();
            asking == who
        })
        .await;
}

#[tokio::test]
async fn an_invitation_goes_back_to_who_made_it_and_they_may_see_us() {
    let (stage, mut link) = romeo_signs_in(Dialled::keeps_approvals).await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    page_ends(&link, &page, "complete='true'", "").await;
    stage.until_online().await;

    stage.engine.command(add(&stage, TOKEN, true));

    let put = link.sent().await;
    assert!(put.has_child("query", "jabber:iq:roster"), "{put:?}");
    done(&link, &put).await;
    let asked = says(&mut link, "subscribe").await;
    let shown = asked.get_child("preauth", "urn:xmpp:pars:0").unwrap();
    assert_eq!(shown.attr("token"), Some(TOKEN));
    says(&mut link, "subscribed").await;
    says_nothing_more(&stage, &mut link).await;
}

#[tokio::test]
async fn a_server_that_keeps_no_approvals_has_it_kept_here_for_one_answer() {
    let (stage, mut link) = romeo_online().await;
    stage.engine.command(add(&stage, "", true));
    let put = link.sent().await;
    done(&link, &put).await;
    let asked = says(&mut link, "subscribe").await;
    assert_eq!(asked.children().count(), 0);
    // To a server that does not know it, this would be an answer nobody asked for.
    says_nothing_more(&stage, &mut link).await;

    asks(&link, TYBALT, "").await;

    says(&mut link, "subscribed").await;
    says(&mut link, "subscribe").await;
    assert!(who_asks(&stage).await.is_empty());
    asks(&link, TYBALT, "").await;
    until_asking(&stage, &[TYBALT]).await;
}

#[tokio::test]
async fn an_approval_that_is_too_old_is_none() {
    let (stage, mut link) = romeo_online().await;
    stage.engine.command(add(&stage, "", true));
    let put = link.sent().await;
    done(&link, &put).await;
    says(&mut link, "subscribe").await;
    says_nothing_more(&stage, &mut link).await;
    let month = Duration::from_hours(31 * 24).as_millis() as Timestamp;
    stage.script.set_time(NOW + month);

    asks(&link, TYBALT, "").await;

    until_asking(&stage, &[TYBALT]).await;
    says_nothing_more(&stage, &mut link).await;
}

#[tokio::test]
async fn a18_who_is_added_without_leave_does_not_see_us() {
    let (stage, mut link) = romeo_signs_in(Dialled::keeps_approvals).await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    page_ends(&link, &page, "complete='true'", "").await;
    stage.until_online().await;
    stage.engine.command(add(&stage, "", false));
    let put = link.sent().await;
    done(&link, &put).await;
    says(&mut link, "subscribe").await;

    asks(&link, TYBALT, "").await;

    until_asking(&stage, &[TYBALT]).await;
    says_nothing_more(&stage, &mut link).await;
}

#[tokio::test]
async fn a_contact_who_asks_is_granted_without_being_asked_again() {
    let (stage, mut link) = romeo_online().await;
    link.brings(
        "<iq xmlns='jabber:client' type='set' id='p1'><query xmlns='jabber:iq:roster'>\
         <item jid='tybalt@example.org' subscription='to'/></query></iq>",
    )
    .await;
    assert_eq!(link.sent().await.attr("type"), Some("result"));
    asks(&link, TYBALT, "").await;
    until_asking(&stage, &[TYBALT]).await;
    let chat = stage.chat(TYBALT).await;
    let row = stage.engine.conversation(chat).await.unwrap().unwrap();
    assert!(!row.is_request, "a contact is no stranger");

    stage.engine.command(Command::AcceptRequest(chat));

    says(&mut link, "subscribed").await;
    says_nothing_more(&stage, &mut link).await;
    assert!(who_asks(&stage).await.is_empty());
}

#[tokio::test]
async fn a_contact_who_is_declined_keeps_their_chat() {
    let (stage, mut link) = romeo_online().await;
    link.brings(&by_juliet("m1", "<body>Good night.</body>"))
        .await;
    link.brings(
        "<iq xmlns='jabber:client' type='set' id='p1'><query xmlns='jabber:iq:roster'>\
         <item jid='juliet@example.org' subscription='to'/></query></iq>",
    )
    .await;
    assert_eq!(link.sent().await.attr("type"), Some("result"));
    asks(&link, "juliet@example.org", "").await;
    until_asking(&stage, &["juliet@example.org"]).await;
    let chat = stage.juliet().await;

    stage.engine.command(Command::DeclineRequests(vec![chat]));

    assert_eq!(link.sent().await.attr("type"), Some("unsubscribed"));
    assert!(who_asks(&stage).await.is_empty());
    assert_eq!(stage.bodies().await, ["Good night."]);
}

#[tokio::test]
async fn who_has_asked_before_may_see_us_when_they_are_added() {
    let (stage, mut link) = romeo_online().await;
    asks(&link, TYBALT, "").await;
    until_asking(&stage, &[TYBALT]).await;

    stage.engine.command(add(&stage, "", true));

    let put = link.sent().await;
    done(&link, &put).await;
    says(&mut link, "subscribe").await;
    says(&mut link, "subscribed").await;
    until_asking(&stage, &[]).await;
}

#[tokio::test]
async fn a18_a_token_that_a_stranger_brings_opens_nothing() {
    let (stage, mut link) = romeo_online().await;
    let token = format!("<preauth xmlns='urn:xmpp:pars:0' token='{TOKEN}'/>");

    asks(&link, TYBALT, &token).await;

    until_asking(&stage, &[TYBALT]).await;
    says_nothing_more(&stage, &mut link).await;
}

/// A fresh stream after the one before was lost; these ask on it.
async fn signs_in_anew(stage: &mut Stage, link: &Dialled, asking: &[&str]) -> Dialled {
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.until_waiting().await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "two").await;
    begins_with_private_nodes(&mut link).await;
    for who in asking {
        asks(&link, who, "").await;
    }
    loop {
        let asked = link.sent().await;
        if asked.has_child("query", "urn:xmpp:mam:2") {
            page_ends(&link, &asked, "complete='true'", "").await;
        } else if asked.has_child("blocklist", "urn:xmpp:blocking") {
            link.brings(&format!(
                "<iq xmlns='jabber:client' type='result' id='{}'>\
                 <blocklist xmlns='urn:xmpp:blocking'/></iq>",
                id(&asked)
            ))
            .await;
            return link;
        } else {
            // Nobody's keys are here.
            refuses(&link, &asked, "feature-not-implemented").await;
        }
    }
}

#[tokio::test]
async fn a_wish_that_another_device_has_answered_is_gone_with_the_next_stream() {
    let (mut stage, link) = romeo_online().await;
    for who in [TYBALT, "paris@example.org"] {
        asks(&link, who, "").await;
    }
    until_asking(&stage, &["paris@example.org", TYBALT]).await;

    let _link = signs_in_anew(&mut stage, &link, &["paris@example.org"]).await;

    until_asking(&stage, &["paris@example.org"]).await;
    let chats = stage.engine.conversations().await.unwrap();
    assert!(!chats.iter().any(|row| row.address == TYBALT));
}
