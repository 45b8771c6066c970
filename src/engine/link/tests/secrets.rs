//! What a log may hold, at its most talkative (attack A55).

use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing_subscriber::fmt::MakeWriter;

use super::server::*;
use super::*;

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

impl Log {
    /// Logs everything of this thread from now on, of every crate.
    fn begin() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_writer(log.clone())
            .with_ansi(false)
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

/// Each word as it is, and as it is said on the wire.
fn assert_silent(log: &str, words: &[&str]) {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    for word in words {
        assert!(!log.contains(word), "{word:?} is in the log:\n{log}");
        let encoded = STANDARD.encode(word);
        let whole = encoded.trim_end_matches('=');
        let sure = &whole[..whole.len() / 4 * 4];
        assert!(
            !log.contains(sure),
            "{word:?} is in the log, encoded:\n{log}"
        );
    }
}

#[tokio::test]
async fn a55_no_log_line_holds_a_password_that_was_sent() {
    let (log, _guard) = Log::begin();
    let server = Server::new().await;
    let (link, _peer) = connected(settings(&server), &server, true).await;
    drop(link);

    let log = log.text();
    assert!(log.contains("signed in"), "it is a log:\n{log}");
    assert_silent(&log, &["pencil", "\0romeo\0pencil"]);
}

#[tokio::test]
async fn a55_no_log_line_holds_a_proof() {
    let (log, _guard) = Log::begin();
    let server = Server::new().await;
    let mut link = connect(settings(&server), None);
    let mut peer = server.accept().await;
    peer.offer(&["SCRAM-SHA-1"], "").await;
    let (first, last) = peer.scram(Lie::No).await;
    peer.open(BIND).await;
    peer.bind().await;
    online(&mut link).await;

    let proof = last.split_once(",p=").unwrap().1;
    let nonce = first.split_once(",r=").unwrap().1;
    assert_silent(&log.text(), &["pencil", proof, nonce, &first, &last]);
}
