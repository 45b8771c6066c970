//! What is found, and what is not.

use super::*;
use crate::engine::model::{
    AccountId, ConversationId, Delivery, Direction, FoundUpTo, MessageId, MessageKind, Protection,
    Timestamp,
};
use crate::engine::store::accounts::NewAccount;
use crate::engine::store::messages::{End, MessageIds, NewMessage};
use crate::engine::text::Wanted;

/// Two chats of one account.
struct Chats {
    kept: Kept,
    account: AccountId,
    juliet: ConversationId,
    nurse: ConversationId,
}

async fn chats() -> Chats {
    let kept = kept();
    let (account, juliet, nurse) = kept
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
            let chat =
                |address| conversations::ensure(tx, &mut Changes::default(), account, address, 5);
            Ok((
                account,
                chat("juliet@example.org")?,
                chat("nurse@example.org")?,
            ))
        })
        .await
        .unwrap();
    Chats {
        kept,
        account,
        juliet,
        nurse,
    }
}

fn message(body: &str, time: Timestamp) -> NewMessage {
    NewMessage {
        direction: Direction::Incoming,
        kind: MessageKind::Text,
        hidden: String::new(),
        body: body.to_owned(),
        time,
        delivery: Delivery::Delivered,
        ids: MessageIds::default(),
        is_markable: false,
        protection: Protection::None,
        is_unstyled: false,
        reply: None,
        replaces: String::new(),
    }
}

impl Chats {
    async fn add(&self, chat: ConversationId, body: &str, time: Timestamp) -> MessageId {
        self.insert(chat, message(body, time), End::New).await
    }

    async fn insert(&self, chat: ConversationId, new: NewMessage, end: End) -> MessageId {
        self.kept
            .store
            .write(move |tx, changes| messages::insert(tx, changes, chat, &new, end))
            .await
            .unwrap()
    }

    async fn page(&self, typed: &str, from: Option<FoundUpTo>) -> crate::engine::model::Found {
        let wanted = Wanted::read(typed);
        self.kept
            .store
            .search(move |connection| search::look(connection, &wanted, None, from))
            .await
            .unwrap()
            .unwrap()
    }

    /// The excerpts of what is found.
    async fn found(&self, typed: &str) -> Vec<String> {
        let found = self.page(typed, None).await;
        found.hits.into_iter().map(|hit| hit.excerpt).collect()
    }
}

#[tokio::test]
async fn messages_are_found_by_words_prefixes_and_phrases_the_newest_first() {
    let chats = chats().await;
    chats.add(chats.juliet, "The garden wall is high", 10).await;
    chats.add(chats.nurse, "Gardens, and a WALL", 20).await;
    chats.add(chats.juliet, "Über die Mauer, ça va?", 30).await;

    assert_eq!(
        chats.found("wall ").await,
        ["Gardens, and a WALL", "The garden wall is high"]
    );
    assert_eq!(chats.found("garden ").await, ["The garden wall is high"]);
    assert_eq!(chats.found("gard").await.len(), 2);
    assert_eq!(chats.found("\"garden wall\"").await.len(), 1);
    assert_eq!(chats.found("\"wall garden\"").await.len(), 0);
    assert_eq!(chats.found("UBER ca").await.len(), 1);
    assert_eq!(chats.found("").await.len(), 0);
}

#[tokio::test]
async fn two_chinese_characters_are_found_within_a_sentence() {
    let chats = chats().await;
    chats.add(chats.juliet, "明天的会议在三点", 10).await;
    chats.add(chats.juliet, "议会明天开会", 20).await;

    assert_eq!(chats.found("会议").await, ["明天的会议在三点"]);
    assert_eq!(chats.found("明天").await.len(), 2);
}

#[tokio::test]
async fn filters_narrow_what_is_found() {
    let chats = chats().await;
    let day = 86_400_000;
    chats
        .add(chats.juliet, "moon https://example.org/a", 100 * day)
        .await;
    chats.add(chats.nurse, "moon", 200 * day).await;
    let mut mine = message("moon of mine", 300 * day);
    mine.direction = Direction::Outgoing;
    chats.insert(chats.nurse, mine, End::New).await;
    let mut file = message("", 400 * day);
    file.kind = MessageKind::File {
        url: "https://example.org/moon.png".into(),
    };
    chats.insert(chats.juliet, file, End::New).await;

    assert_eq!(chats.found("moon in:NURSE").await, ["moon of mine", "moon"]);
    assert_eq!(chats.found("moon from:nurse").await, ["moon"]);
    assert_eq!(chats.found("from:me").await, ["moon of mine"]);
    assert_eq!(chats.found("from:nobody moon").await, [""; 0]);
    assert_eq!(
        chats.found("has:link").await,
        ["moon https://example.org/a"]
    );
    assert_eq!(chats.found("has:file").await, [""]);
    // 1970-04-11, 1970-07-20, 1970-10-28
    assert_eq!(chats.found("moon before:1970-07-01").await.len(), 1);
    assert_eq!(
        chats.found("moon after:1970-07-20 before:1970-10").await,
        ["moon"]
    );
    assert_eq!(chats.found("moon after:1971").await.len(), 0);
}

