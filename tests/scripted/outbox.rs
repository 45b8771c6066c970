//! What the user sends: once, in order, and never lost.

use stonechat::engine::api::Command;
use stonechat::engine::model::*;

use crate::stage::*;

#[tokio::test]
async fn a_message_is_sent_confirmed_received_and_seen() {
    let (stage, mut link) = romeo_online().await;

    stage.says("Hark").await;
    let sent = link.sent().await;
    assert_eq!(body(&sent).as_deref(), Some("Hark"));
    assert!(sent.has_child("request", "urn:xmpp:receipts"));
    assert!(sent.has_child("markable", "urn:xmpp:chat-markers:0"));
    stage.until_delivery("Hark", Delivery::Sending).await;

    // Before it: contact list, copies, features, presence, one archive page.
    link.confirms(6).await;
    stage.until_delivery("Hark", Delivery::Sent).await;
    let id = id(&sent).to_owned();
    link.brings(&by_juliet(
        "r1",
        &format!("<received xmlns='urn:xmpp:receipts' id='{id}'/>"),
    ))
    .await;
    stage.until_delivery("Hark", Delivery::Delivered).await;
    link.brings(&by_juliet(
        "r2",
        &format!("<displayed xmlns='urn:xmpp:chat-markers:0' id='{id}'/>"),
    ))
    .await;
    stage.until_delivery("Hark", Delivery::Displayed).await;
}

#[tokio::test]
async fn a_resumed_stream_repeats_what_was_not_confirmed_and_nothing_else() {
    let (mut stage, mut link) = romeo_online().await;
    for text in ["one", "two", "three"] {
        stage.says(text).await;
        assert_eq!(body(&link.sent().await).as_deref(), Some(text));
    }
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);

    let mut link = stage.script.dialled().await;
    assert_eq!(
        link.resume.as_ref().map(|(name, _)| name.as_str()),
        Some("one")
    );
    link.resumes(6).await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("two"));
    assert_eq!(body(&link.sent().await).as_deref(), Some("three"));
    link.confirms(8).await;
    for text in ["one", "two", "three"] {
        stage.until_delivery(text, Delivery::Sent).await;
    }
}

#[tokio::test]
async fn a_resumption_says_how_much_took_effect() {
    let (mut stage, mut link) = romeo_online().await;
    // Contact list, copies, features and the end of a page came before.
    link.brings(&by_juliet("j1", "<body>Hark</body>")).await;
    link.has_handled(5).await;

    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);

    let link = stage.script.dialled().await;
    assert_eq!(link.resume, Some(("one".to_owned(), 5)));
}

#[tokio::test]
async fn after_a_lost_stream_the_archive_is_asked_before_anything_is_repeated() {
    let (mut stage, mut link) = romeo_online().await;
    stage.says("arrived").await;
    let arrived = link.sent().await;
    stage.says("lost").await;
    let lost = link.sent().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);

    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "two").await;
    stage.says("new").await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    let ours = format!(
        "<message xmlns='jabber:client' type='chat' id='{0}' from='romeo@example.org/orchard' to='juliet@example.org'>\
         <body>arrived</body><origin-id xmlns='urn:xmpp:sid:0' id='{0}'/></message>",
        id(&arrived)
    );
    archived(&link, &page, "a1", "2026-11-21T10:00:00Z", &ours).await;
    page_ends(
        &link,
        &page,
        "complete='true'",
        "<first>a1</first><last>a1</last>",
    )
    .await;

    let again = link.sent().await;
    assert_eq!(body(&again).as_deref(), Some("lost"));
    assert_eq!(
        id(&again),
        id(&lost),
        "the same id, so that a receiver knows it"
    );
    assert_eq!(body(&link.sent().await).as_deref(), Some("new"));
    stage.until_delivery("arrived", Delivery::Sent).await;
}

#[tokio::test]
async fn what_is_in_doubt_waits_until_the_archive_has_answered() {
    let (mut stage, mut link) = romeo_online().await;
    stage.says("in doubt").await;
    let in_doubt = link.sent().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "two").await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='result' id='{}'/>",
        id(&page)
    ))
    .await;
    stage.until_online().await;

    stage.says("new").await;
    assert_eq!(body(&link.sent().await).as_deref(), Some("new"));
    stage.until_delivery("in doubt", Delivery::Sending).await;

    stage.engine.command(Command::FetchMissing(stage.account));
    let features = link.sent().await;
    has_archive(&link, &features).await;
    let page = link.sent().await;
    page_ends(&link, &page, "complete='true'", "").await;
    assert_eq!(id(&link.sent().await), id(&in_doubt));
    // What this stream carries is not in doubt.
    stage.says("last").await;
    assert_eq!(body(&link.sent().await).as_deref(), Some("last"));
}

