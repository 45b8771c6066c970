//! What is dropped, pasted or chosen becomes a text or the bytes of a picture,
//! and never more of them than a picture may have.

use relm4::adw::{self, prelude::*};
use relm4::gtk::{self, gdk, gio, glib};
use relm4::{ComponentSender, Sender};

use super::{Verification, VerificationMsg};
use crate::ui::composer::clipboard::read_text;
use crate::ui::i18n::gettext;
use crate::ui::widgets::picture_file;

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
    let offered: Vec<&str> = picture_file::KINDS
        .into_iter()
        .filter(|kind| formats.contain_mime_type(kind))
        .collect();
    if !offered.is_empty() {
        let read = clipboard
            .read_future(&offered, glib::Priority::DEFAULT)
            .await;
        let (stream, _) = read.map_err(|_| NoArrival::Unreadable)?;
        return picture(&stream).await.map(Arrival::Picture);
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
    let bytes = picture(stream.upcast_ref()).await?;
    Ok(match std::str::from_utf8(&bytes) {
        Ok(text) if text.trim_start().starts_with("xmpp:") => Arrival::Text(text.to_owned()),
        _ => Arrival::Picture(bytes),
    })
}

async fn picture(stream: &gio::InputStream) -> Result<Vec<u8>, NoArrival> {
    let bytes = picture_file::read(stream).await;
    bytes.map_err(|_| NoArrival::Unreadable)
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
    let window = root.root().and_downcast::<gtk::Window>();
    let input = sender.input_sender().clone();
    glib::spawn_future_local(async move {
        let title = gettext("Picture of a Code");
        if let Some(file) = picture_file::choose(&title, window.as_ref()).await {
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
