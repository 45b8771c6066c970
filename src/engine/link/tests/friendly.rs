//! A server that does everything right, until the test speaks for it.
//!
//! It signs anybody in, binds, starts stream management, answers every request
//! and confirms every stanza. A test puts bytes of its own into the stream, or
//! answers of its own in the place of the right ones.

use std::sync::Arc;
use std::time::Duration;

use minidom::Element;
use tempfile::NamedTempFile;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};

use super::certificates::{self, Kind};
use super::server::{BIND, MANAGEMENT, PROCEED, STARTTLS};
use crate::engine::link::Limits;
use crate::engine::link::xml::{Item, Parser, STREAM};

const PLAIN: &str = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>\
    <mechanism>PLAIN</mechanism></mechanisms>";

/// Its header, with an attribute that nobody knows.
pub const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams' from='example.org' id='1' version='1.0' \
    unknown='attribute'>";

/// What the test says in the place of the server, if anything: the answer to
/// an element of the client, on which connection (from 1). The header of a
/// stream comes as `<stream/>`, after signing in as `<restarted/>`; its answer
/// goes into the features.
pub type Answers = Arc<dyn Fn(u32, &Element) -> Option<String> + Send + Sync>;

/// A running server.
pub struct Friendly {
    /// Its port on 127.0.0.1.
    pub port: u16,
    /// Its authority, to be trusted.
    pub authority: NamedTempFile,
    says: mpsc::UnboundedSender<Vec<u8>>,
    state: watch::Receiver<State>,
    task: tokio::task::JoinHandle<()>,
}

/// How far it got.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Connections that were made.
    pub connections: u32,
    /// Sign-ins that came to their end, the presence.
    pub ready: u32,
}

impl Friendly {
    /// Starts it; `answers` goes before what it would say itself.
    pub async fn start(answers: Answers) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let authority = NamedTempFile::new().unwrap();
        std::fs::write(authority.path(), certificates::authority_pem()).unwrap();
        let (says, said) = mpsc::unbounded_channel();
        let (told, state) = watch::channel(State::default());
        let task = tokio::spawn(serve(listener, answers, said, told));
        Self {
            port,
            authority,
            says,
            state,
            task,
        }
    }

    /// Puts bytes into the stream, once the client is ready.
    pub fn says(&self, bytes: impl Into<Vec<u8>>) {
        self.says.send(bytes.into()).unwrap();
    }

    /// Goes away: nobody listens on its port any more.
    pub fn leave(&self) {
        self.task.abort();
    }

    /// Watches for a time, or until more connections than these were made;
    /// returns how many were.
    pub async fn connections_within(&mut self, time: Duration, most: u32) -> u32 {
        let too_many = self.state.wait_for(|state| state.connections > most);
        // That the time ran out is what is hoped for.
        let _ = tokio::time::timeout(time, too_many).await;
        self.state().connections
    }

    /// Returns how far it got.
    pub fn state(&self) -> State {
        *self.state.borrow()
    }

    /// Waits until clients came to their end of signing in so many times.
    pub async fn until_ready(&mut self, times: u32) {
        self.state
            .wait_for(|state| state.ready >= times)
            .await
            .unwrap();
    }
}

