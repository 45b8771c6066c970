//! The way to an account's server: host and port, the proxy, and whom to
//! believe. Most people never need any of it.
//!
//! Each text is checked before it is taken over with the tick at the end of its
//! row; what is wrong is told below the rows, and nothing is changed.

use relm4::adw::prelude::*;
use relm4::gtk::gio;
use relm4::{Sender, adw, gtk};

use super::PreferencesMsg;
use crate::engine::model::Account;
use crate::ui::account_setup::form::{host_and_port, proxy};
use crate::ui::account_setup::form_trouble;
use crate::ui::errors::{Field, Trouble};
use crate::ui::i18n::gettext;
use crate::ui::widgets::voice;

/// Letters and digits of a SHA-256 sum.
const KEY_LENGTH: usize = 64;

/// Returns the groups of rows.
pub fn groups(account: &Account, input: &Sender<PreferencesMsg>) -> [adw::PreferencesGroup; 3] {
    [
        server(account, input),
        by_proxy(account, input),
        certificates(account, input),
    ]
}

/// Host and port, checked before they are taken over.
fn server(account: &Account, input: &Sender<PreferencesMsg>) -> adw::PreferencesGroup {
    let group = adw::PreferencesGroup::builder()
        .title(gettext("Server"))
        .description(gettext(
            "Only if your provider says so. Left empty, the server is found by the address.",
        ))
        .build();
    let host = adw::EntryRow::builder()
        .title(gettext("Host"))
        .text(account.host.as_deref().unwrap_or_default())
        .show_apply_button(true)
        .build();
    let port = adw::EntryRow::builder()
        .title(gettext("Port"))
        .text(
            account
                .port
                .map_or_else(String::new, |port| port.to_string()),
        )
        .input_purpose(gtk::InputPurpose::Digits)
        .show_apply_button(true)
        .build();
    group.add(&host);
    group.add(&port);
    let trouble = alert();
    group.add(&trouble);
    for row in [&host, &port] {
        let (host, port, trouble) = (host.downgrade(), port.downgrade(), trouble.clone());
        let (sender, id) = (input.clone(), account.id);
        row.connect_apply(move |_| {
            let (Some(host), Some(port)) = (host.upgrade(), port.upgrade()) else {
                return;
            };
            let wrong = match host_and_port(&host.text(), &port.text()) {
                Ok((host, port)) => {
                    sender.emit(PreferencesMsg::Server(id, host, port));
                    None
                }
                Err(error) => Some(form_trouble(&error, "")),
            };
            let field = wrong.as_ref().map(|wrong| wrong.field);
            mark(&host, field == Some(Field::Server));
            mark(&port, field == Some(Field::Port));
            tell(&trouble, wrong.as_ref());
        });
    }
    group
}

/// The proxy.
fn by_proxy(account: &Account, input: &Sender<PreferencesMsg>) -> adw::PreferencesGroup {
    let group = adw::PreferencesGroup::builder()
        .title(gettext("Proxy"))
        .description(gettext(
            "Everything of this account goes through the proxy, and no name is looked up without it. Tor’s is 127.0.0.1:9050.",
        ))
        .build();
    let (sender, id) = (input.clone(), account.id);
    let row = checked_row(
        // Translators: SOCKS5 is the kind of proxy; the row holds host:port.
        &gettext("SOCKS5 Proxy"),
        &account.proxy,
        &group,
        |typed| proxy(typed).map_err(|error| form_trouble(&error, "")),
        move |proxy| sender.emit(PreferencesMsg::Proxy(id, proxy)),
    );
    row.set_input_purpose(gtk::InputPurpose::Url);
    group
}

/// The certificate to sign in with, and the key the server must have.
fn certificates(account: &Account, input: &Sender<PreferencesMsg>) -> adw::PreferencesGroup {
    let group = adw::PreferencesGroup::builder()
        .title(gettext("Certificates"))
        .description(gettext(
            "A pinned key takes the place of the check of the server’s certificate, of its issuer, name and dates: only the server with this key is connected to. The operator of the server can tell it.",
        ))
        .build();
    let (sender, id) = (input.clone(), account.id);
    let file = checked_row(
        // Translators: a row for the path of a file.
        &gettext("File with My Certificate and Key"),
        &account.client_certificate,
        &group,
        file_path,
        move |path| sender.emit(PreferencesMsg::ClientCertificate(id, path)),
    );
    file.add_suffix(&choose_button(&file));
    let (sender, id) = (input.clone(), account.id);
    checked_row(
        &gettext("Pinned Key of the Server (SHA-256)"),
        &account.pinned_key,
        &group,
        pinned_key,
        move |key| sender.emit(PreferencesMsg::PinnedKey(id, key)),
    );
    group
}

