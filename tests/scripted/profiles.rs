//! Pictures and names that a played server tells of: what is believed, what is
//! asked for, and what is left alone.

use std::io::Cursor;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, ImageFormat, RgbaImage};
use minidom::Element;
use sha1::{Digest, Sha1};
use stonechat::engine::api::{Command, Event, NotTaken};
use stonechat::engine::testing::Dialled;

use crate::stage::*;

const METADATA: &str = "urn:xmpp:avatar:metadata";
const DATA: &str = "urn:xmpp:avatar:data";
const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
const JULIET: &str = "juliet@example.org";

fn png() -> Vec<u8> {
    let mut bytes = Vec::new();
    DynamicImage::from(RgbaImage::new(8, 8))
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .unwrap();
    bytes
}

fn hash(bytes: &[u8]) -> String {
    Sha1::digest(bytes)
        .iter()
        .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

async fn tells(link: &Dialled, from: &str, metadata: &str) {
    link.brings(&format!(
        "<message xmlns='jabber:client' type='headline' from='{from}'>\
         <event xmlns='http://jabber.org/protocol/pubsub#event'><items node='{METADATA}'>\
         <item id='x'><metadata xmlns='{METADATA}'>{metadata}</metadata></item></items>\
         </event></message>"
    ))
    .await;
}

fn info(hash: &str) -> String {
    format!("<info id='{hash}' type='image/png' bytes='99' width='96' height='96'/>")
}

async fn answers(link: &Dialled, question: &Element, picture: &[u8]) {
    let to = question.attr("to").unwrap_or("romeo@example.org");
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='result' id='{}' from='{to}'>\
         <pubsub xmlns='{PUBSUB}'><items node='{DATA}'><item id='x'>\
         <data xmlns='{DATA}'>{}</data></item></items></pubsub></iq>",
        id(question),
        STANDARD.encode(picture)
    ))
    .await;
}

/// Returns whose item is asked for, and which.
fn asked(question: &Element) -> (String, String) {
    let items = question
        .get_child("pubsub", PUBSUB)
        .and_then(|query| query.get_child("items", PUBSUB))
        .unwrap_or_else(|| panic!("{question:?}"));
    assert_eq!(items.attr("node"), Some(DATA));
    let item = items.get_child("item", PUBSUB).unwrap();
    let whose = question.attr("to").unwrap_or_default();
    (whose.to_owned(), item.attr("id").unwrap().to_owned())
}

async fn until_picture(stage: &Stage, hash: &str) {
    let what = format!("the picture {hash:?}");
    let chat = stage.juliet().await;
    stage
        .until(&what, || async {
            let row = stage.engine.conversation(chat).await.unwrap().unwrap();
            row.picture == hash
        })
        .await;
}

/// Asserts that nothing was asked for because of what was told before.
async fn asks_nothing(stage: &Stage, link: &mut Dialled) {
    let fence = "<presence><status>fence</status></presence>";
    stage.engine.send_xml(stage.account, fence).unwrap();
    let next = link.sent().await;
    assert_eq!(next.name(), "presence", "{next:?}");
}

#[tokio::test]
async fn a_picture_is_asked_for_once_and_known_again() {
    let (stage, mut link) = romeo_online().await;
    let picture = png();
    let hash = hash(&picture);

    tells(&link, JULIET, &info(&hash)).await;
    let question = link.sent().await;
    assert_eq!(asked(&question), (JULIET.to_owned(), hash.clone()));
    answers(&link, &question, &picture).await;
    until_picture(&stage, &hash).await;

    tells(&link, JULIET, "").await;
    until_picture(&stage, "").await;
    tells(&link, JULIET, &info(&hash)).await;
    // It was nobody's any more, so it went.
    let question = link.sent().await;
    answers(&link, &question, &picture).await;
    until_picture(&stage, &hash).await;
    tells(&link, JULIET, &info(&hash)).await;
    asks_nothing(&stage, &mut link).await;
}

