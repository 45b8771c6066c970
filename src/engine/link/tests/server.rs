//! A server that says what the test tells it to, and hears all.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use sha1::{Digest, Sha1};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::PATIENCE;
use super::certificates::{self, Kind};

pub const HEADER: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
    xmlns:stream='http://etherx.jabber.org/streams' from='example.org' id='1' version='1.0'>";
pub const STARTTLS: &str = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
pub const PROCEED: &str = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
pub const BIND: &str = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>";
pub const MANAGEMENT: &str = "<sm xmlns='urn:xmpp:sm:3'/>";
const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";

/// A listening server.
pub struct Server {
    pub port: u16,
    listener: TcpListener,
    acceptor: TlsAcceptor,
    pub certificate: Vec<u8>,
}

impl Server {
    pub async fn new() -> Self {
        Self::with(Kind::Good).await
    }

    pub async fn with(kind: Kind) -> Self {
        Self::speaking(kind, rustls::ALL_VERSIONS).await
    }

    pub async fn speaking(
        kind: Kind,
        versions: &[&'static rustls::SupportedProtocolVersion],
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (acceptor, certificate) = certificates::acceptor(kind, versions);
        Self {
            port: listener.local_addr().unwrap().port(),
            listener,
            acceptor,
            certificate,
        }
    }

    /// Returns whether nobody but the one who asks ever came.
    pub async fn has_no_visitor(&self) -> bool {
        let own = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let (_, first) = self.listener.accept().await.unwrap();
        first == own.local_addr().unwrap()
    }

    /// Accepts a connection as it comes.
    pub async fn accept_plain(&self) -> Peer {
        let accepted = tokio::time::timeout(PATIENCE, self.listener.accept()).await;
        Peer::new(accepted.expect("a connection in time").unwrap().0)
    }

    /// Accepts a connection and makes it safe by STARTTLS.
    pub async fn accept(&self) -> Peer {
        self.try_accept().await.unwrap()
    }

    /// The same, where the client may break the handshake off.
    pub async fn try_accept(&self) -> std::io::Result<Peer> {
        let mut peer = self.accept_plain().await;
        peer.open(STARTTLS).await;
        peer.until("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
            .await;
        peer.say(PROCEED).await;
        peer.begin_tls(&self.acceptor).await
    }

    /// Begins TLS on a connection that was accepted as it came.
    pub async fn begin_tls(&self, peer: Peer) -> std::io::Result<Peer> {
        peer.begin_tls(&self.acceptor).await
    }

    /// Accepts a connection that begins with TLS.
    pub async fn try_accept_direct(&self) -> std::io::Result<Peer> {
        self.accept_plain().await.begin_tls(&self.acceptor).await
    }
}

trait Socket: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Socket for T {}

/// The server's end of one connection.
pub struct Peer {
    socket: Option<Box<dyn Socket>>,
    tcp: Option<TcpStream>,
    heard: Vec<u8>,
    pub exporter: Vec<u8>,
    pub alpn: Option<Vec<u8>>,
    /// The TLS session of an earlier connection was taken up again.
    pub is_tls_resumed: bool,
    /// What the client showed of its own.
    pub own_certificate: Option<Vec<u8>>,
}

/// How the server cheats in a SCRAM exchange.
#[derive(Clone, Copy, PartialEq)]
pub enum Lie {
    No,
    /// The exchange ends with the challenge.
    Nothing,
    SignatureInChallenge,
    NoSignature,
    WrongSignature,
    Iterations(u32),
    Nonce,
}

impl Peer {
    fn new(tcp: TcpStream) -> Self {
        Self {
            socket: None,
            tcp: Some(tcp),
            heard: vec![],
            exporter: vec![],
            alpn: None,
            is_tls_resumed: false,
            own_certificate: None,
        }
    }

    async fn begin_tls(mut self, acceptor: &TlsAcceptor) -> std::io::Result<Self> {
        assert!(self.heard.is_empty(), "something was sent before TLS");
        let tls = acceptor.accept(self.tcp.take().unwrap()).await?;
        let connection = tls.get_ref().1;
        let own = connection.peer_certificates().and_then(<[_]>::first);
        self.own_certificate = own.map(|certificate| certificate.to_vec());
        self.alpn = connection.alpn_protocol().map(<[u8]>::to_vec);
        self.is_tls_resumed = connection.handshake_kind() == Some(rustls::HandshakeKind::Resumed);
        self.exporter = connection
            .export_keying_material(vec![0; 32], b"EXPORTER-Channel-Binding", None)
            .unwrap();
        self.socket = Some(Box::new(tls));
        Ok(self)
    }

    fn socket(&mut self) -> &mut dyn Socket {
        match (&mut self.socket, &mut self.tcp) {
            (Some(socket), _) => socket,
            (None, Some(tcp)) => tcp,
            (None, None) => unreachable!("one of both is there"),
        }
    }

    /// Writes text.
    pub async fn say(&mut self, text: &str) {
        self.say_bytes(text.as_bytes()).await;
    }

    /// Writes bytes; a client that is gone does not matter.
    pub async fn say_bytes(&mut self, bytes: &[u8]) {
        let _ = self.try_say(bytes).await;
    }

    /// Writes bytes, as long as the client is there.
    pub async fn try_say(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let socket = self.socket();
        socket.write_all(bytes).await?;
        socket.flush().await
    }

    /// Reads until `wished` was heard, and returns all up to its end.
    pub async fn until(&mut self, wished: &str) -> String {
        loop {
            let text = String::from_utf8_lossy(&self.heard).into_owned();
            if let Some(place) = text.find(wished) {
                let end = place + wished.len();
                self.heard.drain(..end);
                return text[..end].to_owned();
            }
            assert!(self.hear().await, "closed before {wished}, after: {text}");
        }
    }

    /// Reads until the client closes, and returns what it said.
    pub async fn until_closed(&mut self) -> String {
        while self.hear().await {}
        String::from_utf8_lossy(&self.heard).into_owned()
    }

    async fn hear(&mut self) -> bool {
        let mut piece = vec![0; 65536];
        let read = tokio::time::timeout(PATIENCE, self.socket().read(&mut piece)).await;
        let heard = String::from_utf8_lossy(&self.heard).into_owned();
        let count = read
            .unwrap_or_else(|_| panic!("silence after: {heard}"))
            .unwrap_or(0);
        self.heard.extend_from_slice(&piece[..count]);
        count > 0
    }

    /// Answers the client's stream header by ours and features; returns the
    /// client's.
    pub async fn open(&mut self, features: &str) -> String {
        let header = self.until("<stream:stream").await + &self.until(">").await;
        self.say(&format!(
            "{HEADER}<stream:features>{features}</stream:features>"
        ))
        .await;
        header
    }

    /// Opens the stream with mechanisms.
    pub async fn offer(&mut self, mechanisms: &[&str], more: &str) {
        let list: String = mechanisms
            .iter()
            .map(|name| format!("<mechanism>{name}</mechanism>"))
            .collect();
        let features = format!("<mechanisms xmlns='{SASL}'>{list}</mechanisms>{more}");
        self.open(&features).await;
    }

    /// Signs the client in by PLAIN and offers what comes next.
    pub async fn sign_in(&mut self, has_management: bool) {
        self.sign_in_plain().await;
        let features = if has_management {
            format!("{BIND}{MANAGEMENT}")
        } else {
            BIND.to_owned()
        };
        self.open(&features).await;
    }

    pub async fn sign_in_plain(&mut self) {
        self.offer(&["PLAIN"], "").await;
        self.until("</auth>").await;
        self.say(&format!("<success xmlns='{SASL}'/>")).await;
    }

    /// Answers the wish to bind; returns the iq.
    pub async fn bind(&mut self) -> String {
        let wish = self.until("</iq>").await;
        assert!(wish.contains("<resource>stonechat-"), "{wish}");
        let id = value_of(&wish, "id");
        self.say(&format!(
            "<iq type='result' id='{id}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
             <jid>romeo@example.org/orchard</jid></bind></iq>"
        ))
        .await;
        wish
    }

    pub async fn enable(&mut self) {
        self.until("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")
            .await;
        self.say("<enabled xmlns='urn:xmpp:sm:3' id='session-1' resume='true'/>")
            .await;
    }

    /// Fails the sign-in for a reason.
    pub async fn refuse(&mut self, condition: &str) {
        self.until("</auth>").await;
        self.say(&format!("<failure xmlns='{SASL}'><{condition}/></failure>"))
            .await;
    }

    /// Carries a SCRAM-SHA-1 exchange out, for the password `pencil`. Returns
    /// the client's two messages.
    pub async fn scram(&mut self, lie: Lie) -> (String, String) {
        self.scram_saying(lie, "").await
    }

    /// The same, with something added to the server's first message.
    pub async fn scram_saying(&mut self, lie: Lie, added: &str) -> (String, String) {
        let auth = self.until("</auth>").await;
        let first = decode(&auth);
        let bare = first.splitn(3, ',').nth(2).unwrap().to_owned();
        let nonce = match lie {
            Lie::Nonce => "somebody-elses-nonce".to_owned(),
            _ => format!("{}server", bare.split_once(",r=").unwrap().1),
        };
        let iterations = match lie {
            Lie::Iterations(iterations) => iterations,
            _ => 4096,
        };
        let salt = BASE64.encode("salt");
        let challenge = format!("r={nonce},s={salt},i={iterations}{added}");
        self.say(&format!(
            "<challenge xmlns='{SASL}'>{}</challenge>",
            BASE64.encode(&challenge)
        ))
        .await;
        if !matches!(
            lie,
            Lie::No | Lie::SignatureInChallenge | Lie::NoSignature | Lie::WrongSignature
        ) {
            return (first, String::new());
        }

        let response = decode(&self.until("</response>").await);
        let without_proof = response.split_once(",p=").unwrap().0;
        let signed = format!("{bare},{challenge},{without_proof}");
        let mut salted = [0; 20];
        pbkdf2::pbkdf2_hmac::<Sha1>(b"pencil", b"salt", 4096, &mut salted);
        assert_proof(&salted, &signed, response.split_once(",p=").unwrap().1);
        let server_key = hmac(&salted, b"Server Key");
        let mut signature = hmac(&server_key, signed.as_bytes());
        if lie == Lie::WrongSignature {
            signature[0] ^= 1;
        }
        let last = BASE64.encode(format!("v={}", BASE64.encode(signature)));
        match lie {
            Lie::NoSignature => self.say(&format!("<success xmlns='{SASL}'/>")).await,
            Lie::SignatureInChallenge => {
                self.say(&format!("<challenge xmlns='{SASL}'>{last}</challenge>"))
                    .await;
                self.until(&format!("<response xmlns='{SASL}'/>")).await;
                self.say(&format!("<success xmlns='{SASL}'/>")).await;
            }
            _ => {
                self.say(&format!("<success xmlns='{SASL}'>{last}</success>"))
                    .await;
            }
        }
        (first, response)
    }
}

/// Checks the client's proof the way a server does, from the stored key.
fn assert_proof(salted: &[u8], signed: &str, proof: &str) {
    let stored_key = Sha1::digest(hmac(salted, b"Client Key"));
    let signature = hmac(&stored_key, signed.as_bytes());
    let proof = BASE64.decode(proof).unwrap();
    let client_key: Vec<u8> = proof.iter().zip(&signature).map(|(a, b)| a ^ b).collect();
    assert_eq!(Sha1::digest(client_key), stored_key, "the client's proof");
}

fn hmac(key: &[u8], data: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha1>::new_from_slice(key).unwrap();
    mac.update(data);
    mac.finalize().into_bytes().to_vec()
}

/// Returns the value of an attribute, by eye.
pub fn value_of(text: &str, name: &str) -> String {
    let (_, rest) = text.rsplit_once(&format!(" {name}='")).unwrap();
    rest.split('\'').next().unwrap().to_owned()
}

fn decode(element: &str) -> String {
    let (start, _) = element.rsplit_once("</").unwrap();
    let content = start.rsplit_once('>').unwrap().1;
    String::from_utf8(BASE64.decode(content).unwrap()).unwrap()
}
