//! What the user does not want to tell is not told.

use minidom::Element;
use stonechat::engine::api::Command;
use stonechat::engine::model::*;
use stonechat::engine::testing::Dialled;

use crate::stage::*;

const ASKS_FOR_ALL: &str = "<request xmlns='urn:xmpp:receipts'/>\
                            <markable xmlns='urn:xmpp:chat-markers:0'/>";
const CORRECTS: &str = "<replace xmlns='urn:xmpp:message-correct:0' id='j1'/>";
const STATES: &str = "http://jabber.org/protocol/chatstates";

async fn set(stage: &Stage, change: impl FnOnce(&mut Preferences)) {
    let mut wanted = Preferences::default();
    change(&mut wanted);
    stage.engine.command(Command::Set(vec![
        Setting::TellsTyping(wanted.tells_typing),
        Setting::SendsReceipts(wanted.sends_receipts),
        Setting::SendsReadMarkers(wanted.sends_read_markers),
    ]));
    stage
        .until("it is set", || async {
            stage.engine.preferences().await.unwrap() == wanted
        })
        .await;
}

fn typing(stage: &Stage, conversation: ConversationId, is_composing: bool) {
    stage.engine.command(Command::Typing {
        conversation,
        is_composing,
    });
}

/// Sets something for one chat alone.
async fn set_chat(stage: &Stage, conversation: ConversationId, setting: ChatSetting) {
    let before = stage.engine.chat_settings(conversation).await.unwrap();
    stage.engine.command(Command::SetChat {
        conversation,
        setting,
    });
    stage
        .until("it is set for the chat", || async {
            stage.engine.chat_settings(conversation).await.unwrap() != before
        })
        .await;
}

/// Brings the nurse among the contacts; her chat.
async fn nurse(stage: &Stage, link: &mut Dialled) -> ConversationId {
    link.brings(
        "<iq xmlns='jabber:client' type='set' id='p'><query xmlns='jabber:iq:roster' ver='2'>\
         <item jid='nurse@example.org' name='Nurse' subscription='both'/></query></iq>",
    )
    .await;
    assert_eq!(link.sent().await.attr("type"), Some("result"));
    stage.chat("nurse@example.org").await
}

fn by_nurse(id: &str, inside: &str) -> String {
    by_juliet(id, inside).replace("juliet@example.org", "nurse@example.org")
}

fn says_in(stage: &Stage, conversation: ConversationId, body: &str) {
    stage.engine.command(Command::SendText {
        conversation,
        body: body.into(),
        reply_to: None,
    });
}

/// Whom a stanza is for.
fn to(stanza: &Element) -> &str {
    stanza.attr("to").unwrap()
}

/// Reads what Juliet wrote.
async fn reads(stage: &Stage) {
    reads_in(stage, stage.juliet().await).await;
}

async fn reads_in(stage: &Stage, conversation: ConversationId) {
    let up_to = stage.messages(conversation).await.last().unwrap().id;
    stage.engine.command(Command::MarkRead {
        conversation,
        up_to,
    });
    stage
        .until("it is read", || async {
            let row = stage.engine.conversation(conversation).await.unwrap();
            row.unwrap().unread == 0
        })
        .await;
}

async fn has_heard(stage: &Stage, text: &str) {
    stage
        .until(text, || async {
            stage.bodies().await.iter().any(|body| body == text)
        })
        .await;
}

/// What was sent before the next text, and that text.
async fn sent_until_text(link: &mut Dialled) -> (Vec<Element>, Element) {
    let mut before = Vec::new();
    loop {
        let stanza = link.sent().await;
        if body(&stanza).is_some() {
            return (before, stanza);
        }
        before.push(stanza);
    }
}

