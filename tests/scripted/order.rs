//! What comes in another order than it was sent in finds its place.

use stonechat::engine::model::*;

use crate::stage::*;

/// A message by Juliet that comes live; `stamp`: when the server had it, if it says so.
fn live(n: u32, stamp: Option<&str>) -> String {
    let stamp = stamp.map_or(String::new(), |stamp| {
        format!("<delay xmlns='urn:xmpp:delay' from='example.org' stamp='{stamp}'/>")
    });
    let archived = format!("<stanza-id xmlns='urn:xmpp:sid:0' id='a{n}' by='romeo@example.org'/>");
    by_juliet(
        &format!("j{n}"),
        &format!("<body>{n}</body>{archived}{stamp}"),
    )
}

#[tokio::test]
async fn what_a_resumed_stream_brings_too_late_is_put_where_the_archive_has_it() {
    let (stage, mut link) = romeo_online().await;
    link.brings(&live(1, None)).await;
    link.brings(&live(3, None)).await;
    link.brings(&live(2, Some("2027-01-15T07:59:59.870Z")))
        .await;
    let since_then = "2027-01-15T07:59:58.870Z";

    let page = loop {
        let sent = link.sent().await;
        if sent.get_child("query", "urn:xmpp:mam:2").is_some() {
            break sent;
        }
    };
    assert_eq!(selected(&page, "start").as_deref(), Some(since_then));
    for n in [2, 3, 4] {
        let stamp = format!("2027-01-15T07:59:59.87{n}Z");
        archived(&link, &page, &format!("a{n}"), &stamp, &live(n, None)).await;
    }
    let set = "<first>a2</first><last>a4</last>";
    page_ends(&link, &page, "complete='true'", set).await;

    stage
        .until("all stand in order", || async {
            stage.bodies().await == ["1", "2", "3", "4"]
        })
        .await;
    // The archive is read on from what came live, as before.
    let cursor = "SELECT count(*) FROM archive_cursors WHERE newest_id = 'a2'";
    stage.until_history(cursor, 1).await;
}

#[tokio::test]
async fn an_archive_that_refuses_to_tell_the_order_changes_nothing() {
    let (stage, mut link) = romeo_online().await;
    link.brings(&live(2, None)).await;
    link.brings(&live(1, Some("2027-01-15T07:59:59.870Z")))
        .await;
    let page = loop {
        let sent = link.sent().await;
        if sent.get_child("query", "urn:xmpp:mam:2").is_some() {
            break sent;
        }
    };

    refuses(&link, &page, "internal-server-error").await;
    link.brings(&live(3, None)).await;

    stage
        .until("all are here as they came", || async {
            stage.bodies().await == ["2", "1", "3"]
        })
        .await;
    assert!(stage.gaps().await.is_empty());
    let state = stage.engine.connections().get(&stage.account).cloned();
    assert_eq!(state, Some(ConnectionState::Online));
}
