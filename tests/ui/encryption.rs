//! Encryption as a person meets it: the lock, the bar, the marks, the rows that
//! cannot be read.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use stonechat::engine::api::{Command, Event, NewIdentity};
use stonechat::engine::model::{
    AccountId, CannotRead, ConnectionState, ConversationId, Delivery, Device, EncryptionChoice,
    Fingerprint, LeftOut, MessageId, MessageKind, Protection, SendFailure, Timestamp, Trust,
};
use stonechat::engine::testing::{self, NewMessage};

use crate::Test;
use crate::keyboard::press;
use crate::scene::{JULIET, ROMEO, Scene, now, texts};
use crate::support::{all, shot, until};
use crate::window::{assert_named, banner};

pub const TESTS: &[Test] = &[
    (
        "the_lock_says_what_each_choice_means_and_keeps_it",
        the_lock_says_what_each_choice_means_and_keeps_it,
    ),
    (
        "the_first_message_to_somebody_is_encrypted_without_a_question",
        the_first_message_to_somebody_is_encrypted_without_a_question,
    ),
    (
        "a49_without_keys_nothing_is_sent_and_the_text_stays",
        a49_without_keys_nothing_is_sent_and_the_text_stays,
    ),
    (
        "a43_a_new_device_is_shown_and_used_only_when_confirmed",
        a43_a_new_device_is_shown_and_used_only_when_confirmed,
    ),
    (
        "a43_a_new_device_of_the_own_account_is_told",
        a43_a_new_device_of_the_own_account_is_told,
    ),
    (
        "a43_a_new_device_of_the_own_account_is_told_without_a_chat",
        a43_a_new_device_of_the_own_account_is_told_without_a_chat,
    ),
    (
        "a_new_device_of_somebody_never_verified_asks_nothing",
        a_new_device_of_somebody_never_verified_asks_nothing,
    ),
    (
        "only_this_message_is_offered_where_there_is_one",
        only_this_message_is_offered_where_there_is_one,
    ),
    (
        "a47_what_was_protected_less_than_the_chat_is_marked",
        a47_what_was_protected_less_than_the_chat_is_marked,
    ),
    (
        "each_message_that_cannot_be_read_says_why_and_what_helps",
        each_message_that_cannot_be_read_says_why_and_what_helps,
    ),
    (
        "a_message_that_encryption_stopped_has_choices",
        a_message_that_encryption_stopped_has_choices,
    ),
    (
        "a_message_says_for_which_devices_it_was_encrypted",
        a_message_says_for_which_devices_it_was_encrypted,
    ),
    (
        "a61_a_copied_profile_is_told_once",
        a61_a_copied_profile_is_told_once,
    ),
    ("encryption_fits_everywhere", encryption_fits_everywhere),
];

pub const PHONE: u32 = 11;
pub const LAPTOP: u32 = 12;
pub const DAY: Timestamp = 86_400_000;

/// A device with a key made of its number.
pub fn device(id: u32, label: &str, trust: Trust) -> Device {
    Device {
        id,
        label: label.to_owned(),
        fingerprint: Some(Fingerprint(std::array::from_fn(|place| {
            (id as u8).wrapping_mul(31).wrapping_add(place as u8 * 7)
        }))),
        trust,
        is_active: true,
        first_seen: now() - 3 * DAY,
        last_seen: Some(now()),
        is_this: false,
        has_other_key: false,
    }
}

/// The device that the program under test is.
pub fn this() -> Device {
    Device {
        is_this: true,
        first_seen: now() - 200 * DAY,
        ..device(1, "", Trust::Verified)
    }
}

/// A chat with Juliet, whose devices are these; `None`: she has none.
fn with(devices: Option<&[Device]>) -> Scene {
    filled(devices, |_, _, _| {})
}

fn filled(
    devices: Option<&[Device]>,
    fill: impl FnOnce(&rusqlite::Transaction<'_>, AccountId, ConversationId),
) -> Scene {
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        let start = now() - 60 * 60_000;
        let juliet = testing::conversation(tx, account, JULIET, start);
        testing::identity(tx, account, &this());
        testing::device_list(tx, account, JULIET, Some(devices.is_some()));
        for device in devices.into_iter().flatten() {
            testing::device(tx, account, JULIET, device);
        }
        for (text, is_own) in [("Are you still awake?", false), ("Ask!", true)] {
            let message = if is_own {
                NewMessage::outgoing(juliet, start, text, Delivery::Displayed)
            } else {
                NewMessage::incoming(juliet, start, text)
            };
            let trust = Trust::Blind;
            let message = message.protected(Protection::Omemo { trust });
            let id = testing::message(tx, &message);
            testing::read_up_to(tx, juliet, id);
        }
        fill(tx, account, juliet);
        testing::whole_history(tx, juliet);
    });
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Online);
    scene.open("Juliet");
    scene
}