#[tokio::test]
async fn the_index_follows_changes_and_deletions() {
    let chats = chats().await;
    let first = chats.add(chats.juliet, "The nightingale", 10).await;
    chats.add(chats.nurse, "The lark", 20).await;

    chats
        .kept
        .store
        .write(move |tx, _| {
            tx.execute(
                "UPDATE messages SET body = 'The lark' WHERE id = ?1",
                [first.0],
            )?;
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(chats.found("nightingale").await.len(), 0);
    assert_eq!(chats.found("lark").await.len(), 2);

    let nurse = chats.nurse;
    chats
        .kept
        .store
        .write(move |tx, changes| deletion::delete_chat(tx, changes, nurse))
        .await
        .unwrap();
    assert_eq!(chats.found("lark").await.len(), 1);

    let account = chats.account;
    chats
        .kept
        .store
        .write(move |tx, changes| accounts::remove(tx, changes, account))
        .await
        .unwrap();
    assert_eq!(chats.found("lark").await.len(), 0);
}

#[tokio::test]
async fn what_was_rolled_back_is_not_found() {
    let chats = chats().await;
    let juliet = chats.juliet;

    let failed: Result<(), _> = chats
        .kept
        .store
        .write(move |tx, changes| {
            messages::insert(tx, changes, juliet, &message("a ghost", 5), End::New)?;
            Err(StoreError::Closed)
        })
        .await;

    assert!(failed.is_err());
    assert_eq!(chats.found("ghost").await.len(), 0);
}

#[tokio::test]
async fn what_is_fetched_backwards_stands_behind_what_arrived() {
    let chats = chats().await;
    chats.add(chats.juliet, "word, the newest", 1_000).await;
    for time in (1..=120).rev() {
        let old = message(&format!("word {time}"), time);
        chats.insert(chats.juliet, old, End::Old).await;
    }

    let first = chats.page("word", None).await;
    assert_eq!(first.hits.len(), search::PAGE);
    assert_eq!(first.hits[0].excerpt, "word, the newest");
    assert_eq!(first.hits[1].excerpt, "word 120");
    let second = chats.page("word", first.more).await;
    assert_eq!(second.hits[0].excerpt, "word 71");
    let third = chats.page("word", second.more).await;
    assert_eq!(third.hits.len(), 21);
    assert_eq!(third.more, None);
}

#[tokio::test]
async fn hits_of_one_chat_stand_in_the_order_of_the_chat() {
    let chats = chats().await;
    let late = chats.add(chats.juliet, "word", 900).await;
    chats.add(chats.nurse, "word", 500).await;
    let early = chats.add(chats.juliet, "word", 100).await;

    let juliet = chats.juliet;
    let found = chats
        .kept
        .store
        .search(move |connection| search::look_in_chat(connection, &Wanted::read("word"), juliet))
        .await
        .unwrap()
        .unwrap();

    assert_eq!(found.messages, [early, late]);
    assert!(found.is_complete && !found.has_more);
}

#[tokio::test]
async fn a33_what_is_typed_is_never_an_error() {
    let chats = chats().await;
    chats.add(chats.juliet, "body AND facts", 10).await;

    for typed in [
        "\"",
        "\"\"\"",
        "NEAR(a b)",
        "body : x",
        "facts:c1",
        "a AND",
        "NOT",
        "* ^ - + ()",
        "{a b}:c",
        "'; DROP TABLE messages; --",
        "\0",
        "\u{301}",
        "c1",
        "🌙",
        "a\"b",
        "from:\"",
        "in:%",
        "before:9999-12-31",
        "after:1970",
        "after:9999-12-31 before:1970",
    ] {
        chats.page(typed, None).await;
    }
    chats.page(&"a ".repeat(10_000), None).await;
    assert_eq!(chats.found("facts").await.len(), 1);
    assert_eq!(chats.found("c1").await.len(), 0);
}

#[tokio::test]
async fn a35_the_key_of_a_file_is_nobodys_word() {
    let chats = chats().await;
    chats
        .add(
            chats.juliet,
            "aesgcm://example.org/moon.png#0123456789abcdef",
            10,
        )
        .await;

    assert_eq!(chats.found("0123456789abcdef").await.len(), 0);
    let found = chats.found("moon").await;
    assert!(!found[0].contains("0123"), "{found:?}");
}

#[tokio::test]
async fn a_search_ends_the_one_before_it() {
    let chats = chats().await;
    let (began, begins) = std::sync::mpsc::channel();
    let (go_on, goes_on) = std::sync::mpsc::channel::<()>();
    let running = chats.kept.store.search(move |connection| {
        began.send(()).unwrap();
        goes_on.recv().unwrap();
        // As long as it takes to be interrupted.
        Ok(connection.query_row(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n",
            [],
            |row| row.get::<_, i64>(0),
        )?)
    });
    begins.recv().unwrap();
    let waiting = chats.kept.store.search(|_| Ok(1));
    // Again at every key, also before the first one has begun in earnest.
    let interrupting = async {
        go_on.send(()).unwrap();
        loop {
            let last = chats.kept.store.search(|_| Ok(2));
            let soon = std::time::Duration::from_millis(20);
            if let Ok(answer) = tokio::time::timeout(soon, last).await {
                return answer;
            }
        }
    };

    let (running, waiting, last) = tokio::join!(running, waiting, interrupting);
    assert_eq!(running.unwrap(), None);
    assert_eq!(waiting.unwrap(), None);
    assert_eq!(last.unwrap(), Some(2));
}

#[tokio::test]
async fn an_older_history_is_read_in_steps_the_newest_first() {
    let chats = chats().await;
    for number in 0..600 {
        chats
            .add(chats.juliet, &format!("word {number}"), number)
            .await;
    }
    // As a migration finds it.
    chats
        .kept
        .store
        .write(|tx, _| {
            tx.execute_batch(
                "DELETE FROM search;
                 INSERT INTO settings SELECT 'search-unread', max(id) FROM messages;",
            )?;
            Ok(())
        })
        .await
        .unwrap();

    assert!(!chats.page("word", None).await.is_complete);
    let read = || chats.kept.store.write_bulk(|tx, _| search::read_older(tx));
    assert!(read().await.unwrap());
    let found = chats.page("word", None).await;
    assert_eq!(found.hits[0].excerpt, "word 599");
    assert!(!found.is_complete);
    chats.add(chats.juliet, "word, just now", 1_000).await;
    while read().await.unwrap() {}

    let found = chats.page("word", None).await;
    assert!(found.is_complete);
    assert_eq!(found.hits[0].excerpt, "word, just now");
    assert_eq!(chats.found("0").await, ["word 0"]);
}

#[tokio::test]
async fn words_of_deleted_messages_leave_the_file() {
    let chats = chats().await;
    for number in 0..300 {
        let body = format!("The apothecary sells mandragora{number}");
        chats.add(chats.nurse, &body, number).await;
        chats.add(chats.juliet, "Good night", number).await;
    }
    let nurse = chats.nurse;
    chats
        .kept
        .store
        .write(move |tx, changes| deletion::delete_chat(tx, changes, nurse))
        .await
        .unwrap();

    crate::engine::upkeep::look_after(&chats.kept.store, 1_000)
        .await
        .unwrap();

    assert_eq!(chats.found("night").await.len(), search::PAGE);
    chats.kept.store.close().await;
    let bytes = std::fs::read(&chats.kept.path).unwrap();
    for word in ["apothecary", "mandragora"] {
        let is_there = bytes
            .windows(word.len())
            .any(|window| window == word.as_bytes());
        assert!(!is_there, "{word}");
    }
}

#[tokio::test]
async fn ten_thousand_marks_and_a_megabyte_can_be_kept_and_found() {
    let chats = chats().await;
    let marks = format!("romeo{}", "\u{301}".repeat(10_000));
    chats.add(chats.juliet, &marks, 10).await;
    chats
        .add(
            chats.juliet,
            &format!("banquo {}", "x".repeat(1_000_000)),
            20,
        )
        .await;

    assert_eq!(chats.found("romeo ").await.len(), 1);
    let long = chats.found("banquo").await;
    assert!(long[0].len() < 1_000);
}
