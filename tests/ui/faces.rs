//! Pictures that people published, where they are shown and chosen.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use stonechat::engine::api::{Command, Event, NotTaken};
use stonechat::engine::model::ConnectionState;
use stonechat::engine::testing::{self, NewMessage};

use crate::Test;
use crate::keyboard::press;
use crate::preferences::{account_page, preferences, row};
use crate::scene::{JULIET, MERCUTIO, ROMEO, Scene, now};
use crate::support::{all, shot, until};

pub const TESTS: &[Test] = &[
    (
        "a_published_picture_stands_wherever_its_owner_does",
        a_published_picture_stands_wherever_its_owner_does,
    ),
    (
        "what_contacts_see_is_changed_while_one_is_online",
        what_contacts_see_is_changed_while_one_is_online,
    ),
];

/// A sky over a field.
fn picture() -> Vec<u8> {
    let picture = RgbaImage::from_fn(256, 256, |across, down| {
        let hill = 150 + (f64::from(across) / 40.0).sin() as u32 * 12 + across / 8;
        if down < hill {
            Rgba([120, 170, 220, 255])
        } else {
            Rgba([70, 130, 70, 255])
        }
    });
    let mut bytes = Vec::new();
    DynamicImage::from(picture)
        .write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png)
        .unwrap();
    bytes
}

fn scene() -> Scene {
    Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        for (address, name) in [(JULIET, "Juliet Capulet"), (MERCUTIO, "Mercutio")] {
            testing::contact(tx, account, address, name);
            let chat = testing::conversation(tx, account, address, now());
            testing::message(tx, &NewMessage::incoming(chat, now(), "Good morrow"));
        }
        testing::picture(tx, account, JULIET, &picture());
    })
}

/// Returns whether each avatar of a name shows a picture.
fn shows(root: &impl IsA<gtk::Widget>, name: &str) -> Vec<bool> {
    let faces = all::<adw::Avatar>(root, |avatar| {
        avatar.is_mapped() && avatar.text().as_deref() == Some(name)
    });
    let has_picture = |avatar: &adw::Avatar| avatar.custom_image().is_some();
    faces.iter().map(has_picture).collect()
}

fn a_published_picture_stands_wherever_its_owner_does() {
    let scene = scene();

    until("her picture in the list", || {
        scene.settle();
        shows(&scene.window, "Juliet Capulet") == [true]
    });
    assert_eq!(shows(&scene.window, "Mercutio"), [false]);
    scene.open("Juliet");
    until("her picture in the header", || {
        scene.settle();
        shows(&scene.window, "Juliet Capulet") == [true, true]
    });
    shot(&scene.window, "faces");
}

fn what_contacts_see_is_changed_while_one_is_online() {
    let mut scene = scene();
    let account = scene.account;
    scene
        .commands
        .set_connection(account, ConnectionState::Offline);
    let dialog = preferences(&scene);
    account_page(&scene, &dialog);
    let name: adw::EntryRow = row(&dialog, "Name");
    assert!(!name.is_sensitive(), "nobody can be told while offline");

    scene
        .commands
        .set_connection(account, ConnectionState::Online);
    until("the row may be used", || {
        scene.settle();
        name.is_sensitive()
    });
    shot(&scene.window, "preferences-account-profile");
    name.grab_focus();
    name.set_text(" Romeo M. ");
    press(&scene, &["Return"]);
    scene.settle();
    assert!(scene.take_commands().contains(&Command::PublishNickname {
        account,
        nickname: "Romeo M.".into(),
    }));

    scene.commands.tell(Event::NotTaken {
        account,
        why: NotTaken::Refused,
    });
    until("the refusal in words", || {
        scene.settle();
        scene.reads("The server did not take it")
    });
}