fn lock(scene: &Scene) -> gtk::MenuButton {
    all::<gtk::MenuButton>(&scene.window, |button| button.has_css_class("lock")).remove(0)
}

/// What the bar says, or nothing.
fn bar(scene: &Scene) -> String {
    let bars = all::<adw::WrapBox>(&scene.window, |bar| bar.has_css_class("warning-bar"));
    let is_shown = |bar: &adw::WrapBox| {
        let revealer = bar.parent().and_downcast::<gtk::Revealer>();
        revealer.is_some_and(|revealer| revealer.reveals_child())
    };
    bars.iter().filter(|bar| is_shown(bar)).map(texts).collect()
}

#[track_caller]
fn until_reads(scene: &Scene, words: &str) {
    until(words, || {
        scene.settle();
        scene.reads(words)
    });
}

/// What the accounts would do for the wishes about keys.
fn obey(scene: &mut Scene) -> Vec<Command> {
    let commands = scene.take_commands();
    for command in commands.clone() {
        Scene::block_on(scene.commands.obeys(command)).unwrap();
    }
    scene.settle();
    commands
}

fn field(scene: &Scene) -> String {
    let buffer = scene.composer().buffer();
    let (start, end) = buffer.bounds();
    buffer.text(&start, &end, false).into()
}

pub fn in_dark(scene: &Scene, name: &str) {
    shot(&scene.window, name);
    let style = adw::StyleManager::default();
    style.set_color_scheme(adw::ColorScheme::ForceDark);
    scene.settle();
    shot(&scene.window, &format!("{name}-dark"));
    style.set_color_scheme(adw::ColorScheme::ForceLight);
    scene.settle();
}

pub fn narrow(scene: &Scene) {
    scene.window.set_default_size(360, 640);
    until("the narrow window", || scene.window.width() <= 360);
    scene.settle();
}

fn the_lock_says_what_each_choice_means_and_keeps_it() {
    let mut scene = with(Some(&[device(PHONE, "Phone", Trust::Blind)]));
    until("the lock", || {
        scene.settle();
        lock(&scene).is_visible()
    });
    assert_eq!(
        lock(&scene).tooltip_text().as_deref(),
        Some("Encrypted. Change encryption")
    );
    lock(&scene).popup();
    until_reads(&scene, "Only you and Juliet Capulet can read it");
    for words in [
        "A device you add later cannot",
        "may keep it.",
        "Verify Juliet Capulet…",
    ] {
        assert!(scene.reads(words), "{words}");
    }
    let choices = all::<gtk::CheckButton>(&lock(&scene), |_| true);
    assert!(choices[0].is_active() && !choices[1].is_active());
    shot(
        &choices[0].ancestor(gtk::Popover::static_type()).unwrap(),
        "lock-menu",
    );
    shot(&scene.window, "lock");
    assert_named(&scene.window);

    choices[1].set_active(true);

    let juliet = scene.open_chat();
    let wish = |choice| Command::Encrypt {
        conversation: juliet,
        choice,
    };
    assert!(obey(&mut scene).contains(&wish(EncryptionChoice::Off)));
    until("the open lock", || {
        scene.settle();
        lock(&scene).tooltip_text().as_deref() == Some("Not encrypted. Change encryption")
    });
    assert!(lock(&scene).has_css_class("open"));
    choices[0].set_active(true);
    assert!(obey(&mut scene).contains(&wish(EncryptionChoice::On)));
}

