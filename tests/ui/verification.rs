//! Verifying somebody: every way a code comes in, and what comes of it.

use std::path::Path;

use relm4::adw::prelude::*;
use relm4::gtk::{self, gdk, gio, glib};
use relm4::{Component, ComponentController, Controller, adw};
use stonechat::engine::api::Command;
use stonechat::engine::codes;
use stonechat::engine::model::{Device, Fingerprint, Trust};
use stonechat::engine::testing::{self, NewMessage};
use stonechat::engine::text::VerificationLink;
use stonechat::ui::app::AppMsg;
use stonechat::ui::verification::camera::Source;
use stonechat::ui::verification::{Init, Verification};

use crate::Test;
use crate::encryption::{in_dark, narrow};
use crate::scene::{JULIET, ROMEO, Scene, now, texts};
use crate::support::{all, shot, until};
use crate::window::assert_all_named;

pub const TESTS: &[Test] = &[
    ("the_codes_stand_side_by_side", the_codes_stand_side_by_side),
    (
        "the_wish_to_verify_leads_to_the_codes",
        the_wish_to_verify_leads_to_the_codes,
    ),
    (
        "verification_fits_a_narrow_window",
        verification_fits_a_narrow_window,
    ),
    ("verification_fits_everywhere", verification_fits_everywhere),
    (
        "a_dropped_picture_of_a_code_verifies",
        a_dropped_picture_of_a_code_verifies,
    ),
    ("a_pasted_link_verifies", a_pasted_link_verifies),
    ("a_pasted_picture_verifies", a_pasted_picture_verifies),
    ("the_camera_sees_a_code", the_camera_sees_a_code),
    (
        "a_camera_that_ends_says_so_and_the_other_ways_stay",
        a_camera_that_ends_says_so_and_the_other_ways_stay,
    ),
    ("keys_are_compared_by_eye", keys_are_compared_by_eye),
    (
        "keys_that_differ_are_an_alarm",
        keys_that_differ_are_an_alarm,
    ),
    (
        "a43_the_code_of_somebody_else_is_an_alarm",
        a43_the_code_of_somebody_else_is_an_alarm,
    ),
    (
        "a43_another_key_for_a_known_device_is_an_alarm",
        a43_another_key_for_a_known_device_is_an_alarm,
    ),
    (
        "a43_a_code_without_any_key_in_use_is_an_alarm",
        a43_a_code_without_any_key_in_use_is_an_alarm,
    ),
    (
        "what_is_no_code_is_said_and_changes_nothing",
        what_is_no_code_is_said_and_changes_nothing,
    ),
    (
        "somebody_without_devices_is_verified_in_advance",
        somebody_without_devices_is_verified_in_advance,
    ),
    (
        "own_devices_are_verified_in_the_same_way",
        own_devices_are_verified_in_the_same_way,
    ),
    (
        "a34_a_link_with_keys_asks_where_it_came_from",
        a34_a_link_with_keys_asks_where_it_came_from,
    ),
];

const THIS: u32 = 1_024;
const PHONE: u32 = 27_183;
const LAPTOP: u32 = 31_415;
const TABLET: u32 = 16_180;

/// A key that looks like one, and is always the same for a device.
fn key(id: u32) -> Fingerprint {
    let mut state = u64::from(id).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    Fingerprint(std::array::from_fn(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    }))
}

fn device(id: u32, label: &str, trust: Trust) -> Device {
    Device {
        id,
        label: label.to_owned(),
        fingerprint: Some(key(id)),
        trust,
        is_active: true,
        first_seen: now() - 86_400_000,
        last_seen: Some(now()),
        is_this: id == THIS,
        has_other_key: false,
    }
}

/// A window with Juliet, who has these devices, and a second device of Romeo.
fn meet(devices: &[Device]) -> Scene {
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        let chat = testing::conversation(tx, account, JULIET, now());
        testing::message(tx, &NewMessage::incoming(chat, now(), "Who is there?"));
        testing::identity(tx, account, &device(THIS, "", Trust::Verified));
        let other = device(LAPTOP + 1, "Conversations on a phone", Trust::Blind);
        testing::device(tx, account, ROMEO, &other);
        for device in devices {
            testing::device(tx, account, JULIET, device);
        }
    });
    scene.settle();
    scene
}

