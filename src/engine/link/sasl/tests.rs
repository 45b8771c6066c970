//! Which mechanism is chosen, and whom it believes.
#![allow(clippy::unwrap_used, clippy::format_collect)]

use super::classic::{SASL, refusal};
use super::*;

const EXPORTER: Option<[u8; 32]> = Some([1; 32]);

fn features(mechanisms: &[&str], more: &str) -> Offer {
    let list: String = mechanisms
        .iter()
        .map(|name| format!("<mechanism>{name}</mechanism>"))
        .collect();
    let features: Element = format!(
        "<features xmlns='http://etherx.jabber.org/streams'>\
         <mechanisms xmlns='{SASL}'>{list}</mechanisms>{more}</features>"
    )
    .parse()
    .unwrap();
    Offer::read(&features, features.get_child("mechanisms", SASL))
}

fn chosen(features: &Offer, exporter: Option<[u8; 32]>) -> (&'static str, Binding) {
    match choose(features, exporter, true).unwrap() {
        Mechanism::Scram { name, binding, .. } => (name, binding),
        Mechanism::Plain => ("PLAIN", Binding::NotPossible),
    }
}

#[test]
fn sign_in_is_tied_to_the_connection_where_both_can() {
    let all = features(
        &[
            "PLAIN",
            "SCRAM-SHA-1",
            "SCRAM-SHA-256",
            "SCRAM-SHA-1-PLUS",
            "SCRAM-SHA-256-PLUS",
        ],
        "",
    );

    let (name, binding) = chosen(&all, EXPORTER);

    assert_eq!(name, "SCRAM-SHA-256-PLUS");
    assert_eq!(binding, Binding::TlsExporter([1; 32]));
    assert_eq!(chosen(&all, None), ("SCRAM-SHA-256", Binding::NotPossible));
}

#[test]
fn d6_scram_is_used_when_the_server_cannot_tie_it_to_the_connection() {
    let offered = features(&["PLAIN", "SCRAM-SHA-1"], "");

    assert_eq!(
        chosen(&offered, EXPORTER),
        ("SCRAM-SHA-1", Binding::NotOffered)
    );
    assert_eq!(
        chosen(&offered, None),
        ("SCRAM-SHA-1", Binding::NotPossible)
    );
}

#[test]
fn unknown_channel_binding_types_are_no_obstacle() {
    let types = |list: &str| {
        features(
            &["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"],
            &format!(
                "<sasl-channel-binding xmlns='{CHANNEL_BINDING}'>{list}</sasl-channel-binding>"
            ),
        )
    };

    let with_ours =
        types("<channel-binding type='tls-quantum'/><channel-binding type='tls-exporter'/>");
    assert_eq!(chosen(&with_ours, EXPORTER).0, "SCRAM-SHA-256-PLUS");
    let without_ours = types("<channel-binding type='tls-quantum'/><channel-binding/>");
    assert_eq!(
        chosen(&without_ours, EXPORTER),
        ("SCRAM-SHA-256", Binding::NotPossible)
    );
}

#[test]
fn a23_the_open_password_needs_consent() {
    let plain = features(&["PLAIN"], "");

    assert_eq!(
        choose(&plain, EXPORTER, false),
        Err(ConnectionProblem::NeedsPlainConsent)
    );
    assert_eq!(choose(&plain, EXPORTER, true), Ok(Mechanism::Plain));
}

#[test]
fn a23_the_open_password_is_never_sent_where_any_scram_is_offered() {
    let newer = features(&["PLAIN", "SCRAM-SHA3-512"], "");

    assert_eq!(
        choose(&newer, EXPORTER, true),
        Err(ConnectionProblem::NoCommonSignIn)
    );
}

#[test]
fn nothing_in_common_is_told() {
    let foreign = features(&["GSSAPI", "X-OAUTH2"], "");

    assert_eq!(
        choose(&foreign, EXPORTER, true),
        Err(ConnectionProblem::NoCommonSignIn)
    );
}

#[test]
fn each_refusal_has_its_meaning() {
    let refused = |condition: &str| {
        let element: Element =
            format!("<failure xmlns='{SASL}'><text>no</text>{condition}</failure>")
                .parse()
                .unwrap();
        refusal(&element)
    };

    assert_eq!(
        refused("<not-authorized/>"),
        ConnectionProblem::WrongPassword
    );
    assert_eq!(
        refused("<credentials-expired/>"),
        ConnectionProblem::WrongPassword
    );
    assert_eq!(
        refused("<account-disabled/>"),
        ConnectionProblem::AccountDisabled
    );
    assert_eq!(
        refused("<something-new/>"),
        ConnectionProblem::WrongPassword
    );
    assert_eq!(refused(""), ConnectionProblem::WrongPassword);
    assert!(!refused("<temporary-auth-failure/>").is_fatal());
    assert!(!refused("<aborted/>").is_fatal());
}