fn a49_without_keys_nothing_is_sent_and_the_text_stays() {
    let mut scene = with(None);
    until_reads(&scene, "Juliet Capulet’s program cannot encrypt");
    assert!(lock(&scene).has_css_class("open"));
    scene.composer().buffer().set_text("Good evening");
    scene.settle();
    scene.take_commands();

    scene.button("Send").emit_clicked();
    until_reads(&scene, "Nothing has been sent.");

    let is_sending = |command: &Command| {
        matches!(
            command,
            Command::SendText { .. } | Command::SendPlainText { .. }
        )
    };
    assert!(!scene.take_commands().iter().any(is_sending));
    assert_eq!(field(&scene), "Good evening");
    in_dark(&scene, "no-keys");
    assert_named(&scene.window);

    scene.button("Send Unencrypted…").emit_clicked();
    until_reads(&scene, "Write to Juliet Capulet without encryption?");
    shot(&scene.window, "send-plain");
    scene.button("Only This Message").emit_clicked();
    scene.settle();

    let body = "Good evening".to_owned();
    let conversation = scene.open_chat();
    let commands = scene.take_commands();
    let sent: Vec<_> = commands
        .iter()
        .filter(|command| is_sending(command))
        .collect();
    assert_eq!(
        sent,
        [&Command::SendPlainText {
            conversation,
            body,
            reply_to: None
        }]
    );
    assert_eq!(field(&scene), "");

    scene.button("Keep Waiting").emit_clicked();
    until("no bar", || {
        scene.settle();
        bar(&scene).is_empty()
    });
}

fn a43_a_new_device_is_shown_and_used_only_when_confirmed() {
    let new = device(LAPTOP, "", Trust::Undecided);
    let mut scene = with(Some(&[
        device(PHONE, "Phone", Trust::Verified),
        new.clone(),
    ]));
    let words = "Juliet Capulet has a new device It is not used until you confirm it.";
    until("the bar", || {
        scene.settle();
        bar(&scene).starts_with(words)
    });
    assert!(scene.composer().has_focus(), "the bar took the keyboard");
    in_dark(&scene, "new-device");
    assert_named(&scene.window);
    // The others are used meanwhile.
    scene
        .composer()
        .buffer()
        .set_text("I hear some noise within");
    scene.button("Send").emit_clicked();
    let commands = scene.take_commands();
    assert!(
        commands
            .iter()
            .any(|command| matches!(command, Command::SendText { .. }))
    );

    scene.button("Trust").emit_clicked();

    let trust = Command::SetTrust {
        account: scene.account,
        address: JULIET.to_owned(),
        fingerprint: new.fingerprint.unwrap(),
        trust: Trust::Blind,
    };
    assert!(obey(&mut scene).contains(&trust));

    let mut scene = with(Some(&[device(PHONE, "Phone", Trust::Verified), new]));
    until("the bar", || {
        scene.settle();
        bar(&scene).starts_with(words)
    });
    scene.button("Ignore").emit_clicked();
    let seen = Command::SeenNewDevices {
        account: scene.account,
        address: JULIET.to_owned(),
    };
    assert!(obey(&mut scene).contains(&seen));
    until("no bar", || {
        scene.settle();
        bar(&scene).is_empty()
    });
}

fn a43_a_new_device_of_the_own_account_is_told() {
    let mut scene = filled(
        Some(&[device(PHONE, "Phone", Trust::Blind)]),
        |tx, account, _| {
            let new = device(LAPTOP, "Tablet", Trust::Undecided);
            testing::device(tx, account, ROMEO, &new);
        },
    );

    until("the banner", || {
        scene.settle();
        banner(&scene).is_some_and(|banner| banner.title() == OWN_NEW_DEVICE)
    });
    assert_eq!(bar(&scene), "", "it is no matter of this chat");
    in_dark(&scene, "own-new-device");
    narrow(&scene);
    shot(&scene.window, "own-new-device-narrow");
    all::<gtk::Button>(&banner(&scene).unwrap(), |button| button.is_mapped())
        .remove(0)
        .emit_clicked();
    until_reads(&scene, "Your Other Devices");
    assert!(scene.reads("If you did not add it, change the password."));
    let seen = Command::SeenNewDevices {
        account: scene.account,
        address: ROMEO.to_owned(),
    };
    assert!(obey(&mut scene).contains(&seen));
    until("no banner", || {
        scene.settle();
        banner(&scene).is_none()
    });
}

const OWN_NEW_DEVICE: &str =
    "A new device signed in to romeo@example.org. If it is not yours, change the password.";

fn a43_a_new_device_of_the_own_account_is_told_without_a_chat() {
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        testing::conversation(tx, account, JULIET, now());
        testing::identity(tx, account, &this());
        let new = device(LAPTOP, "Tablet", Trust::Undecided);
        testing::device(tx, account, ROMEO, &new);
    });
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Online);

    until("the banner", || {
        scene.settle();
        banner(&scene).is_some_and(|banner| banner.title() == OWN_NEW_DEVICE)
    });
    shot(&scene.window, "own-new-device-no-chat");
}