fn three() -> [Device; 3] {
    [
        device(PHONE, "Phone", Trust::Blind),
        device(LAPTOP, "Laptop", Trust::Blind),
        device(TABLET, "Tablet", Trust::Blind),
    ]
}

fn open_with(scene: &Scene, address: &str, name: &str, camera: Source) -> Controller<Verification> {
    let init = Init {
        engine: scene.engine.clone(),
        account: scene.account,
        own_address: ROMEO.to_owned(),
        address: address.to_owned(),
        name: name.to_owned(),
        link: None,
        camera,
    };
    let verification = Verification::builder().launch(init).detach();
    verification.widget().present(Some(&scene.window));
    until("the own code", || {
        scene.settle();
        scene.reads("It holds your address") || scene.reads("scan it") || scene.reads("Drop")
    });
    scene.settle();
    verification
}

fn open(scene: &Scene) -> Controller<Verification> {
    open_with(scene, JULIET, "Juliet", Source::Portal)
}

fn link(address: &str, ids: &[u32]) -> String {
    let link = VerificationLink {
        address: address.to_owned(),
        devices: ids.iter().map(|id| (*id, key(*id))).collect(),
    };
    link.to_string()
}

/// A picture of a code on a desk of the camera's size.
fn picture(text: &str) -> gdk::Texture {
    let (side, pixels) = codes::code(text).expect("a code").pixels(5);
    let (width, height) = (640, 480);
    let mut desk = vec![150; width * height];
    let (left, top) = ((width - side) / 2, (height - side) / 2);
    for row in 0..side {
        let start = (top + row) * width + left;
        desk[start..start + side].copy_from_slice(&pixels[row * side..(row + 1) * side]);
    }
    gdk::MemoryTexture::new(
        width as i32,
        height as i32,
        gdk::MemoryFormat::G8,
        &glib::Bytes::from_owned(desk),
        width,
    )
    .into()
}

fn in_a_file(folder: &Path, text: &str) -> gio::File {
    let path = folder.join("code.png");
    picture(text).save_to_png(&path).unwrap();
    gio::File::for_path(path)
}

/// Lets go of something over the dialog.
fn drop_on(verification: &Controller<Verification>, what: &glib::Value) {
    let targets: Vec<gtk::DropTarget> = all::<adw::ToastOverlay>(verification.widget(), |_| true)
        .iter()
        .flat_map(|overlay| {
            let controllers = overlay.observe_controllers();
            (0..controllers.n_items())
                .filter_map(|place| controllers.item(place).and_downcast())
                .collect::<Vec<_>>()
        })
        .collect();
    let is_taken = targets[0].emit_by_name::<bool>(
        "drop",
        &[&glib::BoxedValue(what.clone()), &10.0_f64, &10.0_f64],
    );
    assert!(is_taken);
}

fn paste(scene: &Scene, text: &str) {
    scene.window.clipboard().set_text(text);
    scene.button("Paste").emit_clicked();
}

#[track_caller]
fn says(scene: &Scene, words: &str) {
    until(words, || {
        scene.settle();
        scene.reads(words)
    });
}

fn devices(scene: &Scene, address: &str) -> Vec<Device> {
    let (engine, account) = (scene.engine.clone(), scene.account);
    let address = address.to_owned();
    Scene::block_on(async move { engine.devices(account, &address).await }).unwrap()
}

fn trusts(scene: &Scene, address: &str) -> Vec<(u32, Trust)> {
    let mut trusts: Vec<_> = devices(scene, address)
        .iter()
        .filter(|device| !device.is_this)
        .map(|device| (device.id, device.trust))
        .collect();
    trusts.sort_unstable();
    trusts
}

/// Nothing on the page of an alarm trusts anybody.
fn assert_alarm(scene: &Scene) {
    assert!(
        !all::<gtk::Widget>(&scene.window, |widget| {
            widget.is_mapped() && widget.has_css_class("alarm")
        })
        .is_empty()
    );
    for button in all::<gtk::Button>(&scene.window.visible_dialog().unwrap(), |button| {
        button.is_mapped()
    }) {
        let words = texts(&button);
        assert!(
            ["", "Try Another Code", "Back", "Stop Using"].contains(&words.as_str()),
            "{words}"
        );
    }
}