#[tokio::test]
async fn what_a_lost_server_still_confirms_is_not_repeated() {
    let (mut stage, mut link) = romeo_online().await;
    for text in ["one", "two"] {
        stage.says(text).await;
        link.sent().await;
    }
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);

    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(Some(6), "two").await;
    begins(&mut link, false).await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("two"));
    stage.until_delivery("one", Delivery::Sent).await;
}

#[tokio::test]
async fn a_dead_resumption_leads_to_a_fresh_stream() {
    let (mut stage, link) = romeo_online().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let link = stage.script.dialled().await;
    link.resumes(5).await;

    link.was_dead().await;
    stage.engine.command(Command::TryNow);

    assert_eq!(stage.script.dialled().await.resume, None);
}

#[tokio::test]
async fn messages_written_offline_leave_in_order_after_a_restart() {
    let (mut stage, link) = romeo_online().await;
    link.breaks(ConnectionProblem::WrongPassword).await;
    for n in 0..60 {
        stage.says(&n.to_string()).await;
    }
    stage.until_delivery("59", Delivery::Pending).await;
    stage = stage.restarts().await;
    stage.engine.command(Command::Password {
        account: stage.account,
        password: Secret::new("wherefore"),
    });

    let mut link = stage.script.dialled().await;
    link.lets_in("two").await;
    begins(&mut link, false).await;

    for n in 0..60 {
        assert_eq!(body(&link.sent().await), Some(n.to_string()));
    }
}

#[tokio::test]
async fn without_stream_management_a_ping_confirms() {
    let (stage, mut link) = romeo_without_management().await;

    stage.says("Hark").await;
    assert_eq!(body(&link.sent().await).as_deref(), Some("Hark"));
    let ping = link.sent().await;
    assert!(ping.has_child("ping", "urn:xmpp:ping"));
    stage.until_delivery("Hark", Delivery::Sending).await;
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='result' id='{}'/>",
        id(&ping)
    ))
    .await;

    stage.until_delivery("Hark", Delivery::Sent).await;
}

async fn romeo_without_management() -> (Stage, stonechat::engine::testing::Dialled) {
    let (mut stage, link) = romeo_online().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.lets_in_without_management().await;
    begins(&mut link, false).await;
    stage.until_online().await;
    (stage, link)
}

#[tokio::test]
async fn a_refused_message_fails_with_its_reason_and_is_tried_again_on_wish() {
    let (stage, mut link) = romeo_online().await;
    stage.says("Hark").await;
    let sent = link.sent().await;
    link.brings(&format!(
        "<message xmlns='jabber:client' type='error' id='{}' from='juliet@example.org'><error type='cancel'>\
         <remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
        id(&sent)
    ))
    .await;
    stage
        .until_delivery("Hark", Delivery::Failed(SendFailure::ServerUnreachable))
        .await;

    let juliet = stage.juliet().await;
    let message = stage.messages(juliet).await[0].id;
    stage.engine.command(Command::Retry(message));

    assert_eq!(id(&link.sent().await), id(&sent));
}

#[tokio::test]
async fn a_failed_message_can_be_given_up() {
    let (stage, mut link) = romeo_online().await;
    stage.says("Hark").await;
    let sent = link.sent().await;
    link.brings(&format!(
        "<message xmlns='jabber:client' type='error' id='{}' from='juliet@example.org'><error/></message>",
        id(&sent)
    ))
    .await;
    stage
        .until_delivery("Hark", Delivery::Failed(SendFailure::Refused))
        .await;

    let juliet = stage.juliet().await;
    let message = stage.messages(juliet).await[0].id;
    stage.engine.command(Command::Discard(message));

    stage
        .until("it is gone", || async { stage.bodies().await.is_empty() })
        .await;
}

#[tokio::test]
async fn reading_sends_one_marker_where_it_was_asked_for_and_is_allowed() {
    let (stage, mut link) = romeo_online().await;
    let markable = "<markable xmlns='urn:xmpp:chat-markers:0'/>";
    link.brings(&by_juliet("j1", &format!("<body>one</body>{markable}")))
        .await;
    link.brings(&by_juliet("j2", &format!("<body>two</body>{markable}")))
        .await;
    link.brings(&by_juliet("j3", "<body>three</body>")).await;
    stage
        .until("three", || async { stage.bodies().await.len() == 3 })
        .await;

    let juliet = stage.juliet().await;
    let last = stage.messages(juliet).await[2].id;
    stage.engine.command(Command::MarkRead {
        conversation: juliet,
        up_to: last,
    });

    let marker = link.sent().await;
    let displayed = marker
        .get_child("displayed", "urn:xmpp:chat-markers:0")
        .unwrap();
    assert_eq!(displayed.attr("id"), Some("j2"));
    let row = stage.engine.conversation(juliet).await.unwrap().unwrap();
    assert_eq!(row.unread, 0);
}