fn a_new_device_of_somebody_never_verified_asks_nothing() {
    let mut used = device(LAPTOP, "", Trust::Undecided);
    let scene = filled(
        Some(&[device(PHONE, "Phone", Trust::Blind)]),
        |tx, account, _| {
            // Nobody was told of it, and it is used all the same.
            testing::device(tx, account, JULIET, &used);
            used.trust = Trust::Blind;
            testing::trust(tx, account, JULIET, &used);
        },
    );
    scene.settle();

    assert_eq!(bar(&scene), "");
    assert!(banner(&scene).is_none());
}

fn only_this_message_is_offered_where_there_is_one() {
    let scene = with(None);
    until_reads(&scene, "Juliet Capulet’s program cannot encrypt");

    scene.button("Send Unencrypted…").emit_clicked();
    until_reads(&scene, "Write to Juliet Capulet without encryption?");
    assert!(!scene.reads("Only This Message"));
    shot(&scene.window, "send-plain-nothing-written");
    scene.button("Cancel").emit_clicked();
    scene.settle();
    scene.composer().buffer().set_text("Good evening");
    scene.settle();

    scene.button("Send Unencrypted…").emit_clicked();
    until_reads(&scene, "Only This Message");
}

fn a47_what_was_protected_less_than_the_chat_is_marked() {
    let scene = filled(
        Some(&[device(PHONE, "Phone", Trust::Verified)]),
        |tx, _, juliet| {
            let say = |text: &str, protection| {
                let message = NewMessage::incoming(juliet, now() - 1000, text);
                let id = testing::message(tx, &message.protected(protection));
                testing::read_up_to(tx, juliet, id);
            };
            let omemo = |trust| Protection::Omemo { trust };
            say("Verified", omemo(Trust::Verified));
            say(
                "Bring a ladder to the wall",
                Protection::PlainAmongEncrypted,
            );
            say("From my new phone", omemo(Trust::Undecided));
        },
    );
    scene.settle();
    let said = scene.messages();
    in_dark(&scene, "marks");

    let of = |start: &str| said.iter().find(|row| row.contains(start)).unwrap().clone();
    assert!(of("Bring a ladder").contains("not encrypted"));
    assert!(of("From my new phone").contains("device not confirmed"));
    for plain in ["Verified", "Are you still"] {
        let row = of(plain);
        assert!(
            !row.contains("encrypted") && !row.contains("device"),
            "{row}"
        );
    }
}

const CAUSES: [(CannotRead, &str, Option<&str>); 6] = [
    (
        CannotRead::OtherMethod,
        "It uses another kind of encryption than Stonechat’s. Nothing was answered.",
        None,
    ),
    (
        CannotRead::NotForThisDevice,
        "It was not encrypted for this device. Your other devices may have it.",
        Some("Ask to Send Again"),
    ),
    (
        CannotRead::SessionBroken { is_repaired: false },
        "The keys of the two devices no longer fit together.",
        Some("Repair"),
    ),
    (
        CannotRead::SessionBroken { is_repaired: true },
        "New ones are agreed on, so what comes next can be read.",
        Some("Ask to Send Again"),
    ),
    (
        CannotRead::NotTrusted,
        "It came from a device that you do not use.",
        Some("Devices"),
    ),
    (
        CannotRead::Damaged,
        "It was changed or damaged on its way, so nothing of it is shown.",
        Some("Ask to Send Again"),
    ),
];

/// A chat with one message for each cause, and the first of their ids.
fn unreadable() -> (Scene, Vec<MessageId>) {
    let mut ids = Vec::new();
    let scene = filled(
        Some(&[device(PHONE, "Phone", Trust::Blind)]),
        |tx, _, juliet| {
            for (minute, (why, ..)) in CAUSES.into_iter().enumerate() {
                let time = now() - 600_000 + i64::try_from(minute).unwrap() * 60_000;
                let message = NewMessage::incoming(juliet, time, "");
                let kind = MessageKind::Unreadable { why };
                let id = testing::message(tx, &message.of_kind(kind));
                testing::read_up_to(tx, juliet, id);
                ids.push(id);
            }
        },
    );
    scene.settle();
    (scene, ids)
}

