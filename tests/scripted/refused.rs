//! What was done with a message comes back with an error.

use minidom::Element;
use stonechat::engine::api::Command;
use stonechat::engine::model::*;
use stonechat::engine::testing::Dialled;

use crate::stage::*;

async fn comes_back(link: &Dialled, sent: &Element, condition: &str) {
    let error = format!(
        "<error type='cancel'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    );
    let refused = by_juliet(id(sent), &error).replace("type='chat'", "type='error'");
    link.brings(&refused).await;
}

async fn only(stage: &Stage) -> MessageRow {
    let juliet = stage.juliet().await;
    stage.messages(juliet).await.remove(0)
}

async fn until(stage: &Stage, what: &str, holds: impl Fn(&MessageRow) -> bool) -> MessageRow {
    stage
        .until(what, || async { holds(&only(stage).await) })
        .await;
    only(stage).await
}

fn react(stage: &Stage, message: MessageId, emoji: &str) {
    stage.engine.command(Command::React {
        message,
        emoji: vec![emoji.into()],
    });
}

#[tokio::test]
async fn a_refused_reaction_is_as_it_was_before_and_the_message_says_why() {
    let (stage, mut link) = romeo_online().await;
    let juliet = stage.juliet().await;
    link.brings(&by_juliet("j1", "<body>Hark</body>")).await;
    stage
        .until("it came", || async {
            !stage.messages(juliet).await.is_empty()
        })
        .await;
    let hers = only(&stage).await.id;
    react(&stage, hers, "👍");
    link.sent().await;
    react(&stage, hers, "🐢");
    let sent = link.sent().await;

    comes_back(&link, &sent, "forbidden").await;

    let row = until(&stage, "why", |row| row.reaction_refused.is_some()).await;
    assert_eq!(row.reaction_refused, Some(SendFailure::NotAllowed));
    assert_eq!(row.reactions[0].emoji, "👍");
    assert_eq!(row.delivery, Delivery::Delivered);

    // What is tried again says nothing of that any more.
    react(&stage, hers, "🐢");
    let sent = link.sent().await;
    let row = until(&stage, "a new try", |row| row.reactions[0].emoji == "🐢").await;
    assert_eq!(row.reaction_refused, None);

    comes_back(&link, &sent, "remote-server-timeout").await;
    let why = Some(SendFailure::ServerUnreachable);
    until(&stage, "why", |row| row.reaction_refused == why).await;
    stage.engine.command(Command::Discard(hers));
    let row = until(&stage, "peace", |row| row.reaction_refused.is_none()).await;
    assert_eq!(row.reactions[0].emoji, "👍");
}

#[tokio::test]
async fn what_could_not_be_taken_back_says_so_and_is_tried_again() {
    let (stage, mut link) = romeo_online().await;
    stage.says("Ay").await;
    let text = link.sent().await;
    let ours = only(&stage).await.id;
    let retract = "urn:xmpp:message-retract:1";
    let failed = |row: &MessageRow| matches!(row.delivery, Delivery::Failed(_));

    stage.engine.command(Command::Retract(ours));
    let request = link.sent().await;
    link.confirms(8).await;
    comes_back(&link, &request, "service-unavailable").await;

    let row = until(&stage, "that it failed", failed).await;
    assert_eq!(row.kind, MessageKind::Retracted);
    assert_eq!(row.delivery, Delivery::Failed(SendFailure::Refused));

    stage.engine.command(Command::Retry(ours));
    let again = link.sent().await;
    assert_ne!(id(&again), id(&request));
    let named = again.get_child("retract", retract).unwrap();
    assert_eq!(id(named), id(&text));
    until(&stage, "a new try", |row| !failed(row)).await;
    // An answer to the first try says nothing any more.
    comes_back(&link, &request, "service-unavailable").await;
    comes_back(&link, &again, "gone").await;
    let gone = Delivery::Failed(SendFailure::NoSuchAddress);
    until(&stage, "that it failed again", |row| row.delivery == gone).await;

    stage.engine.command(Command::Discard(ours));
    let row = until(&stage, "peace", |row| !failed(row)).await;
    assert_eq!(row.kind, MessageKind::Retracted);
    stage.says("fence").await;
    assert_eq!(body(&link.sent().await).as_deref(), Some("fence"));
}

#[tokio::test]
async fn a7_somebody_else_refuses_nothing() {
    let (stage, mut link) = romeo_online().await;
    stage.says("Ay").await;
    link.sent().await;
    let ours = only(&stage).await.id;
    stage.engine.command(Command::Retract(ours));
    let request = link.sent().await;

    let forged = by_juliet(
        id(&request),
        "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
    );
    let forged = forged.replace("type='chat'", "type='error'");
    link.brings(&forged.replace("juliet@", "paris@")).await;
    link.brings(&by_juliet("j1", "<body>fence</body>")).await;
    stage
        .until("what came after it", || async {
            stage.bodies().await.contains(&"fence".into())
        })
        .await;

    assert!(!matches!(only(&stage).await.delivery, Delivery::Failed(_)));
}
