//! What protects an account, as a person sees it: the page, the warning when a
//! server offers less than before, and the words about certificates.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use stonechat::engine::api::Command;
use stonechat::engine::model::{
    CertificateFacts, ConnectionProblem, ConnectionState, SecurityReport, Timestamp, Weaker,
};

use crate::Test;
use crate::keyboard::press;
use crate::preferences::{account_page, preferences, row};
use crate::scene::{Scene, now, texts, verona};
use crate::support::{all, shot, until};

pub const TESTS: &[Test] = &[
    (
        "the_security_page_says_what_protects_the_account",
        the_security_page_says_what_protects_the_account,
    ),
    (
        "the_security_page_follows_the_connection",
        the_security_page_follows_the_connection,
    ),
    (
        "a22_a_server_that_wants_the_password_now_is_not_believed_and_cannot_be",
        a22_a_server_that_wants_the_password_now_is_not_believed_and_cannot_be,
    ),
    (
        "a22_a_weaker_way_is_trusted_only_after_a_second_question",
        a22_a_weaker_way_is_trusted_only_after_a_second_question,
    ),
    (
        "each_downgrade_is_told_in_the_window",
        each_downgrade_is_told_in_the_window,
    ),
    (
        "a_certificate_problem_is_explained_and_cannot_be_ignored",
        a_certificate_problem_is_explained_and_cannot_be_ignored,
    ),
    (
        "the_security_page_works_narrow_dark_and_large",
        the_security_page_works_narrow_dark_and_large,
    ),
];

const DAY: Timestamp = 24 * 60 * 60 * 1000;

/// As a good server protects an account.
pub fn well_protected(now: Timestamp) -> SecurityReport {
    SecurityReport {
        host: "xmpp.example.org".to_owned(),
        port: 443,
        is_direct: true,
        tls_version: "TLS 1.3".to_owned(),
        cipher: "AES-256-GCM".to_owned(),
        certificates: vec![
            CertificateFacts {
                subject: "xmpp.example.org".to_owned(),
                issuer: "Let’s Encrypt".to_owned(),
                valid_from: now - 16 * DAY,
                valid_until: now + 74 * DAY,
                names: vec!["example.org".to_owned(), "xmpp.example.org".to_owned()],
                key_sha256: "3f1c9a0e".repeat(8),
            },
            CertificateFacts {
                subject: "R11".to_owned(),
                issuer: "Internet Security Research Group".to_owned(),
                valid_from: now - 900 * DAY,
                valid_until: now + 200 * DAY,
                names: Vec::new(),
                key_sha256: "8d02536c".repeat(8),
            },
        ],
        mechanism: "SCRAM-SHA-256-PLUS".to_owned(),
        channel_binding: Some("tls-exporter".to_owned()),
        is_list_confirmed: true,
        is_resumed: true,
        round_trips: 3,
        signed_in_at: now,
        ..SecurityReport::default()
    }
}

/// Opens the page by way of the preferences.
pub fn page_of(scene: &Scene) -> adw::Dialog {
    let dialog = preferences(scene);
    account_page(scene, &dialog);
    row::<adw::ActionRow>(&dialog, "Security").emit_by_name::<()>("activated", &[]);
    until("the page", || {
        scene.settle();
        all::<adw::WindowTitle>(&dialog, |title| {
            title.is_mapped() && title.title() == "Security"
        })
        .len()
            == 1
    });
    scene.settle();
    dialog
}

/// Stops the account, and follows the banner to the page about it.
fn stopped(scene: &Scene, problem: ConnectionProblem) -> adw::Dialog {
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Stopped(problem));
    scene.settle();
    // A page that is open follows by itself.
    if scene.window.visible_dialog().is_none() {
        scene.button("Details").emit_clicked();
    }
    until("the page", || {
        scene.settle();
        scene.window.visible_dialog().is_some()
    });
    scene.settle();
    scene.window.visible_dialog().unwrap()
}

fn has_button(root: &impl IsA<gtk::Widget>, words: &str) -> bool {
    all::<gtk::Button>(root, |button| {
        button.is_mapped() && button.label().as_deref() == Some(words)
    })
    .len()
        == 1
}

fn clipboard(scene: &Scene) -> String {
    Scene::block_on(scene.window.clipboard().read_text_future())
        .unwrap()
        .unwrap_or_default()
        .into()
}