fn the_codes_stand_side_by_side() {
    let scene = meet(&three());
    let style = adw::StyleManager::default();
    let verification = open(&scene);

    says(&scene, "It holds your address and the key of this device.");
    shot(&scene.window, "verification");
    for words in [
        "Verify Juliet",
        "Your code",
        "Juliet’s code",
        "Drop a picture of Juliet’s code here.",
        "in person, or in a call where you know the voice",
    ] {
        assert!(scene.reads(words), "{words}");
    }
    assert_all_named(verification.widget(), 3);
    // No camera here, so nothing is said of one.
    assert!(!scene.reads("Use Camera"));
    let first = GtkWindowExt::focus(&scene.window).unwrap();
    assert_eq!(texts(&first), "Open Picture…");
    scene.button("Copy as Link").emit_clicked();
    let clipboard = scene.window.clipboard();
    let copied = Scene::block_on(clipboard.read_text_future()).unwrap();
    assert_eq!(copied.unwrap(), link(ROMEO, &[THIS]));

    style.set_color_scheme(adw::ColorScheme::ForceDark);
    scene.settle();
    shot(&scene.window, "verification-dark");
    style.set_color_scheme(adw::ColorScheme::ForceLight);
}

fn the_wish_to_verify_leads_to_the_codes() {
    let scene = meet(&three());

    scene.app.emit(AppMsg::Verify {
        account: scene.account,
        address: JULIET.to_owned(),
        name: "Juliet Capulet".to_owned(),
    });

    says(&scene, "Verify Juliet Capulet");
    scene.window.visible_dialog().unwrap().force_close();
    scene.settle();
    scene.app.emit(AppMsg::VerifyOwn(scene.account));
    says(&scene, "Verify Your Devices");
}

fn verification_fits_a_narrow_window() {
    let scene = meet(&three());
    scene.window.set_default_size(360, 720);
    until("the narrow window", || scene.window.width() <= 360);
    scene.settle();
    let verification = open(&scene);
    scene.settle();
    shot(&scene.window, "verification-narrow");

    assert!(scene.reads("Juliet’s code"));
    let least = verification
        .widget()
        .child()
        .unwrap()
        .measure(gtk::Orientation::Horizontal, -1)
        .0;
    assert!(least <= 360, "{least}");
    let stack = all::<adw::ViewStack>(verification.widget(), |stack| stack.is_mapped()).remove(0);
    stack.set_visible_child_name("own");
    scene.settle();
    shot(&scene.window, "verification-narrow-own");
    assert!(scene.reads("Copy as Link"));
    stack.set_visible_child_name("theirs");
    scene.settle();

    paste(&scene, &link(JULIET, &[PHONE, LAPTOP]));
    says(&scene, "Juliet is verified");
    shot(&scene.window, "verification-narrow-success");
}

fn verification_fits_everywhere() {
    let settings = gtk::Settings::default().unwrap();
    let usual = settings.gtk_xft_dpi();
    // A window that is closed goes at the end of the test.
    let mut scenes = Vec::new();
    for (name, dpi) in [("narrow", usual), ("large-narrow", 192 * 1024)] {
        settings.set_gtk_xft_dpi(dpi);
        for what in ["codes", "by-eye", "alarm", "success"] {
            let scene = meet(&three());
            narrow(&scene);
            let verification = open(&scene);
            match what {
                "by-eye" => {
                    scene.button("Compare by Eye").emit_clicked();
                    says(&scene, "Juliet’s devices");
                }
                "alarm" => {
                    paste(&scene, &link("mallory@example.org", &[PHONE, LAPTOP]));
                    says(&scene, "This is not Juliet’s code");
                }
                "success" => {
                    paste(&scene, &link(JULIET, &[PHONE, LAPTOP]));
                    says(&scene, "Juliet is verified");
                }
                _ => {}
            }
            shot(&scene.window, &format!("verification-{what}-{name}"));
            let content = verification.widget().child().unwrap();
            let least = content.measure(gtk::Orientation::Horizontal, -1).0;
            assert!(least <= 360, "{what}, {name}: {least}");
            scenes.push((scene, verification));
        }
    }
    settings.set_gtk_xft_dpi(usual);
}

