//! What is typed into the XML console.

use stonechat::engine::error::NotSent;
use stonechat::engine::model::ConnectionProblem;

use crate::stage::*;

#[tokio::test]
async fn what_is_typed_is_sent_as_it_is_and_only_while_online() {
    let (stage, mut link) = romeo_online().await;
    let typed = "<iq type='get' id='typed' to='example.org'><ping xmlns='urn:xmpp:ping'/></iq>";

    assert_eq!(stage.engine.send_xml(stage.account, typed), Ok(()));
    let sent = link.sent().await;
    assert_eq!(sent.attr("id"), Some("typed"));
    assert!(sent.has_child("ping", "urn:xmpp:ping"));

    let refused = stage.engine.send_xml(stage.account, "</stream:stream>");
    assert_eq!(refused, Err(NotSent::NoStanza));
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage
        .until("it is offline", || async {
            stage.engine.send_xml(stage.account, typed) == Err(NotSent::Offline)
        })
        .await;
}
