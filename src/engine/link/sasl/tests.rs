//! Which mechanism is chosen, whom it believes, and what is weaker than before.
#![allow(clippy::unwrap_used, clippy::format_collect)]

use minidom::Element;

use super::choice::{TLS_EXPORTER, TLS_SERVER_END_POINT};
use super::classic::{SASL, condition};
use super::offer::CHANNEL_BINDING;
use super::*;
use crate::engine::link::memory::{Memory, Strongest};
use crate::engine::link::scram::Binding;
use crate::engine::link::tests::certificates::trusting_the_test_authority;

const EVERYTHING: [&str; 7] = [
    "PLAIN",
    "SCRAM-SHA-1",
    "SCRAM-SHA-256",
    "SCRAM-SHA-512",
    "SCRAM-SHA-1-PLUS",
    "SCRAM-SHA-256-PLUS",
    "SCRAM-SHA-512-PLUS",
];
const PLUS_AND_NOT: [&str; 2] = ["SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"];

fn offer(mechanisms: &[&str], more: &str) -> Offer {
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

fn offer_with_types(mechanisms: &[&str], types: &[&str]) -> Offer {
    let types: String = types
        .iter()
        .map(|name| format!("<channel-binding type='{name}'/>"))
        .collect();
    let more =
        format!("<sasl-channel-binding xmlns='{CHANNEL_BINDING}'>{types}</sasl-channel-binding>");
    offer(mechanisms, &more)
}

fn tls_13() -> Channel {
    Channel {
        version: 0x0304,
        exporter: Some([1; 32]),
        end_point: Some(vec![2; 32]),
        ..Channel::default()
    }
}

fn tls_12() -> Channel {
    Channel {
        version: 0x0303,
        exporter: None,
        ..tls_13()
    }
}

fn settings() -> LinkSettings {
    let address = "romeo@example.org".parse().unwrap();
    let tls = trusting_the_test_authority();
    LinkSettings {
        allows_plain: true,
        ..LinkSettings::new(address, Secret::new("pencil"), tls)
    }
}

/// Settings of an account that once signed in by a mechanism.
fn after(mechanism: &str, channel_binding: Option<&str>) -> LinkSettings {
    let strongest = Some(Strongest {
        mechanism: mechanism.to_owned(),
        channel_binding: channel_binding.map(str::to_owned),
        seen_at: 7,
    });
    LinkSettings {
        memory: Memory {
            strongest,
            ..Memory::default()
        },
        ..settings()
    }
}

/// Returns mechanism and binding that are chosen.
fn chosen(offer: &Offer, settings: &LinkSettings, channel: &Channel) -> (&'static str, Binding) {
    match choice::choose(offer, settings, channel).unwrap() {
        Choice::Scram { name, binding, .. } => (name, binding),
        Choice::External => ("EXTERNAL", Binding::NotPossible),
        Choice::Plain => ("PLAIN", Binding::NotPossible),
    }
}

fn refused(offer: &Offer, settings: &LinkSettings, channel: &Channel) -> ConnectionProblem {
    match choice::choose(offer, settings, channel) {
        Ok(_) => panic!("something was chosen"),
        Err(problem) => problem,
    }
}

fn weaker(weaker: Weaker) -> ConnectionProblem {
    ConnectionProblem::WeakerThanBefore(weaker)
}

/// Takes a SCRAM exchange up to the server's first message, to which it adds.
async fn challenged(
    offer: &Offer,
    settings: &LinkSettings,
    channel: &Channel,
    added: &str,
) -> Result<bool, ConnectionProblem> {
    let (mut talk, first) = Talk::begin(offer, settings, channel).unwrap();
    let first = String::from_utf8(first).unwrap();
    let nonce = first.rsplit_once(",r=").unwrap().1;
    let challenge = format!("r={nonce}x,s=QSXCR+Q6sek8bf92,i=4096{added}");
    talk.answer(settings, challenge.as_bytes()).await?;
    Ok(talk.signed_in.is_list_confirmed)
}

#[test]
fn sign_in_is_tied_to_the_connection_where_both_can() {
    let all = offer(&EVERYTHING, "");
    let tied = Binding::Tied {
        kind: TLS_EXPORTER,
        value: vec![1; 32],
    };

    assert_eq!(
        chosen(&all, &settings(), &tls_13()),
        ("SCRAM-SHA-512-PLUS", tied)
    );
    assert_eq!(
        chosen(&all, &settings(), &tls_12()),
        ("SCRAM-SHA-512", Binding::NotPossible)
    );
}

#[test]
fn the_end_point_ties_sign_in_where_the_exporter_cannot() {
    let both = offer_with_types(&PLUS_AND_NOT, &[TLS_SERVER_END_POINT, TLS_EXPORTER]);
    let one = offer_with_types(&PLUS_AND_NOT, &[TLS_SERVER_END_POINT]);
    let kind = |offer: &Offer, channel: &Channel| chosen(offer, &settings(), channel).1.kind();

    assert_eq!(kind(&both, &tls_13()), Some(TLS_EXPORTER));
    assert_eq!(kind(&both, &tls_12()), Some(TLS_SERVER_END_POINT));
    assert_eq!(kind(&one, &tls_13()), Some(TLS_SERVER_END_POINT));
}

#[test]
fn d6_scram_is_used_when_the_server_cannot_tie_it_to_the_connection() {
    let offered = offer(&["PLAIN", "SCRAM-SHA-1"], "");
    let nothing = Channel::default();

    assert_eq!(
        chosen(&offered, &settings(), &tls_13()),
        ("SCRAM-SHA-1", Binding::NotOffered)
    );
    assert_eq!(
        chosen(&offered, &settings(), &nothing),
        ("SCRAM-SHA-1", Binding::NotPossible)
    );
}

#[test]
fn unknown_channel_binding_types_are_no_obstacle() {
    let with_ours = offer_with_types(&PLUS_AND_NOT, &["tls-quantum", TLS_EXPORTER]);
    let without_ours = offer_with_types(&PLUS_AND_NOT, &["tls-unique"]);

    assert_eq!(
        chosen(&with_ours, &settings(), &tls_13()).0,
        "SCRAM-SHA-256-PLUS"
    );
    assert_eq!(
        chosen(&without_ours, &settings(), &tls_12()),
        ("SCRAM-SHA-256", Binding::NotPossible)
    );
}

#[test]
fn a23_the_open_password_needs_consent() {
    let plain = offer(&["PLAIN"], "");
    let without_consent = LinkSettings {
        allows_plain: false,
        ..settings()
    };

    assert_eq!(
        refused(&plain, &without_consent, &tls_13()),
        ConnectionProblem::NeedsPlainConsent
    );
    assert_eq!(chosen(&plain, &settings(), &tls_13()).0, "PLAIN");
}

#[test]
fn a23_the_open_password_is_never_sent_where_any_scram_is_offered() {
    let newer = offer(&["PLAIN", "SCRAM-SHA3-512"], "");

    assert_eq!(
        refused(&newer, &settings(), &tls_13()),
        ConnectionProblem::NoCommonSignIn
    );
}

#[test]
fn a23_the_open_password_is_never_sent_where_the_other_list_has_scram() {
    let sasl2 = |mechanism: &str| {
        format!(
            "<authentication xmlns='urn:xmpp:sasl:2'><mechanism>{mechanism}</mechanism>\
             </authentication>"
        )
    };

    let newer_there = offer(&["PLAIN"], &sasl2("SCRAM-SHA3-512"));
    assert_eq!(
        refused(&newer_there, &settings(), &tls_13()),
        ConnectionProblem::NoCommonSignIn
    );
    let plain_twice = offer(&["PLAIN"], &sasl2("PLAIN"));
    assert_eq!(chosen(&plain_twice, &settings(), &tls_13()).0, "PLAIN");
}

#[test]
fn a23_d6_the_open_password_is_never_sent_after_anything_better() {
    let plain = offer(&["PLAIN"], "");

    for before in ["SCRAM-SHA-1", "SCRAM-SHA-256-PLUS", "EXTERNAL"] {
        assert_eq!(
            refused(&plain, &after(before, None), &tls_13()),
            weaker(Weaker::Password {
                before: before.to_owned(),
                since: 7
            })
        );
    }
    assert_eq!(chosen(&plain, &after("PLAIN", None), &tls_13()).0, "PLAIN");
}

#[test]
fn a23_a_weaker_hash_than_before_is_refused() {
    let sha_1 = offer(&["PLAIN", "SCRAM-SHA-1"], "");

    assert_eq!(
        refused(&sha_1, &after("SCRAM-SHA-256", None), &tls_13()),
        weaker(Weaker::Mechanism {
            before: "SCRAM-SHA-256".to_owned(),
            now: "SCRAM-SHA-1".to_owned(),
            since: 7
        })
    );
}

#[test]
fn a22_a_sign_in_that_was_tied_to_the_connection_is_never_loose_again() {
    let loose = offer(&["SCRAM-SHA-256"], "");
    let expected = weaker(Weaker::ChannelBinding {
        before: TLS_EXPORTER.to_owned(),
        now: None,
        since: 7,
    });
    let before = after("SCRAM-SHA-256-PLUS", Some(TLS_EXPORTER));

    assert_eq!(refused(&loose, &before, &tls_13()), expected);
    // A connection of TLS 1.2 cannot be tied without the server's word.
    let plus = offer(&PLUS_AND_NOT, "");
    assert_eq!(refused(&plus, &before, &tls_12()), expected);
}

#[test]
fn what_the_server_adds_never_makes_a_sign_in_weaker() {
    let tied_by_sha_1 = offer(&["SCRAM-SHA-256", "SCRAM-SHA-1-PLUS"], "");

    let (name, _) = chosen(&tied_by_sha_1, &after("SCRAM-SHA-256", None), &tls_13());

    assert_eq!(name, "SCRAM-SHA-256");
}

#[test]
fn the_strongest_sign_in_is_remembered_and_weaker_ones_are_not() {
    let mut memory = Memory::default();
    let mut sign_in = |mechanism, channel_binding, now| {
        let signed_in = SignedIn {
            mechanism,
            channel_binding,
            is_list_confirmed: false,
        };
        strength::remember(&mut memory, &signed_in, now);
        let strongest = memory.strongest.clone().unwrap();
        (
            strongest.mechanism,
            strongest.channel_binding,
            strongest.seen_at,
        )
    };
    let best = (
        "SCRAM-SHA-256-PLUS".to_owned(),
        Some(TLS_EXPORTER.to_owned()),
        3,
    );

    assert_eq!(sign_in("PLAIN", None, 1), ("PLAIN".to_owned(), None, 1));
    let sha_256 = ("SCRAM-SHA-256".to_owned(), None, 2);
    assert_eq!(sign_in("SCRAM-SHA-256", None, 2), sha_256);
    assert_eq!(sign_in("SCRAM-SHA-256-PLUS", Some(TLS_EXPORTER), 3), best);
    assert_eq!(sign_in("EXTERNAL", None, 4), best);
    assert_eq!(sign_in("HT-SHA-256-NONE", None, 5), best);
    assert_eq!(
        sign_in("SCRAM-SHA-256-PLUS", Some(TLS_EXPORTER), 6),
        (best.0, best.1, 6)
    );
}

#[test]
fn a_certificate_of_ours_goes_before_the_password() {
    let offered = offer(&["EXTERNAL", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"], "");
    let with_certificate = LinkSettings {
        client_certificate: Some("romeo.pem".into()),
        ..settings()
    };

    let (talk, first) = Talk::begin(&offered, &with_certificate, &tls_13()).unwrap();

    assert_eq!(talk.mechanism(), "EXTERNAL");
    assert_eq!(first, b"romeo@example.org");
    assert_eq!(
        talk.refused("not-authorized"),
        ConnectionProblem::ClientCertificateRefused
    );
    assert_eq!(talk.succeed(b"").unwrap().mechanism, "EXTERNAL");
    assert_eq!(
        chosen(&offered, &settings(), &tls_13()).0,
        "SCRAM-SHA-256-PLUS"
    );
}

#[test]
fn a23_a_certificate_of_ours_never_takes_the_place_of_the_servers_proof() {
    let with_certificate = |before| LinkSettings {
        client_certificate: Some("romeo.pem".into()),
        ..before
    };
    let scram = with_certificate(after("SCRAM-SHA-256-PLUS", Some(TLS_EXPORTER)));
    let external = with_certificate(after("EXTERNAL", None));
    let both = offer(&["EXTERNAL", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"], "");
    let only_external = offer(&["EXTERNAL", "PLAIN"], "");

    assert_eq!(chosen(&both, &scram, &tls_13()).0, "SCRAM-SHA-256-PLUS");
    assert_eq!(
        refused(&only_external, &scram, &tls_13()),
        weaker(Weaker::Mechanism {
            before: "SCRAM-SHA-256-PLUS".to_owned(),
            now: "EXTERNAL".to_owned(),
            since: 7
        })
    );
    assert_eq!(chosen(&both, &external, &tls_13()).0, "EXTERNAL");
}

#[test]
fn nothing_in_common_is_told() {
    let foreign = offer(&["GSSAPI", "X-OAUTH2", "EXTERNAL"], "");

    assert_eq!(
        refused(&foreign, &settings(), &tls_13()),
        ConnectionProblem::NoCommonSignIn
    );
}

#[test]
fn the_example_of_xep_0474_comes_out() {
    let offered = offer_with_types(
        &["SCRAM-SHA-1", "SCRAM-SHA-1-PLUS"],
        &[TLS_SERVER_END_POINT, TLS_EXPORTER],
    );

    assert_eq!(offered.digest(Hash::Sha1), "G6k/rBLDqgOhRRaCuuatSDFkJ08=");
}

#[tokio::test]
async fn a23_an_offer_that_the_server_confirms_is_confirmed() {
    let offered = offer_with_types(&PLUS_AND_NOT, &[TLS_EXPORTER]);
    let right = format!(",h={}", offered.digest(Hash::Sha256));
    let check = async |added: &str| challenged(&offered, &settings(), &tls_13(), added).await;

    assert_eq!(check("").await, Ok(false));
    assert_eq!(check(&right).await, Ok(true));
    assert_eq!(check(&format!(",x=1{right},t=0304")).await, Ok(true));
}

#[tokio::test]
async fn a23_an_offer_or_tls_that_was_altered_ends_the_exchange_before_the_proof() {
    let offered = offer_with_types(&PLUS_AND_NOT, &[TLS_EXPORTER]);
    let more = offer_with_types(&EVERYTHING, &[TLS_EXPORTER]);
    let right = offered.digest(Hash::Sha256);

    for (added, meaning) in [
        (
            format!(",h={}", more.digest(Hash::Sha256)),
            Weaker::ListAltered,
        ),
        (",h=".to_owned(), Weaker::ListAltered),
        (",t=0303".to_owned(), Weaker::OtherTls),
        (format!(",h={right},t=0303"), Weaker::OtherTls),
    ] {
        let outcome = challenged(&offered, &settings(), &tls_13(), &added).await;
        assert_eq!(outcome, Err(weaker(meaning)), "{added}");
    }
}

#[tokio::test]
async fn a22_mechanisms_that_tie_in_no_way_we_know_need_the_servers_word() {
    let fictional = offer_with_types(&PLUS_AND_NOT, &["tls-quantum"]);
    let no_types = offer(&PLUS_AND_NOT, "");

    // TLS 1.2 is no way around it.
    for (odd, channel) in [
        (&fictional, tls_13()),
        (&fictional, tls_12()),
        (&no_types, tls_12()),
    ] {
        let right = format!(",h={}", odd.digest(Hash::Sha256));
        assert_eq!(
            challenged(odd, &settings(), &channel, "").await,
            Err(weaker(Weaker::NotConfirmed))
        );
        assert_eq!(
            challenged(odd, &settings(), &channel, &right).await,
            Ok(true)
        );
    }
    let nothing_to_tie_to = Channel::default();
    assert_eq!(
        challenged(&fictional, &settings(), &nothing_to_tie_to, "").await,
        Ok(false)
    );
}

#[tokio::test]
async fn a22_going_back_to_the_end_point_needs_the_servers_word() {
    let one = offer_with_types(&PLUS_AND_NOT, &[TLS_SERVER_END_POINT]);
    let before = after("SCRAM-SHA-256-PLUS", Some(TLS_EXPORTER));
    let right = format!(",h={}", one.digest(Hash::Sha256));

    assert_eq!(
        challenged(&one, &before, &tls_13(), "").await,
        Err(weaker(Weaker::ChannelBinding {
            before: TLS_EXPORTER.to_owned(),
            now: Some(TLS_SERVER_END_POINT.to_owned()),
            since: 7
        }))
    );
    assert_eq!(challenged(&one, &before, &tls_13(), &right).await, Ok(true));
}

#[tokio::test]
async fn d10_keys_of_an_earlier_exchange_are_used_again() {
    let settings = settings();
    let offered = offer(&["SCRAM-SHA-256"], "");
    let (mut talk, first) = Talk::begin(&offered, &settings, &Channel::default()).unwrap();
    let first = String::from_utf8(first).unwrap();
    let nonce = first.rsplit_once(",r=").unwrap().1.to_owned();
    let text = format!("r={nonce}x,s=QSXCR+Q6sek8bf92,i=4096");
    let exchange = Exchange::new(Hash::Sha256, "romeo", Binding::NotPossible, nonce);
    let challenge = exchange.read_challenge(&text).unwrap();
    // Keys that this password never gives show where the proof comes from.
    let marked = Keys::new(Hash::Sha256, "another", &challenge);
    settings
        .keys
        .keep(settings.password.clone(), marked.clone());

    let message = talk.answer(&settings, text.as_bytes()).await.unwrap();

    let expected = exchange.prove(&marked, &challenge);
    assert_eq!(String::from_utf8(message).unwrap(), expected.message());
    assert_eq!(settings.keys.of(&Secret::new("changed")), None);
}

#[test]
fn each_refusal_has_its_meaning() {
    let refused = |condition_of: &str| {
        let element: Element =
            format!("<failure xmlns='{SASL}'><text>no</text>{condition_of}</failure>")
                .parse()
                .unwrap();
        failure(condition(&element))
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
