//! The sign-in in one flight: SASL2, Bind 2, resumption inside, tokens, and
//! what is guessed from the last time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::server::*;
use super::*;
use crate::engine::link::memory::Token;
use crate::engine::model::Timestamp;

const SUCCESS: &str = "<success xmlns='urn:xmpp:sasl:2'>";
const IDENTIFIER: &str =
    "<authorization-identifier>romeo@example.org/Stonechat~1</authorization-identifier>";
const ENABLED: &str = "<enabled xmlns='urn:xmpp:sm:3' id='session-2' resume='1'/>";
const TOKEN: &str =
    "<token xmlns='urn:xmpp:fast:0' token='secret-token:next' expiry='2031-01-01T00:00:00Z'/>";
/// TCP, STARTTLS (two of them) and TLS.
const TO_REACH: u32 = 4;

/// Returns what a server of today offers.
fn offer(mechanism: &str) -> String {
    format!(
        "<authentication xmlns='urn:xmpp:sasl:2'><mechanism>{mechanism}</mechanism><inline>\
         <bind xmlns='urn:xmpp:bind:0'><inline><feature var='urn:xmpp:carbons:2'/>\
         <feature var='urn:xmpp:csi:0'/><feature var='urn:xmpp:sm:3'/></inline></bind>\
         <fast xmlns='urn:xmpp:fast:0'><mechanism>HT-SHA-256-EXPR</mechanism>\
         <mechanism>HT-SHA-256-NONE</mechanism></fast><sm xmlns='urn:xmpp:sm:3'/></inline></authentication>\
         <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>{mechanism}</mechanism></mechanisms>"
    )
}

fn bound(inside: &str) -> String {
    format!("<bound xmlns='urn:xmpp:bind:0'>{inside}</bound>")
}

fn features(inside: &str) -> String {
    format!("<stream:features>{inside}</stream:features>")
}

/// Settings of somebody who signed in before and was given a token.
fn known(server: &Server) -> LinkSettings {
    let mut settings = settings(server);
    settings.memory = Memory {
        features: format!(
            "<features xmlns='http://etherx.jabber.org/streams'>{}</features>",
            offer("SCRAM-SHA-1")
        ),
        token: Some(Token {
            mechanism: "HT-SHA-256-EXPR".to_owned(),
            secret: Secret::new("secret-token:first"),
            expires_at: Timestamp::MAX,
            count: 7,
        }),
        agent: "d4565fa7-4d72-4749-b3d3-740edbf87770".to_owned(),
        ..Memory::default()
    };
    settings.opening = vec![message("opening-1"), message("opening-2")];
    settings
}

fn earlier() -> Resume {
    Resume {
        id: "session-1".to_owned(),
        h: 5,
        location: None,
        bound: "romeo@example.org/orchard".parse().unwrap(),
    }
}

/// Hashes a token as its owner or its server does.
fn hashed(token: &str, who: &str, exporter: &[u8]) -> Vec<u8> {
    let mut hash = Hmac::<Sha256>::new_from_slice(token.as_bytes()).unwrap();
    hash.update(who.as_bytes());
    hash.update(exporter);
    hash.finalize().into_bytes().to_vec()
}

/// Returns the server's proof that it knows the token.
fn proof(peer: &Peer, token: &str) -> String {
    let proof = hashed(token, "Responder", &peer.exporter);
    format!(
        "<additional-data>{}</additional-data>",
        BASE64.encode(proof)
    )
}

/// Returns what is in an element, by eye.
fn inside<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let (_, rest) = text.split_once(start).unwrap();
    rest.split_once(end).unwrap().0
}

/// Answers a stream header that was read along with more.
async fn say_features(peer: &mut Peer, inside: &str) {
    peer.say(&format!("{HEADER}{}", features(inside))).await;
}

