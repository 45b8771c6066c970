//! Setting things to taste: what is set, what that does, and what the keyboard
//! reaches.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use relm4::gtk::gio::prelude::ActionGroupExt;
use stonechat::engine::api::Command;
use stonechat::engine::model::{
    AccountEdit, ConnectionProblem, ConnectionState, ConversationId, PasswordPlace, Preferences,
    Setting, StyleChoice, WindowPlace,
};
use stonechat::engine::testing;

use crate::Test;
use crate::keyboard::press;
use crate::scene::{JULIET, ROMEO, Scene, now, texts, verona};
use crate::support::{all, frames, shot, until};

pub const TESTS: &[Test] = &[
    (
        "preferences_open_by_a_key_and_escape_closes_them",
        preferences_open_by_a_key_and_escape_closes_them,
    ),
    (
        "each_privacy_switch_says_what_others_notice_and_is_kept",
        each_privacy_switch_says_what_others_notice_and_is_kept,
    ),
    (
        "a_dark_style_takes_effect_at_once",
        a_dark_style_takes_effect_at_once,
    ),
    (
        "larger_text_takes_effect_at_once_and_clips_nothing",
        larger_text_takes_effect_at_once_and_clips_nothing,
    ),
    (
        "what_was_set_is_there_at_the_next_start",
        what_was_set_is_there_at_the_next_start,
    ),
    (
        "a_setting_is_found_by_a_word_for_it",
        a_setting_is_found_by_a_word_for_it,
    ),
    (
        "preferences_work_in_a_narrow_window",
        preferences_work_in_a_narrow_window,
    ),
    (
        "an_account_tells_its_state_and_can_be_switched_off",
        an_account_tells_its_state_and_can_be_switched_off,
    ),
    (
        "an_account_gets_label_and_colour",
        an_account_gets_label_and_colour,
    ),
    (
        "a_host_that_is_none_is_told_in_words",
        a_host_that_is_none_is_told_in_words,
    ),
    (
        "a_proxy_a_certificate_and_a_key_are_checked_and_kept",
        a_proxy_a_certificate_and_a_key_are_checked_and_kept,
    ),
    (
        "the_place_of_a_password_is_chosen_and_said_plainly",
        the_place_of_a_password_is_chosen_and_said_plainly,
    ),
    (
        "an_account_is_removed_only_after_a_question",
        an_account_is_removed_only_after_a_question,
    ),
    (
        "another_account_can_be_added_and_the_page_left_again",
        another_account_can_be_added_and_the_page_left_again,
    ),
    (
        "the_last_chat_is_pointed_at_and_not_opened",
        the_last_chat_is_pointed_at_and_not_opened,
    ),
    (
        "the_window_and_its_chat_are_remembered",
        the_window_and_its_chat_are_remembered,
    ),
    (
        "a_window_that_could_not_read_the_settings_writes_none",
        a_window_that_could_not_read_the_settings_writes_none,
    ),
    (
        "every_control_of_the_preferences_has_a_name",
        every_control_of_the_preferences_has_a_name,
    ),
];

const PAGES: [&str; 7] = [
    "Accounts",
    "Appearance",
    "Notifications",
    "Privacy",
    "Encryption",
    "Writing",
    "Advanced",
];

pub fn preferences(scene: &Scene) -> adw::Dialog {
    ActionGroupExt::activate_action(&scene.window, "preferences", None);
    until("the preferences", || {
        scene.settle();
        scene.window.visible_dialog().is_some()
    });
    scene.window.visible_dialog().unwrap()
}

/// Chooses a page from the list.
pub fn page(scene: &Scene, dialog: &adw::Dialog, name: &str) {
    let row = all::<gtk::ListBoxRow>(dialog, |row| {
        row.ancestor(gtk::ListBox::static_type())
            .is_some_and(|list| list.has_css_class("navigation-sidebar"))
            && all::<gtk::Label>(row, |label| label.text() == name).len() == 1
    });
    let row = row.first().unwrap_or_else(|| panic!("no page {name}"));
    let list = row.parent().and_downcast::<gtk::ListBox>().unwrap();
    list.emit_by_name::<()>("row-activated", &[row]);
    scene.settle();
}

