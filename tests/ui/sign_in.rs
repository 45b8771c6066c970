//! Where the keyboard is while signing in, and which field is marked.

use relm4::adw::prelude::*;
use stonechat::engine::error::SignInError;
use stonechat::engine::model::ConnectionProblem;

use crate::Test;
use crate::keyboard::press;
use crate::scene::{ROMEO, Scene, texts};
use crate::support::{shot, until};
use crate::window::{card, entry, fill_form, sign_in_page, submit};

pub const TESTS: &[Test] = &[
    (
        "the_welcome_page_gives_the_keyboard_to_its_button",
        the_welcome_page_gives_the_keyboard_to_its_button,
    ),
    (
        "a_host_given_by_hand_is_named_and_marked",
        a_host_given_by_hand_is_named_and_marked,
    ),
    ("a_wrong_port_is_marked", a_wrong_port_is_marked),
    (
        "a_proxy_that_fails_is_named_and_marked",
        a_proxy_that_fails_is_named_and_marked,
    ),
    (
        "a_bad_certificate_is_explained_and_the_form_is_kept",
        a_bad_certificate_is_explained_and_the_form_is_kept,
    ),
    (
        "a_failure_without_a_field_gives_the_keyboard_back_to_the_button",
        a_failure_without_a_field_gives_the_keyboard_back_to_the_button,
    ),
];

/// What has the keyboard, as its text.
fn focused(scene: &Scene) -> String {
    GtkWindowExt::focus(&scene.window).map_or_else(String::new, |focus| texts(&focus))
}

fn has_keyboard(scene: &Scene, title: &str) -> bool {
    GtkWindowExt::focus(&scene.window).is_some_and(|focus| focus.is_ancestor(&entry(scene, title)))
}

fn until_trouble(scene: &Scene, title: &str) -> String {
    until(title, || {
        scene.settle();
        card(scene).is_some_and(|card| card.starts_with(title))
    });
    card(scene).unwrap()
}

fn marked(scene: &Scene) -> Vec<&'static str> {
    ["Address", "Password", "Host", "Port", "SOCKS5 Proxy"]
        .into_iter()
        .filter(|title| entry(scene, title).has_css_class("error"))
        .collect()
}

fn the_welcome_page_gives_the_keyboard_to_its_button() {
    let scene = Scene::launch(|_| {});
    assert!(scene.reads("Messages that arrive,"));
    assert_eq!(focused(&scene), "Sign In");

    scene.window.emit_activate_focus();

    until("the keyboard in the form", || {
        scene.settle();
        has_keyboard(&scene, "Address")
    });
}

fn a_host_given_by_hand_is_named_and_marked() {
    let mut scene = sign_in_page();
    fill_form(&scene, ROMEO);
    entry(&scene, "Host").set_text("no.such.host");
    scene.settle();
    scene.commands.will_answer(Err(SignInError::Connection(
        ConnectionProblem::ServerNotFound {
            domain: "no.such.host".to_owned(),
        },
    )));
    submit(&scene);
    assert_eq!(scene.commands.taken().len(), 1);

    let said = until_trouble(&scene, "No server found");
    assert!(
        said.ends_with("no.such.host cannot be found. Check the host in the server settings."),
        "{said}"
    );
    assert_eq!(marked(&scene), ["Host"]);
    assert!(has_keyboard(&scene, "Host"));

    entry(&scene, "Host").set_text("chat.example.org");
    entry(&scene, "Port").set_text("5299");
    scene.settle();
    scene.commands.will_answer(Err(SignInError::Connection(
        ConnectionProblem::Unreachable {
            host: "chat.example.org".to_owned(),
            port: 5299,
        },
    )));
    submit(&scene);
    assert_eq!(scene.commands.taken().len(), 1);

    let said = until_trouble(&scene, "The server does not answer");
    assert!(
        said.contains("chat.example.org does not answer on port 5299."),
        "{said}"
    );
    assert_eq!(marked(&scene), ["Host"]);
}

fn a_wrong_port_is_marked() {
    let mut scene = sign_in_page();
    fill_form(&scene, ROMEO);
    entry(&scene, "Host").set_text("localhost");
    entry(&scene, "Port").set_text("99999");
    scene.settle();

    submit(&scene);

    until_trouble(&scene, "This is not a port");
    assert_eq!(marked(&scene), ["Port"]);
    assert!(has_keyboard(&scene, "Port"));
    assert!(scene.commands.taken().is_empty());
    entry(&scene, "Port").set_text("5222");
    scene.settle();
    assert!(marked(&scene).is_empty());
}

fn a_proxy_that_fails_is_named_and_marked() {
    let mut scene = sign_in_page();
    fill_form(&scene, ROMEO);
    entry(&scene, "SOCKS5 Proxy").set_text("127.0.0.1");
    scene.settle();
    submit(&scene);
    until_trouble(&scene, "This is not a proxy");
    assert_eq!(marked(&scene), ["SOCKS5 Proxy"]);
    assert!(scene.commands.taken().is_empty());

    entry(&scene, "SOCKS5 Proxy").set_text("127.0.0.1:9050");
    scene.settle();
    scene.commands.will_answer(Err(SignInError::Connection(
        ConnectionProblem::ProxyFailed {
            host: "127.0.0.1".to_owned(),
            port: 9050,
        },
    )));
    submit(&scene);
    assert_eq!(scene.commands.taken().len(), 1);

    let said = until_trouble(&scene, "The proxy does not work");
    assert!(said.contains("at 127.0.0.1, port 9050"), "{said}");
    assert_eq!(marked(&scene), ["SOCKS5 Proxy"]);
    assert!(has_keyboard(&scene, "SOCKS5 Proxy"));
}

fn a_failure_without_a_field_gives_the_keyboard_back_to_the_button() {
    let mut scene = sign_in_page();
    fill_form(&scene, ROMEO);
    let button = scene.button("Sign In");
    button.grab_focus();
    scene
        .commands
        .will_answer(Err(SignInError::Connection(ConnectionProblem::TimedOut)));

    button.emit_clicked();
    scene.settle();
    assert!(!button.is_sensitive());
    assert_eq!(scene.commands.taken().len(), 1);

    until_trouble(&scene, "The server took too long");
    assert!(button.is_sensitive());
    assert_eq!(focused(&scene), "Try Again");
    assert!(marked(&scene).is_empty());
}

fn a_bad_certificate_is_explained_and_the_form_is_kept() {
    let mut scene = sign_in_page();
    fill_form(&scene, ROMEO);
    scene.commands.will_answer(Err(SignInError::Connection(
        ConnectionProblem::CertificateExpired,
    )));
    submit(&scene);
    assert_eq!(scene.commands.taken().len(), 1);
    until_trouble(&scene, "Not connected: the certificate has expired");
    shot(&scene.window, "sign-in-certificate");

    scene.button("What This Means").emit_clicked();
    until("the explanation", || {
        scene.settle();
        scene.reads("What you can do")
    });
    scene.button("Copy Report").emit_clicked();
    let report = Scene::block_on(scene.window.clipboard().read_text_future())
        .unwrap()
        .unwrap_or_default();
    assert!(report.contains(ROMEO), "{report}");
    assert!(report.contains("the certificate has expired"), "{report}");
    press(&scene, &["Escape"]);

    until("the form again", || {
        scene.settle();
        scene.reads("Not connected: the certificate has expired") && !scene.reads("What you can do")
    });
    assert_eq!(entry(&scene, "Address").text(), ROMEO);
}
