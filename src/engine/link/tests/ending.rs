//! How a stream ends, and what is told about it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::server::*;
use super::*;

async fn end_after(text: &str) -> (ConnectionProblem, bool) {
    let server = Server::new().await;
    let (mut link, mut peer) = connected(settings(&server), &server, true).await;
    peer.say(text).await;
    end(&mut link).await
}

fn stream_error(condition: &str) -> String {
    format!(
        "<stream:error><text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>why</text>\
         <{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error></stream:stream>"
    )
}

#[tokio::test]
async fn d4_a_conflict_stops_the_account_instead_of_fighting_for_it() {
    let (problem, _) = end_after(&stream_error("conflict")).await;

    assert_eq!(problem, ConnectionProblem::SignedInElsewhere);
    assert!(problem.is_fatal());
}

#[tokio::test]
async fn a_server_that_shuts_down_says_so_and_may_be_resumed() {
    let closed = end_after(&stream_error("system-shutdown")).await;

    let condition = "system-shutdown".to_owned();
    assert_eq!(
        closed,
        (ConnectionProblem::ClosedByServer { condition }, false)
    );
}

#[tokio::test]
async fn a29_a_redirection_of_a_running_session_is_not_followed() {
    let (problem, _) = end_after(
        "<stream:error><see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>\
         mallory.example</see-other-host></stream:error>",
    )
    .await;

    let condition = "see-other-host".to_owned();
    assert_eq!(problem, ConnectionProblem::ClosedByServer { condition });
}

#[tokio::test]
async fn a_stream_that_is_closed_or_cut_is_lost_and_may_be_resumed() {
    let lost = (ConnectionProblem::ConnectionLost, false);
    assert_eq!(end_after("</stream:stream>").await, lost);

    let server = Server::new().await;
    let (mut link, mut peer) = connected(settings(&server), &server, true).await;
    peer.say("<message id='whole'/><message id='half'><body>hal")
        .await;
    assert_eq!(stanza_id(&mut link).await, "whole");
    drop(peer);

    assert_eq!(end(&mut link).await, lost);
}

#[tokio::test]
async fn what_arrived_before_the_end_is_still_told() {
    let server = Server::new().await;
    let (mut link, mut peer) = connected(settings(&server), &server, true).await;
    let stanzas: String = (0..50)
        .map(|number| format!("<message id='{number}'/>"))
        .collect();
    peer.say(&format!("{stanzas}</stream:stream>")).await;

    for number in 0..50 {
        assert_eq!(stanza_id(&mut link).await, number.to_string());
    }
    end(&mut link).await;
}

#[tokio::test]
async fn closing_sends_what_is_left_then_acknowledges_and_says_farewell() {
    let server = Server::new().await;
    let (mut link, mut peer) = connected(settings(&server), &server, true).await;
    peer.say("<message id='in'/>").await;
    stanza_id(&mut link).await;
    command(&link, LinkCommand::Handled(1)).await;
    command(&link, LinkCommand::Send(message("last"))).await;
    command(&link, LinkCommand::Close).await;

    let heard = peer.until("</stream:stream>").await;
    let places = ["<message id='last'/>", "<a xmlns='urn:xmpp:sm:3' h='1'/>"]
        .map(|wished| heard.find(wished));
    assert!(places[0].is_some() && places[0] < places[1], "{heard}");
    peer.say("</stream:stream>").await;
    end(&mut link).await;
}

#[tokio::test]
async fn what_the_server_confirms_during_the_farewell_is_told() {
    let server = Server::new().await;
    let (mut link, mut peer) = connected(settings(&server), &server, true).await;
    command(&link, LinkCommand::Send(message("last"))).await;
    command(&link, LinkCommand::Close).await;

    peer.until("</stream:stream>").await;
    peer.say("<a xmlns='urn:xmpp:sm:3' h='1'/></stream:stream>")
        .await;

    let mut told = Vec::new();
    while let Some(event) = link.events.recv().await {
        told.push(event);
    }
    assert!(told.contains(&LinkEvent::Acknowledged(1)), "{told:?}");
}

#[tokio::test]
async fn what_is_confirmed_over_and_over_during_the_farewell_is_told_once() {
    let server = Server::new().await;
    let (mut link, mut peer) = connected(settings(&server), &server, true).await;
    command(&link, LinkCommand::Send(message("last"))).await;
    command(&link, LinkCommand::Close).await;

    peer.until("</stream:stream>").await;
    let again = "<a xmlns='urn:xmpp:sm:3' h='1'/>".repeat(1000);
    peer.say(&format!("{again}</stream:stream>")).await;

    let mut told = 0;
    while let Some(event) = link.events.recv().await {
        told += u32::from(event == LinkEvent::Acknowledged(1));
    }
    assert_eq!(told, 1);
}

#[tokio::test]
async fn closing_does_not_wait_for_ever() {
    let server = Server::new().await;
    let mut settings = settings(&server);
    settings.timing.close = Duration::from_millis(200);
    let (mut link, mut peer) = connected(settings, &server, true).await;

    command(&link, LinkCommand::Close).await;

    // The server never answers.
    peer.until("</stream:stream>").await;
    end(&mut link).await;
}

#[tokio::test]
async fn giving_the_link_up_leaves_the_stream_to_the_next_one() {
    let server = Server::new().await;
    let (link, mut peer) = connected(settings(&server), &server, true).await;
    // Whoever was to send by it may hold on to it for longer.
    let commands = link.commands.clone();

    drop(link);

    let heard = peer.until_closed().await;
    assert!(!heard.contains("</stream:stream>"), "{heard}");
    drop(commands);
}

#[tokio::test]
async fn a_farewell_is_said_though_nobody_waits_for_it() {
    let server = Server::new().await;
    let (link, mut peer) = connected(settings(&server), &server, true).await;

    command(&link, LinkCommand::Close).await;
    drop(link);

    peer.until("</stream:stream>").await;
}

/// A connection that the server reset after saying something: writing fails,
/// and only then what it said is read.
struct Reset {
    said: Vec<u8>,
    has_failed: bool,
    reader: Option<Waker>,
}

impl AsyncRead for Reset {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.has_failed {
            self.reader = Some(context.waker().clone());
            return Poll::Pending;
        }
        let said = std::mem::take(&mut self.said);
        buffer.put_slice(&said);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Reset {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.has_failed = true;
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[tokio::test]
async fn what_the_server_said_last_is_read_though_writing_fails_already() {
    let server = Server::new().await;
    let settings = settings(&server);
    let said = format!("{HEADER}<message id='last'/>{}", stream_error("conflict"));
    let socket = Reset {
        said: said.into_bytes(),
        has_failed: false,
        reader: None,
    };
    let report = SecurityReport::default();
    let start = running::Start {
        sent: 0,
        awaits_features: false,
        online: Online {
            bound: "romeo@example.org/orchard".parse().unwrap(),
            resumed: None,
            refused_h: None,
            stream_management: None,
            offers: Offers::default(),
            report,
            has_copies: false,
            memory: Memory::default(),
        },
        handled: 0,
        early: vec![],
        waiting: VecDeque::from([LinkCommand::Send(message("unsent"))]),
    };
    let (_commands, mut command_receiver) = mpsc::channel(1);
    let (event_sender, _events) = mpsc::channel(16);

    let stream = XmlStream::new(socket, &settings.limits);
    let end = running::run(
        stream,
        &settings,
        start,
        &mut command_receiver,
        &event_sender,
    )
    .await;

    assert_eq!(end.problem, ConnectionProblem::SignedInElsewhere);
}
