//! What protects an account, in rows a person can read. Pure.
//!
//! A tick stands beside what is as it should be, a warning beside what the
//! user has to know; a fact that could be better but is the server's choice
//! has neither.

use crate::engine::model::{ConnectionProblem, ConnectionState, SecurityReport, Timestamp, Weaker};
use crate::ui::format;
use crate::ui::i18n::{count, fill, gettext};

/// A certificate that ends within this time is worth a warning.
const ENDS_SOON: Timestamp = 10 * 24 * 60 * 60 * 1000;

/// How good something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// As it should be.
    Good,
    /// Could be better.
    Fair,
    /// The user has to know.
    Weak,
}

/// The whole in two words, and in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// Two words.
    pub title: String,
    /// What that means.
    pub text: String,
    /// Its colour and icon.
    pub standing: Standing,
}

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about.
    pub title: String,
    /// How it is.
    pub value: String,
    /// Its icon.
    pub standing: Standing,
}

fn fact(title: String, value: String, standing: Standing) -> Fact {
    Fact {
        title,
        value,
        standing,
    }
}

/// Returns what to say of all facts together; `None` when signing in failed,
/// as then a card says why.
pub fn verdict(report: Option<&SecurityReport>, state: &ConnectionState) -> Option<Verdict> {
    let say = |title, text, standing| {
        Some(Verdict {
            title,
            text,
            standing,
        })
    };
    if let ConnectionState::Stopped(_) = state {
        return None;
    }
    let Some(report) = report else {
        return say(
            gettext("Not signed in"),
            gettext("What protects this account is known once it is signed in."),
            Standing::Fair,
        );
    };
    if is_open_password(&report.mechanism) {
        return say(
            gettext("Password readable"),
            gettext(
                "The connection is encrypted, but the server sees your password as you type it.",
            ),
            Standing::Weak,
        );
    }
    if !state.is_online() {
        return say(
            gettext("Not connected"),
            gettext("This is how it was at the last sign-in."),
            Standing::Fair,
        );
    }
    if report.is_key_pinned {
        return say(
            gettext("Held to one key"),
            gettext(
                "Encrypted, and the server has the key you set. Who issued its certificate, its names and dates were not checked.",
            ),
            Standing::Good,
        );
    }
    // A list that was confirmed is a row of its own.
    if report.channel_binding.is_none() {
        return say(
            gettext("Protected"),
            gettext("Encrypted and certified. Nothing else proves that nobody sits in between."),
            Standing::Good,
        );
    }
    say(
        gettext("Well protected"),
        gettext("Nothing is weaker than at the last sign-in."),
        Standing::Good,
    )
}

/// Returns the rows about the connection but for the certificate.
pub fn connection(report: &SecurityReport) -> Vec<Fact> {
    let places = [
        ("host", report.host.as_str()),
        ("port", &report.port.to_string()),
    ];
    let server = match (report.is_direct, report.is_by_proxy) {
        (true, false) => gettext("{host}, port {port}, direct TLS"),
        (false, false) => gettext("{host}, port {port}, TLS by STARTTLS"),
        (true, true) => gettext("{host}, port {port}, direct TLS, through the proxy"),
        (false, true) => gettext("{host}, port {port}, TLS by STARTTLS, through the proxy"),
    };
    let encryption = match (report.tls_version.as_str(), report.cipher.as_str()) {
        ("", _) => gettext("Encrypted"),
        (version, "") => version.to_owned(),
        (version, cipher) => format!("{version}, {cipher}"),
    };
    vec![
        fact(gettext("Server"), fill(&server, &places), Standing::Good),
        fact(gettext("Encryption"), encryption, Standing::Good),
    ]
}

/// Returns the row about the certificate.
pub fn certificate(report: &SecurityReport, now: Timestamp) -> Fact {
    let title = gettext("Certificate");
    if report.is_key_pinned {
        let value = gettext("The one key you set for this account");
        return fact(title, value, Standing::Good);
    }
    let Some(own) = report.certificates.first() else {
        return fact(title, gettext("Checked"), Standing::Good);
    };
    let end = format::date(&format::local(own.valid_until));
    let is_soon = own.valid_until - now < ENDS_SOON;
    let sentence = match (is_soon, own.issuer.is_empty()) {
        (false, true) => gettext("Valid until {day}"),
        (false, false) => gettext("Valid until {day}, by {issuer}"),
        (true, _) => gettext("Ends on {day}. The operator of the server has to renew it"),
    };
    let standing = if is_soon {
        Standing::Weak
    } else {
        Standing::Good
    };
    let places = [("day", end.as_str()), ("issuer", &own.issuer)];
    fact(title, fill(&sentence, &places), standing)
}

