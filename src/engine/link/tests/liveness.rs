//! Who is dead, who is only slow, and who is to blame.

use super::server::*;
use super::*;

/// Asks soon, and waits long enough for an answer even on a busy machine.
fn curious(server: &Server) -> LinkSettings {
    let mut settings = settings(server);
    settings.timing.idle = Duration::from_millis(150);
    settings
}

/// Asks soon, and gives up soon.
fn impatient(server: &Server) -> LinkSettings {
    let mut settings = curious(server);
    settings.timing.answer = Duration::from_millis(400);
    settings
}

#[tokio::test]
async fn silence_is_questioned_and_an_answer_keeps_the_connection() {
    let server = Server::new().await;
    let (mut link, mut peer) = connected(curious(&server), &server, true).await;

    for _ in 0..4 {
        peer.until("<r xmlns='urn:xmpp:sm:3'/>").await;
        peer.say("<a xmlns='urn:xmpp:sm:3' h='0'/>").await;
        assert_eq!(next(&mut link).await, LinkEvent::Acknowledged(0));
    }
}

#[tokio::test]
async fn a_server_that_answers_nothing_is_dead_but_its_session_may_be_resumed() {
    let server = Server::new().await;
    let (mut link, mut peer) = connected(impatient(&server), &server, true).await;
    peer.until("<r xmlns='urn:xmpp:sm:3'/>").await;

    assert_eq!(
        end(&mut link).await,
        (ConnectionProblem::ConnectionLost, false)
    );
}

#[tokio::test]
async fn without_stream_management_a_ping_asks_and_its_answer_is_kept_from_the_session() {
    for kind in ["result", "error"] {
        let server = Server::new().await;
        let (mut link, mut peer) = connected(curious(&server), &server, false).await;
        let ping = peer.until("</iq>").await;
        assert!(
            ping.contains("<ping xmlns='urn:xmpp:ping'/>") && ping.contains("to='example.org'")
        );
        let id = value_of(&ping, "id");
        peer.say(&format!(
            "<iq type='{kind}' id='{id}' from='example.org'/><message id='next'/>"
        ))
        .await;

        assert_eq!(stanza_id(&mut link).await, "next");
    }
}

#[tokio::test]
async fn a_dead_connection_is_noticed_by_what_was_sent() {
    let server = Server::new().await;
    let mut settings = impatient(&server);
    settings.timing.idle = Duration::from_hours(1);
    let (mut link, mut peer) = connected(settings, &server, true).await;

    command(&link, LinkCommand::Send(message("1"))).await;

    peer.until("<r xmlns='urn:xmpp:sm:3'/>").await;
    assert_eq!(
        end(&mut link).await,
        (ConnectionProblem::ConnectionLost, false)
    );
}

#[tokio::test]
async fn a_network_that_takes_nothing_is_given_up() {
    let server = Server::new().await;
    let mut settings = settings(&server);
    settings.timing.write = Duration::from_millis(300);
    let (mut link, peer) = connected(settings, &server, true).await;
    let mut large = message("large");
    large.append_text("a".repeat(100_000));

    let sender = link.commands.clone();
    let sending = tokio::spawn(async move {
        // The server reads nothing; at some point nothing more goes out.
        while sender.send(LinkCommand::Send(large.clone())).await.is_ok() {}
    });

    assert_eq!(
        end(&mut link).await,
        (ConnectionProblem::ConnectionLost, false)
    );
    // Who waits for room in the channel is told.
    tokio::time::timeout(PATIENCE, sending)
        .await
        .unwrap()
        .unwrap();
    drop(peer);
}

#[tokio::test]
async fn a_server_that_asks_without_end_and_takes_no_answer_is_given_up() {
    let server = Server::new().await;
    let mut settings = settings(&server);
    settings.timing.write = Duration::from_millis(300);
    let (mut link, mut peer) = connected(settings, &server, true).await;
    let questions = "<r xmlns='urn:xmpp:sm:3'/>".repeat(1000);
    let asking =
        tokio::spawn(async move { while peer.try_say(questions.as_bytes()).await.is_ok() {} });

    assert_eq!(
        end(&mut link).await,
        (ConnectionProblem::ConnectionLost, false)
    );
    asking.await.unwrap();
}

