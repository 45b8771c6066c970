//! Writing a chat to a file: where to, how far it is, and giving up.

use std::cell::RefCell;
use std::rc::Rc;

use relm4::adw::prelude::*;
use relm4::gtk::{gio, glib};
use relm4::{Sender, adw, gtk};

use super::App;
use super::message::AppMsg;
use crate::engine::api::Engine;
use crate::engine::export::Format;
use crate::engine::model::ConversationRow;
use crate::ui::errors;
use crate::ui::format;
use crate::ui::i18n::{fill, gettext};

impl App {
    /// Asks where to, and writes the chat there.
    pub(super) fn export(&self, row: ConversationRow, input: &Sender<AppMsg>) {
        let Some(parts) = &self.parts else { return };
        let (engine, input) = (parts.engine.clone(), input.clone());
        let (window, dialog) = (self.window.clone(), file_dialog(&row.name));
        glib::spawn_future_local(async move {
            // Nothing was chosen, or the desktop has no such dialog.
            let Ok(file) = dialog.save_future(Some(&window)).await else {
                return;
            };
            write(&window, engine, row, &file, input);
        });
    }
}

fn file_dialog(name: &str) -> gtk::FileDialog {
    let filters = gio::ListStore::new::<gtk::FileFilter>();
    for (words, suffix) in [
        (gettext("Text, for people"), "txt"),
        (gettext("JSON, for programs"), "json"),
    ] {
        let filter = gtk::FileFilter::new();
        filter.set_name(Some(&words));
        filter.add_suffix(suffix);
        filters.append(&filter);
    }
    gtk::FileDialog::builder()
        .title(gettext("Export Chat"))
        .initial_name(file_name(name))
        .filters(&filters)
        .modal(true)
        .build()
}

/// Returns the name of a file for a chat: what may not stand in one is left out
/// (attack A30).
fn file_name(name: &str) -> String {
    let kept: String = name
        .chars()
        .filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_' | '@' | '.'))
        .take(60)
        .collect();
    let kept = kept.trim().trim_start_matches('.');
    let kept = if kept.is_empty() { "chat" } else { kept };
    format!(
        "{kept} {}.txt",
        format::now().format("%F").unwrap_or_default()
    )
}

/// Writes the chat; the dialog says how far it is, and closing it gives up.
fn write(
    window: &adw::ApplicationWindow,
    engine: Engine,
    row: ConversationRow,
    file: &gio::File,
    input: Sender<AppMsg>,
) {
    let Some(path) = file.path() else {
        input.emit(AppMsg::Notice(gettext(
            "The chat can only be exported to this computer.",
        )));
        return;
    };
    let is_json = path
        .extension()
        .is_some_and(|suffix| suffix.eq_ignore_ascii_case("json"));
    let format = if is_json { Format::Json } else { Format::Text };
    let bar = gtk::ProgressBar::new();
    bar.update_property(&[gtk::accessible::Property::Label(&gettext("Exporting"))]);
    let dialog = adw::AlertDialog::new(Some(&gettext("Exporting the Chat")), None);
    dialog.set_extra_child(Some(&bar));
    dialog.add_response("cancel", &gettext("_Cancel"));
    dialog.set_close_response("cancel");
    let running: Rc<RefCell<Option<glib::JoinHandle<()>>>> = Rc::default();
    let handle = running.clone();
    dialog.connect_response(None, move |_, _| {
        // Ending it leaves no file.
        if let Some(running) = handle.take() {
            running.abort();
        }
    });
    dialog.present(Some(window));
    let mine = running.clone();
    let export = glib::spawn_future_local(async move {
        let told = |done: usize, of: usize| bar.set_fraction(done as f64 / of.max(1) as f64);
        let done = engine.export_chat(row.id, format, &path, told).await;
        // It is over: there is nothing left to give up.
        mine.take();
        dialog.force_close();
        input.emit(AppMsg::Notice(match done {
            Ok(()) => fill(
                &gettext("The chat with {name} is exported."),
                &[("name", &row.name)],
            ),
            Err(error) => errors::export(&error),
        }));
    });
    running.replace(Some(export));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a30_a_name_becomes_a_harmless_file() {
        for (name, begins) in [
            ("Juliet Capulet", "Juliet Capulet "),
            ("../../etc/passwd", "etcpasswd "),
            (".hidden\u{202e}", "hidden "),
            ("/\0", "chat "),
        ] {
            let file = file_name(name);
            assert!(file.starts_with(begins), "{file}");
            assert!(!file.contains('/'), "{file}");
        }
    }
}