impl Drop for Friendly {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves one client at a time; each has one connection at a time.
async fn serve(
    listener: TcpListener,
    answers: Answers,
    mut said: mpsc::UnboundedReceiver<Vec<u8>>,
    state: watch::Sender<State>,
) {
    let (acceptor, _) = certificates::acceptor(Kind::Good, rustls::ALL_VERSIONS);
    loop {
        let (mut socket, _) = listener.accept().await.unwrap();
        state.send_modify(|state| state.connections += 1);
        // A connection that ends early is the client's choice.
        if begin(&mut socket).await.is_err() {
            continue;
        }
        let Ok(socket) = acceptor.accept(socket).await else {
            continue;
        };
        let connection = state.borrow().connections;
        let mut stream = Stream {
            socket,
            connection,
            is_signed_in: false,
            received: None,
            is_bound: false,
            is_ready: false,
        };
        let _ = stream.serve(&answers, &mut said, &state).await;
    }
}

/// Agrees to begin TLS, unless the client begins with it.
async fn begin(socket: &mut TcpStream) -> std::io::Result<()> {
    let mut first = [0; 1];
    socket.peek(&mut first).await?;
    if first[0] == 0x16 {
        return Ok(());
    }
    let mut heard = Vec::new();
    let features = format!("{HEADER}<stream:features>{STARTTLS}</stream:features>");
    for (until, say) in [
        ("<stream:stream", features.as_str()),
        ("<starttls", PROCEED),
    ] {
        loop {
            if socket.read_buf(&mut heard).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            let text = String::from_utf8_lossy(&heard);
            if text.contains(until) && text.trim_end().ends_with('>') {
                break;
            }
        }
        heard.clear();
        socket.write_all(say.as_bytes()).await?;
    }
    Ok(())
}

struct Stream<S> {
    socket: S,
    connection: u32,
    is_signed_in: bool,
    /// Stanzas of the client, since stream management began.
    received: Option<u32>,
    /// The client has a full address; before, its presence is for nobody.
    is_bound: bool,
    is_ready: bool,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Stream<S> {
    async fn serve(
        &mut self,
        answers: &Answers,
        said: &mut mpsc::UnboundedReceiver<Vec<u8>>,
        state: &watch::Sender<State>,
    ) -> std::io::Result<()> {
        let limits = Limits::default();
        let mut parser = Parser::new(&limits);
        let mut bytes = Vec::new();
        loop {
            let mut rest = &bytes[..];
            let item = parser.feed(&mut rest);
            let used = bytes.len() - rest.len();
            bytes.drain(..used);
            match item.map_err(std::io::Error::other)? {
                Some(Item::Header(_)) => {
                    let (name, right) = if self.is_signed_in {
                        ("restarted", format!("{BIND}{MANAGEMENT}"))
                    } else {
                        ("stream", PLAIN.to_owned())
                    };
                    let said = answers(self.connection, &Element::bare(name, STREAM));
                    let features = said.unwrap_or(right);
                    self.say(&format!(
                        "{HEADER}<stream:features>{features}</stream:features>"
                    ))
                    .await?;
                }
                Some(Item::Element(element)) => {
                    if self.received.is_some()
                        && matches!(element.name(), "message" | "presence" | "iq")
                    {
                        self.received = self.received.map(|count| count.wrapping_add(1));
                    }
                    let answer = answers(self.connection, &element);
                    let answer = answer.unwrap_or_else(|| self.answer(&element));
                    self.say(&answer).await?;
                    if element.name() == "success" || element.name() == "auth" {
                        self.is_signed_in = true;
                        parser = Parser::new(&limits);
                    }
                    if element.has_child("bind", "urn:ietf:params:xml:ns:xmpp-bind") {
                        self.is_bound = answer.contains("type='result'");
                    }
                    if self.is_bound
                        && element.name() == "presence"
                        && element.attr("type").is_none()
                    {
                        self.is_ready = true;
                        state.send_modify(|state| state.ready += 1);
                    }
                }
                Some(Item::End) => return self.say("</stream:stream>").await,
                Some(Item::Skipped(_)) => {}
                None => tokio::select! {
                    read = self.socket.read_buf(&mut bytes) => if read? == 0 {
                        return Ok(());
                    },
                    Some(say) = said.recv(), if self.is_ready => {
                        self.socket.write_all(&say).await?;
                        self.socket.flush().await?;
                    }
                },
            }
        }
    }

    /// What a server says that does everything right.
    fn answer(&mut self, element: &Element) -> String {
        let id = element.attr("id").unwrap_or_default();
        match element.name() {
            "auth" => "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>".to_owned(),
            "resume" => "<failed xmlns='urn:xmpp:sm:3'/>".to_owned(),
            "enable" => {
                self.received = Some(0);
                "<enabled xmlns='urn:xmpp:sm:3' id='kept' resume='true'/>".to_owned()
            }
            "r" => format!(
                "<a xmlns='urn:xmpp:sm:3' h='{}'/>",
                self.received.unwrap_or_default()
            ),
            "iq" if element.has_child("bind", "urn:ietf:params:xml:ns:xmpp-bind") => format!(
                "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
                 <jid>romeo@example.org/orchard</jid></bind></iq>"
            ),
            "iq" if matches!(element.attr("type"), Some("get" | "set")) => {
                let query = element
                    .children()
                    .next()
                    .filter(|child| child.name() == "query");
                let query = query.map_or_else(String::new, |query| {
                    format!("<query xmlns='{}'/>", query.ns())
                });
                format!("<iq type='result' id='{id}'>{query}</iq>")
            }
            _ => String::new(),
        }
    }

    async fn say(&mut self, text: &str) -> std::io::Result<()> {
        self.socket.write_all(text.as_bytes()).await?;
        self.socket.flush().await
    }
}
