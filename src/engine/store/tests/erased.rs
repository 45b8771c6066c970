//! What the user deletes is nowhere in the data folder any more.

use std::fs;

use super::*;
use crate::engine::model::{
    AccountId, ConversationId, Delivery, Direction, MessageKind, Protection,
};
use crate::engine::store::accounts::NewAccount;
use crate::engine::store::messages::{End, MessageIds, NewMessage};

const SECRET: &str = "Meet me at the tomb";

async fn with_a_secret() -> (Kept, AccountId, ConversationId) {
    let kept = kept();
    let (account, chat) = kept
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
            let message = NewMessage {
                direction: Direction::Incoming,
                kind: MessageKind::Text,
                hidden: String::new(),
                // More than one page holds.
                body: SECRET.repeat(1_000),
                time: 5,
                delivery: Delivery::Delivered,
                ids: MessageIds::default(),
                is_markable: false,
                protection: Protection::None,
                is_unstyled: false,
                reply: None,
                replaces: String::new(),
            };
            messages::insert(tx, changes, chat, &message, End::New)?;
            Ok((account, chat))
        })
        .await
        .unwrap();
    fs::copy(&kept.path, migrate::copy_path(&kept.path, 1)).unwrap();
    (kept, account, chat)
}

/// Names of the files in the data folder that hold the secret.
async fn told_by(kept: &Kept) -> Vec<PathBuf> {
    kept.store.close().await;
    let files = fs::read_dir(kept.path.parent().unwrap()).unwrap();
    files
        .map(|file| file.unwrap().path())
        .filter(|file| {
            let bytes = fs::read(file).unwrap();
            bytes
                .windows(SECRET.len())
                .any(|window| window == SECRET.as_bytes())
        })
        .collect()
}

#[tokio::test]
async fn a_deleted_chat_is_in_no_file_any_more() {
    let (kept, _, chat) = with_a_secret().await;

    kept.store
        .write(move |tx, changes| deletion::delete_chat(tx, changes, chat))
        .await
        .unwrap();

    assert!(!migrate::copy_path(&kept.path, 1).exists());
    assert_eq!(told_by(&kept).await, [""; 0].map(PathBuf::from));
}

#[tokio::test]
async fn an_account_removed_with_its_history_is_in_no_file_any_more() {
    let (kept, account, _) = with_a_secret().await;

    kept.store
        .write(move |tx, changes| accounts::remove(tx, changes, account))
        .await
        .unwrap();

    assert!(!migrate::copy_path(&kept.path, 1).exists());
    assert_eq!(told_by(&kept).await, [""; 0].map(PathBuf::from));
}