/// The button of a message with this action.
fn deed(scene: &Scene, action: &str, id: MessageId) -> gtk::Button {
    let buttons = all::<gtk::Button>(&scene.history(), |button| {
        button.is_mapped()
            && button.action_name().as_deref() == Some(action)
            && button.action_target_value().and_then(|target| target.get()) == Some(id.0)
    });
    buttons.into_iter().next().expect("the button is there")
}

fn each_message_that_cannot_be_read_says_why_and_what_helps() {
    let (mut scene, ids) = unreadable();
    in_dark(&scene, "cannot-read");
    let said = scene.messages();
    for ((_, sentence, button), row) in CAUSES.iter().zip(&said[2..]) {
        assert!(row.contains("This message cannot be read"), "{row}");
        assert!(row.contains(sentence), "{sentence}\n{row}");
        assert!(row.contains("Why?"), "{row}");
        let offers = ["Repair", "Ask to Send Again", "Devices"]
            .into_iter()
            .find(|offered| row.contains(offered));
        assert_eq!(offers, *button, "{row}");
    }
    assert_named(&scene.window);

    deed(&scene, "message.ask-again", ids[1]).emit_clicked();
    deed(&scene, "message.repair", ids[2]).emit_clicked();
    let commands = scene.take_commands();
    let asking = "A message of yours could not be decrypted here. Please send it again.";
    assert!(commands.contains(&Command::AskAgain {
        message: ids[1],
        words: asking.into(),
    }));
    assert!(commands.contains(&Command::Repair(ids[2])));
    let said = scene.messages();
    assert!(said[3].contains("Asked"), "{}", said[3]);
    assert!(said[4].contains("Repairing…"), "{}", said[4]);

    deed(&scene, "message.why", ids[5]).emit_clicked();
    until_reads(&scene, "carries a seal, and the seal of this one is broken");
    shot(&scene.window, "why");
    press(&scene, &["Escape"]);
    deed(&scene, "message.devices", ids[4]).emit_clicked();
    until_reads(&scene, "Juliet Capulet’s Devices");
}

fn a_message_that_encryption_stopped_has_choices() {
    let mut id = MessageId(0);
    let mut scene = filled(
        Some(&[device(PHONE, "Phone", Trust::Undecided)]),
        |tx, _, juliet| {
            let failed = Delivery::Failed(SendFailure::NotConfirmed);
            id = testing::message(
                tx,
                &NewMessage::outgoing(juliet, now(), "Good evening", failed),
            );
        },
    );
    scene.settle();
    shot(&scene.window, "stopped");

    deed(&scene, "message.send-plain", id).emit_clicked();
    until_reads(&scene, "Send this message without encryption?");
    scene.button("Send Unencrypted").emit_clicked();
    assert!(scene.take_commands().contains(&Command::SendPlain(id)));
    deed(&scene, "message.devices", id).emit_clicked();
    until_reads(&scene, "Juliet Capulet’s Devices");
}

fn a_message_says_for_which_devices_it_was_encrypted() {
    let scene = filled(
        Some(&[
            device(PHONE, "Phone", Trust::Verified),
            device(LAPTOP, "Laptop", Trust::Undecided),
        ]),
        |tx, account, juliet| {
            testing::device(tx, account, ROMEO, &device(21, "Tablet", Trust::Verified));
            let trust = Trust::Verified;
            let message = NewMessage::outgoing(juliet, now(), "Ask!", Delivery::Sent)
                .protected(Protection::Omemo { trust });
            let id = testing::message(tx, &message);
            testing::part_of(tx, id, (account, JULIET, PHONE), true, None);
            testing::part_of(tx, id, (account, ROMEO, 21), true, None);
            let why = Some(LeftOut::NotConfirmed);
            testing::part_of(tx, id, (account, JULIET, LAPTOP), true, why);
        },
    );
    scene.settle();
    let history = scene.history();
    let last = history.live_rows().last().unwrap();
    assert!(history.row(last).unwrap().grab_focus());
    press(&scene, &["Menu"]);
    until("the menu", || {
        scene.settle();
        all::<gtk::PopoverMenu>(&scene.window, |menu| menu.is_mapped()).len() == 1
    });
    let menu = all::<gtk::PopoverMenu>(&scene.window, |menu| menu.is_mapped()).remove(0);
    assert!(texts(&menu).contains("Details"));
    menu.popdown();
    let id = scene.last_id(1);
    WidgetExt::activate_action(&history, "message.details", Some(&id.0.to_variant())).unwrap();

    until_reads(&scene, "Left Out");
    let dialog = scene.window.visible_dialog().unwrap();
    let said = texts(&dialog);
    in_dark(&scene, "message-details");
    for words in [
        "Encrypted and verified Only devices that you verified can read it.",
        "Encrypted for Juliet Capulet Phone",
        "Encrypted for Your Other Devices Tablet",
        "Left Out Laptop (Juliet Capulet) You had not confirmed it",
    ] {
        assert!(said.contains(words), "{words}\n{said}");
    }
    assert_named(&dialog);
    narrow(&scene);
    shot(&scene.window, "message-details-narrow");
}

