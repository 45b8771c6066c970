//! The pages with devices: a contact's, and the user's own.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use stonechat::engine::api::Command;
use stonechat::engine::model::{ConnectionState, Device, Trust};
use stonechat::engine::testing::{self, NewMessage};

use crate::Test;
use crate::encryption::{DAY, LAPTOP, PHONE, device, narrow, this};
use crate::preferences::{page, preferences};
use crate::scene::{JULIET, ROMEO, Scene, now, texts};
use crate::support::{all, shot, until};
use crate::window::assert_named;

pub const TESTS: &[Test] = &[
    (
        "the_devices_of_a_contact_wait_for_a_decision",
        the_devices_of_a_contact_wait_for_a_decision,
    ),
    (
        "a_fingerprint_is_read_in_groups_and_copied_whole",
        a_fingerprint_is_read_in_groups_and_copied_whole,
    ),
    (
        "own_devices_are_removed_after_a_question",
        own_devices_are_removed_after_a_question,
    ),
    (
        "a_new_identity_says_first_what_it_means",
        a_new_identity_says_first_what_it_means,
    ),
    (
        "an_account_encrypts_by_default_or_does_not",
        an_account_encrypts_by_default_or_does_not,
    ),
    ("devices_fit_everywhere", devices_fit_everywhere),
];

const OLD: u32 = 13;
const TABLET: u32 = 21;
const DESKTOP: u32 = 22;

fn scene() -> Scene {
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        let juliet = testing::conversation(tx, account, JULIET, now());
        let message = NewMessage::incoming(juliet, now(), "Are you still awake?");
        let id = testing::message(tx, &message);
        testing::read_up_to(tx, juliet, id);
        testing::identity(tx, account, &this());
        for theirs in [
            device(PHONE, "Phone", Trust::Verified),
            Device {
                last_seen: Some(now() - DAY),
                ..device(14, "Laptop", Trust::Verified)
            },
            device(LAPTOP, "", Trust::Undecided),
            device(OLD, "Old tablet", Trust::Distrusted),
        ] {
            testing::device(tx, account, JULIET, &theirs);
        }
        for own in [
            device(DESKTOP, "Phone", Trust::Verified),
            Device {
                first_seen: now() - 300 * DAY,
                last_seen: Some(now() - 250 * DAY),
                ..device(TABLET, "Tablet", Trust::Blind)
            },
        ] {
            testing::device(tx, account, ROMEO, &own);
        }
    });
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Online);
    scene.open("Juliet");
    scene
}

#[track_caller]
fn until_reads(scene: &Scene, words: &str) {
    until(words, || {
        scene.settle();
        scene.reads(words)
    });
}

fn their_devices(scene: &Scene) -> adw::Dialog {
    let header = all::<gtk::Button>(&scene.window, |button| button.has_css_class("chat-header"));
    header[0].emit_clicked();
    until_reads(scene, "4, with one or more to confirm");
    let dialog = scene.window.visible_dialog().unwrap();
    shot(&scene.window, "details-encryption");
    let row = all::<adw::ActionRow>(&dialog, |row| row.title() == "Devices").remove(0);
    row.emit_by_name::<()>("activated", &[]);
    until_reads(scene, "Juliet Capulet’s Devices");
    scene.settle();
    dialog
}

fn own_devices(scene: &Scene) -> adw::Dialog {
    let dialog = preferences(scene);
    page(scene, &dialog, "Encryption");
    scene.settle();
    let row = all::<adw::ActionRow>(&dialog, |row| row.is_mapped() && row.title() == "Devices");
    row[0].emit_by_name::<()>("activated", &[]);
    until_reads(scene, "Your Other Devices");
    scene.settle();
    dialog
}

fn row(dialog: &adw::Dialog, number: usize) -> adw::ExpanderRow {
    all::<adw::ExpanderRow>(dialog, |row| row.is_mapped()).remove(number)
}