fn the_security_page_says_what_protects_the_account() {
    let (scene, _) = verona();
    scene
        .commands
        .set_security(scene.account, well_protected(now()));
    let dialog = page_of(&scene);
    shot(&scene.window, "security");

    let said = texts(&dialog);
    for words in [
        "Well protected",
        "Nothing is weaker than at the last sign-in.",
        "xmpp.example.org, port 443, direct TLS",
        "TLS 1.3, AES-256-GCM",
        "by Let’s Encrypt",
        "SCRAM-SHA-256-PLUS",
        "Yes, tls-exporter",
        "Confirmed by the server, not altered on the way",
        "Resumed today at",
        "3 round trips",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    crate::window::assert_named(&scene.window);
    scene.button("Copy Report").emit_clicked();
    scene.settle();
    let report = clipboard(&scene);
    assert!(report.contains("romeo@example.org"), "{report}");
    assert!(
        report.contains("Encryption: TLS 1.3, AES-256-GCM"),
        "{report}"
    );
    assert!(
        report.contains("Key (SHA-256): 3f1c9a0e 3f1c9a0e"),
        "{report}"
    );

    let certificate: adw::ActionRow = row(&dialog, "Certificate");
    certificate.grab_focus();
    certificate.emit_by_name::<()>("activated", &[]);
    until("the certificates", || {
        scene.settle();
        texts(&dialog).contains("Sent Along by the Server")
    });
    shot(&scene.window, "security-certificate");
    assert!(texts(&dialog).contains("example.org, xmpp.example.org"));
    crate::window::assert_named(&scene.window);
    press(&scene, &["Escape"]);
    until("the page again", || {
        scene.settle();
        texts(&dialog).contains("Well protected")
    });
}

fn the_security_page_follows_the_connection() {
    let (scene, _) = verona();
    let dialog = page_of(&scene);
    assert!(texts(&dialog).contains("Not signed in"));
    shot(&scene.window, "security-unknown");

    let plain = SecurityReport {
        mechanism: "PLAIN".to_owned(),
        channel_binding: None,
        is_list_confirmed: false,
        is_resumed: false,
        round_trips: 5,
        is_direct: false,
        port: 5222,
        ..well_protected(now())
    };
    scene.commands.set_security(scene.account, plain);
    until("the report", || {
        scene.settle();
        texts(&dialog).contains("Password readable")
    });
    shot(&scene.window, "security-plain");
    let said = texts(&dialog);
    assert!(
        said.contains("PLAIN: the server sees the password"),
        "{said}"
    );
    assert!(said.contains("port 5222, TLS by STARTTLS"), "{said}");
    assert!(said.contains("New sign-in today at"), "{said}");

    scene
        .commands
        .set_security(scene.account, well_protected(now()));
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Offline);
    until("the end of the connection", || {
        scene.settle();
        texts(&dialog).contains("Not connected")
    });
}

fn a22_a_server_that_wants_the_password_now_is_not_believed_and_cannot_be() {
    let (mut scene, _) = verona();
    scene
        .commands
        .set_security(scene.account, well_protected(now() - 2 * DAY));
    let weaker = Weaker::Password {
        before: "SCRAM-SHA-256-PLUS".to_owned(),
        since: now() - 2 * DAY,
    };
    let dialog = stopped(&scene, ConnectionProblem::WeakerThanBefore(weaker));
    shot(&scene.window, "security-weaker");

    let said = texts(&dialog);
    assert!(
        said.contains("Not signed in: the server offers less than before"),
        "{said}"
    );
    assert!(said.contains("PLAIN. Before: SCRAM-SHA-256-PLUS"), "{said}");
    assert!(said.contains("Your password was not sent."), "{said}");
    assert!(!has_button(&dialog, "Trust Anew…"));
    crate::window::assert_named(&scene.window);

    scene.button("What This Means").emit_clicked();
    until("the explanation", || {
        scene.settle();
        texts(&dialog).contains("What you can do")
    });
    shot(&scene.window, "security-weaker-explained");
    press(&scene, &["Escape"]);
    until("the card again", || {
        scene.settle();
        has_button(&dialog, "Stay Offline")
    });
    scene.take_commands();
    scene.button("Stay Offline").emit_clicked();
    until("the end of the page", || {
        scene.settle();
        scene.window.visible_dialog().is_none()
    });
    assert!(scene.take_commands().is_empty());
}

fn a22_a_weaker_way_is_trusted_only_after_a_second_question() {
    let (mut scene, _) = verona();
    let weaker = Weaker::Mechanism {
        before: "SCRAM-SHA-256".to_owned(),
        now: "SCRAM-SHA-1".to_owned(),
        since: now() - 2 * DAY,
    };
    let dialog = stopped(&scene, ConnectionProblem::WeakerThanBefore(weaker));
    let page = dialog.clone();
    scene.take_commands();

    for (answer, commands) in [
        ("_Stay Offline", vec![]),
        ("_Trust Anew", vec![Command::TrustAnew(scene.account)]),
    ] {
        scene.button("Trust Anew…").emit_clicked();
        until("the question", || {
            scene.settle();
            scene
                .window
                .visible_dialog()
                .is_some_and(|dialog| dialog != page)
        });
        let question = scene.window.visible_dialog().unwrap();
        let question = question.downcast::<adw::AlertDialog>().unwrap();
        shot(&scene.window, "security-trust-anew");
        assert_eq!(question.default_response().as_deref(), Some("stay"));
        all::<gtk::Button>(&scene.window, |button| {
            button.is_mapped() && button.label().as_deref() == Some(answer)
        })[0]
            .emit_clicked();
        assert_eq!(scene.take_commands(), commands);
        until("the page again", || {
            scene.settle();
            scene.window.visible_dialog().as_ref() == Some(&page)
        });
    }
}

