//! What is set for single chats, for how long messages are kept, and chats in
//! files of their own.

use super::*;
use crate::engine::export::Format;
use crate::engine::model::{
    AccountId, ChatSetting, ChatSettings, ConversationId, Delivery, Direction, Keep, MessageId,
    MessageKind, Protection, Timestamp,
};
use crate::engine::store::accounts::NewAccount;
use crate::engine::store::messages::{End, MessageIds, NewMessage};
use crate::engine::store::outbox::{self, Owed};

const DAY: Timestamp = 86_400_000;

struct Chat {
    kept: Kept,
    account: AccountId,
    id: ConversationId,
}

async fn chat() -> Chat {
    let kept = kept();
    let (account, id) = kept
        .store
        .write(|tx, changes| {
            let romeo = NewAccount {
                address: "romeo@example.org".into(),
                host: None,
                port: None,
                allows_plain: false,
                proxy: String::new(),
            };
            let account = accounts::insert(tx, changes, &romeo)?.unwrap();
            let chat = conversations::ensure(tx, changes, account, "juliet@example.org", 5)?;
            Ok((account, chat))
        })
        .await
        .unwrap();
    Chat { kept, account, id }
}

impl Chat {
    async fn add(&self, body: &str, time: Timestamp, delivery: Delivery) -> MessageId {
        let (id, account) = (self.id, self.account);
        let is_waiting = delivery == Delivery::Pending;
        let new = NewMessage {
            direction: if is_waiting {
                Direction::Outgoing
            } else {
                Direction::Incoming
            },
            kind: MessageKind::Text,
            hidden: String::new(),
            body: body.to_owned(),
            time,
            delivery,
            ids: MessageIds::default(),
            is_markable: false,
            protection: Protection::None,
            is_unstyled: false,
            reply: None,
            replaces: String::new(),
        };
        self.kept
            .store
            .write(move |tx, changes| {
                let message = messages::insert(tx, changes, id, &new, End::New)?;
                if is_waiting {
                    outbox::add(tx, account, id, message, Owed::Message)?;
                }
                Ok(message)
            })
            .await
            .unwrap()
    }

    async fn set(&self, setting: ChatSetting) {
        let id = self.id;
        self.kept
            .store
            .write(move |tx, changes| chat_settings::set(tx, changes, id, setting))
            .await
            .unwrap();
    }

    async fn row(&self) -> crate::engine::model::ConversationRow {
        let id = self.id;
        let row = self
            .kept
            .store
            .read(move |connection| conversations::row(connection, id));
        row.await.unwrap().unwrap()
    }

    async fn bodies(&self) -> Vec<String> {
        let id = self.id;
        let rows = self
            .kept
            .store
            .read(move |connection| window::latest(connection, id, 10_000));
        let rows = rows.await.unwrap();
        rows.into_iter().map(|row| row.body).collect()
    }