#[tokio::test]
async fn a18_a_stranger_learns_nothing_from_reading_or_writing() {
    let (stage, mut link) = romeo_online().await;
    link.brings(
        "<message xmlns='jabber:client' type='chat' id='p1' from='paris@example.org/a'><body>Hark</body>\
         <request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/></message>",
    )
    .await;
    let paris = stage.chat("paris@example.org").await;
    stage
        .until("it came", || async {
            !stage.messages(paris).await.is_empty()
        })
        .await;

    let message = stage.messages(paris).await[0].id;
    stage.engine.command(Command::MarkRead {
        conversation: paris,
        up_to: message,
    });
    stage.engine.command(Command::Typing {
        conversation: paris,
        is_composing: true,
    });
    stage.says("to Juliet").await;

    // The next thing on the wire is what the user wrote, to somebody else.
    assert_eq!(body(&link.sent().await).as_deref(), Some("to Juliet"));
}

#[tokio::test]
async fn typing_is_told_to_who_may_know() {
    let (stage, mut link) = romeo_online().await;
    let juliet = stage.juliet().await;

    stage.engine.command(Command::Typing {
        conversation: juliet,
        is_composing: true,
    });

    let typing = link.sent().await;
    assert!(typing.has_child("composing", "http://jabber.org/protocol/chatstates"));
    assert!(typing.has_child("no-store", "urn:xmpp:hints"));
}

#[tokio::test]
async fn a_message_too_large_for_the_server_fails_and_holds_up_nothing() {
    let (mut stage, mut link) = romeo_online().await;
    let large = "x".repeat(300_000);
    stage.says("small").await;
    link.sent().await;
    stage.says(&large).await;
    link.sent().await;
    let condition = "policy-violation".to_owned();
    link.breaks(ConnectionProblem::ClosedByServer { condition })
        .await;
    stage
        .until_delivery(&large, Delivery::Failed(SendFailure::TooLarge))
        .await;
    stage.engine.command(Command::TryNow);

    let mut link = stage.script.dialled().await;
    assert_eq!(link.resume, None);
    link.lets_in("two").await;
    begins(&mut link, false).await;
    stage.says("next").await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("small"));
    assert_eq!(body(&link.sent().await).as_deref(), Some("next"));
}

#[tokio::test]
async fn what_was_written_offline_follows_once_what_a_resumed_stream_repeats() {
    let (mut stage, mut link) = romeo_online().await;
    stage.says("one").await;
    link.sent().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    for text in ["two", "three"] {
        stage.says(text).await;
    }
    stage.until_delivery("three", Delivery::Pending).await;
    stage.engine.command(Command::TryNow);

    let mut link = stage.script.dialled().await;
    link.resumes(5).await;

    for text in ["one", "two", "three"] {
        assert_eq!(body(&link.sent().await).as_deref(), Some(text));
    }
    link.confirms(8).await;
    stage.until_delivery("three", Delivery::Sent).await;
    stage.says("four").await;
    assert_eq!(body(&link.sent().await).as_deref(), Some("four"));
}

#[tokio::test]
async fn a26_a_resumption_that_cannot_be_true_leads_to_a_fresh_stream() {
    // More than was ever sent; less than was confirmed before.
    for h in [99, 3] {
        let (mut stage, mut link) = romeo_online().await;
        link.confirms(5).await;
        stage.says("Hark").await;
        let sent = link.sent().await;
        stage.until_delivery("Hark", Delivery::Sending).await;
        link.breaks(ConnectionProblem::ConnectionLost).await;
        stage.engine.command(Command::TryNow);
        let link = stage.script.dialled().await;
        link.resumes(h).await;

        stage
            .until("it is given up", || async {
                matches!(
                    stage.engine.connections().get(&stage.account),
                    Some(ConnectionState::Waiting { .. })
                )
            })
            .await;
        stage.engine.command(Command::TryNow);
        let mut link = stage.script.dialled().await;
        assert_eq!(link.resume, None);
        link.lets_in("two").await;
        begins(&mut link, false).await;
        assert_eq!(id(&link.sent().await), id(&sent));
    }
}

#[tokio::test]
async fn removing_an_account_whose_network_is_stuck_keeps_nobody_waiting() {
    let (stage, link) = romeo_online().await;
    // Nobody takes what is sent: sooner or later the session waits for room.
    for _ in 0..300 {
        link.brings(
            "<iq xmlns='jabber:client' type='get' id='q' from='example.org'><ping xmlns='urn:xmpp:ping'/></iq>",
        )
        .await;
        if link.is_full() {
            break;
        }
    }
    let account = stage.account;

    stage.engine.command(Command::RemoveAccount {
        account,
        keeps_history: false,
    });

    stage
        .until("it is removed", || async {
            stage.engine.accounts().await.unwrap().is_empty()
        })
        .await;
}