pub fn row<T: IsA<gtk::Widget> + IsA<adw::PreferencesRow>>(dialog: &adw::Dialog, title: &str) -> T {
    all::<T>(dialog, |row| {
        row.is_mapped() && {
            let said = row.upcast_ref::<adw::PreferencesRow>().title();
            // An address is marked as text without hyphens.
            said == title || said.contains(&format!(">{title}<"))
        }
    })
    .into_iter()
    .next()
    .unwrap_or_else(|| panic!("no row {title}: {}", texts(dialog)))
}

fn choose(scene: &Scene, dialog: &adw::Dialog, title: &str) {
    let row: adw::ActionRow = row(dialog, title);
    all::<gtk::CheckButton>(&row, |_| true)[0].set_active(true);
    scene.settle();
}

/// What was set, as the engine was told.
fn taken_settings(scene: &mut Scene) -> Vec<Setting> {
    scene
        .take_commands()
        .into_iter()
        .filter_map(|command| match command {
            Command::Set(settings) => Some(settings),
            _ => None,
        })
        .flatten()
        .collect()
}

pub fn account_page(scene: &Scene, dialog: &adw::Dialog) {
    row::<adw::ActionRow>(dialog, ROMEO).emit_by_name::<()>("activated", &[]);
    until("the page of the account", || {
        scene.settle();
        texts(dialog).contains("How It Shows")
    });
}

/// Ends what a test set for the whole program.
struct Usual {
    dpi: i32,
    scheme: adw::ColorScheme,
}

impl Usual {
    fn new() -> Self {
        Self {
            dpi: gtk::Settings::default().unwrap().gtk_xft_dpi(),
            scheme: adw::StyleManager::default().color_scheme(),
        }
    }
}

impl Drop for Usual {
    fn drop(&mut self) {
        gtk::Settings::default().unwrap().set_gtk_xft_dpi(self.dpi);
        adw::StyleManager::default().set_color_scheme(self.scheme);
    }
}

fn preferences_open_by_a_key_and_escape_closes_them() {
    let (scene, _) = verona();

    press(&scene, &["ctrl+comma"]);
    until("the preferences", || {
        scene.settle();
        scene.window.visible_dialog().is_some()
    });
    let dialog = scene.window.visible_dialog().unwrap();
    let focus = GtkWindowExt::focus(&scene.window).unwrap();
    assert!(
        focus.ancestor(gtk::SearchEntry::static_type()).is_some(),
        "search comes first"
    );
    for name in PAGES {
        assert!(texts(&dialog).contains(name), "{name}");
    }
    shot(&scene.window, "preferences");

    press(&scene, &["Escape"]);
    until("the end of the preferences", || {
        scene.settle();
        scene.window.visible_dialog().is_none()
    });
}

fn each_privacy_switch_says_what_others_notice_and_is_kept() {
    let (mut scene, _) = verona();
    let dialog = preferences(&scene);
    page(&scene, &dialog, "Privacy");
    shot(&scene.window, "preferences-privacy");
    scene.take_commands();
    let switches = [
        ("Say That I Am Typing", "Your contacts see “typing…”"),
        (
            "Confirm That a Message Arrived",
            "The sender sees two ticks",
        ),
        (
            "Show How Far I Have Read",
            "Your contacts see which messages you have read",
        ),
    ];
    for (title, notice) in switches {
        let row: adw::SwitchRow = row(&dialog, title);
        assert!(row.is_active(), "{title}");
        assert!(texts(&row).contains(notice), "{}", texts(&row));
        row.set_active(false);
    }

    assert_eq!(
        taken_settings(&mut scene),
        [
            Setting::TellsTyping(false),
            Setting::SendsReceipts(false),
            Setting::SendsReadMarkers(false)
        ]
    );
    row::<adw::SwitchRow>(&dialog, "Say That I Am Typing").set_active(true);
    assert_eq!(taken_settings(&mut scene), [Setting::TellsTyping(true)]);
    assert_eq!(taken_settings(&mut scene), [], "nothing echoes");
}

