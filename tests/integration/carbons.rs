//! Several devices of one person (XEP-0280): each message once on each.

use stonechat::engine::model::{Delivery, Direction};

use crate::support::accounts::{people, romeo_and_juliet};
use crate::support::heard::Heard;
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_own_device_sends_appears_once_as_ours() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let phone = Peer::sign_in(Client::TokioXmpp, &romeo, &server).await;
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;

    phone.send(&juliet.address, "From my telephone.", "telephone");
    peer.hears_text("From my telephone.").await;
    let chat = ours.chat_with(&juliet).await;
    let row = ours
        .wait_for_text(chat, Direction::Outgoing, "From my telephone.")
        .await;

    assert!(
        matches!(row.delivery, Delivery::Sent | Delivery::Delivered),
        "{row:?}"
    );
    assert_eq!(
        ours.engine
            .conversation(chat)
            .await
            .unwrap()
            .unwrap()
            .unread,
        0
    );
    // The archive holds it too; reading it must not add it again.
    let mut ours = ours.restart().await;
    ours.wait_until_online().await;
    ours.assert_texts(chat, &["From my telephone."]).await;
    peer.rest();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_we_send_reaches_another_own_device_as_a_copy() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let ours = Ours::sign_in(&romeo, &server).await;
    let mut tablet = Peer::sign_in(Client::Slixmpp, &romeo, &server).await;
    tablet.enable_carbons().await;
    let chat = ours.chat_with(&juliet).await;

    ours.write(chat, "To all my devices.");

    tablet
        .hears("a copy", |heard| match heard {
            Heard::Message {
                body,
                is_copy: true,
                ..
            } if body == "To all my devices." => Some(()),
            _ => None,
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_reaches_only_another_own_device_appears_here_once() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut phone = Peer::sign_in(Client::TokioXmpp, &romeo, &server).await;
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;

    // To the full address of the other device: only it is meant.
    peer.send(&phone.address, "For the telephone.", "for-telephone");
    phone.hears_text("For the telephone.").await;
    peer.send(&romeo.address, "For all.", "for-all");

    let chat = ours.chat_with(&juliet).await;
    ours.wait_for_text(chat, Direction::Incoming, "For all.")
        .await;
    ours.wait_for_text(chat, Direction::Incoming, "For the telephone.")
        .await;
    assert_eq!(ours.texts(chat).await.len(), 2);
    assert_eq!(
        ours.engine
            .conversation(chat)
            .await
            .unwrap()
            .unwrap()
            .unread,
        2
    );
    peer.rest();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_forged_by_somebody_else_is_not_believed() {
    // CVE-2017-5589: a copy counts only when our own account sent it.
    let server = Prosody::shared();
    let [romeo, juliet, tybalt] = people(&server, ["romeo", "juliet", "tybalt"]);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let intruder = Peer::sign_in(Client::Slixmpp, &tybalt, &server).await;

    intruder.order(crate::support::heard::Order::Raw(format!(
        "<message to='{romeo}' type='chat'><received xmlns='urn:xmpp:carbons:2'>\
         <forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='chat' \
         from='{juliet}/balcony' to='{romeo}' id='forged'><body>I love Paris.</body></message>\
         </forwarded></received></message>",
        romeo = romeo.address,
        juliet = juliet.address,
    )));
    intruder.send(&romeo.address, "fence", "forged-fence");

    let tybalts = ours.chat_with(&tybalt).await;
    ours.wait_for_text(tybalts, Direction::Incoming, "fence")
        .await;
    let chat = ours.chat_with(&juliet).await;
    ours.assert_texts(chat, &[""; 0]).await;
    ours.assert_texts(tybalts, &["fence"]).await;
}