#[tokio::test]
async fn one_element_signs_in_binds_and_starts_all_that_a_session_needs() {
    let server = Server::new().await;
    let mut settings = settings(&server);
    settings.is_unseen = true;
    settings.opening = vec![message("opening")];
    let mut link = connect(settings, None);
    let mut peer = server.accept().await;
    peer.open(&offer("PLAIN")).await;

    let wish = peer.until("</authenticate>").await;
    peer.say(&format!(
        "{SUCCESS}{IDENTIFIER}{}{TOKEN}</success>{}",
        bound(&format!("{ENABLED}<enabled xmlns='urn:xmpp:carbons:2'/>")),
        // As ejabberd does; to start it a second time would be refused.
        features(MANAGEMENT)
    ))
    .await;
    let online = online(&mut link).await;
    let next = peer.until("<r xmlns='urn:xmpp:sm:3'/>").await;

    assert!(wish.contains("mechanism='PLAIN'"), "{wish}");
    assert!(wish.contains("<software>Stonechat</software>"), "{wish}");
    let agent = inside(&wish, "<user-agent id='", "'");
    assert_eq!(agent.len(), 36);
    assert!(wish.contains("<request-token xmlns='urn:xmpp:fast:0' mechanism='HT-SHA-256-EXPR'/>"));
    assert!(wish.contains(
        "<bind xmlns='urn:xmpp:bind:0'><tag>Stonechat</tag>\
         <enable xmlns='urn:xmpp:sm:3' resume='true'/><enable xmlns='urn:xmpp:carbons:2'/>\
         <inactive xmlns='urn:xmpp:csi:0'/></bind>"
    ));
    assert_eq!(online.bound.to_string(), "romeo@example.org/Stonechat~1");
    assert_eq!(
        online.stream_management.unwrap().id.as_deref(),
        Some("session-2")
    );
    assert!(online.has_copies);
    assert_eq!(online.report.round_trips, TO_REACH + 2);
    assert_eq!(online.memory.agent, agent);
    let token = online.memory.token.unwrap();
    assert_eq!(token.mechanism, "HT-SHA-256-EXPR");
    assert_eq!(token.secret, Secret::new("secret-token:next"));
    assert!(online.memory.features.contains("urn:xmpp:sasl:2"));
    assert_eq!(
        next, "<message id='opening'/><r xmlns='urn:xmpp:sm:3'/>",
        "stream management is not started a second time"
    );
}

#[tokio::test]
async fn a23_no_open_password_inside_sasl2_where_scram_is_offered_outside_of_it() {
    let server = Server::new().await;
    let _link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.open(&offer("PLAIN").replace(
        "sasl'><mechanism>PLAIN",
        "sasl'><mechanism>PLAIN</mechanism><mechanism>SCRAM-SHA-1",
    ))
    .await;

    let sent = peer.until(">").await;

    assert!(sent.contains("mechanism='SCRAM-SHA-1'"), "{sent}");
}

#[tokio::test]
async fn who_was_here_before_is_online_after_one_flight() {
    let server = Server::new().await;
    let mut link = connect(known(&server), None);
    let mut peer = server.accept().await;

    // All of it comes before the server has said a word inside TLS.
    let flight = peer.until("<message id='opening-2'/>").await;
    say_features(&mut peer, &offer("SCRAM-SHA-1")).await;
    peer.say(&format!(
        "{SUCCESS}{}{IDENTIFIER}{}</success>{}",
        proof(&peer, "secret-token:first"),
        bound(ENABLED),
        features("")
    ))
    .await;
    let online = online(&mut link).await;
    peer.say(&features("<csi xmlns='urn:xmpp:csi:0'/>")).await;
    peer.say("<a xmlns='urn:xmpp:sm:3' h='2'/>").await;

    assert!(flight.contains("from='romeo@example.org'"), "{flight}");
    assert!(flight.contains("mechanism='HT-SHA-256-EXPR'"), "{flight}");
    assert!(flight.contains("<fast xmlns='urn:xmpp:fast:0' count='7'/>"));
    assert!(flight.contains("<user-agent id='d4565fa7-4d72-4749-b3d3-740edbf87770'>"));
    let first = inside(&flight, "<initial-response>", "</initial-response>");
    let mut expected = b"romeo\0".to_vec();
    expected.extend(hashed("secret-token:first", "Initiator", &peer.exporter));
    assert_eq!(BASE64.decode(first).unwrap(), expected);
    assert_eq!(online.report.round_trips, TO_REACH + 1);
    assert_eq!(online.report.mechanism, "HT-SHA-256-EXPR");
    assert_eq!(
        online.report.channel_binding.as_deref(),
        Some("tls-exporter")
    );
    // No new one was given, so the old one goes on.
    let token = online.memory.token.unwrap();
    assert_eq!(token.secret, Secret::new("secret-token:first"));
    // The server's word on what it offers may come at any time.
    assert_eq!(next(&mut link).await, LinkEvent::Offers(Offers::default()));
    // What was sent before the session was online counts.
    assert_eq!(next(&mut link).await, LinkEvent::Acknowledged(2));
}