fn a_dark_style_takes_effect_at_once() {
    let _usual = Usual::new();
    let (mut scene, _) = verona();
    let dialog = preferences(&scene);
    page(&scene, &dialog, "Appearance");
    scene.take_commands();

    choose(&scene, &dialog, "Dark");

    assert_eq!(
        taken_settings(&mut scene),
        [Setting::Style(StyleChoice::Dark)]
    );
    assert!(adw::StyleManager::default().is_dark());
    scene.settle();
    shot(&scene.window, "preferences-dark");
    choose(&scene, &dialog, "Light");
    assert!(!adw::StyleManager::default().is_dark());
    assert_eq!(
        taken_settings(&mut scene),
        [Setting::Style(StyleChoice::Light)]
    );
}

fn larger_text_takes_effect_at_once_and_clips_nothing() {
    let _usual = Usual::new();
    let usual = gtk::Settings::default().unwrap().gtk_xft_dpi();
    let (mut scene, _) = verona();
    scene.window.set_default_size(360, 640);
    until("the narrow window", || scene.window.width() <= 360);
    let dialog = preferences(&scene);
    page(&scene, &dialog, "Appearance");
    scene.take_commands();

    row::<adw::SpinRow>(&dialog, "Text Size").set_value(200.0);

    assert_eq!(taken_settings(&mut scene), [Setting::TextSize(200)]);
    assert_eq!(gtk::Settings::default().unwrap().gtk_xft_dpi(), usual * 2);
    frames(&scene.window, 3);
    for name in PAGES {
        page(&scene, &dialog, name);
        scene.settle();
        shot(&scene.window, &format!("preferences-large-{name}"));
        let child = dialog.child().unwrap();
        let least = child.measure(gtk::Orientation::Horizontal, -1).0;
        assert!(least <= 360, "{name} needs {least}");
    }
    page(&scene, &dialog, "Accounts");
    account_page(&scene, &dialog);
    shot(&scene.window, "preferences-large-account");
    let least = dialog
        .child()
        .unwrap()
        .measure(gtk::Orientation::Horizontal, -1)
        .0;
    assert!(least <= 360, "the account needs {least}");
}

fn what_was_set_is_there_at_the_next_start() {
    let _usual = Usual::new();
    let usual = gtk::Settings::default().unwrap().gtk_xft_dpi();
    let set = Preferences {
        tells_typing: false,
        style: StyleChoice::Dark,
        text_size_percent: 150,
        window: WindowPlace {
            width: 900,
            height: 600,
            is_maximized: false,
        },
        ..Preferences::default()
    };

    let mut scene = Scene::launch(|tx| {
        testing::account(tx, ROMEO);
        testing::preferences(tx, &set);
    });

    assert!(adw::StyleManager::default().is_dark());
    assert_eq!(
        gtk::Settings::default().unwrap().gtk_xft_dpi(),
        usual * 3 / 2
    );
    let dialog = preferences(&scene);
    page(&scene, &dialog, "Appearance");
    assert!(
        row::<adw::SpinRow>(&dialog, "Text Size").value() > 149.0,
        "{}",
        texts(&dialog)
    );
    page(&scene, &dialog, "Privacy");
    assert!(!row::<adw::SwitchRow>(&dialog, "Say That I Am Typing").is_active());
    assert_eq!(taken_settings(&mut scene), [], "showing is not setting");
}

fn a_setting_is_found_by_a_word_for_it() {
    let (scene, _) = verona();
    let dialog = preferences(&scene);
    let search = all::<gtk::SearchEntry>(&dialog, |_| true).remove(0);

    search.set_text("letters");
    scene.settle();
    shot(&scene.window, "preferences-search");
    assert!(texts(&dialog).contains("Text Size Appearance"));
    search.emit_by_name::<()>("activate", &[]);
    scene.settle();

    let size: adw::SpinRow = row(&dialog, "Text Size");
    let focus = GtkWindowExt::focus(&scene.window).unwrap();
    assert!(focus == *size.upcast_ref::<gtk::Widget>() || focus.is_ancestor(&size));

    search.set_text("quantum");
    scene.settle();
    assert!(texts(&dialog).contains("Nothing found"));
}

