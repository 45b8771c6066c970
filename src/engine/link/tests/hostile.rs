//! What servers, and users of other servers through them, may send.
//!
//! Each input is followed by an ordinary message. It must be delivered, and
//! stream management must have counted what the server counted.

use super::server::*;
use super::*;

/// Sends `bad` and then a message; returns what was told before the message.
/// Asserts that `counted` stanzas of `bad` were counted.
async fn told_before_the_next(bad: &str, counted: u32) -> Vec<LinkEvent> {
    let server = Server::new().await;
    let (mut link, mut peer) = connected(settings(&server), &server, true).await;
    // A large input does not fit into the socket while nobody reads.
    let bad = bad.to_owned();
    let talking = tokio::spawn(async move {
        peer.say(&bad).await;
        peer.say("<message id='next'/>").await;
        peer
    });
    let mut told = vec![];
    loop {
        match next(&mut link).await {
            LinkEvent::Stanza(stanza) if stanza.attr("id") == Some("next") => break,
            event => told.push(event),
        }
    }
    let mut peer = talking.await.unwrap();
    let h = counted + 1;
    command(&link, LinkCommand::Handled(h)).await;
    peer.say("<r xmlns='urn:xmpp:sm:3'/>").await;
    assert_eq!(
        peer.until("/>").await,
        format!("<a xmlns='urn:xmpp:sm:3' h='{h}'/>")
    );
    told
}

async fn assert_skipped(bad: &str, expected: SkipReason) {
    let told = told_before_the_next(bad, 1).await;
    let [
        LinkEvent::Skipped {
            name,
            from,
            reason,
            bytes,
            ..
        },
    ] = &told[..]
    else {
        panic!("{told:?}");
    };
    assert!((bad.len() - 16..=bad.len()).contains(bytes), "{bytes}");
    assert_eq!((name.as_str(), *reason), ("message", expected));
    assert_eq!(from.as_deref(), Some("mallory@evil.example"));
}

// On a worker thread, whose stack is smaller than the main thread's.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn d1_a27_a_hundred_thousand_levels_neither_crash_nor_stop_us() {
    let levels = 100_000;
    let bad = format!(
        "<message from='mallory@evil.example'>{}{}</message>",
        "<a>".repeat(levels),
        "</a>".repeat(levels)
    );

    assert_skipped(&bad, SkipReason::Depth).await;
}

#[tokio::test]
async fn d2_long_attributes_are_delivered() {
    for length in [10_000, 100_000] {
        let bad = format!("<message><x a='{}'/></message>", "a".repeat(length));

        let told = told_before_the_next(&bad, 1).await;

        assert!(matches!(&told[..], [LinkEvent::Stanza(_)]), "{length}");
    }
}

#[tokio::test]
async fn a27_what_is_too_large_is_skipped_and_counted() {
    let open = "<message from='mallory@evil.example'>";
    let many: String = (0..5_000).map(|number| format!(" a{number}=''")).collect();

    let body = format!("{open}<body>{}</body></message>", "a".repeat(9_000_000));
    assert_skipped(&body, SkipReason::Bytes).await;
    let attribute = format!("{open}<x a='{}'/></message>", "a".repeat(2_000_000));
    assert_skipped(&attribute, SkipReason::Attributes).await;
    assert_skipped(
        &format!("{open}<x{many}/></message>"),
        SkipReason::Attributes,
    )
    .await;
    let children = format!("{open}{}</message>", "<x/>".repeat(100_000));
    assert_skipped(&children, SkipReason::Elements).await;
}

