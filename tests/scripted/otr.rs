//! Off-the-Record messages are rows that say what they are; nobody answers them.

use stonechat::engine::model::{CannotRead, MessageKind};

use crate::stage::*;

const WANTED: &str = "<request xmlns='urn:xmpp:receipts'/>";

#[tokio::test]
async fn a_question_for_otr_is_one_row_and_is_not_answered() {
    let (stage, mut link) = romeo_online().await;
    for (id, body) in [
        ("j1", "?OTRv23?\nJuliet wants a private conversation."),
        ("j2", "?OTR,1,2,AAEC,"),
        ("j3", "?OTR,2,2,AwQF,"),
    ] {
        link.brings(&by_juliet(id, &format!("<body>{body}</body>{WANTED}")))
            .await;
    }
    let juliet = stage.juliet().await;
    stage
        .until("both rows", || async {
            stage.messages(juliet).await.len() == 2
        })
        .await;

    let fence = "<presence><status>fence</status></presence>";
    stage.engine.send_xml(stage.account, fence).unwrap();
    assert_eq!(link.sent().await.name(), "presence");
    let why = CannotRead::OtherMethod;
    for row in stage.messages(juliet).await {
        assert_eq!(row.kind, MessageKind::Unreadable { why });
        assert_eq!(row.body, "");
    }
}

#[tokio::test]
async fn the_white_space_that_offers_otr_is_cut_off() {
    let (stage, link) = romeo_online().await;
    let offer = " \t  \t\t\t\t \t \t \t    \t\t  \t   \t\t  \t\t";

    link.brings(&by_juliet("j1", &format!("<body>Hark!{offer}</body>")))
        .await;
    stage
        .until("it", || async { stage.bodies().await == ["Hark!"] })
        .await;
}