/// Returns the rows about signing in.
pub fn sign_in(report: &SecurityReport, now: Timestamp) -> Vec<Fact> {
    let method = &report.mechanism;
    let method_row = if is_open_password(method) {
        let sentence = gettext("{method}: the server sees the password");
        fact(
            gettext("Method"),
            fill(&sentence, &[("method", method)]),
            Standing::Weak,
        )
    } else {
        fact(gettext("Method"), method.clone(), Standing::Good)
    };
    let (bound, bound_standing) = match &report.channel_binding {
        Some(kind) => (
            fill(&gettext("Yes, {kind}"), &[("kind", kind)]),
            Standing::Good,
        ),
        // Translators: the sign-in is not tied to the connection.
        None => (gettext("No"), Standing::Fair),
    };
    let (list, list_standing) = if report.is_list_confirmed {
        (
            gettext("Confirmed by the server, not altered on the way"),
            Standing::Good,
        )
    } else {
        (gettext("Not confirmed by the server"), Standing::Fair)
    };
    vec![
        method_row,
        fact(gettext("Bound to this connection"), bound, bound_standing),
        fact(gettext("Method list"), list, list_standing),
        fact(gettext("Last sign-in"), last(report, now), Standing::Fair),
    ]
}

/// "Resumed today at 19:02, 3 round trips".
fn last(report: &SecurityReport, now: Timestamp) -> String {
    let (time, now) = (format::local(report.signed_in_at), format::local(now));
    let is_today = format::day_number(&time) == format::day_number(&now);
    let sentence = match (report.is_resumed, is_today) {
        (true, true) => gettext("Resumed today at {time}"),
        (true, false) => gettext("Resumed on {day} at {time}"),
        (false, true) => gettext("New sign-in today at {time}"),
        (false, false) => gettext("New sign-in on {day} at {time}"),
    };
    let said = fill(
        &sentence,
        &[
            ("time", &format::clock(&time)),
            ("day", &format::date(&time)),
        ],
    );
    if report.round_trips == 0 {
        return said;
    }
    let trips = count(
        "{count} round trip",
        "{count} round trips",
        report.round_trips,
    );
    format!("{said}, {trips}")
}

/// Returns the rows about a sign-in that was refused because the server offers
/// less than before; none for another problem.
pub fn weaker(problem: &ConnectionProblem) -> Vec<Fact> {
    let ConnectionProblem::WeakerThanBefore(weaker) = problem else {
        return Vec::new();
    };
    let now_and_before = |now: &str, before: &str| {
        fill(
            &gettext("{now}. Before: {before}"),
            &[("now", now), ("before", before)],
        )
    };
    let row = match weaker {
        Weaker::Password { before, .. } => fact(
            gettext("Method"),
            now_and_before("PLAIN", before),
            Standing::Weak,
        ),
        Weaker::Mechanism { before, now, .. } => fact(
            gettext("Method"),
            now_and_before(now, before),
            Standing::Weak,
        ),
        Weaker::ChannelBinding {
            before,
            now: Some(now),
            ..
        } => fact(
            gettext("Bound to this connection"),
            now_and_before(now, before),
            Standing::Weak,
        ),
        Weaker::ChannelBinding {
            before, now: None, ..
        } => fact(
            gettext("Bound to this connection"),
            fill(&gettext("No. Before: yes, {before}"), &[("before", before)]),
            Standing::Weak,
        ),
        Weaker::ListAltered => fact(
            gettext("Method list"),
            gettext("Not the one that the server says it offers"),
            Standing::Weak,
        ),
        Weaker::NotConfirmed => fact(
            gettext("Method list"),
            gettext("Not confirmed by the server"),
            Standing::Weak,
        ),
        Weaker::OtherTls => fact(
            gettext("Encryption"),
            gettext("The server sees another version of TLS"),
            Standing::Weak,
        ),
    };
    vec![row]
}