#[tokio::test]
async fn odd_stanzas_are_delivered_as_they_are() {
    for odd in [
        "<message type='foo'/>",
        "<message from='@@@'/>",
        "<message from=''/>",
        "<message><thread>a</thread><thread>b</thread></message>",
        "<message>stray<body>a</body>text</message>",
        "<message unknown='1'><unknown xmlns='urn:unknown'/></message>",
        "<message><body>a</body><body>b</body></message>",
        "<message><body>a<b/></body></message>",
        "<presence><show>bogus</show></presence>",
        "<presence><priority>300</priority></presence>",
        "<presence><priority/></presence>",
        "<presence type='unknown'/>",
        "<iq type='bogus' id='1'/>",
        "<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
        "<iq type='error' id='1'/>",
        "<iq type='error' id='1'><error><unknown-condition/></error></iq>",
        "<iq type='error' id='1'><error code='404'/></iq>",
        "<iq type='result' id='1'><a xmlns='a'/><b xmlns='b'/></iq>",
        "<message/>",
        "<iq/>",
    ] {
        let told = told_before_the_next(odd, 1).await;

        assert!(
            matches!(&told[..], [LinkEvent::Stanza(_)]),
            "{odd}: {told:?}"
        );
    }
}

#[tokio::test]
async fn what_is_no_stanza_is_ignored_and_not_counted() {
    for odd in [
        "<unknown xmlns='urn:unknown'/>",
        "<unknown/>",
        "<message xmlns='jabber:server'/>",
        "<message xmlns=''/>",
        "<stream:features><sm xmlns='urn:xmpp:sm:3'/></stream:features>",
        "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>",
        "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
        "<enabled xmlns='urn:xmpp:sm:3' id='again' resume='true'/>",
        "<resumed xmlns='urn:xmpp:sm:3' previd='x' h='9'/>",
        "<failed xmlns='urn:xmpp:sm:3'/>",
        " \n stray text ",
    ] {
        let told = told_before_the_next(odd, 0).await;

        assert!(told.is_empty(), "{odd}: {told:?}");
    }
    let deep = format!(
        "<x xmlns='urn:x'>{}{}</x>",
        "<a>".repeat(99),
        "</a>".repeat(99)
    );
    assert!(told_before_the_next(&deep, 0).await.is_empty());
}

#[tokio::test]
async fn a27_a28_what_cannot_be_read_ends_the_session_for_good() {
    for bad in [
        &b"<!-- comment -->"[..],
        b"<?php?>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
        b"<message><body>&foo;</body></message>",
        b"<message><body>&#0;</body></message>",
        b"<message><x:y/></message>",
        b"<message><body>\xff</body></message>",
        b"<message><body></message></body>",
    ] {
        let server = Server::new().await;
        let (mut link, mut peer) = connected(settings(&server), &server, true).await;
        peer.say_bytes(bad).await;
        peer.say("<message id='smuggled'/>").await;

        // Nothing is repaired: what follows is not read any more.
        let text = String::from_utf8_lossy(bad);
        assert_eq!(next(&mut link).await, LinkEvent::ResumptionDead, "{text}");
        let (problem, _) = end(&mut link).await;
        assert!(
            matches!(problem, ConnectionProblem::NotUnderstood { .. }),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a27_a_token_above_the_limit_ends_the_session_for_good_as_too_large() {
    let server = Server::new().await;
    let mut settings = settings(&server);
    settings.limits.stanza_bytes = 50_000;
    let (mut link, mut peer) = connected(settings, &server, true).await;
    peer.say(&format!(
        "<message><x a='{}'/></message>",
        "a".repeat(200_000)
    ))
    .await;

    assert_eq!(end(&mut link).await, (ConnectionProblem::TooLarge, true));
}

#[tokio::test]
async fn an_odd_stream_header_and_unknown_features_are_no_obstacle() {
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.until("<stream:stream").await;
    peer.say(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
         color='blue' xmlns:x='urn:x' x:shade='light' version='1.0'><stream:features>\
         <unknown xmlns='urn:unknown'><deep/></unknown>\
         <sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='new'/></sasl-channel-binding>\
         <mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>\
         </stream:features>",
    )
    .await;
    peer.until("</auth>").await;
    peer.say("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>\n")
        .await;
    peer.open(BIND).await;
    peer.bind().await;

    online(&mut link).await;
}
