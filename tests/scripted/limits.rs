//! What a server takes, what we answer, and what reaches the window of a flood.

use stonechat::engine::api::{Command, Event};
use stonechat::engine::model::{ConnectionProblem, Delivery, Presence, SendFailure};
use stonechat::engine::testing::Dialled;
use tokio::sync::broadcast::Receiver;

use crate::stage::{Stage, begins, body, by_juliet, page_ends, romeo_online, romeo_signs_in};

const TOO_LARGE: Delivery = Delivery::Failed(SendFailure::TooLarge);

/// Romeo online at a server that takes stanzas of so many bytes.
async fn romeo_limited(bytes: usize) -> (Stage, Dialled) {
    let (stage, mut link) = romeo_signs_in(|link| link.takes_at_most(bytes)).await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    page_ends(&link, &page, "complete='true'", "").await;
    stage.until_online().await;
    (stage, link)
}

#[tokio::test]
async fn a_message_above_the_servers_limit_fails_unsent_and_holds_up_nothing() {
    let (stage, mut link) = romeo_limited(20_000).await;
    let (large, fits) = ("a".repeat(20_000), "b".repeat(19_000));

    stage.says(&large).await;
    stage.says("Hark").await;
    stage.says(&fits).await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("Hark"));
    assert_eq!(body(&link.sent().await).as_deref(), Some(fits.as_str()));
    stage.until_delivery(&large, TOO_LARGE).await;
}

#[tokio::test]
async fn what_counts_is_the_size_on_the_wire() {
    let (stage, mut link) = romeo_limited(20_000).await;
    // Five times as long when it is written as XML.
    let escaped = "&".repeat(5_000);

    stage.says(&escaped).await;
    stage.says("Hark").await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("Hark"));
    stage.until_delivery(&escaped, TOO_LARGE).await;
}

#[tokio::test]
async fn a_message_written_offline_meets_the_limit_of_the_next_connection() {
    let (mut stage, link) = romeo_online().await;
    let large = "a".repeat(20_000);
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.until_waiting().await;
    stage.says(&large).await;
    stage.says("Hark").await;
    stage.engine.command(Command::TryNow);

    let mut link = stage.script.dialled().await;
    link.takes_at_most(20_000);
    link.resumes(5).await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("Hark"));
    stage.until_delivery(&large, TOO_LARGE).await;
}

#[tokio::test]
async fn a56_an_answer_is_never_made_too_large_by_who_asks() {
    let (_stage, mut link) = romeo_limited(7_000).await;
    let endless = "1".repeat(8_000);

    link.brings(&ping("juliet@example.org/balcony", &endless))
        .await;
    link.brings(&ping("stranger@example.org/here", &endless))
        .await;
    link.brings(&ping("juliet@example.org/balcony", "next"))
        .await;

    assert_eq!(link.sent().await.attr("id"), Some("next"));
}

#[tokio::test]
async fn a56_a_receipt_is_never_made_too_large_by_the_sender() {
    let (stage, mut link) = romeo_limited(7_000).await;
    let endless = "1".repeat(8_000);

    for id in [endless.as_str(), "next"] {
        link.brings(&by_juliet(
            id,
            &format!(
                "<body>{}</body><request xmlns='urn:xmpp:receipts'/>",
                id.len()
            ),
        ))
        .await;
    }

    let receipt = link.sent().await;
    let receipt = receipt.get_child("received", "urn:xmpp:receipts").unwrap();
    assert_eq!(receipt.attr("id"), Some("next"));
    assert_eq!(stage.bodies().await, ["8000", "4"]);
}

#[tokio::test]
async fn a56_a_flood_of_questions_is_answered_for_a_while() {
    let (stage, mut link) = romeo_online().await;

    // More would not fit on their way back before somebody reads.
    for number in 0..100 {
        link.brings(&ping("juliet@example.org/balcony", &number.to_string()))
            .await;
    }
    link.brings(&by_juliet("m", "<body>Hark</body>")).await;
    stage
        .until("the message after them", || async {
            stage.bodies().await == ["Hark"]
        })
        .await;
    stage.says("I hear").await;

    let mut answers = 0;
    while body(&link.sent().await).is_none() {
        answers += 1;
    }
    assert!((10..=50).contains(&answers), "{answers} answers");
}

#[tokio::test]
async fn a56_who_comes_and_goes_without_end_reaches_the_window_in_the_end() {
    let (stage, link) = romeo_online().await;
    let mut events = stage.engine.subscribe();

    for number in 0..150 {
        let show = if number % 2 == 0 { "away" } else { "dnd" };
        link.brings(&format!(
            "<presence xmlns='jabber:client' from='juliet@example.org/balcony'>\
             <show>{show}</show></presence>"
        ))
        .await;
    }
    link.brings("<presence xmlns='jabber:client' from='juliet@example.org/balcony'/>")
        .await;

    let mut told = 0;
    while next_presence(&mut events).await != Presence::Here {
        told += 1;
    }
    assert!(told <= 20, "{told} times");
    assert_eq!(
        stage.engine.presence(stage.account, "juliet@example.org"),
        Presence::Here
    );
}

async fn next_presence(events: &mut Receiver<Event>) -> Presence {
    loop {
        let event = tokio::time::timeout(std::time::Duration::from_secs(5), events.recv());
        if let Event::Presence { presence, .. } = event.await.unwrap().unwrap() {
            return presence;
        }
    }
}

fn ping(from: &str, id: &str) -> String {
    format!(
        "<iq xmlns='jabber:client' type='get' id='{id}' from='{from}'><ping xmlns='urn:xmpp:ping'/></iq>"
    )
}
