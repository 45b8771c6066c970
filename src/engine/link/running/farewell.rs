//! The end of a running stream that we bring about.
//!
//! # Source
//! RFC 6120 §4.4 (closing), XEP-0198 v1.6.1 §4 (a count too high).

use minidom::Element;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::Running;
use crate::engine::link::login::STREAM_MANAGEMENT;
use crate::engine::link::stream::STREAM_ERRORS;
use crate::engine::link::xml::{Item, STREAM};

impl<S: AsyncRead + AsyncWrite + Unpin> Running<'_, S> {
    /// Tells the server what it did wrong, if it still listens.
    pub(super) async fn refuse_acknowledgement(&mut self) {
        let mut error = Element::bare("error", STREAM);
        error.append_child(Element::bare("undefined-condition", STREAM_ERRORS));
        error.append_child(Element::bare("handled-count-too-high", STREAM_MANAGEMENT));
        self.write(&error);
        self.say_farewell().await;
    }

    /// Writes what is left, closes the stream and waits for the other side to
    /// do so too, within the time for it. Returns whether it did.
    pub(super) async fn say_farewell(&mut self) -> bool {
        if self.counters.is_some() {
            // So that the server does not keep for later what took effect.
            self.answer();
            self.ask();
        }
        self.settings.tap.sent_text("</stream:stream>");
        self.write_text("</stream:stream>");
        let deadline = Instant::now() + self.timing().close;
        let farewell = async {
            self.writer
                .write_all(&self.unwritten[self.written..])
                .await?;
            self.writer.flush().await?;
            loop {
                match self.reader.next().await {
                    Ok(Item::End) => break,
                    Err(_) => return Ok(false),
                    // What the server has need not be asked for the next time.
                    Ok(Item::Element(element)) if element.is("a", STREAM_MANAGEMENT) => {
                        // Nobody takes it before the end: only news are kept.
                        if self.knows_acknowledged(&element) {
                            continue;
                        }
                        if self.take_acknowledgement(&element).is_err() {
                            break;
                        }
                    }
                    Ok(_) => {}
                }
            }
            if let Err(error) = self.writer.shutdown().await {
                tracing::debug!(%error, "the server was quicker to hang up");
            }
            Ok::<bool, std::io::Error>(true)
        };
        match timeout_at(deadline, farewell).await {
            Ok(Ok(is_heard)) => is_heard,
            Ok(Err(error)) => {
                tracing::debug!(%error, "the farewell was not heard");
                false
            }
            Err(_) => {
                tracing::debug!("the server did not close the stream in time");
                false
            }
        }
    }
}