/// Adds a row to the group whose text is taken over when it is right.
fn checked_row(
    title: &str,
    text: &str,
    group: &adw::PreferencesGroup,
    check: impl Fn(&str) -> Result<String, Trouble> + 'static,
    take: impl Fn(String) + 'static,
) -> adw::EntryRow {
    let row = adw::EntryRow::builder()
        .title(title)
        .text(text)
        .show_apply_button(true)
        .build();
    group.add(&row);
    let trouble = alert();
    group.add(&trouble);
    row.connect_apply(move |row| {
        let checked = check(&row.text());
        mark(row, checked.is_err());
        tell(&trouble, checked.as_ref().err());
        if let Ok(text) = checked {
            take(text);
        }
    });
    row
}

/// Returns the button that finds the file of a row.
fn choose_button(row: &adw::EntryRow) -> gtk::Button {
    let title = gettext("Choose a Certificate File");
    let button = gtk::Button::builder()
        .icon_name("document-open-symbolic")
        .tooltip_text(&title)
        .valign(gtk::Align::Center)
        .css_classes(["flat"])
        .build();
    let row = row.downgrade();
    button.connect_clicked(move |button| {
        let window = button.root().and_downcast::<gtk::Window>();
        let row = row.clone();
        let dialog = gtk::FileDialog::builder().title(&title).modal(true).build();
        dialog.open(window.as_ref(), gio::Cancellable::NONE, move |chosen| {
            let path = chosen.ok().and_then(|file| file.path());
            if let (Some(path), Some(row)) = (path, row.upgrade()) {
                row.set_text(&path.to_string_lossy());
                row.emit_by_name::<()>("apply", &[]);
            }
        });
    });
    button
}

/// Returns the path of a file as the engine takes it. That it can be read shows
/// when the account connects.
fn file_path(typed: &str) -> Result<String, Trouble> {
    let typed = typed.trim();
    if typed.is_empty() || typed.starts_with('/') {
        return Ok(typed.to_owned());
    }
    Err(Trouble {
        title: gettext("This is not a whole path"),
        text: gettext("A path begins with a slash, such as /home/romeo/romeo.pem."),
        field: Field::None,
    })
}

/// Returns a key as the engine takes it, also from the form with colons.
fn pinned_key(typed: &str) -> Result<String, Trouble> {
    let key: String = typed
        .chars()
        .filter(|c| !c.is_whitespace() && *c != ':')
        .collect();
    if key.is_empty() || (key.len() == KEY_LENGTH && key.chars().all(|c| c.is_ascii_hexdigit())) {
        return Ok(key.to_ascii_lowercase());
    }
    Err(Trouble {
        title: gettext("This is not a key"),
        text: gettext(
            "The SHA-256 sum of a key has 64 characters: digits, and letters from a to f. Colons and spaces between them do not matter.",
        ),
        field: Field::None,
    })
}

fn alert() -> gtk::Label {
    gtk::Label::builder()
        .css_classes(["error"])
        .wrap(true)
        .xalign(0.0)
        .margin_top(6)
        .margin_bottom(6)
        .visible(false)
        .accessible_role(gtk::AccessibleRole::Alert)
        .build()
}

fn tell(alert: &gtk::Label, wrong: Option<&Trouble>) {
    alert.set_visible(wrong.is_some());
    if let Some(wrong) = wrong {
        let words = format!("{}. {}", wrong.title, wrong.text);
        alert.set_label(&words);
        voice::say(alert, &words, true);
    }
}

fn mark(row: &adw::EntryRow, is_wrong: bool) {
    if is_wrong {
        row.add_css_class("error");
        row.grab_focus();
    } else {
        row.remove_css_class("error");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_taken_in_each_form_it_is_written_in() {
        let bare = "0f".repeat(32);
        let with_colons = vec!["0F"; 32].join(":");

        assert_eq!(pinned_key(&bare).as_ref(), Ok(&bare));
        assert_eq!(pinned_key(&with_colons).as_ref(), Ok(&bare));
        assert_eq!(pinned_key("  "), Ok(String::new()));
        assert!(pinned_key("0f").is_err());
        assert!(pinned_key(&"0g".repeat(32)).is_err());
    }

    #[test]
    fn a_path_of_a_file_is_whole() {
        assert!(file_path("/home/romeo/romeo.pem").is_ok());
        assert!(file_path("").is_ok());
        assert!(file_path("romeo.pem").is_err());
    }
}
