//! From a plain connection to the point where TLS may begin.
//!
//! Encryption is never optional: a server that does not offer it gets nothing
//! but the domain's name from us. Until the handshake is done nobody knows who
//! talks, so an error that comes before it never stops an account for good.
//!
//! # Source
//! RFC 6120 §5.4, RFC 7590.

use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Limits;
use super::Tap;
use super::dial::Unsafe;
use super::stream::XmlStream;
use crate::engine::model::ConnectionProblem;

const TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";

/// Asks the server at the other end of `socket` to begin TLS, and returns the
/// socket once it agreed.
///
/// # Errors
/// `NoEncryption` when it does not offer TLS; else what went wrong, and whether
/// the server may be one that speaks TLS from the first byte.
pub(super) async fn negotiate<S>(
    socket: S,
    domain: &str,
    limits: &Limits,
    tap: &Tap,
) -> Result<S, Unsafe>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut stream = XmlStream::new(socket, limits).watched_by(tap);
    let asked = ask(&mut stream, domain).await;
    let is_other_kind = stream.reader.first_byte().is_none_or(is_of_tls);
    asked.map_err(|problem| match problem {
        // Anybody on the way could have said so.
        ConnectionProblem::SignedInElsewhere => ConnectionProblem::ClosedByServer {
            condition: "conflict".to_owned(),
        }
        .into(),
        problem => Unsafe {
            problem,
            is_other_kind,
        },
    })?;
    Ok(stream.into_socket()?)
}

/// Returns whether an answer to our stream that begins so is one of TLS: an
/// alert, or a handshake.
fn is_of_tls(first: u8) -> bool {
    matches!(first, 0x15 | 0x16)
}

async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    domain: &str,
) -> Result<(), ConnectionProblem> {
    let features = stream.open(domain, None).await?;
    if !features.has_child("starttls", TLS) {
        return Err(ConnectionProblem::NoEncryption);
    }
    stream.send(&Element::bare("starttls", TLS)).await?;
    let answer = stream.next().await?;
    if answer.is("proceed", TLS) {
        return Ok(());
    }
    Err(ConnectionProblem::ClosedByServer {
        condition: "tls-failure".to_owned(),
    })
}
