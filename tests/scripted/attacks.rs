//! The attacks of rule zero, through the whole engine: who delivered a payload
//! decides what it may do.

use crate::stage::*;

const COPY: &str = "<received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
    <message xmlns='jabber:client' type='chat' from='juliet@example.org/balcony' to='romeo@example.org/x'>\
    <body>Send money</body></message></forwarded></received>";

/// Brings what must have no effect, then an honest message, and returns all that is shown.
async fn shown_after(stanzas: &[String]) -> (Stage, Vec<String>) {
    let (stage, link) = romeo_online().await;
    for stanza in stanzas {
        link.brings(stanza).await;
    }
    link.brings(&by_juliet("last", "<body>honest</body>")).await;
    stage
        .until("the honest message", || async {
            stage.bodies().await.contains(&"honest".to_owned())
        })
        .await;
    let bodies = stage.bodies().await;
    (stage, bodies)
}

#[tokio::test]
async fn a1_a_contact_list_change_by_somebody_else_is_refused() {
    let (stage, mut link) = romeo_online().await;
    for from in [
        "juliet@example.org/balcony",
        "evil.example",
        "romeo@example.org/other",
    ] {
        link.brings(&format!(
            "<iq xmlns='jabber:client' type='set' id='p' from='{from}'><query xmlns='jabber:iq:roster'>\
             <item jid='tybalt@example.org' subscription='both'/></query></iq>"
        ))
        .await;
        assert_eq!(link.sent().await.attr("type"), Some("error"));
    }
    link.brings(
        "<iq xmlns='jabber:client' type='set' id='p'><query xmlns='jabber:iq:roster' ver='2'>\
         <item jid='nurse@example.org' name='Nurse' subscription='both'/></query></iq>",
    )
    .await;
    assert_eq!(link.sent().await.attr("type"), Some("result"));

    let contacts = stage.engine.contacts().await.unwrap();
    let names: Vec<_> = contacts
        .iter()
        .map(|contact| contact.name.as_str())
        .collect();
    assert_eq!(names, ["Juliet", "Nurse"]);
}

#[tokio::test]
async fn a2_a_forged_carbon_is_dropped() {
    let forged =
        |from: &str| format!("<message xmlns='jabber:client' from='{from}'>{COPY}</message>");

    let (_, shown) = shown_after(&[
        forged("mercutio@example.org/street"),
        forged("juliet@example.org"),
        forged("example.org"),
    ])
    .await;

    assert_eq!(shown, ["honest"]);
}

#[tokio::test]
async fn a2_a_true_carbon_is_shown() {
    let copy = format!("<message xmlns='jabber:client' from='romeo@example.org'>{COPY}</message>");

    let (_, shown) = shown_after(&[copy]).await;

    assert_eq!(shown, ["Send money", "honest"]);
}

#[tokio::test]
async fn a3_a_forged_archive_result_is_dropped() {
    let result = |from: &str, query: &str| {
        format!(
            "<message xmlns='jabber:client' from='{from}'><result xmlns='urn:xmpp:mam:2' queryid='{query}' id='1'>\
             <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>\
             <message xmlns='jabber:client' from='juliet@example.org/a' to='romeo@example.org'>\
             <body>Forged</body></message></forwarded></result></message>"
        )
    };

    let (_, shown) = shown_after(&[
        result("mercutio@example.org", "q"),
        result("romeo@example.org", "nobody-asked"),
    ])
    .await;

    assert_eq!(shown, ["honest"]);
}

#[tokio::test]
async fn a3_a_result_by_somebody_else_for_an_open_query_is_dropped() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    link.brings(&format!(
        "<message xmlns='jabber:client' from='mercutio@example.org'><result xmlns='urn:xmpp:mam:2' queryid='{}' id='1'>\
         <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>\
         <message xmlns='jabber:client' from='juliet@example.org/a' to='romeo@example.org'>\
         <body>Forged</body></message></forwarded></result></message>",
        query_id(&page)
    ))
    .await;
    page_ends(
        &link,
        &page,
        "complete='true'",
        "<first>1</first><last>1</last>",
    )
    .await;
    stage.until_online().await;

    assert!(stage.bodies().await.is_empty());
}

#[tokio::test]
async fn a6_an_answer_by_somebody_else_is_no_answer() {
    let (stage, mut link) = romeo().await;
    let contacts = link.sent().await;

    link.brings(&format!(
        "<iq xmlns='jabber:client' type='result' id='{}' from='mercutio@example.org/street'>\
         <query xmlns='jabber:iq:roster'><item jid='tybalt@example.org' subscription='both'/></query></iq>",
        id(&contacts)
    ))
    .await;
    link.brings(&by_juliet("j1", "<body>honest</body>")).await;
    stage
        .until("it came", || async { stage.bodies().await.len() == 1 })
        .await;

    assert!(stage.engine.contacts().await.unwrap().is_empty());
}

