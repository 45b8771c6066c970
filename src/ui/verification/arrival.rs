//! What is dropped, pasted or chosen becomes a text or the bytes of a picture,
//! and never more of them than a picture may have.

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, gdk, gio, glib};
use relm4::{ComponentSender, Sender};

use super::{Verification, VerificationMsg};
use crate::engine::codes::MOST_PICTURE_BYTES;
use crate::ui::composer::clipboard::read_text;
use crate::ui::i18n::gettext;

/// Pictures as other programs offer them. Their bytes are read by us, never by
/// the toolkit.
const PICTURES: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];
/// How much is read at a time, in bytes.
const CHUNK_BYTES: usize = 256 * 1024;

/// What came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// A text, perhaps a link.
    Text(String),
    /// The bytes of a file, perhaps of a picture.
    Picture(Vec<u8>),
}

/// Why nothing came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoArrival {
    /// There was nothing that could be a code.
    Nothing,
    /// It is there, and cannot be read.
    Unreadable,
}

/// Reads what was copied: a file, a picture, or a text.
pub async fn pasted(clipboard: gdk::Clipboard) -> Result<Arrival, NoArrival> {
    let formats = clipboard.formats().union_serialize_mime_types();
    if formats.contain_mime_type("text/uri-list") {
        let files = clipboard
            .read_value_future(gdk::FileList::static_type(), glib::Priority::DEFAULT)
            .await;
        let files = files
            .ok()
            .and_then(|files| files.get::<gdk::FileList>().ok());
        if let Some(file) = files.and_then(|files| files.files().into_iter().next()) {
            return file_content(&file).await;
        }
    }
    let offered: Vec<&str> = PICTURES
        .into_iter()
        .filter(|kind| formats.contain_mime_type(kind))
        .collect();
    if !offered.is_empty() {
        let read = clipboard
            .read_future(&offered, glib::Priority::DEFAULT)
            .await;
        let (stream, _) = read.map_err(|_| NoArrival::Unreadable)?;
        return content(&stream).await.map(Arrival::Picture);
    }
    let text = read_text(clipboard).await;
    text.map(Arrival::Text).ok_or(NoArrival::Nothing)
}

/// Reads a file that was dropped, copied or chosen. A file that is no picture
/// may hold the link itself.
pub async fn file_content(file: &gio::File) -> Result<Arrival, NoArrival> {
    let stream = file
        .read_future(glib::Priority::DEFAULT)
        .await
        .map_err(|error| {
            tracing::debug!(%error, "a file cannot be read");
            NoArrival::Unreadable
        })?;
    let bytes = content(stream.upcast_ref()).await?;
    Ok(match std::str::from_utf8(&bytes) {
        Ok(text) if text.trim_start().starts_with("xmpp:") => Arrival::Text(text.to_owned()),
        _ => Arrival::Picture(bytes),
    })
}

/// Reads until the end, or until it is too much to be looked at.
async fn content(stream: &gio::InputStream) -> Result<Vec<u8>, NoArrival> {
    let mut bytes = Vec::new();
    while bytes.len() <= MOST_PICTURE_BYTES {
        let chunk = stream
            .read_bytes_future(CHUNK_BYTES, glib::Priority::DEFAULT)
            .await
            .map_err(|_| NoArrival::Unreadable)?;
        if chunk.is_empty() {
            break;
        }
        bytes.extend_from_slice(&chunk);
    }
    // Whoever offered more than we take is told that it is enough.
    drop(stream.close_future(glib::Priority::DEFAULT).await);
    Ok(bytes)
}

/// Waits for what was dropped, pasted or chosen, and passes it on.
pub(super) fn arrive(
    sender: &ComponentSender<Verification>,
    arrival: impl Future<Output = Result<Arrival, NoArrival>> + 'static,
) {
    let input = sender.input_sender().clone();
    glib::spawn_future_local(async move {
        let arrived = arrival.await;
        // The dialog may be closed by then.
        drop(input.send(VerificationMsg::Arrived(arrived)));
    });
}

/// Lets the user choose a picture.
pub(super) fn choose(root: &adw::Dialog, sender: &ComponentSender<Verification>) {
    let pictures = gtk::FileFilter::new();
    pictures.set_name(Some(&gettext("Pictures")));
    for kind in PICTURES {
        pictures.add_mime_type(kind);
    }
    let dialog = gtk::FileDialog::builder()
        .title(gettext("Picture of a Code"))
        .default_filter(&pictures)
        .build();
    let window = root.root().and_downcast::<gtk::Window>();
    let input = sender.input_sender().clone();
    glib::spawn_future_local(async move {
        // Without a file the user changed their mind.
        if let Ok(file) = dialog.open_future(window.as_ref()).await {
            drop(input.send(VerificationMsg::Chosen(file)));
        }
    });
}

/// Takes files and texts that are dropped anywhere on the dialog.
pub(super) fn accept_drops(target: &adw::ToastOverlay, input: &Sender<VerificationMsg>) {
    let drops = gtk::DropTarget::new(glib::Type::INVALID, gdk::DragAction::COPY);
    drops.set_types(&[gdk::FileList::static_type(), glib::Type::STRING]);
    let input = input.clone();
    drops.connect_drop(move |_, dropped, _, _| {
        if let Ok(files) = dropped.get::<gdk::FileList>() {
            let Some(file) = files.files().into_iter().next() else {
                return false;
            };
            input.emit(VerificationMsg::Chosen(file));
        } else if let Ok(text) = dropped.get::<String>() {
            input.emit(VerificationMsg::Dropped(text));
        } else {
            return false;
        }
        true
    });
    target.add_controller(drops);
}

/// Takes what was copied when the usual keys are pressed.
pub(super) fn accept_paste(dialog: &adw::Dialog, input: &Sender<VerificationMsg>) {
    let keys = gtk::ShortcutController::new();
    let input = input.clone();
    keys.add_shortcut(gtk::Shortcut::new(
        gtk::ShortcutTrigger::parse_string("<Control>v"),
        Some(gtk::CallbackAction::new(move |_, _| {
            input.emit(VerificationMsg::Paste);
            glib::Propagation::Stop
        })),
    ));
    dialog.add_controller(keys);
}
