//! The privacy switches, as the other person's program sees them.

use stonechat::engine::api::Command;
use stonechat::engine::model::{ConversationId, Direction, Preferences, Setting};

use crate::support::accounts::romeo_and_juliet;
use crate::support::heard::Heard;
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

async fn set(ours: &mut Ours, wanted: Preferences) {
    ours.engine.command(Command::Set(vec![
        Setting::TellsTyping(wanted.tells_typing),
        Setting::SendsReceipts(wanted.sends_receipts),
        Setting::SendsReadMarkers(wanted.sends_read_markers),
    ]));
    ours.wait_for("that it is set", async |engine| {
        (engine.preferences().await.unwrap() == wanted).then_some(())
    })
    .await;
}

/// Hears a text, reads it, begins to write and writes.
async fn lives(ours: &mut Ours, peer: &Peer, own: &str, chat: ConversationId, text: &str) {
    peer.send(own, text, text);
    let heard = ours.wait_for_text(chat, Direction::Incoming, text).await;
    ours.engine.command(Command::MarkRead {
        conversation: chat,
        up_to: heard.id,
    });
    ours.engine.command(Command::Typing {
        conversation: chat,
        is_composing: true,
    });
    ours.write(chat, &format!("I heard {text}"));
}

async fn nothing_is_told_to(client: Client) {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(client, &juliet, &server).await;
    let chat = ours.chat_with(&juliet).await;
    let silent = Preferences {
        tells_typing: false,
        sends_receipts: false,
        sends_read_markers: false,
        ..Preferences::default()
    };

    set(&mut ours, silent).await;
    lives(&mut ours, &peer, &romeo.address, chat, "one").await;
    // What the first of these says besides its text is heard before the second.
    ours.write(chat, "fence");
    peer.hears_text("fence").await;

    let told = peer.rest();
    assert!(
        !told.iter().any(|heard| matches!(
            heard,
            Heard::Receipt { .. } | Heard::Displayed { .. } | Heard::Typing { .. }
        )),
        "{told:#?}"
    );

    // The same person hears it all as soon as it is wanted.
    set(&mut ours, Preferences::default()).await;
    lives(&mut ours, &peer, &romeo.address, chat, "two").await;
    peer.hears_receipt("two").await;
    peer.hears_displayed("two").await;
    peer.hears("that Romeo writes", |heard| {
        matches!(heard, Heard::Typing { state, .. } if state == "composing").then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slixmpp_learns_nothing_that_is_switched_off() {
    nothing_is_told_to(Client::Slixmpp).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokio_xmpp_learns_nothing_that_is_switched_off() {
    nothing_is_told_to(Client::TokioXmpp).await;
}
