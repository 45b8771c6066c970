//! Chats and accounts too long to go at once.

use super::*;
use crate::engine::model::{
    AccountId, ConversationId, Delivery, Direction, MessageKind, Protection,
};
use crate::engine::store::accounts::NewAccount;
use crate::engine::store::clearing::AT_ONCE;
use crate::engine::store::messages::{End, MessageIds, NewMessage};
use crate::engine::text::Wanted;
use crate::engine::upkeep;

const SECRET: &str = "Meet me at the tomb";
const JULIET: &str = "juliet@example.org";
const LONG: usize = 3 * AT_ONCE;

fn message(n: usize) -> NewMessage {
    NewMessage {
        direction: Direction::Incoming,
        kind: MessageKind::Text,
        hidden: String::new(),
        body: format!("{SECRET} {n}"),
        time: 1_000 + n as i64,
        delivery: Delivery::Delivered,
        ids: MessageIds {
            archive: format!("a{n}"),
            ..MessageIds::default()
        },
        is_markable: false,
        protection: Protection::None,
        is_unstyled: false,
        reply: None,
        replaces: String::new(),
    }
}

fn romeo() -> NewAccount {
    NewAccount {
        address: "romeo@example.org".into(),
        host: None,
        port: None,
        allows_plain: false,
        proxy: String::new(),
    }
}

async fn long_chat() -> (Kept, AccountId, ConversationId) {
    let kept = kept();
    let (account, chat) = kept
        .store
        .write(|tx, changes| {
            let account = accounts::insert(tx, changes, &romeo())?.unwrap();
            let chat = conversations::ensure(tx, changes, account, JULIET, 5)?;
            for n in 0..LONG {
                messages::insert(tx, changes, chat, &message(n), End::New)?;
            }
            conversations::mute(tx, changes, chat, 77)?;
            Ok((account, chat))
        })
        .await
        .unwrap();
    (kept, account, chat)
}

impl Kept {
    async fn writes<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>, &mut Changes) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store.write(job).await.unwrap()
    }

    async fn rows(&self, table: &'static str) -> i64 {
        self.store
            .read(move |connection| {
                let count = format!("SELECT count(*) FROM {table}");
                Ok(connection.query_row(&count, [], |row| row.get(0))?)
            })
            .await
            .unwrap()
    }

    async fn found(&self) -> usize {
        let found = self
            .store
            .search(|connection| search::look(connection, &Wanted::read("tomb"), None, None))
            .await
            .unwrap();
        found.unwrap().hits.len()
    }

    async fn shown(&self, chat: ConversationId) -> usize {
        self.store
            .read(move |connection| {
                let ids = window::message_ids(connection, chat)?;
                assert_eq!(window::latest(connection, chat, LONG)?.len(), ids.len());
                Ok(ids.len())
            })
            .await
            .unwrap()
    }

    async fn list(&self) -> Vec<String> {
        let rows = self.store.read(conversations::rows).await.unwrap();
        rows.into_iter().map(|row| row.last_body).collect()
    }

    /// Whether a file of the closed history still tells the secret.
    fn tells(&self) -> bool {
        let bytes = std::fs::read(&self.path).unwrap();
        bytes
            .windows(SECRET.len())
            .any(|window| window == SECRET.as_bytes())
    }
}

#[tokio::test]
async fn a_long_chat_is_gone_at_once_and_what_comes_meanwhile_stays() {
    let (kept, account, chat) = long_chat().await;

    kept.writes(move |tx, changes| deletion::delete_chat(tx, changes, chat))
        .await;

    assert_eq!(kept.rows("messages").await as usize, LONG - AT_ONCE);
    assert_eq!(kept.list().await, [""; 0]);
    assert_eq!((kept.found().await, kept.shown(chat).await), (0, 0));

    let next = kept
        .writes(move |tx, changes| {
            let next = conversations::ensure(tx, changes, account, JULIET, 5)?;
            let ids = message(LONG - 1).ids;
            assert!(deletion::was_deleted(tx, next, Direction::Incoming, &ids)?);
            assert!(deletion::has_no_past(tx, next)?);
            assert_eq!(conversations::muted_until(tx, next)?, 77);
            let new = NewMessage {
                body: "Who calls?".into(),
                ..message(LONG)
            };
            messages::insert(tx, changes, next, &new, End::New)?;
            clearing::step(tx, 10)?;
            Ok(next)
        })
        .await;
    assert_eq!(kept.list().await, ["Who calls?"]);
    assert_eq!(kept.shown(next).await, 1);

    upkeep::look_after(&kept.store, 5_000).await.unwrap();

    assert_eq!(kept.rows("messages").await, 1);
    assert_eq!(kept.rows("conversations").await, 1);
    assert_eq!(kept.rows("accounts").await, 1);
    assert_eq!(kept.list().await, ["Who calls?"]);
    kept.store.close().await;
    assert!(!kept.tells());
}