fn a_dropped_picture_of_a_code_verifies() {
    let mut scene = meet(&three());
    let folder = tempfile::tempdir().unwrap();
    let file = in_a_file(folder.path(), &link(JULIET, &[PHONE, LAPTOP]));
    let verification = open(&scene);

    drop_on(
        &verification,
        &gdk::FileList::from_array(&[file]).to_value(),
    );

    says(&scene, "Juliet is verified");
    shot(&scene.window, "verification-success");
    assert!(scene.reads("2 devices are confirmed."));
    assert!(scene.reads("Not in the code"));
    let is_good = [
        (TABLET, Trust::Blind),
        (PHONE, Trust::Verified),
        (LAPTOP, Trust::Verified),
    ];
    assert_eq!(trusts(&scene, JULIET), is_good);
    assert_all_named(verification.widget(), 3);

    scene.take_commands();
    scene.button("Stop Using").emit_clicked();
    for command in scene.take_commands() {
        Scene::block_on(scene.commands.obeys(command)).unwrap();
    }
    says(&scene, "Not used");
    assert_eq!(trusts(&scene, JULIET)[0], (TABLET, Trust::Distrusted));

    adw::StyleManager::default().set_color_scheme(adw::ColorScheme::ForceDark);
    scene.settle();
    shot(&scene.window, "verification-success-dark");
    adw::StyleManager::default().set_color_scheme(adw::ColorScheme::ForceLight);
    scene.button("Done").emit_clicked();
    until("the dialog to close", || {
        scene.settle();
        scene.window.visible_dialog().is_none()
    });
}

fn a_pasted_link_verifies() {
    let scene = meet(&three());
    let _verification = open(&scene);

    // As Gajim writes it.
    let link = link(JULIET, &[PHONE, LAPTOP, TABLET]).replace("?omemo", "?message;omemo");
    paste(&scene, &link);

    says(&scene, "3 devices are confirmed.");
    assert!(
        trusts(&scene, JULIET)
            .iter()
            .all(|(_, trust)| *trust == Trust::Verified)
    );
}

fn a_pasted_picture_verifies() {
    let scene = meet(&three());
    let _verification = open(&scene);

    scene
        .window
        .clipboard()
        .set_texture(&picture(&link(JULIET, &[PHONE])));
    scene.button("Paste").emit_clicked();

    says(&scene, "1 device is confirmed.");
}

/// The whole way of a camera's pictures, from GStreamer to the page, without a
/// camera: a picture that stands still.
fn the_camera_sees_a_code() {
    let scene = meet(&three());
    let folder = tempfile::tempdir().unwrap();
    let file = in_a_file(folder.path(), &link(JULIET, &[PHONE]));
    let path = file.path().unwrap();
    let source = format!(
        "filesrc location={} ! pngdec ! imagefreeze is-live=true",
        path.display()
    );
    let _verification = open_with(&scene, JULIET, "Juliet", Source::Described(source));
    says(&scene, "Hold Juliet’s code to the camera");
    shot(&scene.window, "verification-camera-off");

    scene.button("Use Camera").emit_clicked();

    says(&scene, "Juliet is verified");
    assert_eq!(trusts(&scene, JULIET)[1], (PHONE, Trust::Verified));
}

fn a_camera_that_ends_says_so_and_the_other_ways_stay() {
    let scene = meet(&three());
    let source = "videotestsrc is-live=true pattern=smpte".to_owned();
    let verification = open_with(&scene, JULIET, "Juliet", Source::Described(source));
    says(&scene, "Use Camera");
    scene.button("Use Camera").emit_clicked();
    until("a picture", || {
        scene.settle();
        all::<gtk::Picture>(&scene.window, |view| view.is_mapped())
            .iter()
            .any(|view| view.paintable().is_some())
    });
    shot(&scene.window, "verification-camera");
    scene.button("Switch Camera Off").emit_clicked();
    says(&scene, "Use Camera");
    verification.widget().force_close();
    drop(verification);

    let source = "videotestsrc num-buffers=3".to_owned();
    let _verification = open_with(&scene, JULIET, "Juliet", Source::Described(source));
    until("the camera", || {
        scene.settle();
        scene.reads("Use Camera")
    });
    scene.button("Use Camera").emit_clicked();
    says(&scene, "The camera cannot be used.");
    paste(&scene, &link(JULIET, &[PHONE]));
    says(&scene, "Juliet is verified");
}