#[tokio::test]
async fn a_new_token_takes_the_place_of_the_old_one() {
    let server = Server::new().await;
    let mut link = connect(known(&server), None);
    let mut peer = server.accept().await;
    peer.until("</authenticate>").await;
    say_features(&mut peer, &offer("SCRAM-SHA-1")).await;
    peer.say(&format!(
        "{SUCCESS}{}{IDENTIFIER}{}{TOKEN}</success>",
        proof(&peer, "secret-token:first"),
        bound(ENABLED)
    ))
    .await;

    let token = online(&mut link).await.memory.token.unwrap();

    assert_eq!(token.secret, Secret::new("secret-token:next"));
    assert_eq!(token.count, 0);
}

#[tokio::test]
async fn a25_a_server_that_does_not_know_the_token_is_left() {
    for answer in [
        "",
        "<additional-data>=</additional-data>",
        "<additional-data>AAAA</additional-data>",
    ] {
        let server = Server::new().await;
        let mut link = connect(known(&server), None);
        let mut peer = server.accept().await;
        peer.until("</authenticate>").await;
        say_features(&mut peer, &offer("SCRAM-SHA-1")).await;
        peer.say(&format!(
            "{SUCCESS}{answer}{IDENTIFIER}{}</success>",
            bound(ENABLED)
        ))
        .await;

        assert_eq!(end(&mut link).await.0, ConnectionProblem::ServerNotGenuine);
    }
}

