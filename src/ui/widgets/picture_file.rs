//! Choosing a file with a picture, and reading it.

use relm4::gtk::{self, gio, glib, prelude::*};

use crate::engine::codes::MOST_PICTURE_BYTES;
use crate::ui::i18n::gettext;

/// Kinds of picture that are read.
pub const KINDS: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// Lets the user choose a picture; `None` when they changed their mind.
pub async fn choose(title: &str, window: Option<&gtk::Window>) -> Option<gio::File> {
    let pictures = gtk::FileFilter::new();
    pictures.set_name(Some(&gettext("Pictures")));
    for kind in KINDS {
        pictures.add_mime_type(kind);
    }
    let dialog = gtk::FileDialog::builder()
        .title(title)
        .default_filter(&pictures)
        .build();
    dialog.open_future(window).await.ok()
}

/// Reads until the end, or until it is more than is looked at as a picture.
///
/// # Errors
/// It cannot be read.
pub async fn read(stream: &gio::InputStream) -> Result<Vec<u8>, glib::Error> {
    let mut bytes = Vec::new();
    while bytes.len() <= MOST_PICTURE_BYTES {
        let chunk = stream
            .read_bytes_future(CHUNK_BYTES, glib::Priority::DEFAULT)
            .await?;
        if chunk.is_empty() {
            break;
        }
        bytes.extend_from_slice(&chunk);
    }
    // Whoever offered more than we take is told that it is enough.
    drop(stream.close_future(glib::Priority::DEFAULT).await);
    Ok(bytes)
}