fn the_first_message_to_somebody_is_encrypted_without_a_question() {
    let mut scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        let juliet = testing::conversation(tx, account, JULIET, now());
        testing::identity(tx, account, &this());
        testing::device(tx, account, JULIET, &device(PHONE, "Phone", Trust::Blind));
        testing::whole_history(tx, juliet);
    });
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Online);
    let list = scene.chat_list();
    list.emit_by_name::<()>("activate", &[&0_u32]);
    until("the lock", || {
        scene.settle();
        scene
            .history_if_any()
            .is_some_and(|history| history.is_mapped())
            && lock(&scene).tooltip_text().as_deref() == Some("Encrypted. Change encryption")
    });

    scene.composer().buffer().set_text("Good evening, Juliet");
    scene.settle();
    scene.button("Send").emit_clicked();

    let conversation = scene.open_chat();
    let body = "Good evening, Juliet".to_owned();
    let wish = Command::SendText {
        conversation,
        body,
        reply_to: None,
    };
    assert!(scene.take_commands().contains(&wish));
    let trust = Trust::Blind;
    let sent = NewMessage::outgoing(
        conversation,
        now(),
        "Good evening, Juliet",
        Delivery::Delivered,
    );
    let sent = sent.protected(Protection::Omemo { trust });
    Scene::block_on(scene.commands.message(sent)).unwrap();
    until_reads(&scene, "Good evening, Juliet");
    assert!(scene.window.visible_dialog().is_none());
    assert_eq!(bar(&scene), "");
    assert!(!texts(&scene.history()).contains("not encrypted"));
    in_dark(&scene, "first-encrypted");
    narrow(&scene);
    shot(&scene.window, "first-encrypted-narrow");
}

fn a61_a_copied_profile_is_told_once() {
    let scene = with(Some(&[device(PHONE, "Phone", Trust::Blind)]));
    let account = scene.account;

    scene.commands.tell(Event::NewIdentity {
        account,
        why: NewIdentity::Copied,
    });

    until_reads(&scene, "This device has a new encryption identity");
    assert!(scene.reads("Your history is all here."));
    shot(&scene.window, "copied");
    scene.button("Got It").emit_clicked();
    until("no dialog", || {
        scene.settle();
        scene.window.visible_dialog().is_none()
    });
}

fn encryption_fits_everywhere() {
    let settings = gtk::Settings::default().unwrap();
    let usual = settings.gtk_xft_dpi();
    // A window that is closed goes at the end of the test.
    let mut scenes = Vec::new();
    for (name, dpi) in [("narrow", usual), ("large-narrow", 192 * 1024)] {
        settings.set_gtk_xft_dpi(dpi);
        let (scene, _) = unreadable();
        narrow(&scene);
        scene.history().scroll_to_end();
        scene.settle();
        shot(&scene.window, &format!("cannot-read-{name}"));
        let least = scene.history().measure(gtk::Orientation::Horizontal, -1).0;
        assert!(least <= 360, "{least}");
        scenes.push(scene);

        for (what, devices) in [
            ("no-keys", None),
            (
                "new-device",
                Some(vec![
                    device(PHONE, "", Trust::Verified),
                    device(LAPTOP, "", Trust::Undecided),
                ]),
            ),
        ] {
            let scene = with(devices.as_deref());
            narrow(&scene);
            until("the bar", || {
                scene.settle();
                !bar(&scene).is_empty()
            });
            shot(&scene.window, &format!("{what}-{name}"));
            lock(&scene).popup();
            scene.settle();
            shot(&scene.window, &format!("lock-{what}-{name}"));
            let part = lock(&scene).ancestor(adw::ToolbarView::static_type());
            let least = part.unwrap().measure(gtk::Orientation::Horizontal, -1).0;
            assert!(least <= 360, "{what}, {name}: {least}");
            scenes.push(scene);
        }
    }
    settings.set_gtk_xft_dpi(usual);
}