#[tokio::test]
async fn a25_nothing_of_a_token_leaves_before_the_certificate_was_checked() {
    for kind in [
        certificates::Kind::OtherName,
        certificates::Kind::UnknownIssuer,
    ] {
        let server = Server::with(kind).await;
        let mut link = connect(known(&server), None);
        let mut peer = server.accept_plain().await;
        let header = peer.open(STARTTLS).await;
        peer.until("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
            .await;
        peer.say(PROCEED).await;

        // The server's certificate is refused, and it gets nothing to read:
        // neither as early data, which we never send, nor afterwards.
        assert!(server.begin_tls(peer).await.is_err());
        assert!(!header.contains("romeo"));
        assert!(end(&mut link).await.0.is_fatal());
    }
}

#[tokio::test]
async fn tls_is_taken_up_from_the_last_connection_without_early_data() {
    let server = Server::new().await;
    let mut settings = known(&server);
    settings.tls = certificates::fresh_settings();
    let mut was_resumed = vec![];
    for _ in 0..2 {
        let mut link = connect(settings.clone(), None);
        let mut peer = server.accept().await;
        peer.until("</authenticate>").await;
        say_features(&mut peer, &offer("SCRAM-SHA-1")).await;
        peer.say(&format!(
            "{SUCCESS}{}{IDENTIFIER}{}</success>",
            proof(&peer, "secret-token:first"),
            bound(ENABLED)
        ))
        .await;
        // The proof is tied to the second connection as it was to the first.
        online(&mut link).await;
        was_resumed.push(peer.is_tls_resumed);
    }

    assert_eq!(was_resumed, [false, true]);
    assert!(
        !settings
            .tls
            .config(false, false, None, None)
            .enable_early_data
    );
    assert!(
        !settings
            .tls
            .config(true, false, None, None)
            .enable_early_data
    );
}

#[tokio::test]
async fn a_refused_token_costs_one_try_and_the_password_signs_in() {
    let server = Server::new().await;
    let mut link = connect(known(&server), None);
    let mut peer = server.accept().await;
    peer.until("<message id='opening-2'/>").await;
    say_features(&mut peer, &offer("SCRAM-SHA-1")).await;
    peer.say(
        "<failure xmlns='urn:xmpp:sasl:2'><credentials-expired xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>\
         </failure><stream:error><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
    )
    .await;

    let mut peer = server.accept().await;
    peer.open(&offer("PLAIN")).await;
    let wish = peer.until("</authenticate>").await;
    peer.say(&format!(
        "{SUCCESS}{IDENTIFIER}{}{TOKEN}</success>",
        bound(ENABLED)
    ))
    .await;
    let online = online(&mut link).await;

    assert!(wish.contains("mechanism='PLAIN'"), "{wish}");
    assert!(wish.contains("<request-token"), "{wish}");
    assert_eq!(online.report.round_trips, TO_REACH + 1 + TO_REACH + 2);
    let token = online.memory.token.unwrap();
    assert_eq!(token.secret, Secret::new("secret-token:next"));
}

#[tokio::test]
async fn a_token_refused_where_nothing_else_was_said_costs_one_round_trip() {
    let server = Server::new().await;
    let mut link = connect(known(&server), Some(earlier()));
    let mut peer = server.accept().await;
    let flight = peer.until("</authenticate>").await;
    say_features(&mut peer, &offer("PLAIN")).await;
    peer.say("<failure xmlns='urn:xmpp:sasl:2'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>")
        .await;

    let wish = peer.until("</authenticate>").await;
    peer.say(&format!(
        "{SUCCESS}{IDENTIFIER}<resumed xmlns='urn:xmpp:sm:3' h='3' previd='session-1'/></success>"
    ))
    .await;
    let online = online(&mut link).await;

    assert!(!flight.contains("opening"), "{flight}");
    assert!(wish.contains("mechanism='PLAIN'"), "{wish}");
    assert_eq!(online.resumed, Some(3));
    assert_eq!(online.report.round_trips, TO_REACH + 2);
    // It was refused and no other was given.
    assert_eq!(online.memory.token, None);
}

#[tokio::test]
async fn a_server_in_trouble_does_not_cost_the_token() {
    let server = Server::new().await;
    let mut link = connect(known(&server), None);
    let mut peer = server.accept().await;
    peer.until("</authenticate>").await;
    say_features(&mut peer, &offer("SCRAM-SHA-1")).await;
    peer.say("<failure xmlns='urn:xmpp:sasl:2'><temporary-auth-failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/></failure>")
        .await;

    let (problem, _) = end(&mut link).await;

    assert!(!problem.is_fatal(), "{problem:?}");
}

#[tokio::test]
async fn a_server_that_changed_costs_one_try_and_is_asked_for_everything() {
    let server = Server::new().await;
    let mut link = connect(known(&server), None);
    let mut peer = server.accept().await;
    peer.until("</authenticate>").await;
    // It speaks SASL2 no more.
    say_features(&mut peer, "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>").await;

    let mut peer = server.accept().await;
    peer.sign_in(true).await;
    let wish = peer.bind().await;
    let rest = peer.until("<message id='opening-2'/>").await;
    peer.say("<enabled xmlns='urn:xmpp:sm:3' id='session-2' resume='true'/>")
        .await;
    let online = online(&mut link).await;

    assert!(wish.contains("<iq"), "{wish}");
    assert!(rest.starts_with("<enable xmlns='urn:xmpp:sm:3' resume='true'/><message"));
    assert!(!online.memory.features.contains("urn:xmpp:sasl:2"));
    // It may come back to it.
    assert!(online.memory.token.is_some());
}

#[tokio::test]
async fn a_server_that_bears_no_guess_is_not_guessed_at_the_next_time() {
    let server = Server::new().await;
    let mut link = connect(known(&server), None);
    let mut peer = server.accept().await;
    peer.until("</authenticate>").await;
    say_features(&mut peer, &offer("SCRAM-SHA-1")).await;
    peer.say("<stream:error><policy-violation xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>")
        .await;

    let mut peer = server.accept().await;
    peer.open(&offer("PLAIN")).await;
    peer.until("</authenticate>").await;
    peer.say(&format!(
        "{SUCCESS}{IDENTIFIER}{}</success>",
        bound(ENABLED)
    ))
    .await;

    assert_eq!(online(&mut link).await.memory.features, "");
}

#[tokio::test]
async fn a23_the_open_password_is_never_a_guess() {
    let server = Server::new().await;
    let mut settings = known(&server);
    settings.memory.token = None;
    settings.memory.features = settings.memory.features.replace("SCRAM-SHA-1", "PLAIN");
    let _link = connect(settings, None);
    let mut peer = server.accept().await;

    let header = peer.until("<stream:stream").await + &peer.until(">").await;
    say_features(&mut peer, &offer("SCRAM-SHA-1")).await;
    let wish = peer.until("</authenticate>").await;

    assert!(!header.contains("authenticate"));
    assert!(wish.contains("mechanism='SCRAM-SHA-1'"), "{wish}");
}

#[tokio::test]
async fn the_password_is_proven_along_with_the_header_where_no_token_is() {
    let server = Server::new().await;
    let mut settings = known(&server);
    settings.memory.token = None;
    settings.memory.features = "<features xmlns='http://etherx.jabber.org/streams'>\
        <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism>\
        </mechanisms></features>"
        .to_owned();
    let mut link = connect(settings, None);
    let mut peer = server.accept().await;
    // The header and the first step; then the features; then the rest.
    peer.until("<stream:stream").await;
    peer.until(">").await;
    say_features(&mut peer, "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>SCRAM-SHA-1</mechanism></mechanisms>").await;
    peer.scram(Lie::No).await;
    peer.open(&format!("{BIND}{MANAGEMENT}")).await;
    peer.bind().await;
    peer.enable().await;

    let online = online(&mut link).await;

    // One for the header and the first step, one for the proof, one to open
    // the stream anew, one to bind, start stream management and all the rest.
    assert_eq!(online.report.round_trips, TO_REACH + 4);
}

#[tokio::test]
async fn an_earlier_session_goes_on_inside_the_sign_in() {
    let server = Server::new().await;
    let mut link = connect(known(&server), Some(earlier()));
    let mut peer = server.accept().await;
    let flight = peer.until("</authenticate>").await;
    say_features(&mut peer, &offer("SCRAM-SHA-1")).await;
    peer.say(&format!(
        "{SUCCESS}{}{IDENTIFIER}<resumed xmlns='urn:xmpp:sm:3' h='3' previd='session-1'/></success>\
         <message id='again'/>{}<r xmlns='urn:xmpp:sm:3'/>",
        proof(&peer, "secret-token:first"),
        features(MANAGEMENT)
    ))
    .await;

    let online = online(&mut link).await;

    assert!(flight.contains("<resume xmlns='urn:xmpp:sm:3' h='5' previd='session-1'/>"));
    assert!(
        flight.contains("<bind xmlns='urn:xmpp:bind:0'>"),
        "{flight}"
    );
    assert_eq!(online.resumed, Some(3));
    assert_eq!(online.bound.to_string(), "romeo@example.org/orchard");
    assert!(online.report.is_resumed);
    assert_eq!(online.report.round_trips, TO_REACH + 1);
    // What the server sends again may come before its features.
    assert_eq!(stanza_id(&mut link).await, "again");
    command(&link, LinkCommand::Handled(6)).await;
    let said = peer.until("<a xmlns='urn:xmpp:sm:3' h='6'/>").await;
    assert!(!said.contains("opening"), "{said}");
    assert!(!said.contains("<enable"), "{said}");
}

#[tokio::test]
async fn a_session_that_is_gone_is_told_and_a_new_one_bound_in_the_same_flight() {
    for (failed, h) in [
        ("<failed xmlns='urn:xmpp:sm:3' h='4'/>", Some(4)),
        (
            "<failed xmlns='urn:xmpp:sm:3'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>",
            None,
        ),
    ] {
        let server = Server::new().await;
        let mut link = connect(known(&server), Some(earlier()));
        let mut peer = server.accept().await;
        peer.until("</authenticate>").await;
        say_features(&mut peer, &offer("SCRAM-SHA-1")).await;
        peer.say(&format!(
            "{SUCCESS}{}{IDENTIFIER}{failed}{}</success>",
            proof(&peer, "secret-token:first"),
            bound(ENABLED)
        ))
        .await;

        let online = online(&mut link).await;

        assert_eq!(online.resumed, None);
        assert_eq!(online.refused_h, h);
        assert_eq!(online.bound.to_string(), "romeo@example.org/Stonechat~1");
        assert_eq!(
            online.stream_management.unwrap().id.as_deref(),
            Some("session-2")
        );
    }
}

#[tokio::test]
async fn a26_another_session_than_ours_is_not_taken_up_inside_either() {
    let server = Server::new().await;
    let mut link = connect(known(&server), Some(earlier()));
    let mut peer = server.accept().await;
    peer.until("</authenticate>").await;
    say_features(&mut peer, &offer("SCRAM-SHA-1")).await;
    peer.say(&format!(
        "{SUCCESS}{}{IDENTIFIER}<resumed xmlns='urn:xmpp:sm:3' h='3' previd='somebody'/></success>",
        proof(&peer, "secret-token:first"),
    ))
    .await;

    let (problem, is_resumption_dead) = end(&mut link).await;

    assert!(matches!(problem, ConnectionProblem::NotUnderstood { .. }));
    assert!(is_resumption_dead);
}

#[tokio::test]
async fn where_binding_failed_inside_it_is_done_as_ever() {
    for failed in [
        "",
        "<failed xmlns='urn:xmpp:bind:0'><error type='wait'/></failed>",
    ] {
        let server = Server::new().await;
        let mut link = connect(settings(&server), None);
        let mut peer = server.accept().await;
        peer.open(&offer("PLAIN")).await;
        peer.until("</authenticate>").await;
        peer.say(&format!(
            "{SUCCESS}<authorization-identifier>romeo@example.org</authorization-identifier>{failed}</success>{}",
            features(&format!("{BIND}{MANAGEMENT}"))
        ))
        .await;
        peer.bind().await;
        peer.enable().await;

        let online = online(&mut link).await;

        assert_eq!(online.bound.to_string(), "romeo@example.org/orchard");
        assert!(online.stream_management.is_some());
    }
}

#[tokio::test]
async fn stream_management_that_is_not_offered_inside_is_started_afterwards() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    let offered = offer("PLAIN").replace("<feature var='urn:xmpp:sm:3'/>", "");
    peer.open(&offered).await;
    let wish = peer.until("</authenticate>").await;
    peer.say(&format!(
        "{SUCCESS}{IDENTIFIER}{}</success>{}",
        bound(""),
        features(MANAGEMENT)
    ))
    .await;
    peer.enable().await;

    assert!(!wish.contains("urn:xmpp:sm:3"), "{wish}");
    let online = online(&mut link).await;
    assert!(online.stream_management.is_some());
    // Or the next session would begin before it is counted.
    assert_eq!(online.memory.features, "");
}