#[tokio::test]
async fn with_receipts_switched_off_nobody_learns_that_a_message_arrived() {
    let (stage, mut link) = romeo_online().await;
    // Who writes has read what is above: no marker shall confuse this.
    set(&stage, |wanted| {
        wanted.sends_receipts = false;
        wanted.sends_read_markers = false;
    })
    .await;

    link.brings(&by_juliet(
        "j1",
        &format!("<body>Romeo?</body>{ASKS_FOR_ALL}"),
    ))
    .await;
    has_heard(&stage, "Romeo?").await;
    stage.says("fence").await;

    assert_eq!(sent_until_text(&mut link).await.0, []);

    set(&stage, |wanted| wanted.sends_read_markers = false).await;
    link.brings(&by_juliet(
        "j2",
        &format!("<body>Hark</body>{ASKS_FOR_ALL}"),
    ))
    .await;
    let receipt = link.sent().await;
    let received = receipt.get_child("received", "urn:xmpp:receipts").unwrap();
    assert_eq!(
        received.attr("id"),
        Some("j2"),
        "only what arrives from now on"
    );
}

#[tokio::test]
async fn with_read_markers_switched_off_nobody_learns_what_was_read() {
    let (stage, mut link) = romeo_online().await;
    set(&stage, |wanted| {
        wanted.sends_receipts = false;
        wanted.sends_read_markers = false;
    })
    .await;
    link.brings(&by_juliet(
        "j1",
        &format!("<body>Romeo?</body>{ASKS_FOR_ALL}"),
    ))
    .await;
    has_heard(&stage, "Romeo?").await;

    reads(&stage).await;
    stage.says("fence").await;

    assert_eq!(sent_until_text(&mut link).await.0, []);
}

#[tokio::test]
async fn with_typing_switched_off_nobody_learns_that_the_user_writes() {
    let (stage, mut link) = romeo_online().await;
    let juliet = stage.juliet().await;
    set(&stage, |wanted| wanted.tells_typing = false).await;

    typing(&stage, juliet, true);
    typing(&stage, juliet, false);
    stage.says("fence").await;

    let (before, text) = sent_until_text(&mut link).await;
    assert_eq!(before, []);
    assert!(!text.has_child("active", STATES), "{text:?}");

    set(&stage, |_| ()).await;
    typing(&stage, juliet, true);
    assert!(link.sent().await.has_child("composing", STATES));
}

#[tokio::test]
async fn a_chats_own_choice_about_typing_counts_for_its_texts_too() {
    let (stage, mut link) = romeo_online().await;
    let conversation = stage.juliet().await;
    for (everywhere, here) in [(true, false), (false, true)] {
        set(&stage, |wanted| wanted.tells_typing = everywhere).await;
        stage.engine.command(Command::SetChat {
            conversation,
            setting: ChatSetting::TellsTyping(Some(here)),
        });
        let nurse = stage.chat("nurse@example.org").await;
        for (chat, is_told) in [(conversation, here), (nurse, everywhere)] {
            stage.engine.command(Command::SendText {
                conversation: chat,
                body: "fence".into(),
                reply_to: None,
            });
            let (_, text) = sent_until_text(&mut link).await;
            assert_eq!(text.has_child("active", STATES), is_told, "{text:?}");
        }
    }
}

#[tokio::test]
async fn who_was_told_that_the_user_writes_is_told_that_they_stopped() {
    let (stage, mut link) = romeo_online().await;
    let juliet = stage.juliet().await;
    typing(&stage, juliet, true);
    assert!(link.sent().await.has_child("composing", STATES));

    set(&stage, |wanted| wanted.tells_typing = false).await;
    typing(&stage, juliet, true);
    typing(&stage, juliet, false);
    typing(&stage, juliet, false);
    stage.says("fence").await;

    let (before, _) = sent_until_text(&mut link).await;
    assert_eq!(before.len(), 1, "{before:?}");
    assert!(before[0].has_child("paused", STATES));
}

