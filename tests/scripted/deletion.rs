//! A deleted chat stays deleted, and nothing new in it is lost.

use stonechat::engine::api::Command;
use stonechat::engine::model::*;
use stonechat::engine::testing::Dialled;

use crate::stage::*;

const STAMP: &str = "2027-01-15T08:00:00Z";

/// The chat list, without opening anything.
async fn list(stage: &Stage) -> Vec<(String, String)> {
    let rows = stage.engine.conversations().await.unwrap();
    rows.into_iter()
        .map(|row| (row.address, row.last_body))
        .collect()
}

async fn deletes(stage: &Stage, conversation: ConversationId) {
    stage.engine.command(Command::DeleteChat(conversation));
    stage
        .until("the chat is gone", || async {
            stage
                .engine
                .conversation(conversation)
                .await
                .unwrap()
                .is_none()
        })
        .await;
}

fn with_archive_id(id: &str, text: &str) -> String {
    by_juliet(
        id,
        &format!(
            "<body>{text}</body>\
             <stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='a-{id}'/>"
        ),
    )
}

async fn has_heard(stage: &Stage, juliet: ConversationId, text: &str) {
    stage
        .until(text, || async {
            let shown = stage.messages(juliet).await;
            shown.iter().any(|message| message.body == text)
        })
        .await;
}

async fn reconnected(stage: &mut Stage, link: Dialled) -> Dialled {
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "again").await;
    begins(&mut link, true).await;
    link
}

#[tokio::test]
async fn what_the_archive_brings_again_of_a_deleted_chat_stays_away() {
    let (mut stage, mut link) = romeo_online().await;
    let juliet = stage.juliet().await;
    stage.says("Hark").await;
    let sent = link.sent().await;
    link.confirms(6).await;
    stage.until_delivery("Hark", Delivery::Sent).await;
    link.brings(&with_archive_id("j1", "Romeo?")).await;
    has_heard(&stage, juliet, "Romeo?").await;

    deletes(&stage, juliet).await;
    let mut link = reconnected(&mut stage, link).await;
    let page = link.sent().await;
    // The archive's id of what the user sent was never known here.
    let own = format!(
        "<message xmlns='jabber:client' type='chat' id='{id}' from='romeo@example.org/orchard' \
         to='juliet@example.org'><body>Hark</body><origin-id xmlns='urn:xmpp:sid:0' id='{id}'/></message>",
        id = id(&sent)
    );
    archived(&link, &page, "a-own", STAMP, &own).await;
    archived(
        &link,
        &page,
        "a-j1",
        STAMP,
        &by_juliet("j1", "<body>Romeo?</body>"),
    )
    .await;
    page_ends(
        &link,
        &page,
        "complete='true'",
        "<first>a-own</first><last>a-j1</last>",
    )
    .await;
    stage.until_online().await;

    assert_eq!(list(&stage).await, []);

    link.brings(&with_archive_id("j2", "Wherefore art thou?"))
        .await;
    stage
        .until("the chat is shown again", || async {
            !list(&stage).await.is_empty()
        })
        .await;
    assert_eq!(
        list(&stage).await,
        [(
            "juliet@example.org".to_owned(),
            "Wherefore art thou?".to_owned()
        )]
    );
    assert_eq!(stage.messages(juliet).await.len(), 1);
}

#[tokio::test]
async fn what_came_while_away_shows_a_deleted_chat_again() {
    let (mut stage, link) = romeo_online().await;
    let juliet = stage.juliet().await;
    link.brings(&with_archive_id("j1", "Romeo?")).await;
    has_heard(&stage, juliet, "Romeo?").await;

    deletes(&stage, juliet).await;
    let mut link = reconnected(&mut stage, link).await;
    let page = link.sent().await;
    assert_eq!(edge(&page), ("after".into(), "a-j1".into()));
    archived(
        &link,
        &page,
        "a-j2",
        STAMP,
        &by_juliet("j2", "<body>Hark</body>"),
    )
    .await;
    page_ends(
        &link,
        &page,
        "complete='true'",
        "<first>a-j2</first><last>a-j2</last>",
    )
    .await;
    stage.until_online().await;

    assert_eq!(
        list(&stage).await,
        [("juliet@example.org".to_owned(), "Hark".to_owned())]
    );
    let row = stage.engine.conversation(juliet).await.unwrap().unwrap();
    assert_eq!(row.unread, 1);
}

