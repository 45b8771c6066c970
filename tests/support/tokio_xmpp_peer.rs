//! tokio-xmpp as the other side of a chat: a Rust client that shares no
//! connection code with ours.
//!
//! Its stanza stream is used as it is, but for the connector: ours goes to a
//! given port of 127.0.0.1 by direct TLS and trusts the test's authority.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::StreamExt;
use sasl::common::ChannelBinding;
use tokio::io::BufStream;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio_xmpp::Stanza;
use tokio_xmpp::connect::ServerConnector;
use tokio_xmpp::jid::Jid;
use tokio_xmpp::minidom::Element;
use tokio_xmpp::parsers::message::{Id, Lang, Message, MessageType};
use tokio_xmpp::parsers::presence::{Presence, Type};
use tokio_xmpp::stanzastream::{Event, StanzaStream, StreamEvent};
use tokio_xmpp::xmlstream::{PendingFeaturesRecv, StreamHeader, Timeouts, initiate_stream};

use super::accounts::Person;
use super::heard::{Deed, Heard, Order};
use super::peers::{PATIENCE, Peer};
use super::prosody::Prosody;

const RECEIPTS: &str = "urn:xmpp:receipts";
const MARKERS: &str = "urn:xmpp:chat-markers:0";
const REPLY: &str = "urn:xmpp:reply:0";
const FALLBACK: &str = "urn:xmpp:fallback:0";
const REACTIONS: &str = "urn:xmpp:reactions:0";
const CORRECT: &str = "urn:xmpp:message-correct:0";
const RETRACT: &str = "urn:xmpp:message-retract:1";
const STATES: &str = "http://jabber.org/protocol/chatstates";

/// Signs `person` in with tokio-xmpp. It ends when the returned peer is dropped.
pub async fn sign_in(person: &Person, server: &Prosody) -> Peer {
    let jid: Jid = person.address.parse().expect("a test address");
    let connector = Loopback {
        port: server.tls_port,
        ca: server.ca.clone(),
    };
    let stream = StanzaStream::new_c2s(
        connector,
        jid,
        person.password.clone(),
        Timeouts::tight(),
        64,
    );
    let (order_sender, orders) = mpsc::unbounded_channel();
    let (heard_sender, heard) = mpsc::unbounded_channel();
    let (online_sender, mut online) = mpsc::unbounded_channel();
    tokio::spawn(run(stream, orders, online_sender, heard_sender));
    let address = tokio::time::timeout(PATIENCE, online.recv())
        .await
        .unwrap_or_else(|_| panic!("tokio-xmpp did not sign in as {} in time", person.address))
        .expect("tokio-xmpp runs");
    Peer::new(address, order_sender, heard)
}

async fn run(
    mut stream: StanzaStream,
    mut orders: mpsc::UnboundedReceiver<Order>,
    online: mpsc::UnboundedSender<String>,
    heard: mpsc::UnboundedSender<Heard>,
) {
    loop {
        tokio::select! {
            order = orders.recv() => match order {
                Some(Order::Leave) | None => break,
                Some(order) => {
                    stream.send(Box::new(message(order).into())).await;
                }
            },
            event = stream.next() => match event {
                Some(Event::Stream(StreamEvent::Reset { bound_jid, .. })) => {
                    stream.send(Box::new(Presence::new(Type::None).into())).await;
                    let _ = online.send(bound_jid.to_string()); // only the first one is waited for
                }
                Some(Event::Stanza(Stanza::Message(message))) => {
                    for event in heard_from(message) {
                        let _ = heard.send(event); // the peer may have been dropped
                    }
                }
                Some(_) => (),
                None => break,
            },
        }
    }
    stream.close().await;
    let _ = heard.send(Heard::Offline);
}

fn message(order: Order) -> Message {
    let bare = |name: &str, space: &str| Element::builder(name, space.to_owned()).build();
    let about = |name: &str, space: &str, id: String| {
        Element::builder(name, space.to_owned())
            .attr("id".try_into().expect("a name"), id)
            .build()
    };
    let (to, body, id, payloads) = match order {
        Order::Send {
            to,
            body,
            id,
            markable,
        } => {
            let mut payloads = vec![
                bare("request", RECEIPTS),
                about("origin-id", "urn:xmpp:sid:0", id.clone()),
            ];
            if markable {
                payloads.push(bare("markable", MARKERS));
            }
            (to, Some(body), Some(id), payloads)
        }
        Order::Do {
            to,
            id,
            target,
            deed,
            body,
            is_sealed: false,
        } => {
            let (body, payloads) = done(deed, &target, body);
            let body = Some(body).filter(|body| !body.is_empty());
            (to, body, Some(id), payloads)
        }
        Order::Receipt { to, id } => (to, None, None, vec![about("received", RECEIPTS, id)]),
        Order::Displayed { to, id } => (to, None, None, vec![about("displayed", MARKERS, id)]),
        Order::Typing { to, state } => (to, None, None, vec![bare(&state, STATES)]),
        Order::Do { .. }
        | Order::SendEncrypted { .. }
        | Order::Release { .. }
        | Order::Damage { .. }
        | Order::ForgetSessions
        | Order::ForgetIdentity
        | Order::PublishPicture { .. }
        | Order::PublishNickname { .. }
        | Order::Devices { .. }
        | Order::Bundle { .. }
        | Order::Carbons
        | Order::Raw(_)
        | Order::Leave => {
            panic!("{order:?} is not for this client")
        }
    };
    let to: Jid = to.parse().expect("a test address");
    let mut message = Message::new_with_type(MessageType::Chat, to);
    message.id = id.map(Id);
    message.bodies = body.into_iter().map(|body| (Lang::new(), body)).collect();
    message.payloads = payloads;
    message
}

