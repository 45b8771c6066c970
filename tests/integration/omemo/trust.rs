//! Which devices are written to, and when nothing leaves.

use stonechat::engine::api::Command;
use stonechat::engine::model::{Delivery, Protection, Readiness, SendFailure, Trust};

use super::{Pair, trusts};
use crate::support::accounts::romeo_and_juliet;
use crate::support::heard::Heard;
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a43_after_a_verification_a_new_device_waits_until_it_is_confirmed() {
    let mut pair = Pair::meet().await;
    pair.talk("First").await;
    let verified = trusts(&pair, Trust::Verified).await;
    assert_eq!(verified.len(), 1);

    let mut second = Peer::sign_in(Client::SlixmppOmemo, &pair.juliet, &pair.server).await;
    second.encrypt(&pair.romeo.address, "It is me, too.");
    let undecided = Protection::Omemo {
        trust: Trust::Undecided,
    };
    pair.reads("It is me, too.", undecided).await;
    pair.he_writes("For one.");
    pair.peer.hears_text("For one.").await;
    second
        .hears("what is not for it", |heard| {
            matches!(heard, Heard::Unreadable { why, .. } if why.contains("MessageNotForUs"))
                .then_some(())
        })
        .await;
    let encryption = pair
        .ours
        .engine
        .chat_encryption(pair.chat)
        .await
        .unwrap()
        .unwrap();
    let [new] = &encryption.unconfirmed[..] else {
        panic!("{encryption:?}");
    };

    let new = new.fingerprint.unwrap();
    assert!(trusts(&pair, Trust::Verified).await.contains(&new));
    pair.he_writes("For both.");

    pair.peer.hears_text("For both.").await;
    second.hears_text("For both.").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a49_without_keys_nothing_leaves_until_the_user_says_so() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let mut ours = Ours::sign_in_encrypting(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;

    ours.write(chat, "A secret.");
    let stopped = Delivery::Failed(SendFailure::NoKeys);
    ours.wait_for_delivery(chat, "A secret.", stopped).await;
    let encryption = ours.engine.chat_encryption(chat).await.unwrap().unwrap();
    assert_eq!(encryption.readiness, Readiness::NoDevices);
    let row = ours.messages(chat).await.remove(0);
    ours.engine.command(Command::SendPlain(row.id));

    peer.hears_text("A secret.").await;
    let row = ours.messages(chat).await.remove(0);
    assert_eq!(row.protection, Protection::PlainAmongEncrypted);
    ours.write(chat, "Another.");
    ours.wait_for_delivery(chat, "Another.", stopped).await;
}