#[tokio::test]
async fn the_past_of_a_deleted_chat_is_not_asked_for_and_not_taken() {
    let (stage, mut link) = romeo_online().await;
    let juliet = stage.juliet().await;
    link.brings(&with_archive_id("j9", "Romeo?")).await;
    has_heard(&stage, juliet, "Romeo?").await;
    stage.engine.command(Command::LoadEarlier(juliet));
    let page = link.sent().await;

    deletes(&stage, juliet).await;
    archived(
        &link,
        &page,
        "a-j1",
        STAMP,
        &by_juliet("j1", "<body>Before</body>"),
    )
    .await;
    page_ends(&link, &page, "", "<first>a-j1</first><last>a-j1</last>").await;

    // Opened again by its address, it is empty and its past is not fetched.
    assert_eq!(stage.juliet().await, juliet);
    stage.engine.command(Command::LoadEarlier(juliet));
    stage.says("fence").await;
    assert_eq!(body(&link.sent().await).as_deref(), Some("fence"));
    assert_eq!(stage.bodies().await, ["fence"]);
}

#[tokio::test]
async fn the_past_of_a_chat_deleted_while_a_new_account_is_filled_stays_away() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    let newest = link.sent().await;
    let archived_text = |id: &str| by_juliet(id, "<body>Before</body>");
    archived(&link, &newest, "a-j2", STAMP, &archived_text("j2")).await;
    page_ends(&link, &newest, "", "<first>a-j2</first><last>a-j2</last>").await;
    let older = link.sent().await;
    let juliet = stage.juliet().await;

    deletes(&stage, juliet).await;
    link.brings(&with_archive_id("j3", "Hark")).await;
    has_heard(&stage, juliet, "Hark").await;
    archived(&link, &older, "a-j1", STAMP, &archived_text("j1")).await;
    page_ends(
        &link,
        &older,
        "complete='true'",
        "<first>a-j1</first><last>a-j1</last>",
    )
    .await;
    stage.until_online().await;

    assert_eq!(stage.bodies().await, ["Hark"]);
}

#[tokio::test]
async fn what_waited_in_a_deleted_chat_does_not_leave() {
    let (mut stage, link) = romeo_online().await;
    let juliet = stage.juliet().await;
    let nurse = stage.chat("nurse@example.org").await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.says("too late").await;
    has_heard(&stage, juliet, "too late").await;

    deletes(&stage, juliet).await;
    stage.engine.command(Command::SendText {
        conversation: nurse,
        body: "fence".into(),
        reply_to: None,
    });
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "two").await;
    begins(&mut link, false).await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("fence"));
}

#[tokio::test]
async fn a_draft_survives_the_end_of_the_program_and_goes_when_it_is_sent() {
    let (stage, _link) = romeo_online().await;
    let conversation = stage.juliet().await;
    let text = "It is the east,\n\nand Juliet is the sun. ".repeat(2_000);
    stage.engine.command(Command::SaveDraft {
        conversation,
        text: text.clone(),
    });
    stage
        .until("it is kept", || async {
            stage.engine.draft(conversation).await.unwrap() == text
        })
        .await;

    let stage = stage.restarts().await;
    assert_eq!(stage.engine.draft(conversation).await.unwrap(), text);
    let row = stage
        .engine
        .conversation(conversation)
        .await
        .unwrap()
        .unwrap();
    assert!(
        row.draft
            .starts_with("It is the east, and Juliet is the sun.")
    );

    stage.says(text.trim()).await;
    has_heard(&stage, conversation, text.trim()).await;
    assert_eq!(stage.engine.draft(conversation).await.unwrap(), "");
}