fn keys_are_compared_by_eye() {
    let mut scene = meet(&three());
    let verification = open(&scene);

    scene.button("Compare by Eye").emit_clicked();
    says(&scene, "Juliet’s devices");
    in_dark(&scene, "verification-by-eye");
    for group in key(PHONE).groups().iter().chain(&key(THIS).groups()) {
        assert!(scene.reads(group), "{group}");
    }
    assert_all_named(verification.widget(), 3);
    scene.take_commands();
    scene.button("They Match").emit_clicked();

    let commands = scene.take_commands();
    let wanted = commands.iter().find_map(|command| match command {
        Command::SetTrust {
            fingerprint, trust, ..
        } => Some((*fingerprint, *trust)),
        _ => None,
    });
    let (fingerprint, trust) = wanted.expect("a wish");
    assert_eq!(trust, Trust::Verified);
    for command in commands {
        Scene::block_on(scene.commands.obeys(command)).unwrap();
    }
    says(&scene, "Verified");
    let verified: Vec<_> = devices(&scene, JULIET)
        .into_iter()
        .filter(|device| device.trust == Trust::Verified)
        .map(|device| device.fingerprint)
        .collect();
    assert_eq!(verified, [Some(fingerprint)]);
}

fn keys_that_differ_are_an_alarm() {
    let mut scene = meet(&[device(PHONE, "Phone", Trust::Blind)]);
    let _verification = open(&scene);
    scene.button("Compare by Eye").emit_clicked();
    says(&scene, "They Differ");

    scene.button("They Differ").emit_clicked();

    says(&scene, "The keys are not the same");
    shot(&scene.window, "verification-alarm-by-eye");
    assert_alarm(&scene);
    scene.button("Stop Using").emit_clicked();
    for command in scene.take_commands() {
        Scene::block_on(scene.commands.obeys(command)).unwrap();
    }
    says(&scene, "Not used");
    assert_eq!(trusts(&scene, JULIET), [(PHONE, Trust::Distrusted)]);
    scene.button("Back").emit_clicked();
    says(&scene, "Juliet’s code");
}

fn a43_the_code_of_somebody_else_is_an_alarm() {
    let scene = meet(&three());
    let _verification = open(&scene);

    paste(&scene, &link("mallory@example.org", &[PHONE, LAPTOP]));

    says(&scene, "This is not Juliet’s code");
    in_dark(&scene, "verification-alarm");
    assert!(scene.reads("It belongs to mallory@example.org."));
    assert_alarm(&scene);
    assert!(
        trusts(&scene, JULIET)
            .iter()
            .all(|(_, trust)| *trust == Trust::Blind)
    );
    assert!(devices(&scene, "mallory@example.org").is_empty());

    scene.button("Try Another Code").emit_clicked();
    says(&scene, "Your code");
    paste(&scene, &link(JULIET, &[PHONE]));
    says(&scene, "Juliet is verified");
}

fn a43_another_key_for_a_known_device_is_an_alarm() {
    let scene = meet(&three());
    let _verification = open(&scene);
    let shown = VerificationLink {
        address: JULIET.to_owned(),
        devices: vec![(PHONE, key(1)), (LAPTOP, key(LAPTOP))],
    };

    paste(&scene, &shown.to_string());

    says(&scene, "The keys are not the same");
    adw::StyleManager::default().set_color_scheme(adw::ColorScheme::ForceDark);
    scene.settle();
    shot(&scene.window, "verification-alarm-keys-dark");
    adw::StyleManager::default().set_color_scheme(adw::ColorScheme::ForceLight);
    for key in [key(1), key(PHONE)] {
        assert!(scene.reads(&key.groups()[0]));
    }
    assert_alarm(&scene);
    assert!(
        trusts(&scene, JULIET)
            .iter()
            .all(|(_, trust)| *trust == Trust::Blind)
    );
}

fn a43_a_code_without_any_key_in_use_is_an_alarm() {
    let scene = meet(&three()[..1]);
    let _verification = open(&scene);

    paste(&scene, &link(JULIET, &[7, 8]));

    says(&scene, "None of the keys is the same");
    shot(&scene.window, "verification-alarm-none");
    assert!(scene.reads("Phone"));
    assert_alarm(&scene);
}