#[tokio::test]
async fn a9_an_archive_id_by_somebody_else_does_not_hide_a_message() {
    let by = |who: &str, id: &str, text: &str| {
        by_juliet(
            id,
            &format!("<body>{text}</body><stanza-id xmlns='urn:xmpp:sid:0' by='{who}' id='same'/>"),
        )
    };

    let (_, shown) = shown_after(&[
        by("romeo@example.org", "1", "first"),
        by("juliet@example.org", "2", "second"),
        by("example.org", "3", "third"),
    ])
    .await;

    assert_eq!(shown, ["first", "second", "third", "honest"]);
}

#[tokio::test]
async fn a9_ids_of_a_server_without_an_archive_are_not_believed() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, false).await;
    stage.until_online().await;
    for (id, text) in [("1", "first"), ("2", "second")] {
        let claim = "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='same'/>";
        link.brings(&by_juliet(id, &format!("<body>{text}</body>{claim}")))
            .await;
    }

    stage
        .until("both", || async {
            stage.bodies().await == ["first", "second"]
        })
        .await;
}

#[tokio::test]
async fn a53_a_stranger_who_asks_gets_the_answer_of_an_empty_room() {
    let (_stage, mut link) = romeo_online().await;
    for payload in [
        "<query xmlns='http://jabber.org/protocol/disco#info'/>",
        "<ping xmlns='urn:xmpp:ping'/>",
        "<query xmlns='jabber:iq:version'/>",
    ] {
        link.brings(&format!(
            "<iq xmlns='jabber:client' type='get' id='q' from='paris@example.org/a'>{payload}</iq>"
        ))
        .await;
        let answer = link.sent().await;
        assert_eq!(answer.attr("type"), Some("error"), "{payload}");
    }
    link.brings(
        "<iq xmlns='jabber:client' type='get' id='q' from='juliet@example.org/a'><ping xmlns='urn:xmpp:ping'/></iq>",
    )
    .await;
    assert_eq!(link.sent().await.attr("type"), Some("result"));
}

#[tokio::test]
async fn a3_a_result_after_the_end_of_its_page_is_dropped() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    page_ends(&link, &page, "complete='true'", "").await;
    stage.until_online().await;

    let forged = by_juliet("j1", "<body>Forged</body>");
    archived(&link, &page, "late", "2026-01-01T00:00:00Z", &forged).await;
    link.brings(&by_juliet("j2", "<body>honest</body>")).await;
    stage
        .until("the honest message", || async {
            !stage.bodies().await.is_empty()
        })
        .await;

    assert_eq!(stage.bodies().await, ["honest"]);
}

#[tokio::test]
async fn a4_an_event_about_our_own_things_by_a_contact_changes_nothing() {
    let event = |from: &str, node: &str, payload: &str| {
        format!(
            "<message xmlns='jabber:client' from='{from}' type='headline'>\
             <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='{node}'>\
             <item id='juliet@example.org'>{payload}</item></items></event></message>"
        )
    };
    let displayed = "<displayed xmlns='urn:xmpp:mds:displayed:0'><stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='1'/></displayed>";
    let bookmark = "<conference xmlns='urn:xmpp:bookmarks:1' autojoin='true' name='Ball'/>";

    let (stage, shown) = shown_after(&[
        event(
            "juliet@example.org/balcony",
            "urn:xmpp:mds:displayed:0",
            displayed,
        ),
        event("juliet@example.org", "urn:xmpp:bookmarks:1", bookmark),
        event("evil.example", "urn:xmpp:bookmarks:1", bookmark),
    ])
    .await;

    assert_eq!(shown, ["honest"]);
    let chats = stage.engine.conversations().await.unwrap();
    assert_eq!((chats.len(), chats[0].unread), (1, 1));
}

#[tokio::test]
async fn a11_receipts_and_markers_leave_no_row() {
    let say = |id: &str, payload: &str| by_juliet(id, payload);

    let (_, shown) = shown_after(&[
        say("1", "<received xmlns='urn:xmpp:receipts' id='x'/>"),
        say("2", "<displayed xmlns='urn:xmpp:chat-markers:0' id='x'/>"),
        say("3", "<received xmlns='urn:xmpp:chat-markers:0' id='x'/>"),
        say(
            "4",
            "<fallback xmlns='urn:xmpp:fallback:0' for='urn:example:new'/>",
        ),
    ])
    .await;

    assert_eq!(shown, ["honest"]);
}