fn the_devices_of_a_contact_wait_for_a_decision() {
    let mut scene = scene();
    let dialog = their_devices(&scene);
    shot(&scene.window, "devices");
    let style = adw::StyleManager::default();
    style.set_color_scheme(adw::ColorScheme::ForceDark);
    scene.settle();
    shot(&scene.window, "devices-dark");
    style.set_color_scheme(adw::ColorScheme::ForceLight);
    assert_named(&dialog);

    let said = texts(&dialog);
    for words in [
        "Juliet Capulet is verified New devices are shown to you and not used until you confirm them.",
        "Phone Seen today Verified",
        "Laptop Seen yesterday Verified",
        "It is not used until you confirm it",
        "Is it Juliet Capulet’s?",
        "Old tablet You stopped using it. Nothing is encrypted for it Not used",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
    // Only what waits is open.
    let open = all::<adw::ExpanderRow>(&dialog, |row| row.is_expanded());
    assert_eq!(open.len(), 1);
    let trust = |id, trust| Command::SetTrust {
        account: scene.account,
        address: JULIET.to_owned(),
        fingerprint: device(id, "", trust).fingerprint.unwrap(),
        trust,
    };
    let (used, stopped, again) = (
        trust(LAPTOP, Trust::Blind),
        trust(PHONE, Trust::Distrusted),
        trust(OLD, Trust::Blind),
    );

    scene.button("Trust").emit_clicked();
    assert!(scene.take_commands().contains(&used));
    for (place, action, wish) in [(0, "stop", stopped), (3, "trust", again)] {
        let menu = all::<gtk::MenuButton>(&row(&dialog, place), |_| true).remove(0);
        WidgetExt::activate_action(&menu, &format!("device.{action}"), None).unwrap();
        let commands = scene.take_commands();
        assert!(commands.contains(&wish), "{commands:?}");
        Scene::block_on(scene.commands.obeys(wish)).unwrap();
        scene.settle();
    }
    until_reads(&scene, "Old tablet Seen today On trust");
}

fn a_fingerprint_is_read_in_groups_and_copied_whole() {
    let scene = scene();
    let dialog = their_devices(&scene);
    let fingerprint = device(LAPTOP, "", Trust::Undecided).fingerprint.unwrap();

    assert!(texts(&dialog).contains(&fingerprint.groups().join(" ")));
    let copies = all::<gtk::Button>(&dialog, |button| {
        button.is_mapped() && button.tooltip_text().as_deref() == Some("Copy Fingerprint")
    });
    copies[0].emit_clicked();

    let clipboard = scene.window.clipboard();
    let text = Scene::block_on(clipboard.read_text_future()).unwrap();
    assert_eq!(text.unwrap(), fingerprint.to_string());
}

fn own_devices_are_removed_after_a_question() {
    let mut scene = scene();
    let dialog = own_devices(&scene);
    shot(&scene.window, "own-devices");
    assert_named(&dialog);
    let said = texts(&dialog);
    assert!(said.contains("Stonechat on this computer Since"), "{said}");
    assert!(
        said.contains("Messages are still encrypted for it On trust"),
        "{said}"
    );
    let remove = Command::RemoveDevice {
        account: scene.account,
        device: TABLET,
    };

    let unused = all::<adw::ActionRow>(&dialog, |row| row.title() == "Remove Unused Devices…");
    unused[0].emit_by_name::<()>("activated", &[]);
    until_reads(&scene, "Remove “Tablet”?");
    shot(&scene.window, "remove-device");
    scene.button("Cancel").emit_clicked();
    assert!(!scene.take_commands().contains(&remove));
    unused[0].emit_by_name::<()>("activated", &[]);
    until_reads(&scene, "Remove “Tablet”?");
    scene.button("Remove").emit_clicked();

    assert!(scene.take_commands().contains(&remove));
}

fn a_new_identity_says_first_what_it_means() {
    let mut scene = scene();
    let dialog = own_devices(&scene);

    let rows = all::<adw::ActionRow>(&dialog, |row| row.title() == "New Encryption Identity…");
    rows[0].emit_by_name::<()>("activated", &[]);
    until_reads(&scene, "Contacts who verified you see a new device");
    shot(&scene.window, "new-identity");
    scene.button("Make New Keys").emit_clicked();

    let wish = Command::NewIdentity(scene.account);
    assert!(scene.take_commands().contains(&wish));
}

fn an_account_encrypts_by_default_or_does_not() {
    let mut scene = scene();
    let dialog = preferences(&scene);
    page(&scene, &dialog, "Encryption");
    scene.settle();
    shot(&scene.window, "preferences-encryption");
    let switch = all::<adw::SwitchRow>(&dialog, |row| {
        row.is_mapped() && row.title() == "Encrypt by Default"
    })
    .remove(0);
    assert!(switch.is_active());

    switch.set_active(false);

    let wish = Command::EncryptByDefault {
        account: scene.account,
        is_on: false,
    };
    assert_eq!(
        scene
            .take_commands()
            .into_iter()
            .filter(|command| *command == wish)
            .count(),
        1
    );
}

fn devices_fit_everywhere() {
    let settings = gtk::Settings::default().unwrap();
    let usual = settings.gtk_xft_dpi();
    // A window that is closed goes at the end of the test.
    let mut scenes = Vec::new();
    for (name, dpi) in [("narrow", usual), ("large-narrow", 192 * 1024)] {
        settings.set_gtk_xft_dpi(dpi);
        for (what, open) in [
            ("devices", their_devices as fn(&Scene) -> adw::Dialog),
            ("own-devices", own_devices),
        ] {
            let scene = scene();
            narrow(&scene);
            let dialog = open(&scene);
            shot(&scene.window, &format!("{what}-{name}"));
            let content = dialog.child().unwrap();
            let least = content.measure(gtk::Orientation::Horizontal, -1).0;
            assert!(least <= 360, "{what}, {name}: {least}");
            scenes.push(scene);
        }
    }
    settings.set_gtk_xft_dpi(usual);
}