#[tokio::test]
async fn nothing_is_done_in_a_chat_that_is_being_cleared_away() {
    let (kept, account, chat) = long_chat().await;
    kept.writes(move |tx, changes| {
        deletion::delete_chat(tx, changes, chat)?;
        // By a notification that was not taken back in time.
        assert_eq!(conversations::row(tx, chat)?, None);
        assert_eq!(retention::chats(tx, account)?.len(), 1);
        Ok(())
    })
    .await;
    // Twice at the same time, and once more while it lasts.
    let next = kept
        .writes(move |tx, changes| {
            let next = conversations::ensure(tx, changes, account, JULIET, 5)?;
            for n in 0..LONG {
                messages::insert(tx, changes, next, &message(n), End::New)?;
            }
            deletion::delete_chat(tx, changes, next)?;
            Ok(next)
        })
        .await;
    assert_eq!(kept.shown(next).await, 0);

    upkeep::look_after(&kept.store, 5_000).await.unwrap();

    assert_eq!(kept.rows("messages").await, 0);
    assert_eq!(kept.rows("conversations").await, 1);
}

#[tokio::test]
async fn a_long_account_is_gone_at_once_and_can_be_added_again() {
    let (kept, account, _) = long_chat().await;
    kept.writes(move |tx, changes| accounts::remove(tx, changes, account))
        .await;

    assert!(kept.rows("messages").await > 0);
    assert_eq!(kept.list().await, [""; 0]);
    assert_eq!(kept.found().await, 0);
    let again = kept
        .writes(|tx, changes| {
            assert_eq!(accounts::all(tx)?, []);
            let again = accounts::insert(tx, changes, &romeo())?.unwrap();
            conversations::open(tx, changes, again, JULIET, 9)?;
            Ok(again)
        })
        .await;
    assert_ne!(again, account);
    assert_eq!(kept.list().await, [""]);

    upkeep::look_after(&kept.store, 5_000).await.unwrap();

    assert_eq!(
        (kept.rows("messages").await, kept.rows("accounts").await),
        (0, 1)
    );
    kept.store.close().await;
    assert!(!kept.tells());
}

#[tokio::test]
async fn after_a_restart_it_goes_on() {
    let (kept, account, chat) = long_chat().await;
    kept.writes(move |tx, changes| {
        deletion::delete_chat(tx, changes, chat)?;
        let nurse = conversations::ensure(tx, changes, account, "nurse@example.org", 5)?;
        messages::insert(tx, changes, nurse, &message(0), End::New).map(drop)
    })
    .await;
    kept.store.close().await;

    let (store, _events) = open(&kept.path).unwrap();
    upkeep::look_after(&store, 5_000).await.unwrap();
    let left: i64 = store
        .read(|connection| {
            Ok(connection.query_row("SELECT count(*) FROM messages", [], |row| row.get(0))?)
        })
        .await
        .unwrap();

    assert_eq!(left, 1);
    store.close().await;
}

#[tokio::test]
async fn every_table_of_an_account_is_cleared_at_once_or_named_by_its_messages() {
    let (kept, ..) = long_chat().await;
    let tables: Vec<String> = kept
        .store
        .read(|connection| {
            let mut query = connection.prepare(
                "SELECT m.name
                 FROM sqlite_schema m
                 JOIN pragma_table_info(m.name) c
                 WHERE m.type = 'table' AND c.name = 'account_id'
                 ORDER BY m.name",
            )?;
            let names = query.query_map([], |row| row.get(0))?;
            Ok(names.collect::<rusqlite::Result<_>>()?)
        })
        .await
        .unwrap();

    // What goes with its own: labels with contacts, keys with identities,
    // who is there with streams.
    let later = [
        "contact_labels",
        "conversations",
        "devices",
        "kept_stanzas",
        "pre_keys",
        "signed_pre_keys",
        "stream_presences",
    ];
    for table in tables {
        assert!(
            clearing::OF_ACCOUNT.contains(&table.as_str()) || later.contains(&table.as_str()),
            "{table}"
        );
    }
}
