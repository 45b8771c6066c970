//! Stream management: what is acknowledged, by whom, and resuming.

use super::server::*;
use super::*;

fn resume(h: u32) -> Resume {
    Resume {
        id: "session-1".to_owned(),
        h,
        location: None,
        bound: "romeo@example.org/orchard".parse().unwrap(),
    }
}

/// Connects with a session to resume, up to the server's answer.
async fn resuming(settings: LinkSettings, server: &Server, h: u32) -> (Link, Peer) {
    let link = connect(settings, Some(resume(h)));
    let mut peer = server.accept().await;
    peer.sign_in(true).await;
    peer.until(&format!(
        "<resume xmlns='urn:xmpp:sm:3' h='{h}' previd='session-1'/>"
    ))
    .await;
    (link, peer)
}

#[tokio::test]
async fn only_what_took_effect_is_acknowledged_and_the_rest_as_soon_as_it_did() {
    let server = Server::new().await;
    let (mut link, mut peer) = connected(settings(&server), &server, true).await;
    peer.say("<message id='1'/><message id='2'/><r xmlns='urn:xmpp:sm:3'/>")
        .await;
    stanza_id(&mut link).await;
    stanza_id(&mut link).await;

    // The session is at work: after a while the server hears what is true now.
    peer.until("<a xmlns='urn:xmpp:sm:3' h='0'/>").await;
    command(&link, LinkCommand::Handled(1)).await;
    command(&link, LinkCommand::Handled(2)).await;

    // And without asking again, what it wanted to hear.
    assert_eq!(peer.until("/>").await, "<a xmlns='urn:xmpp:sm:3' h='2'/>");
}

#[tokio::test]
async fn a_session_that_is_quick_answers_once() {
    let server = Server::new().await;
    let mut settings = settings(&server);
    settings.timing.handling = PATIENCE;
    let (mut link, mut peer) = connected(settings, &server, true).await;
    peer.say("<message id='1'/><r xmlns='urn:xmpp:sm:3'/>")
        .await;
    stanza_id(&mut link).await;
    command(&link, LinkCommand::Handled(1)).await;
    assert_eq!(peer.until("/>").await, "<a xmlns='urn:xmpp:sm:3' h='1'/>");

    peer.say("<r xmlns='urn:xmpp:sm:3'/>").await;
    assert_eq!(peer.until("/>").await, "<a xmlns='urn:xmpp:sm:3' h='1'/>");
}

#[tokio::test]
async fn a_burst_is_followed_by_one_question_and_its_answer_is_told() {
    let server = Server::new().await;
    let (mut link, mut peer) = connected(settings(&server), &server, true).await;
    for number in 1..=1000 {
        command(&link, LinkCommand::Send(message(&number.to_string()))).await;
    }

    let mut heard = peer.until("<message id='1000'/>").await;
    heard += &peer.until("<r xmlns='urn:xmpp:sm:3'/>").await;
    peer.say("<a xmlns='urn:xmpp:sm:3' h='1000'/>").await;

    assert_eq!(next(&mut link).await, LinkEvent::Acknowledged(1000));
    assert_eq!(heard.matches("<message").count(), 1000);
    assert!(
        heard.matches("<r ").count() < 100,
        "{}",
        heard.matches("<r ").count()
    );
}

#[tokio::test]
async fn the_session_can_ask_at_any_time() {
    let server = Server::new().await;
    let (link, mut peer) = connected(settings(&server), &server, true).await;

    command(&link, LinkCommand::RequestAck).await;

    peer.until("<r xmlns='urn:xmpp:sm:3'/>").await;
}

#[tokio::test]
async fn what_was_sent_before_the_stream_was_bound_goes_out_after_it() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    command(&link, LinkCommand::Send(message("waiting"))).await;
    let mut peer = server.accept().await;
    peer.sign_in(true).await;
    peer.bind().await;
    peer.enable().await;
    online(&mut link).await;

    peer.until("<message id='waiting'/><r xmlns='urn:xmpp:sm:3'/>")
        .await;
}

#[tokio::test]
async fn a26_an_acknowledgement_that_cannot_be_true_ends_the_session_for_good() {
    for bad in ["h='2'", "h='4294967296'", "h='-1'", "h='x'", ""] {
        let server = Server::new().await;
        let (mut link, mut peer) = connected(settings(&server), &server, true).await;
        command(&link, LinkCommand::Send(message("1"))).await;
        peer.until("<r xmlns='urn:xmpp:sm:3'/>").await;

        peer.say(&format!("<a xmlns='urn:xmpp:sm:3' {bad}/>")).await;

        peer.until("<handled-count-too-high xmlns='urn:xmpp:sm:3'/>")
            .await;
        peer.until("</stream:stream>").await;
        peer.say("</stream:stream>").await;
        let (problem, is_resumption_dead) = end(&mut link).await;
        assert!(
            matches!(problem, ConnectionProblem::NotUnderstood { .. }),
            "{bad}"
        );
        assert!(is_resumption_dead, "{bad}");
    }
}