    async fn expire(&self, now: Timestamp) {
        crate::engine::upkeep::look_after(&self.kept.store, now)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn what_is_set_for_a_chat_reads_back() {
    let chat = chat().await;
    let id = chat.id;
    let read = || {
        chat.kept
            .store
            .read(move |connection| chat_settings::read(connection, id))
    };
    assert_eq!(read().await.unwrap(), ChatSettings::default());

    for setting in [
        ChatSetting::TellsTyping(Some(false)),
        ChatSetting::SendsReadMarkers(Some(true)),
        ChatSetting::Keep(Keep::Days(7)),
        ChatSetting::Pinned(true),
        ChatSetting::MarkedUnread(true),
    ] {
        chat.set(setting).await;
    }

    let settings = ChatSettings {
        tells_typing: Some(false),
        sends_read_markers: Some(true),
        keep: Keep::Days(7),
    };
    assert_eq!(read().await.unwrap(), settings);
    let row = chat.row().await;
    assert!(row.is_pinned && row.is_unread() && !row.is_archived);
    chat.set(ChatSetting::Keep(Keep::ForEver)).await;
    assert_eq!(read().await.unwrap().keep, Keep::ForEver);
}

#[tokio::test]
async fn a_pinned_chat_stands_first_and_one_that_is_put_away_last() {
    let chat = chat().await;
    let account = chat.account;
    let others = chat.kept.store.write(move |tx, changes| {
        let other = |address, time, changes: &mut Changes| {
            conversations::ensure(tx, changes, account, address, time)
        };
        Ok([
            other("nurse@example.org", 10, changes)?,
            other("paris@example.org", 20, changes)?,
        ])
    });
    let [nurse, paris] = others.await.unwrap();
    chat.set(ChatSetting::Pinned(true)).await;
    chat.kept
        .store
        .write(move |tx, changes| {
            chat_settings::set(tx, changes, paris, ChatSetting::Archived(true))
        })
        .await
        .unwrap();

    let rows = chat.kept.store.read(conversations::rows).await.unwrap();

    let ids: Vec<_> = rows.into_iter().map(|row| row.id).collect();
    assert_eq!(ids, [chat.id, nurse, paris]);
}

#[tokio::test]
async fn a_new_message_brings_a_chat_back_unless_it_is_muted() {
    let chat = chat().await;
    chat.add("Good night", 100, Delivery::Delivered).await;
    chat.set(ChatSetting::Archived(true)).await;

    chat.add("Older, from the archive", 50, Delivery::Delivered)
        .await;
    assert!(chat.row().await.is_archived);
    chat.add("Good night again", 200, Delivery::Delivered).await;
    assert!(!chat.row().await.is_archived);

    chat.set(ChatSetting::Archived(true)).await;
    let id = chat.id;
    chat.kept
        .store
        .write(move |tx, changes| conversations::mute(tx, changes, id, 1_000))
        .await
        .unwrap();
    chat.add("Good night once more", 300, Delivery::Delivered)
        .await;
    assert!(chat.row().await.is_archived);
    chat.add("Good morning", 2_000, Delivery::Delivered).await;
    assert!(!chat.row().await.is_archived);
}

#[tokio::test]
async fn messages_go_after_the_days_they_are_kept_but_never_what_waits() {
    let chat = chat().await;
    let now = 100 * DAY;
    for number in 0..500 {
        chat.add("old", 10 * DAY + number, Delivery::Delivered)
            .await;
    }
    chat.add("waits", 11 * DAY, Delivery::Pending).await;
    chat.add("new", 95 * DAY, Delivery::Delivered).await;
    chat.expire(now).await;
    assert_eq!(chat.bodies().await.len(), 502);

    let account = chat.account;
    chat.kept
        .store
        .write(move |tx, changes| retention::keep_for(tx, changes, account, 30))
        .await
        .unwrap();
    chat.expire(now).await;

    assert_eq!(chat.bodies().await, ["waits", "new"]);
    let row = chat.row().await;
    assert_eq!(row.last_body, "new");
    // The archive does not bring it back.
    assert!(row.is_history_complete);
    assert_eq!(row.unread, 1);
}

#[tokio::test]
async fn the_choice_of_a_chat_goes_before_that_of_its_account() {
    let chat = chat().await;
    let account = chat.account;
    chat.add("old", 10 * DAY, Delivery::Delivered).await;
    chat.kept
        .store
        .write(move |tx, changes| retention::keep_for(tx, changes, account, 30))
        .await
        .unwrap();
    chat.set(ChatSetting::Keep(Keep::ForEver)).await;
    chat.expire(100 * DAY).await;
    assert_eq!(chat.bodies().await, ["old"]);

    chat.set(ChatSetting::Keep(Keep::Days(91))).await;
    chat.expire(100 * DAY).await;
    assert_eq!(chat.bodies().await, ["old"]);
    chat.expire(102 * DAY).await;
    assert_eq!(chat.bodies().await, [""; 0]);
}

/// Writes the chat as the engine does.
async fn exported(chat: &Chat, format: Format) -> String {
    let id = chat.id;
    chat.kept
        .store
        .read(move |connection| {
            let heading = export::heading(connection, id)?.unwrap();
            let ids = window::message_ids(connection, id)?;
            let mut file = Vec::new();
            for (number, some) in ids.chunks(2).enumerate() {
                export::write(connection, &mut file, format, &heading, some, number == 0)?.unwrap();
            }
            file.extend(crate::engine::export::ending(format).as_bytes());
            Ok(String::from_utf8(file).unwrap())
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn a_chat_as_json_reads_back_as_it_was() {
    let chat = chat().await;
    let bodies = [
        "Good night, good night!",
        "\"quoted\" \\ and\nlines\r\n\ttab \u{0}\u{1f}\u{7f}\u{2028}",
        "明天 🌙 \u{202e}moc",
    ];
    for (number, body) in bodies.iter().enumerate() {
        chat.add(body, 1_700_000_000_123 + number as i64, Delivery::Delivered)
            .await;
    }

    let json: serde_json::Value =
        serde_json::from_str(&exported(&chat, Format::Json).await).unwrap();

    assert_eq!(json["format"], "stonechat-chat");
    assert_eq!(json["version"], 1);
    assert_eq!(json["account"], "romeo@example.org");
    assert_eq!(json["address"], "juliet@example.org");
    let messages = json["messages"].as_array().unwrap();
    let read: Vec<_> = messages
        .iter()
        .map(|message| message["body"].as_str().unwrap())
        .collect();
    assert_eq!(read, bodies);
    assert_eq!(messages[0]["time"], "2023-11-14T22:13:20.123Z");
    assert_eq!(messages[0]["from"], "juliet@example.org");
    assert_eq!(messages[0]["kind"], "text");
    assert_eq!(messages[0]["encrypted"], false);
    assert_eq!(messages[0]["delivery"], "delivered");
}

#[tokio::test]
async fn a35_a_chat_in_a_file_holds_no_key() {
    let chat = chat().await;
    chat.add(
        "aesgcm://example.org/a.png#0123456789abcdef",
        5,
        Delivery::Delivered,
    )
    .await;

    for format in [Format::Json, Format::Text] {
        assert!(!exported(&chat, format).await.contains("0123456789abcdef"));
    }
}

#[tokio::test]
async fn a_chat_as_text_has_a_line_for_each_message() {
    let chat = chat().await;
    chat.add("Good night\nGood night", 0, Delivery::Delivered)
        .await;
    chat.add("Sweet", 1, Delivery::Pending).await;

    let text = exported(&chat, Format::Text).await;

    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "juliet@example.org (juliet@example.org)");
    assert!(
        lines[3].ends_with("] juliet@example.org: Good night"),
        "{text}"
    );
    assert_eq!(lines[4], "    Good night");
    assert!(lines[5].ends_with("] romeo@example.org: Sweet"), "{text}");
}