fn is_open_password(mechanism: &str) -> bool {
    mechanism == "PLAIN"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::model::CertificateFacts;

    const NOW: Timestamp = 1_800_000_000_000;

    fn report() -> SecurityReport {
        SecurityReport {
            host: "xmpp.example.org".to_owned(),
            port: 443,
            is_direct: true,
            tls_version: "TLS 1.3".to_owned(),
            cipher: "AES-256-GCM".to_owned(),
            certificates: vec![CertificateFacts {
                issuer: "Let’s Encrypt".to_owned(),
                valid_until: NOW + 3 * ENDS_SOON,
                ..CertificateFacts::default()
            }],
            mechanism: "SCRAM-SHA-256-PLUS".to_owned(),
            channel_binding: Some("tls-exporter".to_owned()),
            is_list_confirmed: true,
            is_resumed: true,
            round_trips: 3,
            signed_in_at: NOW,
            ..SecurityReport::default()
        }
    }

    fn title(report: Option<&SecurityReport>, state: &ConnectionState) -> Option<String> {
        verdict(report, state).map(|verdict| verdict.title)
    }

    #[test]
    fn the_verdict_is_two_words_about_the_weakest_part() {
        let online = ConnectionState::Online;
        let good = report();
        let plain = SecurityReport {
            mechanism: "PLAIN".to_owned(),
            ..report()
        };
        let bare = SecurityReport {
            channel_binding: None,
            is_list_confirmed: true,
            ..report()
        };
        let pinned = SecurityReport {
            is_key_pinned: true,
            ..report()
        };

        assert_eq!(
            title(Some(&good), &online).as_deref(),
            Some("Well protected")
        );
        assert_eq!(
            title(Some(&plain), &online).as_deref(),
            Some("Password readable")
        );
        assert_eq!(title(Some(&bare), &online).as_deref(), Some("Protected"));
        assert_eq!(
            title(Some(&pinned), &online).as_deref(),
            Some("Held to one key")
        );
        let said = verdict(Some(&pinned), &online).map(|verdict| verdict.text);
        assert!(said.is_some_and(|said| !said.contains("certified")));
        assert_eq!(title(None, &online).as_deref(), Some("Not signed in"));
        assert_eq!(
            title(Some(&good), &ConnectionState::Offline).as_deref(),
            Some("Not connected")
        );
        let stopped = ConnectionState::Stopped(ConnectionProblem::WrongPassword);
        assert_eq!(title(Some(&good), &stopped), None);
    }

    #[test]
    fn an_open_password_is_never_without_a_warning() {
        let report = SecurityReport {
            mechanism: "PLAIN".to_owned(),
            ..report()
        };

        assert_eq!(sign_in(&report, NOW)[0].standing, Standing::Weak);
    }

    #[test]
    fn a_certificate_that_ends_soon_is_a_warning_with_its_day() {
        let mut report = report();
        assert_eq!(certificate(&report, NOW).standing, Standing::Good);

        report.certificates[0].valid_until = NOW + ENDS_SOON / 2;

        let fact = certificate(&report, NOW);
        assert_eq!(fact.standing, Standing::Weak);
        assert!(fact.value.starts_with("Ends on "), "{}", fact.value);
    }

    #[test]
    fn the_last_sign_in_tells_whether_it_was_resumed_and_how_long_it_took() {
        let said = last(&report(), NOW);
        assert!(said.starts_with("Resumed today at "), "{said}");
        assert!(said.ends_with(", 3 round trips"), "{said}");

        let fresh = SecurityReport {
            is_resumed: false,
            round_trips: 1,
            ..report()
        };
        let said = last(&fresh, NOW + 3 * 24 * 60 * 60 * 1000);
        assert!(said.starts_with("New sign-in on "), "{said}");
        assert!(said.ends_with(", 1 round trip"), "{said}");
    }

    #[test]
    fn what_got_weaker_is_named_beside_what_it_was() {
        let problem = ConnectionProblem::WeakerThanBefore(Weaker::Password {
            before: "SCRAM-SHA-256-PLUS".to_owned(),
            since: NOW,
        });

        assert_eq!(
            weaker(&problem)[0].value,
            "PLAIN. Before: SCRAM-SHA-256-PLUS"
        );
        assert!(weaker(&ConnectionProblem::WrongPassword).is_empty());
    }
}