#[tokio::test]
async fn what_was_owed_before_the_switch_does_not_leave_after_it() {
    let (mut stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    // Nothing leaves before the archive was read: receipt and marker wait.
    link.brings(&by_juliet(
        "j1",
        &format!("<body>Romeo?</body>{ASKS_FOR_ALL}"),
    ))
    .await;
    has_heard(&stage, "Romeo?").await;
    link.brings(&by_juliet(
        "j1-again",
        &format!("<body>Romeo!</body>{CORRECTS}{ASKS_FOR_ALL}"),
    ))
    .await;
    has_heard(&stage, "Romeo!").await;
    reads(&stage).await;

    set(&stage, |wanted| {
        wanted.sends_receipts = false;
        wanted.sends_read_markers = false;
    })
    .await;
    stage.says("fence").await;
    page_ends(&link, &page, "complete='true'", "").await;

    assert_eq!(sent_until_text(&mut link).await.0, []);

    // Nor what was written to a stream that was lost.
    set(&stage, |_| ()).await;
    link.brings(&by_juliet(
        "j2",
        &format!("<body>Hark</body>{ASKS_FOR_ALL}"),
    ))
    .await;
    assert!(link.sent().await.has_child("received", "urn:xmpp:receipts"));
    link.breaks(ConnectionProblem::ConnectionLost).await;
    set(&stage, |wanted| wanted.sends_receipts = false).await;
    stage.says("second fence").await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(Some(6), "two").await;
    begins(&mut link, false).await;
    assert_eq!(
        sent_until_text(&mut link).await.0.len(),
        0,
        "a receipt in doubt is dropped as well"
    );
}

#[tokio::test]
async fn a_muted_chat_counts_its_messages_and_says_nothing() {
    let (stage, link) = romeo_online().await;
    let juliet = stage.juliet().await;
    let mut events = stage.engine.subscribe();
    for (until, id) in [(Timestamp::MAX, "j1"), (NOW, "j2"), (0, "j3")] {
        stage.engine.command(Command::Mute {
            conversation: juliet,
            until,
        });
        stage
            .until("it is set", || async {
                let row = stage.engine.conversation(juliet).await.unwrap();
                row.unwrap().muted_until == until
            })
            .await;
        link.brings(&by_juliet(id, &format!("<body>{id}</body>")))
            .await;
        has_heard(&stage, id).await;
    }

    let mut told = Vec::new();
    while let Ok(event) = events.try_recv() {
        if let stonechat::engine::api::Event::Notify { message, .. } = event {
            told.push(message);
        }
    }
    let shown = stage.messages(juliet).await;
    // The second came at the very moment when muting ended. The last is told
    // after the commit that showed it, so perhaps not yet.
    assert_eq!(told.first(), Some(&shown[1].id));
    let row = stage.engine.conversation(juliet).await.unwrap().unwrap();
    assert_eq!(row.unread, 3);
}

#[tokio::test]
async fn without_styling_others_are_asked_to_show_what_was_typed() {
    let (stage, mut link) = romeo_online().await;
    stage.says("*Hark*").await;
    let styled = link.sent().await;

    let setting = Setting::StylesMessages(false);
    stage.engine.command(Command::Set(vec![setting]));
    stage
        .until("it is set", || async {
            !stage.engine.preferences().await.unwrap().styles_messages
        })
        .await;
    stage.says("> _ <").await;
    let unstyled = link.sent().await;

    assert!(!styled.has_child("unstyled", "urn:xmpp:styling:0"));
    assert!(unstyled.has_child("unstyled", "urn:xmpp:styling:0"));
}

#[tokio::test]
async fn a_chat_has_its_own_word_on_telling_that_the_user_writes() {
    let (stage, mut link) = romeo_online().await;
    let (juliet, nurse) = (stage.juliet().await, nurse(&stage, &mut link).await);
    for (everywhere, to_juliet) in [(true, false), (false, true)] {
        set(&stage, |wanted| wanted.tells_typing = everywhere).await;
        set_chat(&stage, juliet, ChatSetting::TellsTyping(Some(to_juliet))).await;
        let (who_sees, who_does_not) = if to_juliet {
            (juliet, nurse)
        } else {
            (nurse, juliet)
        };

        typing(&stage, who_does_not, true);
        typing(&stage, who_does_not, false);
        typing(&stage, who_sees, true);
        says_in(&stage, who_sees, "seen");
        says_in(&stage, who_does_not, "unseen");

        let (before, seen) = sent_until_text(&mut link).await;
        let (between, unseen) = sent_until_text(&mut link).await;
        assert_eq!(before.len(), 1, "{before:?}");
        assert!(before[0].has_child("composing", STATES));
        assert_eq!(to(&before[0]), to(&seen));
        assert!(seen.has_child("active", STATES), "{seen:?}");
        assert_eq!(between, []);
        assert!(!unseen.has_child("active", STATES), "{unseen:?}");
        typing(&stage, who_sees, false);
        assert!(link.sent().await.has_child("paused", STATES));
    }
}

#[tokio::test]
async fn a_chat_has_its_own_word_on_telling_what_was_read() {
    let (stage, mut link) = romeo_online().await;
    let (juliet, nurse) = (stage.juliet().await, nurse(&stage, &mut link).await);
    for (everywhere, to_juliet, id) in [(true, false, "m1"), (false, true, "m2")] {
        set(&stage, |wanted| {
            wanted.sends_receipts = false;
            wanted.sends_read_markers = everywhere;
        })
        .await;
        let setting = ChatSetting::SendsReadMarkers(Some(to_juliet));
        set_chat(&stage, juliet, setting).await;
        let inside = format!("<body>{id}</body>{ASKS_FOR_ALL}");
        link.brings(&by_nurse(id, &inside)).await;
        link.brings(&by_juliet(id, &inside)).await;
        has_heard(&stage, id).await;

        reads_in(&stage, juliet).await;
        reads_in(&stage, nurse).await;
        stage.says("fence").await;

        let (before, fence) = sent_until_text(&mut link).await;
        assert_eq!(before.len(), 1, "{before:?}");
        assert!(before[0].has_child("displayed", "urn:xmpp:chat-markers:0"));
        assert_eq!(to(&before[0]) == to(&fence), to_juliet);
    }
}

#[tokio::test]
async fn what_was_owed_leaves_or_not_as_its_chat_has_it() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    let (juliet, nurse) = (stage.juliet().await, nurse(&stage, &mut link).await);
    // Nothing leaves before the archive was read.
    for chat in [juliet, nurse] {
        set_chat(&stage, chat, ChatSetting::SendsReadMarkers(Some(true))).await;
    }
    link.brings(&by_nurse("n1", &format!("<body>n1</body>{ASKS_FOR_ALL}")))
        .await;
    link.brings(&by_juliet("j1", &format!("<body>j1</body>{ASKS_FOR_ALL}")))
        .await;
    has_heard(&stage, "j1").await;
    reads_in(&stage, juliet).await;
    reads_in(&stage, nurse).await;

    set(&stage, |wanted| {
        wanted.sends_receipts = false;
        wanted.sends_read_markers = false;
    })
    .await;
    set_chat(&stage, juliet, ChatSetting::SendsReadMarkers(None)).await;
    stage.says("fence").await;
    page_ends(&link, &page, "complete='true'", "").await;

    let (before, _) = sent_until_text(&mut link).await;
    assert_eq!(before.len(), 1, "{before:?}");
    assert!(before[0].has_child("displayed", "urn:xmpp:chat-markers:0"));
    assert_eq!(to(&before[0]), "nurse@example.org");
}

#[tokio::test]
async fn a_marker_in_doubt_does_not_leave_where_its_chat_tells_nothing_any_more() {
    let (mut stage, mut link) = romeo_online().await;
    let juliet = stage.juliet().await;
    set(&stage, |wanted| wanted.sends_receipts = false).await;
    link.brings(&by_juliet("j1", &format!("<body>j1</body>{ASKS_FOR_ALL}")))
        .await;
    has_heard(&stage, "j1").await;
    reads(&stage).await;
    let marker = link.sent().await;
    assert!(marker.has_child("displayed", "urn:xmpp:chat-markers:0"));

    // What was written to a stream that is lost would be written again.
    link.breaks(ConnectionProblem::ConnectionLost).await;
    set_chat(&stage, juliet, ChatSetting::SendsReadMarkers(Some(false))).await;
    stage.says("fence").await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(Some(5), "two").await;
    begins(&mut link, false).await;

    assert_eq!(sent_until_text(&mut link).await.0, []);
}