#[tokio::test]
async fn a_session_that_began_before_stream_management_could_count_begins_anew() {
    let server = Server::new().await;
    let mut settings = known(&server);
    let inside = "<feature var='urn:xmpp:sm:3'/>";
    settings.memory.features = settings.memory.features.replace(inside, "");
    let mut link = connect(settings, None);
    let mut peer = server.accept().await;
    peer.until("<message id='opening-2'/>").await;
    say_features(&mut peer, &offer("SCRAM-SHA-1").replace(inside, "")).await;
    peer.say(&format!(
        "{SUCCESS}{}{IDENTIFIER}{}</success>{}",
        proof(&peer, "secret-token:first"),
        bound(""),
        features(MANAGEMENT)
    ))
    .await;

    let mut peer = server.accept().await;
    peer.open(&offer("PLAIN").replace(inside, "")).await;
    peer.until("</authenticate>").await;
    peer.say(&format!(
        "{SUCCESS}{IDENTIFIER}{}{TOKEN}</success>{}",
        bound(""),
        features(MANAGEMENT)
    ))
    .await;
    peer.enable().await;
    let online = online(&mut link).await;
    let next = peer.until("<r xmlns='urn:xmpp:sm:3'/>").await;
    peer.say("<a xmlns='urn:xmpp:sm:3' h='2'/>").await;

    assert!(online.stream_management.is_some());
    assert!(next.contains("<message id='opening-1'/><message id='opening-2'/>"));
    assert!(matches!(
        super::next(&mut link).await,
        LinkEvent::Acknowledged(2)
    ));
}