#[tokio::test]
async fn d5_a_slow_session_is_neither_a_dead_server_nor_a_deadlock() {
    let server = Server::new().await;
    let mut settings = curious(&server);
    settings.timing.answer = Duration::from_millis(1500);
    let answer = settings.timing.answer;
    let (mut link, mut peer) = connected(settings, &server, true).await;
    let count = 2000;
    let incoming: String = (1..=count)
        .map(|number| format!("<message id='{number}'/>"))
        .collect();

    // The session takes no event, but sends; the server sends far more than
    // fits anywhere, and hears all the same.
    peer.say(&incoming).await;
    for number in 0..count {
        command(&link, LinkCommand::Send(message(&number.to_string()))).await;
    }
    peer.until(&format!("<message id='{}'/>", count - 1)).await;
    // Longer than any deadline: this silence is the session's, nobody's end.
    tokio::time::sleep(answer * 2).await;

    for number in 1..=count {
        assert_eq!(stanza_id(&mut link).await, number.to_string());
    }
    peer.say(&format!("<a xmlns='urn:xmpp:sm:3' h='{count}'/>"))
        .await;
    assert_eq!(next(&mut link).await, LinkEvent::Acknowledged(count));
}

/// Gives up soon when it wants a proof, and asks for nothing by itself.
fn startled(server: &Server) -> LinkSettings {
    let mut settings = settings(server);
    settings.timing.proof = Duration::from_millis(400);
    settings
}

#[tokio::test]
async fn a_proof_that_comes_keeps_the_connection() {
    for has_management in [true, false] {
        let server = Server::new().await;
        let settings = startled(&server);
        let patience = settings.timing.proof * 2;
        let (mut link, mut peer) = connected(settings, &server, has_management).await;

        command(&link, LinkCommand::Prove).await;

        if has_management {
            peer.until("<r xmlns='urn:xmpp:sm:3'/>").await;
            peer.say("<a xmlns='urn:xmpp:sm:3' h='0'/>").await;
            assert_eq!(next(&mut link).await, LinkEvent::Acknowledged(0));
        } else {
            let ping = peer.until("</iq>").await;
            let id = value_of(&ping, "id");
            peer.say(&format!("<iq type='result' id='{id}' from='example.org'/>"))
                .await;
        }
        // Past the deadline it still carries what comes.
        tokio::time::sleep(patience).await;
        peer.say("<message id='next'/>").await;
        assert_eq!(stanza_id(&mut link).await, "next");
    }
}

#[tokio::test]
async fn a_connection_that_cannot_prove_to_live_is_given_up_and_may_be_resumed() {
    for has_management in [true, false] {
        let server = Server::new().await;
        let (mut link, mut peer) = connected(startled(&server), &server, has_management).await;

        command(&link, LinkCommand::Prove).await;
        // What else comes may have been on its way before the computer slept.
        peer.say("<message id='old'/>").await;

        assert_eq!(stanza_id(&mut link).await, "old");
        assert_eq!(
            end(&mut link).await,
            (ConnectionProblem::ConnectionLost, false)
        );
    }
}

#[tokio::test]
async fn what_the_server_offers_is_told_to_the_session() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.sign_in_plain().await;
    // What was said before signing in (10 000 bytes, mostly) is over.
    peer.open(&format!(
        "{BIND}<csi xmlns='urn:xmpp:csi:0'/><limits xmlns='urn:xmpp:stream-limits:0'>\
         <max-bytes>262144</max-bytes><idle-seconds>840</idle-seconds></limits>"
    ))
    .await;
    peer.bind().await;

    assert_eq!(
        online(&mut link).await.offers,
        Offers {
            client_state: true,
            most_bytes: Some(262_144),
            idle: Some(Duration::from_mins(14)),
            pre_approval: false,
        }
    );
}
