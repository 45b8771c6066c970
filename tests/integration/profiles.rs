//! Pictures and names of people (XEP-0084, XEP-0172), with slixmpp's own plugins.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, RgbaImage};
use stonechat::engine::api::Command;
use stonechat::engine::model::{Account, ConversationRow};

use crate::support::accounts::{Person, romeo_and_juliet};
use crate::support::heard::{Heard, Order};
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

fn png(width: u32, height: u32) -> Vec<u8> {
    let picture = RgbaImage::from_pixel(width, height, image::Rgba([30, 120, 90, 255]));
    let mut bytes = Vec::new();
    DynamicImage::from(picture)
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .unwrap();
    bytes
}

async fn publishes(peer: &mut Peer, order: Order) {
    peer.order(order);
    peer.hears("that it is published", |heard| {
        (*heard == Heard::Published).then_some(())
    })
    .await;
}

async fn row_where(
    ours: &mut Ours,
    person: &Person,
    what: &str,
    is_so: impl Fn(&ConversationRow) -> bool,
) -> ConversationRow {
    let chat = ours.chat_with(person).await;
    ours.wait_for(what, async |ours| {
        let row = ours.conversation(chat).await.unwrap().unwrap();
        is_so(&row).then_some(row)
    })
    .await
}

async fn account_where(ours: &mut Ours, what: &str, is_so: impl Fn(&Account) -> bool) -> Account {
    ours.wait_for(what, async |engine| {
        let account = engine.accounts().await.unwrap().remove(0);
        is_so(&account).then_some(account)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contacts_picture_is_fetched_kept_small_and_taken_back_with_them() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut peer = Peer::sign_in(Client::SlixmppProfile, &juliet, &server).await;
    let bytes = png(300, 200);
    publishes(&mut peer, Order::PublishPicture { bytes }).await;

    // Published before we came.
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let row = row_where(&mut ours, &juliet, "her picture", |row| {
        !row.picture.is_empty()
    })
    .await;
    let face = ours.engine.picture(&row.picture).await.unwrap().unwrap();
    let face = image::load_from_memory(&face).unwrap();
    assert_eq!((face.width(), face.height()), (192, 192));

    // Another one, while we are there.
    let bytes = png(64, 64);
    publishes(&mut peer, Order::PublishPicture { bytes }).await;
    let old = row.picture;
    let row = row_where(&mut ours, &juliet, "another picture", |row| {
        row.picture != old
    })
    .await;
    assert!(ours.engine.picture(&row.picture).await.unwrap().is_some());
    assert_eq!(ours.engine.picture(&old).await.unwrap(), None);

    let mut ours = ours.restart().await;
    ours.wait_until_online().await;
    let chat = ours.chat_with(&juliet).await;
    let again = ours.engine.conversation(chat).await.unwrap().unwrap();
    assert_eq!(again.picture, row.picture);

    let bytes = Vec::new();
    publishes(&mut peer, Order::PublishPicture { bytes }).await;
    row_where(&mut ours, &juliet, "no picture", |row| {
        row.picture.is_empty()
    })
    .await;
    assert_eq!(ours.engine.picture(&row.picture).await.unwrap(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_contact_calls_themselves_is_known() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut peer = Peer::sign_in(Client::SlixmppProfile, &juliet, &server).await;
    let mut ours = Ours::sign_in(&romeo, &server).await;

    // Who has a chat is told of.
    ours.chat_with(&juliet).await;
    let name = "Juliet C.".to_owned();
    publishes(&mut peer, Order::PublishNickname { name }).await;

    let account = account_where(&mut ours, "an account", |_| true).await;
    ours.wait_for("her name", async |engine| {
        let contact = engine.contact(account.id, &juliet.address).await.unwrap();
        contact.filter(|contact| contact.nickname == "Juliet C.")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn our_picture_and_name_reach_a_contact() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut peer = Peer::sign_in(Client::SlixmppProfile, &juliet, &server).await;
    let mut ours = Ours::sign_in(&romeo, &server).await;
    ours.wait_until_online().await;
    let account = account_where(&mut ours, "an account", |_| true).await;

    ours.engine.command(Command::PublishPicture {
        account: account.id,
        file: Some(png(900, 600)),
    });
    ours.engine.command(Command::PublishNickname {
        account: account.id,
        nickname: "Romeo M.".into(),
    });

    let (hash, bytes) = peer
        .hears("our picture", |heard| match heard {
            Heard::Picture { of, hash, bytes } if *of == romeo.address && !hash.is_empty() => {
                Some((hash.clone(), bytes.clone()))
            }
            _ => None,
        })
        .await;
    let face = image::load_from_memory(&bytes).unwrap();
    assert_eq!((face.width(), face.height()), (192, 192));
    peer.hears("our name", |heard| {
        matches!(heard, Heard::Nickname { of, name } if *of == romeo.address && name == "Romeo M.")
            .then_some(())
    })
    .await;
    let is_shown = |account: &Account| account.picture == hash && account.nickname == "Romeo M.";
    account_where(&mut ours, "our own picture and name", is_shown).await;

    ours.engine.command(Command::PublishPicture {
        account: account.id,
        file: None,
    });
    peer.hears("that we have no picture", |heard| {
        matches!(heard, Heard::Picture { of, hash, .. } if *of == romeo.address && hash.is_empty())
            .then_some(())
    })
    .await;
    account_where(&mut ours, "no picture", |account| {
        account.picture.is_empty()
    })
    .await;
}