#[tokio::test]
async fn nothing_is_said_before_the_binding_where_a_token_does_not_bind() {
    let server = Server::new().await;
    let mut settings = known(&server);
    let start = settings.memory.features.find("<bind ").unwrap();
    let end = settings.memory.features.find("</bind>").unwrap() + "</bind>".len();
    settings.memory.features.replace_range(start..end, "");
    let offered = settings.memory.features.clone();
    let mut link = connect(settings, None);
    let mut peer = server.accept().await;
    let flight = peer.until("</authenticate>").await;
    let offered = inside(
        &offered,
        "<features xmlns='http://etherx.jabber.org/streams'>",
        "</features>",
    );
    say_features(&mut peer, offered).await;
    peer.say(&format!(
        "{SUCCESS}{}<authorization-identifier>romeo@example.org</authorization-identifier></success>{}",
        proof(&peer, "secret-token:first"),
        features(&format!("{BIND}{MANAGEMENT}"))
    ))
    .await;
    let wish = peer.bind().await;
    peer.enable().await;
    online(&mut link).await;

    assert!(!flight.contains("opening"), "{flight}");
    assert!(!wish.contains("opening"), "{wish}");
    peer.until("<message id='opening-2'/>").await;
}

#[tokio::test]
async fn stream_management_that_is_refused_inside_is_not_asked_for_again() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.open(&offer("PLAIN")).await;
    peer.until("</authenticate>").await;
    peer.say(&format!(
        "{SUCCESS}{IDENTIFIER}{}</success>{}",
        bound("<failed xmlns='urn:xmpp:sm:3'/>"),
        features(MANAGEMENT)
    ))
    .await;

    assert_eq!(online(&mut link).await.stream_management, None);
}

