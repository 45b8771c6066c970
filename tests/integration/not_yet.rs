//! What this version cannot do, from clients that can.

use stonechat::engine::model::{CannotRead, ConversationId, Direction, MessageKind};

use crate::support::accounts::people;
use crate::support::heard::Order;
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

const UNREADABLE: MessageKind = MessageKind::Unreadable {
    why: CannotRead::OtherMethod,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_omemo_message_is_one_row_live_copied_and_archived() {
    let server = Prosody::shared();
    let [romeo, juliet] = people(&server, ["romeo", "juliet"]);
    let mut phone = Peer::sign_in(Client::SlixmppOmemo, &romeo, &server).await;
    phone.enable_carbons().await;
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(Client::SlixmppOmemo, &juliet, &server).await;
    let encrypted = |to: &str, body: &str| Order::SendEncrypted {
        to: to.into(),
        body: body.into(),
        id: body.into(),
    };

    peer.order(encrypted(&romeo.address, "secret-to-all"));
    phone.hears_text("secret-to-all").await;
    // An answer, which our engine gets as a copy; then the keys have settled.
    phone.order(encrypted(&juliet.address, "secret-answer"));
    peer.hears_text("secret-answer").await;
    peer.order(encrypted(&romeo.address, "secret-again"));
    phone.hears_text("secret-again").await;
    peer.send(&romeo.address, "fence", "fence");

    let chat = ours.chat_with(&juliet).await;
    ours.wait_for_text(chat, Direction::Incoming, "fence").await;
    let expected = [
        (Direction::Incoming, UNREADABLE, ""),
        (Direction::Outgoing, UNREADABLE, ""),
        (Direction::Incoming, UNREADABLE, ""),
        (Direction::Incoming, MessageKind::Text, "fence"),
    ];
    assert_rows(&ours, chat, &expected).await;

    // The archive holds all of it once more, for who was here and for who is new.
    let mut ours = ours.restart().await;
    ours.wait_until_online().await;
    assert_rows(&ours, chat, &expected).await;
    let newcomer = Ours::sign_in(&romeo, &server).await;
    let chat = newcomer.chat_with(&juliet).await;
    assert_rows(&newcomer, chat, &expected).await;
}

async fn assert_rows(
    ours: &Ours,
    chat: ConversationId,
    expected: &[(Direction, MessageKind, &str)],
) {
    let rows = ours.messages(chat).await;
    let found: Vec<_> = rows
        .iter()
        .map(|row| (row.direction, row.kind.clone(), row.body.as_str()))
        .collect();
    assert_eq!(found, expected);
}
