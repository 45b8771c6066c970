//! The file that a chat is exported to: whole, for nobody else, or not there.

use std::cell::Cell;
use std::fs;
use std::future::{Future, poll_fn};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::task::Poll;

use stonechat::engine::api::Engine;
use stonechat::engine::error::ExportError;
use stonechat::engine::export::Format;
use stonechat::engine::model::*;
use stonechat::engine::testing::{self, NewMessage};
use tempfile::TempDir;

use crate::stage::NOW;

/// More than are written at once, and not a multiple of it.
const MANY: usize = 1_003;

/// An engine with a chat of so many messages, and a folder for its file.
fn chat_of(count: usize) -> (Engine, ConversationId, TempDir) {
    let mut chat = None;
    let (engine, _commands) = testing::offline(|tx| {
        let romeo = testing::account(tx, "romeo@example.org");
        let juliet = testing::conversation(tx, romeo, "juliet@example.org", NOW);
        for number in 0..count {
            let time = NOW + number as Timestamp;
            let message = NewMessage::incoming(juliet, time, &format!("Good night {number}"));
            testing::message(tx, &message);
        }
        chat = Some(juliet);
    });
    (engine, chat.unwrap(), tempfile::tempdir().unwrap())
}

/// All that is in a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn is_for_nobody_else(path: &Path) -> bool {
    fs::metadata(path).unwrap().mode() & 0o777 == 0o600
}

#[tokio::test]
async fn a_long_chat_is_whole_in_a_file_that_is_for_nobody_else() {
    let (engine, chat, folder) = chat_of(MANY);
    let (text, json) = (
        folder.path().join("chat.txt"),
        folder.path().join("chat.json"),
    );
    let told = Cell::default();
    let tell = |done: usize, of: usize| {
        let mut all: Vec<_> = told.take();
        all.push((done, of));
        told.set(all);
    };

    let written = engine.export_chat(chat, Format::Text, &text, tell).await;
    written.unwrap();
    let written = engine.export_chat(chat, Format::Json, &json, |_, _| {});
    written.await.unwrap();

    assert_eq!(told.take(), [(500, MANY), (1_000, MANY), (MANY, MANY)]);
    let lines = fs::read_to_string(&text).unwrap();
    let bodies: Vec<_> = lines
        .lines()
        .filter_map(|line| line.split_once("] juliet@example.org: "))
        .map(|(_, body)| body.to_owned())
        .collect();
    let expected: Vec<_> = (0..MANY).map(|n| format!("Good night {n}")).collect();
    assert_eq!(bodies, expected);
    let object: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&json).unwrap()).unwrap();
    let messages = object["messages"].as_array().unwrap();
    let bodies: Vec<_> = messages
        .iter()
        .map(|message| message["body"].as_str().unwrap())
        .collect();
    assert_eq!(bodies, expected);
    assert!(is_for_nobody_else(&text) && is_for_nobody_else(&json));
    assert_eq!(files(folder.path()).len(), 2);
}

#[tokio::test]
async fn a_chat_without_messages_is_a_whole_file_too() {
    let (engine, chat, folder) = chat_of(0);
    let path = folder.path().join("chat.json");

    let written = engine.export_chat(chat, Format::Json, &path, |_, _| {});
    written.await.unwrap();

    let object: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(object["address"], "juliet@example.org");
    assert_eq!(object["messages"].as_array().unwrap().len(), 0);
}

/// Begins to export, and gives up when the first messages are in the file.
async fn gives_up(engine: &Engine, chat: ConversationId, path: &Path) {
    let is_half_done = Cell::new(false);
    let told = |_, _| is_half_done.set(true);
    let mut export = pin!(engine.export_chat(chat, Format::Text, path, told));
    poll_fn(|context| {
        assert!(export.as_mut().poll(context).is_pending(), "not halfway");
        if is_half_done.get() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    assert!(!files(path.parent().unwrap()).is_empty());
}

#[tokio::test]
async fn an_export_that_is_given_up_halfway_leaves_all_as_it_was() {
    let (engine, chat, folder) = chat_of(MANY);
    let path = folder.path().join("chat.txt");

    gives_up(&engine, chat, &path).await;
    assert!(files(folder.path()).is_empty());

    fs::write(&path, "as it was last year").unwrap();
    gives_up(&engine, chat, &path).await;
    assert_eq!(fs::read_to_string(&path).unwrap(), "as it was last year");
    assert_eq!(files(folder.path()), std::slice::from_ref(&path));

    let written = engine.export_chat(chat, Format::Text, &path, |_, _| {});
    written.await.unwrap();
    assert!(fs::read_to_string(&path).unwrap().ends_with(" 1002\n"));
    assert!(is_for_nobody_else(&path));
    assert_eq!(files(folder.path()), [path]);
}

#[tokio::test]
async fn an_export_that_cannot_be_says_why_and_leaves_no_file() {
    let (engine, chat, folder) = chat_of(1);
    let nowhere = folder.path().join("no such folder/chat.txt");
    let is_a_folder = folder.path().join("chat.txt");
    fs::create_dir(&is_a_folder).unwrap();
    let export = async |chat, path: &Path| {
        let written = engine.export_chat(chat, Format::Text, path, |_, _| {});
        written.await.unwrap_err()
    };

    assert!(matches!(export(chat, &nowhere).await, ExportError::File(_)));
    assert!(matches!(
        export(chat, &is_a_folder).await,
        ExportError::File(_)
    ));
    let gone = ConversationId(chat.0 + 1);
    let elsewhere = folder.path().join("gone.txt");
    assert!(matches!(export(gone, &elsewhere).await, ExportError::Gone));

    assert_eq!(files(folder.path()), [is_a_folder]);
}
