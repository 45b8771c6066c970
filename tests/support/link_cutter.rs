//! A line between a client and a server that can be cut, also inside a stanza.
//!
//! A plain TCP relay on loopback. It knows nothing of TLS, so a limit in bytes
//! falls where it falls: with a text larger than a TLS record (16 KiB) the cut
//! is inside the stanza for sure.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// No limit: so many bytes never pass in a test.
const UNLIMITED: u64 = u64::MAX;

/// A relay to a port of 127.0.0.1.
pub struct LinkCutter {
    /// Port to connect to instead.
    pub port: u16,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// What the client writes.
    ToServer,
    /// What the server writes.
    ToClient,
}

struct Shared {
    server: u16,
    /// Raised to cut every connection there is.
    cut: watch::Sender<u64>,
    /// While true nothing passes, yet connections stay up and are accepted.
    is_silent: watch::Sender<bool>,
    /// Bytes that may still pass before the line is cut.
    left: [AtomicU64; 2],
    connections: AtomicUsize,
}

impl LinkCutter {
    /// Starts a relay that lets everything pass to `server` on 127.0.0.1.
    pub async fn start(server: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let port = listener.local_addr().expect("it listens").port();
        let shared = Arc::new(Shared {
            server,
            cut: watch::Sender::new(0),
            is_silent: watch::Sender::new(false),
            left: [AtomicU64::new(UNLIMITED), AtomicU64::new(UNLIMITED)],
            connections: AtomicUsize::new(0),
        });
        let listening = Some(tokio::spawn(accept(listener, Arc::clone(&shared))));
        Self {
            port,
            shared,
            listening,
        }
    }

    /// Cuts every connection; new ones are let through.
    pub fn cut(&self) {
        self.shared.cut.send_modify(|count| *count += 1);
    }

    /// Cuts every connection once so many more bytes have gone this way.
    pub fn cut_after(&self, bytes: u64, way: Way) {
        self.shared.left[way as usize].store(bytes, Ordering::SeqCst);
    }

    /// Holds the line silent: nothing passes, nothing breaks.
    pub fn hold_silent(&self) {
        self.shared.is_silent.send_replace(true);
    }

    /// Lets everything pass again.
    pub fn let_pass(&self) {
        self.shared.is_silent.send_replace(false);
    }

    /// Cuts every connection and refuses new ones, until `accept_again`.
    pub async fn refuse(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
            let _ = listening.await; // it says only that it was aborted
        }
        self.cut();
    }

    /// Accepts connections again, on the same port.
    pub async fn accept_again(&mut self) {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)))
            .await
            .expect("the port is still ours");
        self.listening = Some(tokio::spawn(accept(listener, Arc::clone(&self.shared))));
    }

    /// Returns how many connections were made so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Drop for LinkCutter {
    fn drop(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
        }
        self.cut();
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::SeqCst);
        tokio::spawn(relay(client, Arc::clone(&shared)));
    }
}

async fn relay(client: TcpStream, shared: Arc<Shared>) {
    let mut cut = shared.cut.subscribe();
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, shared.server)).await else {
        return; // the server is down, so is the line
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::select! {
        _ = cut.changed() => (),
        () = pump(from_client, to_server, &shared, Way::ToServer) => (),
        () = pump(from_server, to_client, &shared, Way::ToClient) => (),
    }
}

/// Copies until either side ends or the line is cut.
async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, shared: &Shared, way: Way) {
    let mut silent = shared.is_silent.subscribe();
    let left = &shared.left[way as usize];
    let mut buffer = [0_u8; 4096];
    loop {
        let Ok(count @ 1..) = from.read(&mut buffer).await else {
            return;
        };
        if silent.wait_for(|is_silent| !is_silent).await.is_err() {
            return;
        }
        let allowed = left.load(Ordering::SeqCst);
        let passing = usize::try_from(allowed).unwrap_or(usize::MAX).min(count);
        if to.write_all(&buffer[..passing]).await.is_err() {
            return;
        }
        if allowed == UNLIMITED {
            continue;
        }
        if passing < count || allowed == count as u64 {
            left.store(UNLIMITED, Ordering::SeqCst);
            shared.cut.send_modify(|count| *count += 1);
            return;
        }
        left.store(allowed - count as u64, Ordering::SeqCst);
    }
}
