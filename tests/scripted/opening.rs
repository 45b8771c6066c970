//! What a fresh stream begins with leaves at once, the question for what was
//! missed among it; and nothing is asked twice, nor believed too early.

use minidom::Element;
use stonechat::engine::api::Command;
use stonechat::engine::model::*;
use stonechat::engine::testing::Dialled;

use crate::stage::*;

/// Romeo, who has read his archive up to `a1`, connects again.
async fn romeo_again() -> (Stage, Dialled) {
    let (mut stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    let message = by_juliet("j1", "<body>first</body>");
    archived(&link, &page, "a1", "2026-11-21T10:00:00Z", &message).await;
    let set = "<first>a1</first><last>a1</last>";
    page_ends(&link, &page, "complete='true'", set).await;
    stage.until_online().await;
    stage
        .until_history("SELECT count(*) FROM archive_cursors", 1)
        .await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let link = stage.script.dialled().await;
    (stage, link)
}

/// All that a fresh stream of his begins with, before anything is answered.
struct Asked {
    contacts: Element,
    copies: Element,
    features: Element,
    page: Element,
}

async fn asks(link: &mut Dialled) -> Asked {
    let (contacts, copies, features) = (link.sent().await, link.sent().await, link.sent().await);
    assert!(contacts.has_child("query", "jabber:iq:roster"));
    assert!(copies.has_child("enable", "urn:xmpp:carbons:2"));
    assert!(features.has_child("query", "http://jabber.org/protocol/disco#info"));
    // Whatever comes after this comes live, so the archive is asked after it.
    assert_eq!(link.sent().await.name(), "presence");
    let page = link.sent().await;
    Asked {
        contacts,
        copies,
        features,
        page,
    }
}

impl Asked {
    async fn answer_all_but_the_archive(&self, link: &Dialled, copies: &str) {
        for (asked, kind) in [(&self.contacts, "result"), (&self.copies, copies)] {
            let id = id(asked);
            link.brings(&format!(
                "<iq xmlns='jabber:client' type='{kind}' id='{id}'/>"
            ))
            .await;
        }
    }
}

/// What a server without an archive says it has.
async fn has_no_archive(link: &Dialled, question: &Element) {
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='result' id='{}' from='romeo@example.org'>\
         <query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
        id(question)
    ))
    .await;
}

async fn missed(link: &Dialled, page: &Element) {
    let message = by_juliet("j2", "<body>missed</body>");
    archived(link, page, "a2", "2026-11-21T10:01:00Z", &message).await;
    let set = "<first>a2</first><last>a2</last>";
    page_ends(link, page, "complete='true'", set).await;
}

#[tokio::test]
async fn what_was_missed_is_asked_for_along_with_everything_else() {
    let (stage, mut link) = romeo_again().await;
    stage.says("Hark").await;
    link.refuses_to_resume(None, "two").await;

    let asked = asks(&mut link).await;
    assert_eq!(edge(&asked.page), ("after".into(), "a1".into()));
    asked.answer_all_but_the_archive(&link, "result").await;
    has_archive(&link, &asked.features).await;
    missed(&link, &asked.page).await;
    stage.until_online().await;

    // Nothing else is asked, and only now anything is said.
    assert_eq!(body(&link.sent().await).as_deref(), Some("Hark"));
    stage
        .until_history("SELECT is_settled FROM streams", 1)
        .await;
    // It is counted behind what the stream began with.
    link.confirms(6).await;
    stage.until_delivery("Hark", Delivery::Sent).await;
}

#[tokio::test]
async fn a_stream_that_goes_on_begins_with_nothing() {
    let (stage, mut link) = romeo_again().await;

    link.resumes(5).await;
    stage.says("Hark").await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("Hark"));
    link.confirms(6).await;
    stage.until_delivery("Hark", Delivery::Sent).await;
    stage
        .until_history("SELECT is_settled FROM streams", 1)
        .await;
}

#[tokio::test]
async fn nothing_is_said_before_the_archive_has_answered() {
    let (stage, mut link) = romeo_again().await;
    stage.says("Hark").await;
    link.refuses_to_resume(None, "two").await;
    let asked = asks(&mut link).await;
    asked.answer_all_but_the_archive(&link, "result").await;
    has_archive(&link, &asked.features).await;

    // Panics if anything was sent meanwhile.
    link.has_handled(3).await;

    assert_eq!(stage.delivery("Hark").await, Some(Delivery::Pending));
    missed(&link, &asked.page).await;
    assert_eq!(body(&link.sent().await).as_deref(), Some("Hark"));
}

