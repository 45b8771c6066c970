//! Gives a program that was signed in a history to be measured with: a chat
//! of 10,000 messages on top, and thirty short ones. It measures nothing.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use stonechat::engine::model::AccountId;
use stonechat::engine::testing;

use crate::history;

/// The one that was signed in.
const ACCOUNT: AccountId = AccountId(1);
const LONG_CHAT: usize = 10_000;
const SHORT_CHATS: usize = 30;

pub fn fill(folder: &Path, address: &str) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let now = i64::try_from(now.as_millis()).unwrap();
    let domain = address.split('@').nth(1).unwrap();
    testing::fill_folder(folder, |tx| {
        for number in 1..=SHORT_CHATS {
            let time = now - 3_600_000 * i64::try_from(number + 1).unwrap();
            let guest = format!("guest{number}@{domain}");
            let chat = testing::conversation(tx, ACCOUNT, &guest, time);
            history::fill(tx, chat, 20, time);
        }
        let chat = testing::conversation(tx, ACCOUNT, address, now);
        // Nobody is there whom anything could be encrypted for.
        tx.execute(
            "UPDATE conversations SET encryption = 2 WHERE id = ?1",
            [chat.0],
        )
        .unwrap();
        history::fill(tx, chat, LONG_CHAT, now - 60_000);
    });
}