fn preferences_work_in_a_narrow_window() {
    let (scene, _) = verona();
    scene.window.set_default_size(360, 640);
    until("the narrow window", || scene.window.width() <= 360);
    scene.settle();
    let dialog = preferences(&scene);
    let split = all::<adw::NavigationSplitView>(&dialog, |_| true).remove(0);
    until("the narrow dialog", || {
        scene.settle();
        split.is_collapsed()
    });
    shot(&scene.window, "preferences-narrow-list");
    assert!(!split.shows_content());

    page(&scene, &dialog, "Accounts");
    shot(&scene.window, "preferences-narrow-accounts");
    assert!(split.shows_content());
    account_page(&scene, &dialog);
    shot(&scene.window, "preferences-narrow-account");

    // One step back for each press.
    for still_there in [true, true, false] {
        assert!(
            std::process::Command::new("xdotool")
                .args(["mousemove", "180", "300"])
                .status()
                .unwrap()
                .success()
        );
        press(&scene, &["Escape"]);
        until("one step back", || {
            scene.settle();
            scene.window.visible_dialog().is_some() == still_there
        });
    }
}

fn an_account_tells_its_state_and_can_be_switched_off() {
    let (mut scene, _) = verona();
    let dialog = preferences(&scene);
    assert!(texts(&row::<adw::ActionRow>(&dialog, ROMEO)).contains("Online"));
    scene.commands.set_connection(
        scene.account,
        ConnectionState::Waiting {
            problem: ConnectionProblem::ConnectionLost,
            retry_at: now() + 40_500,
        },
    );
    scene.settle();
    let said = texts(&row::<adw::ActionRow>(&dialog, ROMEO));
    assert!(said.contains("Offline. Trying again in 4"), "{said}");
    scene.take_commands();

    let switch = all::<gtk::Switch>(&row::<adw::ActionRow>(&dialog, ROMEO), |_| true).remove(0);
    switch.set_active(false);

    let commands = scene.take_commands();
    assert_eq!(
        commands,
        [Command::EnableAccount {
            account: scene.account,
            is_enabled: false
        }]
    );
    obey(&scene, commands);
    assert!(texts(&row::<adw::ActionRow>(&dialog, ROMEO)).contains("Switched off"));
    assert!(scene.take_commands().is_empty(), "nothing echoes");
}

fn obey(scene: &Scene, commands: Vec<Command>) {
    for command in commands {
        Scene::block_on(scene.commands.obeys(command)).unwrap();
    }
    scene.settle();
    scene.settle();
}

fn an_account_gets_label_and_colour() {
    let (mut scene, _) = verona();
    let dialog = preferences(&scene);
    account_page(&scene, &dialog);
    shot(&scene.window, "preferences-account");
    scene.take_commands();

    let label: adw::EntryRow = row(&dialog, "Label");
    label.set_text(" Theatre ");
    label.emit_by_name::<()>("apply", &[]);
    let purple = all::<gtk::CheckButton>(&dialog, |button| {
        button.tooltip_text().as_deref() == Some("Purple")
    })
    .remove(0);
    purple.set_active(true);

    let commands = scene.take_commands();
    let edit = |label: &str, colour| Command::EditAccount {
        account: scene.account,
        edit: AccountEdit {
            label: label.to_owned(),
            colour,
            ..AccountEdit::default()
        },
    };
    assert_eq!(commands, [edit("Theatre", 0), edit("Theatre", 8)]);
    obey(&scene, commands);
    assert_eq!(row::<adw::EntryRow>(&dialog, "Label").text(), " Theatre ");
    assert_eq!(
        all::<gtk::CheckButton>(&dialog, |button| button.has_css_class("account-colour")).len(),
        10
    );
}

fn a_host_that_is_none_is_told_in_words() {
    let (mut scene, _) = verona();
    let dialog = preferences(&scene);
    account_page(&scene, &dialog);
    scene.take_commands();
    let apply = |title: &str, text: &str| {
        let entry: adw::EntryRow = row(&dialog, title);
        entry.set_text(text);
        entry.emit_by_name::<()>("apply", &[]);
        scene.settle();
        (entry.has_css_class("error"), texts(&dialog))
    };

    let (is_marked, said) = apply("Port", "5222");
    assert!(!is_marked && said.contains("The host is missing"), "{said}");
    let (is_marked, said) = apply("Host", "https://chat.example.org");
    assert!(is_marked && said.contains("This is not a host"), "{said}");
    row::<adw::EntryRow>(&dialog, "Host").set_text("chat.example.org");
    let (is_marked, said) = apply("Port", "99999");
    assert!(is_marked && said.contains("This is not a port"), "{said}");
    let (is_marked, said) = apply("Port", "5299");
    assert!(!is_marked && !said.contains("This is not"), "{said}");

    assert_eq!(
        scene.take_commands(),
        [Command::EditAccount {
            account: scene.account,
            edit: AccountEdit {
                host: Some("chat.example.org".to_owned()),
                port: Some(5299),
                ..AccountEdit::default()
            },
        }]
    );
}