/// Returns the text and the payloads with which something is done with a message.
fn done(deed: Deed, target: &str, body: String) -> (String, Vec<Element>) {
    let name = |name: &str| name.try_into().expect("a name");
    let about = |kind: &str, space: &str| {
        Element::builder(kind, space.to_owned())
            .attr(name("id"), target.to_owned())
            .build()
    };
    match deed {
        Deed::Answer { quoted } => {
            let quote = format!("> {quoted}\n");
            let part = Element::builder("body", FALLBACK)
                .attr(name("start"), "0")
                .attr(name("end"), quote.chars().count().to_string());
            let fallback = Element::builder("fallback", FALLBACK)
                .attr(name("for"), REPLY)
                .append(part);
            (quote + &body, vec![about("reply", REPLY), fallback.build()])
        }
        Deed::React(emoji) => {
            let mut reactions = about("reactions", REACTIONS);
            for emoji in emoji {
                reactions.append_child(
                    Element::builder("reaction", REACTIONS)
                        .append(emoji)
                        .build(),
                );
            }
            let store = Element::builder("store", "urn:xmpp:hints").build();
            (body, vec![reactions, store])
        }
        Deed::Correct => (body, vec![about("replace", CORRECT)]),
        Deed::Retract => {
            let fallback = Element::builder("fallback", FALLBACK).attr(name("for"), RETRACT);
            let words = "I took something back.".to_owned();
            (words, vec![about("retract", RETRACT), fallback.build()])
        }
    }
}

/// Returns what one of its payloads does with a message.
fn deed_of(payload: &Element, payloads: &[Element], body: &str) -> Option<Deed> {
    Some(match payload.ns().as_str() {
        REPLY => {
            let fallback = payloads.iter().find(|one| one.is("fallback", FALLBACK))?;
            let end = fallback.get_child("body", FALLBACK)?.attr("end")?;
            let quote: String = body.chars().take(end.parse().ok()?).collect();
            Deed::Answer {
                quoted: quote.strip_prefix("> ")?.trim_end().to_owned(),
            }
        }
        REACTIONS => {
            let mut emoji: Vec<String> = payload.children().map(Element::text).collect();
            emoji.sort();
            Deed::React(emoji)
        }
        CORRECT => Deed::Correct,
        RETRACT => Deed::Retract,
        _ => return None,
    })
}

fn heard_from(message: Message) -> Vec<Heard> {
    let from = message
        .from
        .map(|from| from.to_string())
        .unwrap_or_default();
    let id = message.id.map(|id| id.0).unwrap_or_default();
    if message.type_ == MessageType::Error {
        let condition = message
            .payloads
            .iter()
            .find(|payload| payload.name() == "error")
            .and_then(|error| error.children().next())
            .map(|condition| condition.name().to_owned())
            .unwrap_or_default();
        return vec![Heard::Error { id, condition }];
    }
    let has = |name: &str, space: &str| {
        message
            .payloads
            .iter()
            .any(|payload| payload.is(name, space))
    };
    let mut events = Vec::new();
    let text = message.bodies.values().next().cloned().unwrap_or_default();
    for payload in &message.payloads {
        if let Some(deed) = deed_of(payload, &message.payloads, &text) {
            events.push(Heard::Did {
                id: id.clone(),
                target: payload.attr("id").unwrap_or_default().to_owned(),
                deed,
                body: text.clone(),
            });
        }
    }
    if let Some(body) = message.bodies.into_values().next() {
        let wants_receipt = has("request", RECEIPTS);
        let markable = has("markable", MARKERS);
        events.push(Heard::Message {
            from: from.clone(),
            id,
            body,
            wants_receipt,
            markable,
            is_copy: false,
        });
    }
    for payload in &message.payloads {
        let about = payload.attr("id").unwrap_or_default().to_owned();
        if payload.is("received", RECEIPTS) {
            events.push(Heard::Receipt {
                from: from.clone(),
                id: about,
            });
        } else if payload.is("displayed", MARKERS) {
            events.push(Heard::Displayed {
                from: from.clone(),
                id: about,
            });
        } else if payload.ns() == STATES {
            events.push(Heard::Typing {
                from: from.clone(),
                state: payload.name().to_owned(),
            });
        }
    }
    events
}

/// Goes to a port of 127.0.0.1, trusting one authority.
#[derive(Clone, Debug)]
struct Loopback {
    port: u16,
    ca: PathBuf,
}

impl ServerConnector for Loopback {
    type Stream = BufStream<TlsStream<TcpStream>>;

    async fn connect(
        &self,
        jid: &Jid,
        namespace: &'static str,
        timeouts: Timeouts,
    ) -> Result<(PendingFeaturesRecv<Self::Stream>, ChannelBinding), tokio_xmpp::Error> {
        let domain = jid.domain().as_str();
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_file(&self.ca).expect("the test's authority"))
            .expect("an authority");
        let settings = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("ring does TLS 1.3")
            .with_root_certificates(roots)
            .with_no_client_auth();
        let socket = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let name = ServerName::try_from(domain.to_owned()).expect("a test domain");
        let tls = TlsConnector::from(Arc::new(settings))
            .connect(name, socket)
            .await?;
        let exported = tls
            .get_ref()
            .1
            .export_keying_material(vec![0_u8; 32], b"EXPORTER-Channel-Binding", None)
            .expect("the handshake is over");
        let header = StreamHeader {
            to: Some(Cow::Borrowed(domain)),
            from: None,
            id: None,
        };
        let stream = initiate_stream(BufStream::new(tls), namespace, header, timeouts).await?;
        Ok((stream, ChannelBinding::TlsExporter(exported)))
    }
}
