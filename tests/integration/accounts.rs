//! Accounts that are switched off, reached in another way, removed and brought back.

use std::net::TcpListener;

use stonechat::engine::api::Command;
use stonechat::engine::model::{
    AccountEdit, ConnectionProblem, ConnectionState, Delivery, Direction,
};

use crate::support::accounts::romeo_and_juliet;
use crate::support::ours::{Ours, form};
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

fn enables(ours: &Ours, is_enabled: bool) {
    ours.engine.command(Command::EnableAccount {
        account: ours.account,
        is_enabled,
    });
}

async fn goes_off(ours: &mut Ours) {
    enables(ours, false);
    ours.wait_for_connection("that the account is off", |state| {
        *state == ConnectionState::Offline
    })
    .await;
}

fn reached_at(ours: &Ours, host: &str, port: u16) {
    ours.engine.command(Command::EditAccount {
        account: ours.account,
        edit: AccountEdit {
            host: Some(host.into()),
            port: Some(port),
            ..AccountEdit::default()
        },
    });
}

/// A port of this machine where nobody answers.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_was_off_gets_and_sends_what_waited_once() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let chat = ours.chat_with(&juliet).await;
    ours.write(chat, "I must be gone.");
    peer.hears_text("I must be gone.").await;

    goes_off(&mut ours).await;
    peer.send(&romeo.address, "Art thou gone so?", "gone");
    ours.write(chat, "and live");
    ours.wait_for_delivery(chat, "and live", Delivery::Pending)
        .await;
    enables(&ours, true);
    ours.wait_until_online().await;

    ours.wait_for_text(chat, Direction::Incoming, "Art thou gone so?")
        .await;
    ours.write(chat, "fence");
    assert_eq!(peer.texts_until("fence").await, ["and live"]);
    let mut texts = ours.texts(chat).await;
    texts.sort();
    assert_eq!(
        texts,
        ["Art thou gone so?", "I must be gone.", "and live", "fence"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_host_or_port_is_mended_by_editing_it_and_nothing_else() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(Client::TokioXmpp, &juliet, &server).await;
    let chat = ours.chat_with(&juliet).await;

    reached_at(&ours, "127.0.0.1", closed_port());
    ours.wait_for_connection("that nobody answers there", |state| {
        matches!(
            state,
            ConnectionState::Waiting {
                problem: ConnectionProblem::Unreachable { .. },
                ..
            }
        )
    })
    .await;
    ours.write(chat, "one");
    ours.wait_for_delivery(chat, "one", Delivery::Pending).await;
    reached_at(&ours, "127.0.0.1", server.port);
    ours.wait_until_online().await;
    peer.hears_text("one").await;

    reached_at(&ours, "nowhere.invalid", server.port);
    ours.wait_for_connection("that there is no such host", |state| {
        matches!(state, ConnectionState::Waiting { .. })
    })
    .await;
    reached_at(&ours, "127.0.0.1", server.port);
    ours.wait_until_online().await;
    ours.write(chat, "two");
    peer.hears_text("two").await;

    let ours = ours.restart().await;
    let account = ours.engine.accounts().await.unwrap().remove(0);
    assert_eq!(
        (account.host.as_deref(), account.port),
        (Some("127.0.0.1"), Some(server.port))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_removed_with_its_history_kept_comes_back_with_all_of_it_once() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let chat = ours.chat_with(&juliet).await;
    let account = ours.account;
    ours.write(chat, "Parting is such sweet sorrow");
    peer.hears_text("Parting is such sweet sorrow").await;
    peer.send(&romeo.address, "Stay but a little", "stay");
    ours.wait_for_text(chat, Direction::Incoming, "Stay but a little")
        .await;
    goes_off(&mut ours).await;
    ours.write(chat, "that I shall say good night");
    ours.wait_for_delivery(chat, "that I shall say good night", Delivery::Pending)
        .await;

    ours.engine.command(Command::RemoveAccount {
        account,
        keeps_history: true,
    });
    ours.wait_for("that it is removed", async |engine| {
        engine.accounts().await.unwrap().is_empty().then_some(())
    })
    .await;
    assert_eq!(ours.engine.conversations().await.unwrap(), []);
    peer.send(&romeo.address, "I will come again", "again");
    let again = ours.engine.sign_in(form(&romeo, server.port)).await;

    assert_eq!(again.unwrap(), account);
    ours.wait_until_online().await;
    ours.wait_for_text(chat, Direction::Incoming, "I will come again")
        .await;
    peer.hears_text("that I shall say good night").await;
    let mut texts = ours.texts(chat).await;
    texts.sort();
    assert_eq!(
        texts,
        [
            "I will come again",
            "Parting is such sweet sorrow",
            "Stay but a little",
            "that I shall say good night",
        ]
    );
    ours.write(chat, "fence");
    assert!(peer.texts_until("fence").await.is_empty(), "it left twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_chat_does_not_come_back_from_the_archive() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let chat = ours.chat_with(&juliet).await;
    peer.send(&romeo.address, "Romeo?", "romeo");
    ours.wait_for_text(chat, Direction::Incoming, "Romeo?")
        .await;
    ours.write(chat, "Hark");
    peer.hears_text("Hark").await;
    ours.wait_for_delivery(chat, "Hark", Delivery::Sent).await;

    ours.engine.command(Command::DeleteChat(chat));
    ours.wait_for("that the chat is gone", async |engine| {
        engine
            .conversation(chat)
            .await
            .unwrap()
            .is_none()
            .then_some(())
    })
    .await;
    let mut ours = ours.restart().await;
    ours.wait_until_online().await;
    assert_eq!(ours.engine.conversations().await.unwrap(), []);
    assert_eq!(ours.chat_with(&juliet).await, chat);
    ours.engine.command(Command::LoadEarlier(chat));
    peer.send(&romeo.address, "fence", "fence");
    ours.wait_for_text(chat, Direction::Incoming, "fence").await;

    ours.assert_texts(chat, &["fence"]).await;
}