fn what_is_no_code_is_said_and_changes_nothing() {
    let scene = meet(&three());
    let folder = tempfile::tempdir().unwrap();
    let verification = open(&scene);
    let whole = link(JULIET, &[PHONE]);
    for (text, words) in [
        (
            "Wherefore art thou Romeo?",
            "This is no code for verifying.",
        ),
        (
            "xmpp:juliet@example.org?message",
            "holds no keys to compare",
        ),
        (&whole[..whole.len() - 1], "This code is damaged"),
        (&link(ROMEO, &[THIS]), "This is your own code."),
    ] {
        paste(&scene, text);
        says(&scene, words);
    }
    shot(&scene.window, "verification-own-code");
    for (bytes, words) in [
        (
            &b"not a picture"[..],
            "This is no picture that can be read.",
        ),
        (&[0_u8; 100][..], "This is no picture that can be read."),
    ] {
        let path = folder.path().join("note.png");
        std::fs::write(&path, bytes).unwrap();
        let files = gdk::FileList::from_array(&[gio::File::for_path(&path)]);
        drop_on(&verification, &files.to_value());
        says(&scene, words);
    }
    let files = gdk::FileList::from_array(&[gio::File::for_path(folder.path())]);
    drop_on(&verification, &files.to_value());
    says(&scene, "This file cannot be read.");
    let empty = [150_u8; 100 * 100].to_vec();
    let empty = gdk::MemoryTexture::new(
        100,
        100,
        gdk::MemoryFormat::G8,
        &glib::Bytes::from_owned(empty),
        100,
    );
    scene.window.clipboard().set_texture(&empty);
    scene.button("Paste").emit_clicked();
    says(&scene, "There is no code in this picture");

    assert!(
        trusts(&scene, JULIET)
            .iter()
            .all(|(_, trust)| *trust == Trust::Blind)
    );
    // A drop of the link itself still does.
    drop_on(&verification, &link(JULIET, &[PHONE]).to_value());
    says(&scene, "Juliet is verified");
}

fn somebody_without_devices_is_verified_in_advance() {
    let scene = meet(&[]);
    let _verification = open(&scene);

    paste(&scene, &link(JULIET, &[PHONE, LAPTOP]));

    says(&scene, "Juliet’s code is kept");
    shot(&scene.window, "verification-in-advance");
    assert!(scene.reads("were not seen yet"));
}

fn own_devices_are_verified_in_the_same_way() {
    let scene = meet(&three());
    let verification = open_with(&scene, ROMEO, ROMEO, Source::Portal);
    says(&scene, "Verify Your Devices");
    shot(&scene.window, "verification-own");
    assert_all_named(verification.widget(), 3);

    // The code at the left is no alarm, only a mistake.
    paste(&scene, &link(ROMEO, &[THIS]));
    says(&scene, "This is the code of this device.");
    // The phone knows this computer already.
    paste(&scene, &link(ROMEO, &[LAPTOP + 1, THIS]));

    says(&scene, "Your devices are verified");
    assert!(scene.reads("1 device is confirmed."));
    assert_eq!(trusts(&scene, ROMEO), [(LAPTOP + 1, Trust::Verified)]);
}

fn a34_a_link_with_keys_asks_where_it_came_from() {
    let scene = meet(&three());
    let open = |link: &str| {
        let link = link.to_variant();
        WidgetExt::activate_action(&scene.window, "win.open-link", Some(&link)).unwrap();
        scene.settle();
    };
    let link = link(JULIET, &[PHONE, LAPTOP]);

    open(&link);
    shot(&scene.window, "verification-link");
    assert!(scene.reads("Verify juliet@example.org with this link?"));
    assert!(scene.reads("A link can come from anybody"));
    assert!(scene.reads("It holds the keys of 2 devices."));
    let question = scene.window.visible_dialog().unwrap();
    let question = question.downcast::<adw::AlertDialog>().unwrap();
    assert_eq!(question.default_response().as_deref(), Some("cancel"));
    scene.button("Cancel").emit_clicked();
    scene.settle();
    assert!(
        trusts(&scene, JULIET)
            .iter()
            .all(|(_, trust)| *trust == Trust::Blind)
    );

    open(&link);
    scene.button("Verify").emit_clicked();
    says(&scene, "Juliet Capulet is verified");
    assert!(scene.reads("2 devices are confirmed."));
}