#[tokio::test]
async fn an_address_of_somebody_else_is_refused_inside_too() {
    for identifier in ["mallory@example.org/x", "romeo@example.org", "@"] {
        let server = Server::new().await;
        let mut link = connect(settings(&server), None);
        let mut peer = server.accept().await;
        peer.open(&offer("PLAIN")).await;
        peer.until("</authenticate>").await;
        peer.say(&format!(
            "{SUCCESS}<authorization-identifier>{identifier}</authorization-identifier>{}</success>",
            bound(ENABLED)
        ))
        .await;

        let (problem, _) = end(&mut link).await;

        assert!(
            matches!(problem, ConnectionProblem::NotUnderstood { .. }),
            "{problem:?}"
        );
    }
}

#[tokio::test]
async fn a_server_that_wants_more_than_a_password_is_told_no() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.open(&offer("PLAIN")).await;
    peer.until("</authenticate>").await;
    peer.say("<continue xmlns='urn:xmpp:sasl:2'><tasks><task>TOTP</task></tasks></continue>")
        .await;

    assert_eq!(end(&mut link).await.0, ConnectionProblem::NoCommonSignIn);
    assert!(peer.until_closed().await.contains("<abort"));
}

#[tokio::test]
async fn d7_a_success_without_an_exchange_is_no_success_inside_either() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.open(&offer("SCRAM-SHA-1")).await;
    peer.until("</authenticate>").await;
    peer.say(&format!(
        "{SUCCESS}{IDENTIFIER}{}</success>",
        bound(ENABLED)
    ))
    .await;

    assert_eq!(end(&mut link).await.0, ConnectionProblem::ServerNotGenuine);
}

#[tokio::test]
async fn a25_a_token_is_given_up_where_the_account_signs_out() {
    let server = Server::new().await;
    let giving_up = tokio::spawn(give_up_token(known(&server)));
    let mut peer = server.accept().await;
    peer.open(&offer("SCRAM-SHA-1")).await;

    let wish = peer.until("</authenticate>").await;
    peer.say(&format!(
        "{SUCCESS}{}<authorization-identifier>romeo@example.org</authorization-identifier></success>",
        proof(&peer, "secret-token:first")
    ))
    .await;

    assert!(wish.contains("<fast xmlns='urn:xmpp:fast:0' count='7' invalidate='true'/>"));
    assert!(!wish.contains("<bind"), "{wish}");
    assert_eq!(giving_up.await.unwrap(), Ok(()));
}