#[tokio::test]
async fn a_resumed_session_asks_at_once_and_goes_on_counting() {
    let server = Server::new().await;
    let (mut link, mut peer) = resuming(settings(&server), &server, 7).await;
    peer.say("<resumed xmlns='urn:xmpp:sm:3' previd='session-1' h='3'/><message id='missed'/>")
        .await;

    let online = online(&mut link).await;
    assert_eq!(online.resumed, Some(3));
    assert_eq!(online.bound.to_string(), "romeo@example.org/orchard");
    assert_eq!(peer.until("/>").await, "<r xmlns='urn:xmpp:sm:3'/>");
    peer.say("<a xmlns='urn:xmpp:sm:3' h='3'/><r xmlns='urn:xmpp:sm:3'/>")
        .await;
    assert_eq!(stanza_id(&mut link).await, "missed");
    assert_eq!(next(&mut link).await, LinkEvent::Acknowledged(3));
    command(&link, LinkCommand::Handled(8)).await;
    peer.until("<a xmlns='urn:xmpp:sm:3' h='8'/>").await;
    command(&link, LinkCommand::Send(message("again"))).await;
    peer.until("<message id='again'/>").await;
    peer.say("<a xmlns='urn:xmpp:sm:3' h='4'/>").await;
    assert_eq!(next(&mut link).await, LinkEvent::Acknowledged(4));
}

#[tokio::test]
async fn a_resumed_session_that_does_not_answer_is_dead() {
    let server = Server::new().await;
    let mut settings = settings(&server);
    settings.timing.resumed_answer = Duration::from_millis(200);
    let (mut link, mut peer) = resuming(settings, &server, 0).await;
    peer.say("<resumed xmlns='urn:xmpp:sm:3' previd='session-1' h='0'/>")
        .await;

    online(&mut link).await;

    assert_eq!(
        end(&mut link).await,
        (ConnectionProblem::ConnectionLost, true)
    );
}

#[tokio::test]
async fn a26_the_resumption_of_another_session_is_refused_for_good() {
    for answer in [
        "previd='session-2' h='0'",
        "previd='session-1'",
        "previd='session-1' h='many'",
    ] {
        let server = Server::new().await;
        let (mut link, mut peer) = resuming(settings(&server), &server, 0).await;
        peer.say(&format!("<resumed xmlns='urn:xmpp:sm:3' {answer}/>"))
            .await;

        let (problem, is_resumption_dead) = end(&mut link).await;

        assert!(
            matches!(problem, ConnectionProblem::NotUnderstood { .. }),
            "{answer}"
        );
        assert!(is_resumption_dead, "{answer}");
    }
}

#[tokio::test]
async fn d3_a_refused_resumption_becomes_a_fresh_session_with_or_without_a_number() {
    for (failed, expected) in [
        ("<failed xmlns='urn:xmpp:sm:3'/>", None),
        (
            "<failed xmlns='urn:xmpp:sm:3' h='5'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
            Some(5),
        ),
        ("<failed xmlns='urn:xmpp:sm:3' h='nonsense'/>", None),
    ] {
        let server = Server::new().await;
        let (mut link, mut peer) = resuming(settings(&server), &server, 9).await;
        peer.say(failed).await;
        peer.bind().await;
        peer.enable().await;

        let online = online(&mut link).await;

        assert_eq!(online.resumed, None);
        assert_eq!(online.refused_h, expected);
        assert!(online.stream_management.is_some());
        // The fresh session counts from nothing.
        peer.say("<message id='1'/><r xmlns='urn:xmpp:sm:3'/>")
            .await;
        stanza_id(&mut link).await;
        command(&link, LinkCommand::Handled(1)).await;
        peer.until("<a xmlns='urn:xmpp:sm:3' h='1'/>").await;
    }
}

#[tokio::test]
async fn a_server_without_stream_management_gets_a_fresh_session() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), Some(resume(1)));
    let mut peer = server.accept().await;
    peer.sign_in(false).await;
    peer.bind().await;

    let online = online(&mut link).await;

    assert_eq!((online.resumed, online.stream_management), (None, None));
}

#[tokio::test]
async fn a26_a_session_of_another_account_is_not_resumed() {
    let server = Server::new().await;
    let foreign = Resume {
        bound: "juliet@example.org/balcony".parse().unwrap(),
        ..resume(1)
    };
    let mut link = connect(settings(&server), Some(foreign));
    let mut peer = server.accept().await;
    peer.sign_in(true).await;

    let wish = peer.bind().await;
    peer.enable().await;

    assert!(!wish.contains("<resume"), "{wish}");
    assert_eq!(online(&mut link).await.resumed, None);
}