fn a_proxy_a_certificate_and_a_key_are_checked_and_kept() {
    let (mut scene, _) = verona();
    let dialog = preferences(&scene);
    account_page(&scene, &dialog);
    scene.take_commands();
    let apply = |title: &str, text: &str| {
        let entry: adw::EntryRow = row(&dialog, title);
        entry.set_text(text);
        entry.emit_by_name::<()>("apply", &[]);
        scene.settle();
        (entry.has_css_class("error"), texts(&dialog))
    };
    let key = "File with My Certificate and Key";
    let pin = "Pinned Key of the Server (SHA-256)";

    let (is_marked, said) = apply("SOCKS5 Proxy", "127.0.0.1");
    assert!(is_marked && said.contains("This is not a proxy"), "{said}");
    shot(&scene.window, "preferences-account-proxy");
    let (is_marked, said) = apply("SOCKS5 Proxy", "127.0.0.1:9050");
    assert!(
        !is_marked && !said.contains("This is not a proxy"),
        "{said}"
    );
    let (is_marked, said) = apply(key, "romeo.pem");
    assert!(is_marked && said.contains("not a whole path"), "{said}");
    assert!(!apply(key, "/home/romeo/romeo.pem").0);
    let (is_marked, said) = apply(pin, "0f:0f");
    assert!(is_marked && said.contains("This is not a key"), "{said}");
    assert!(!apply(pin, &["0F"; 32].join(":")).0);

    let edit = AccountEdit {
        proxy: "127.0.0.1:9050".to_owned(),
        ..AccountEdit::default()
    };
    let with_file = AccountEdit {
        client_certificate: "/home/romeo/romeo.pem".to_owned(),
        ..edit.clone()
    };
    let with_pin = AccountEdit {
        pinned_key: "0f".repeat(32),
        ..with_file.clone()
    };
    let account = scene.account;
    let edits = [edit, with_file, with_pin].map(|edit| Command::EditAccount { account, edit });
    assert_eq!(scene.take_commands(), edits);
}

fn the_place_of_a_password_is_chosen_and_said_plainly() {
    let (mut scene, _) = verona();
    let dialog = preferences(&scene);
    account_page(&scene, &dialog);
    scene.take_commands();
    assert!(texts(&dialog).contains("whoever can read your files can read the password"));

    choose(&scene, &dialog, "Keep in a File");
    let place = Command::PasswordPlace {
        account: scene.account,
        place: PasswordPlace::File,
    };
    let commands = scene.take_commands();
    assert_eq!(commands, [place]);
    obey(&scene, commands);

    let field: adw::PasswordEntryRow = row(&dialog, "Replace the Password Used Here");
    field.set_text("wherefore");
    field.emit_by_name::<()>("apply", &[]);
    let commands = scene.take_commands();
    assert!(
        matches!(&commands[..], [Command::Password { account, password }] if *account == scene.account && password.reveal() == "wherefore"),
        "{commands:?}"
    );
    assert_eq!(field.text(), "");
}

fn an_account_is_removed_only_after_a_question() {
    let (mut scene, _) = verona();
    for (choice, keeps_history) in [(None, true), (Some("Remove with its history"), false)] {
        let dialog = preferences(&scene);
        account_page(&scene, &dialog);
        scene.take_commands();

        row::<adw::ButtonRow>(&dialog, "Remove Account…").emit_by_name::<()>("activated", &[]);
        scene.settle();
        assert!(scene.take_commands().is_empty());
        assert!(scene.reads("it comes back when the account is added again"));
        shot(&scene.window, "remove-account");
        let question = scene.window.visible_dialog().unwrap();
        if let Some(choice) = choice {
            choose(&scene, &question, choice);
        }
        scene.button("Remove").emit_clicked();

        assert_eq!(
            scene.take_commands(),
            [Command::RemoveAccount {
                account: scene.account,
                keeps_history
            }]
        );
        dialog.force_close();
        scene.settle();
    }
}