fn each_downgrade_is_told_in_the_window() {
    let (scene, _) = verona();
    let since = now() - 2 * DAY;
    let before = "SCRAM-SHA-256-PLUS".to_owned();
    for (name, problem, words) in [
        (
            "password",
            ConnectionProblem::WeakerThanBefore(Weaker::Password {
                before: before.clone(),
                since,
            }),
            "Now it asks for the password itself.",
        ),
        (
            "mechanism",
            ConnectionProblem::WeakerThanBefore(Weaker::Mechanism {
                before: "SCRAM-SHA-256".to_owned(),
                now: "SCRAM-SHA-1".to_owned(),
                since,
            }),
            "Now it offers nothing better than SCRAM-SHA-1.",
        ),
        (
            "binding",
            ConnectionProblem::WeakerThanBefore(Weaker::ChannelBinding {
                before: "tls-exporter".to_owned(),
                now: None,
                since,
            }),
            "Now it does not.",
        ),
        (
            "weaker-binding",
            ConnectionProblem::WeakerThanBefore(Weaker::ChannelBinding {
                before: "tls-exporter".to_owned(),
                now: Some("tls-server-end-point".to_owned()),
                since,
            }),
            "Now it ties it to its certificate only",
        ),
        (
            "unconfirmed",
            ConnectionProblem::WeakerThanBefore(Weaker::NotConfirmed),
            "it does not confirm that",
        ),
        (
            "other-tls",
            ConnectionProblem::WeakerThanBefore(Weaker::OtherTls),
            "sees another version of TLS",
        ),
        (
            "list",
            ConnectionProblem::WeakerThanBefore(Weaker::ListAltered),
            "other ways to sign in than those that arrived here",
        ),
        (
            "proof",
            ConnectionProblem::ServerNotGenuine,
            "A server that knows your account can prove it, and this one could not.",
        ),
    ] {
        let dialog = stopped(&scene, problem);
        shot(&scene.window, &format!("downgrade-{name}"));
        let said = texts(&dialog);
        assert!(said.contains(words), "{name}: {said}");
        assert!(
            said.contains("Your password was not sent"),
            "{name}: {said}"
        );
    }
}

fn a_certificate_problem_is_explained_and_cannot_be_ignored() {
    let (mut scene, _) = verona();
    for (name, problem) in [
        ("expired", ConnectionProblem::CertificateExpired),
        ("other-name", ConnectionProblem::CertificateOtherName),
        ("unknown", ConnectionProblem::CertificateUnknownIssuer),
        ("invalid", ConnectionProblem::CertificateInvalid),
    ] {
        let dialog = stopped(&scene, problem);
        scene.button("What This Means").emit_clicked();
        until("the explanation", || {
            scene.settle();
            texts(&dialog).contains("What was not sent")
        });
        shot(&scene.window, &format!("certificate-{name}"));
        let said = texts(&dialog);
        assert!(said.contains("Not connected: "), "{said}");
        assert!(said.contains("What you can do"), "{said}");
        for words in ["Ignore", "Continue", "Accept", "Trust Anew…"] {
            assert!(!has_button(&scene.window, words), "{words}");
        }
        crate::window::assert_named(&scene.window);

        press(&scene, &["Escape"]);
        until("the card again", || {
            scene.settle();
            has_button(&dialog, "Try Again")
        });
        scene.take_commands();
        scene.button("Try Again").emit_clicked();
        assert_eq!(scene.take_commands(), [Command::TryNow]);
    }
}

fn the_security_page_works_narrow_dark_and_large() {
    let settings = gtk::Settings::default().unwrap();
    let usual = settings.gtk_xft_dpi();
    let style = adw::StyleManager::default();
    style.set_color_scheme(adw::ColorScheme::ForceDark);
    let (scene, _) = verona();
    scene.window.set_default_size(360, 640);
    until("the narrow window", || scene.window.width() <= 400);
    scene
        .commands
        .set_security(scene.account, well_protected(now()));
    for (name, dpi) in [("narrow", usual), ("large", 192 * 1024)] {
        settings.set_gtk_xft_dpi(dpi);
        let weaker = Weaker::ChannelBinding {
            before: "tls-exporter".to_owned(),
            now: None,
            since: now(),
        };
        let dialog = stopped(&scene, ConnectionProblem::WeakerThanBefore(weaker));
        shot(&scene.window, &format!("security-{name}-weaker"));
        scene
            .commands
            .set_connection(scene.account, ConnectionState::Online);
        until("the report", || {
            scene.settle();
            texts(&dialog).contains("Well protected")
        });
        shot(&scene.window, &format!("security-{name}"));
        let least = dialog
            .child()
            .unwrap()
            .measure(gtk::Orientation::Horizontal, -1)
            .0;
        assert!(least <= 360, "{name} needs {least}");
    }
    settings.set_gtk_xft_dpi(usual);
    style.set_color_scheme(adw::ColorScheme::ForceLight);
}