#[tokio::test]
async fn a9_an_archive_that_is_gone_is_not_believed_in() {
    for refuses_first in [false, true] {
        let (stage, mut link) = romeo_again().await;
        stage.says("Hark").await;
        link.refuses_to_resume(None, "two").await;
        let asked = asks(&mut link).await;
        asked.answer_all_but_the_archive(&link, "result").await;

        if refuses_first {
            refuses(&link, &asked.page, "service-unavailable").await;
            has_no_archive(&link, &asked.features).await;
        } else {
            has_no_archive(&link, &asked.features).await;
            refuses(&link, &asked.page, "service-unavailable").await;
        }
        stage.until_online().await;

        assert_eq!(body(&link.sent().await).as_deref(), Some("Hark"));
        let claim = "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='same'/>";
        for (id, text) in [("1", "one"), ("2", "two")] {
            link.brings(&by_juliet(id, &format!("<body>{text}</body>{claim}")))
                .await;
        }
        stage
            .until("both", || async {
                stage.bodies().await == ["first", "Hark", "one", "two"]
            })
            .await;
        assert_eq!(stage.gaps().await, []);
    }
}

#[tokio::test]
async fn an_archive_that_refused_before_it_was_announced_is_asked_once_more() {
    let (stage, mut link) = romeo_again().await;
    link.refuses_to_resume(None, "two").await;
    let asked = asks(&mut link).await;
    asked.answer_all_but_the_archive(&link, "result").await;

    refuses(&link, &asked.page, "service-unavailable").await;
    has_archive(&link, &asked.features).await;
    let page = link.sent().await;
    assert_eq!(edge(&page), ("after".into(), "a1".into()));
    missed(&link, &page).await;
    stage.until_online().await;

    assert_eq!(stage.bodies().await, ["first", "missed"]);
}

#[tokio::test]
async fn an_archive_that_answers_before_it_was_announced_is_not_asked_again() {
    let (stage, mut link) = romeo_again().await;
    link.refuses_to_resume(None, "two").await;
    let asked = asks(&mut link).await;

    missed(&link, &asked.page).await;
    stage.until_online().await;
    asked.answer_all_but_the_archive(&link, "result").await;
    has_archive(&link, &asked.features).await;

    link.has_handled(5).await;
    stage
        .until_history("SELECT is_settled FROM streams", 1)
        .await;
    assert_eq!(stage.bodies().await, ["first", "missed"]);
}

#[tokio::test]
async fn what_an_archive_answers_does_not_count_while_it_is_not_known_to_be_one() {
    let (stage, mut link) = romeo_again().await;
    link.refuses_to_resume(None, "two").await;
    let asked = asks(&mut link).await;
    asked.answer_all_but_the_archive(&link, "result").await;

    refuses(&link, &asked.features, "internal-server-error").await;
    missed(&link, &asked.page).await;
    stage.until_online().await;
    assert_eq!(stage.bodies().await, ["first"]);
    assert_eq!(stage.gaps().await.len(), 1);

    stage.engine.command(Command::FetchMissing(stage.account));
    let features = link.sent().await;
    has_archive(&link, &features).await;
    let page = link.sent().await;
    assert_eq!(edge(&page), ("after".into(), "a1".into()));
    missed(&link, &page).await;
    stage
        .until("it is here, and nothing is missing", || async {
            stage.bodies().await == ["first", "missed"] && stage.gaps().await.is_empty()
        })
        .await;
}

#[tokio::test]
async fn what_has_expired_in_the_archive_is_asked_for_by_its_time_at_once() {
    let (stage, mut link) = romeo_again().await;
    link.refuses_to_resume(None, "two").await;
    let asked = asks(&mut link).await;
    asked.answer_all_but_the_archive(&link, "result").await;
    has_archive(&link, &asked.features).await;

    refuses(&link, &asked.page, "item-not-found").await;

    let page = link.sent().await;
    assert!(selected(&page, "start").is_some());
    missed(&link, &page).await;
    stage.until_online().await;
}

#[tokio::test]
async fn copies_that_binding_began_need_no_second_beginning() {
    let (stage, mut link) = romeo_again().await;
    link.copies_unasked();
    link.refuses_to_resume(None, "two").await;
    let asked = asks(&mut link).await;

    asked.answer_all_but_the_archive(&link, "error").await;
    has_archive(&link, &asked.features).await;
    missed(&link, &asked.page).await;
    stage.until_online().await;

    let lacks = stage.engine.server_lacks(stage.account);
    assert!(!lacks.copies);
}