fn another_account_can_be_added_and_the_page_left_again() {
    let (scene, _) = verona();
    preferences(&scene);

    scene.button("Add another account").emit_clicked();
    until("the sign-in page", || {
        scene.settle();
        all::<adw::PasswordEntryRow>(&scene.window, |row| row.is_mapped()).len() == 1
    });
    all::<adw::NavigationView>(&scene.window, |view| view.is_mapped())
        .remove(0)
        .pop();

    until("the keyboard in the list of chats", || {
        scene.settle();
        GtkWindowExt::focus(&scene.window)
            .is_some_and(|focus| focus.is_ancestor(&scene.chat_list()))
    });
}

fn the_last_chat_is_pointed_at_and_not_opened() {
    let mut mercutio = ConversationId(0);
    let mut scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        for (place, address) in [JULIET, "benvolio@example.org", "mercutio@example.org"]
            .into_iter()
            .enumerate()
        {
            let time = now() - 60_000 * i64::try_from(place).unwrap();
            mercutio = testing::conversation(tx, account, address, time);
            testing::message(
                tx,
                &testing::NewMessage::incoming(mercutio, time, "Enter, stage left"),
            );
        }
        testing::preferences(
            tx,
            &Preferences {
                last_open: Some(mercutio),
                ..Preferences::default()
            },
        );
    });

    until("the keyboard on the chat", || {
        scene.settle();
        GtkWindowExt::focus(&scene.window).is_some_and(|focus| {
            focus.is_ancestor(&scene.chat_list()) && texts(&focus).contains("mercutio@example.org")
        })
    });
    assert!(scene.reads("Choose a chat"));
    assert_eq!(
        scene.take_commands(),
        [],
        "nothing is read, nothing is told"
    );

    press(&scene, &["Return"]);
    until("the chat", || {
        scene.settle();
        scene.history().is_mapped()
    });
}

fn the_window_and_its_chat_are_remembered() {
    let (mut scene, chats) = verona();
    scene.window.set_default_size(800, 500);
    // The shadow is part of the size.
    until("the size", || scene.window.width() <= 800);
    scene.settle();
    scene.open("Juliet");
    scene.take_commands();

    scene.quit();

    let mut kept = Preferences::default();
    for _ in 0..50 {
        gtk::glib::MainContext::default().iteration(false);
        for command in scene.commands.taken_commands() {
            if let Command::Set(settings) = command {
                for setting in settings {
                    setting.apply(&mut kept);
                }
            }
        }
    }
    assert_eq!(kept.last_open, Some(Scene::chat(chats.juliet)));
    assert_eq!((kept.window.width, kept.window.height), (800, 500));
    assert!(!kept.window.is_maximized);
}

fn a_window_that_could_not_read_the_settings_writes_none() {
    let mut scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        let chat = testing::conversation(tx, account, JULIET, now());
        let message = testing::NewMessage::incoming(chat, now(), "Romeo?");
        testing::message(tx, &message);
        // One that cannot be read, as on a damaged page: "dark" is no JSON.
        tx.execute_batch(
            "ALTER TABLE settings RENAME TO settings_out_of_reach;
             INSERT OR REPLACE INTO settings_out_of_reach (key, value) VALUES ('style', 'dark');
             CREATE VIEW settings AS
                 SELECT key, json(value) AS value FROM settings_out_of_reach",
        )
        .unwrap();
    });
    scene.window.set_default_size(800, 500);
    scene.open("juliet");
    scene.take_commands();

    scene.quit();

    for _ in 0..50 {
        gtk::glib::MainContext::default().iteration(false);
    }
    assert_eq!(scene.commands.taken_commands(), []);
}

fn every_control_of_the_preferences_has_a_name() {
    let (scene, _) = verona();
    let dialog = preferences(&scene);
    for name in PAGES {
        page(&scene, &dialog, name);
        crate::window::assert_named(&scene.window);
    }
    page(&scene, &dialog, "Accounts");
    account_page(&scene, &dialog);
    crate::window::assert_named(&scene.window);
}
