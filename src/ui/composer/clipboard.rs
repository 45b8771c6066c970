//! Reading a text from the clipboard: the letters, never their styles, and
//! never more than fits, however much another program offers.

use relm4::gtk::{gdk, gio, glib, prelude::*};

use super::plain::LIMIT_BYTES;

/// Plain text as programs offer it today.
const UTF8: &str = "text/plain;charset=utf-8";

/// How much is read at a time, in bytes.
const CHUNK_BYTES: usize = 16 * 1024;

/// A little more than fits, so that it shows that something did not.
const MOST_BYTES: usize = LIMIT_BYTES + 4;

/// Returns the text on a clipboard, or its beginning. `None`: there is none, or
/// the program that offered it is gone.
pub async fn read_text(clipboard: gdk::Clipboard) -> Option<String> {
    let formats = clipboard.formats().union_serialize_mime_types();
    if !formats.contain_mime_type(UTF8) {
        // An older charset: the toolkit knows how to convert it.
        let text = clipboard.read_text_future().await.ok().flatten()?;
        return Some(text.into());
    }
    let read = clipboard
        .read_future(&[UTF8], glib::Priority::DEFAULT)
        .await;
    let (stream, _) = read.ok()?;
    let bytes = read_some(&stream).await;
    // Whoever offered more than we take is told that it is enough.
    drop(stream.close_future(glib::Priority::DEFAULT).await);
    Some(String::from_utf8_lossy(&bytes?).into_owned())
}

async fn read_some(stream: &gio::InputStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while bytes.len() < MOST_BYTES {
        let chunk = stream
            .read_bytes_future(CHUNK_BYTES, glib::Priority::DEFAULT)
            .await
            .ok()?;
        if chunk.is_empty() {
            break;
        }
        bytes.extend_from_slice(&chunk);
    }
    Some(bytes)
}