#[tokio::test]
async fn a4_what_somebody_else_tells_of_a_contact_is_not_believed() {
    let (stage, mut link) = romeo_online().await;
    let told = info(&hash(&png()));

    for from in [
        "juliet@example.org/balcony",
        "tybalt@example.org",
        "example.org",
    ] {
        tells(&link, from, &told).await;
    }

    asks_nothing(&stage, &mut link).await;
}

#[tokio::test]
async fn a18_a_stranger_is_asked_for_nothing() {
    let (stage, mut link) = romeo_online().await;
    stage.chat("tybalt@example.org").await;

    tells(&link, "tybalt@example.org", &info(&hash(&png()))).await;
    link.brings(&format!(
        "<presence xmlns='jabber:client' from='tybalt@example.org/street'>\
         <x xmlns='vcard-temp:x:update'><photo>{}</photo></x></presence>",
        hash(&png())
    ))
    .await;

    asks_nothing(&stage, &mut link).await;
}

#[tokio::test]
async fn a41_a_picture_with_another_hash_is_not_shown() {
    let (stage, mut link) = romeo_online().await;
    let picture = png();
    let told = hash(b"another one");

    tells(&link, JULIET, &info(&told)).await;
    let question = link.sent().await;
    answers(&link, &question, &picture).await;
    asks_nothing(&stage, &mut link).await;

    // The next one that is right is.
    tells(&link, JULIET, &info(&hash(&picture))).await;
    let question = link.sent().await;
    answers(&link, &question, &picture).await;
    until_picture(&stage, &hash(&picture)).await;
}

#[tokio::test]
async fn a41_what_is_no_picture_leaves_the_one_before() {
    let (stage, mut link) = romeo_online().await;
    let picture = png();
    tells(&link, JULIET, &info(&hash(&picture))).await;
    let question = link.sent().await;
    answers(&link, &question, &picture).await;
    until_picture(&stage, &hash(&picture)).await;

    let nonsense = b"<svg onload='evil()'/>";
    tells(&link, JULIET, &info(&hash(nonsense))).await;
    let question = link.sent().await;
    answers(&link, &question, nonsense).await;
    asks_nothing(&stage, &mut link).await;

    until_picture(&stage, &hash(&picture)).await;
}

#[tokio::test]
async fn a_picture_in_a_card_is_shown_where_the_account_publishes_none() {
    let (stage, mut link) = romeo_online().await;
    let picture = png();
    let hash = hash(&picture);
    let presence = format!(
        "<presence xmlns='jabber:client' from='juliet@example.org/balcony'>\
         <x xmlns='vcard-temp:x:update'><photo>{hash}</photo></x></presence>"
    );

    link.brings(&presence).await;
    let question = link.sent().await;
    assert_eq!(question.attr("to"), Some(JULIET));
    assert!(question.has_child("vCard", "vcard-temp"), "{question:?}");
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='result' id='{}' from='{JULIET}'><vCard xmlns='vcard-temp'>\
         <PHOTO><BINVAL>{}</BINVAL></PHOTO></vCard></iq>",
        id(&question),
        STANDARD.encode(&picture)
    ))
    .await;
    until_picture(&stage, &hash).await;

    // Said with each presence, asked for once.
    link.brings(&presence).await;
    asks_nothing(&stage, &mut link).await;
}

#[tokio::test]
async fn what_cannot_be_published_is_told() {
    let (stage, mut link) = romeo_online().await;
    let mut events = stage.engine.subscribe();
    let account = stage.account;
    let mut why = async || loop {
        if let Event::NotTaken { why, .. } = events.recv().await.unwrap() {
            return why;
        }
    };

    stage.engine.command(Command::PublishPicture {
        account,
        file: Some(b"no picture".to_vec()),
    });
    assert_eq!(why().await, NotTaken::NotAPicture);
    stage.engine.command(Command::PublishPicture {
        account,
        file: Some(png()),
    });
    let question = link.sent().await;
    refuses(&link, &question, "forbidden").await;
    assert_eq!(why().await, NotTaken::Refused);
    let own = &stage.engine.accounts().await.unwrap()[0];
    assert_eq!(own.picture, "");
}