fn policy_violation() -> ConnectionProblem {
    let condition = "policy-violation".to_owned();
    ConnectionProblem::ClosedByServer { condition }
}

#[tokio::test]
async fn a_server_that_lets_nobody_in_says_nothing_of_what_is_on_its_way() {
    let (mut stage, mut link) = romeo_online().await;
    let large = "x".repeat(20_000);
    stage.says(&large).await;
    link.sent().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.until_waiting().await;
    stage.engine.command(Command::TryNow);

    let link = stage.script.dialled().await;
    link.breaks(policy_violation()).await;
    stage.until_waiting().await;
    stage.engine.command(Command::TryNow);

    let mut link = stage.script.dialled().await;
    assert!(link.resume.is_some());
    link.resumes(5).await;
    assert_eq!(body(&link.sent().await).as_deref(), Some(&*large));
}

#[tokio::test]
async fn a_message_within_the_limit_that_was_told_is_not_given_up() {
    let (mut stage, mut link) = romeo_signs_in(|link| link.takes_at_most(300_000)).await;
    begins(&mut link, false).await;
    stage.until_online().await;
    let large = "x".repeat(20_000);
    stage.says(&large).await;
    link.sent().await;
    link.breaks(policy_violation()).await;
    stage.until_waiting().await;

    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.lets_in("two").await;
    begins(&mut link, false).await;
    assert_eq!(body(&link.sent().await).as_deref(), Some(&*large));
}

#[tokio::test]
async fn a_message_given_up_as_too_large_is_sent_when_the_archive_has_it() {
    let (mut stage, mut link) = romeo_online().await;
    let large = "x".repeat(20_000);
    stage.says(&large).await;
    let sent = link.sent().await;
    link.breaks(policy_violation()).await;
    stage
        .until_delivery(&large, Delivery::Failed(SendFailure::TooLarge))
        .await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.lets_in("two").await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    let ours = format!(
        "<message xmlns='jabber:client' type='chat' id='{0}' from='romeo@example.org/orchard' to='juliet@example.org'>\
         <body>{large}</body><origin-id xmlns='urn:xmpp:sid:0' id='{0}'/></message>",
        id(&sent)
    );
    archived(&link, &page, "a1", "2026-11-21T10:00:00Z", &ours).await;
    page_ends(
        &link,
        &page,
        "complete='true'",
        "<first>a1</first><last>a1</last>",
    )
    .await;

    stage.until_delivery(&large, Delivery::Sent).await;
}

#[tokio::test]
async fn what_is_in_doubt_is_looked_for_before_what_was_received_since() {
    let (mut stage, mut link) = romeo_online().await;
    let known = "<stanza-id xmlns='urn:xmpp:sid:0' id='a1' by='romeo@example.org'/>";
    link.brings(&by_juliet("j1", &format!("<body>Hark</body>{known}")))
        .await;
    stage
        .until("it came", || async { stage.bodies().await == ["Hark"] })
        .await;
    stage.says("Soft").await;
    let soft = link.sent().await;
    // The server has archived ours as a2, and not yet said so.
    let later = "<stanza-id xmlns='urn:xmpp:sid:0' id='a3' by='romeo@example.org'/>";
    link.brings(&by_juliet(
        "j3",
        &format!("<body>Who's there?</body>{later}"),
    ))
    .await;
    stage
        .until_history(
            "SELECT count(*) FROM archive_cursors WHERE newest_id = 'a3'",
            1,
        )
        .await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "two").await;
    begins(&mut link, true).await;

    let page = link.sent().await;
    assert_eq!(edge(&page), ("after".into(), "a1".into()));
    let ours = format!(
        "<message xmlns='jabber:client' type='chat' id='{0}' from='romeo@example.org/orchard' to='juliet@example.org'>\
         <body>Soft</body><origin-id xmlns='urn:xmpp:sid:0' id='{0}'/></message>",
        id(&soft)
    );
    archived(&link, &page, "a2", "2026-11-21T10:00:00Z", &ours).await;
    page_ends(
        &link,
        &page,
        "complete='true'",
        "<first>a2</first><last>a2</last>",
    )
    .await;

    stage.until_online().await;
    assert_eq!(stage.delivery("Soft").await, Some(Delivery::Sent));
    stage.says("The end").await;
    loop {
        let sent = link.sent().await;
        if let Some(text) = body(&sent) {
            assert_eq!(text, "The end", "nothing is sent twice");
            break;
        }
    }
}
