//! The page of a server's certificate and of those that it sent along. Which
//! of them vouch for it is not told: a server may append any.

use relm4::adw;
use relm4::adw::prelude::*;

use super::facts::{Fact, Standing};
use super::rows;
use crate::engine::model::{CertificateFacts, SecurityReport};
use crate::ui::format;
use crate::ui::i18n::gettext;

/// How many of a certificate's names are shown; some hold hundreds.
const MOST_NAMES: usize = 12;

/// Returns the rows of one certificate.
pub fn facts(certificate: &CertificateFacts) -> Vec<Fact> {
    let plain = |title: String, value: String| Fact {
        title,
        value,
        standing: Standing::Fair,
    };
    let day = |time| format::date(&format::local(time));
    let mut facts = vec![
        // Translators: whom a certificate is for.
        plain(gettext("Issued to"), certificate.subject.clone()),
        // Translators: who issued a certificate.
        plain(gettext("Issued by"), certificate.issuer.clone()),
    ];
    if !certificate.names.is_empty() {
        let mut names = certificate.names.clone();
        if names.len() > MOST_NAMES {
            names.truncate(MOST_NAMES);
            names.push("…".to_owned());
        }
        facts.push(plain(gettext("For the names"), names.join(", ")));
    }
    facts.extend([
        plain(gettext("Valid from"), day(certificate.valid_from)),
        plain(gettext("Valid until"), day(certificate.valid_until)),
        plain(gettext("Key (SHA-256)"), in_groups(&certificate.key_sha256)),
    ]);
    facts.retain(|fact| !fact.value.is_empty());
    facts
}

fn heading(place: usize) -> String {
    match place {
        0 => gettext("Of the Server"),
        // Translators: heading over a further certificate that a server sent.
        _ => gettext("Sent Along by the Server"),
    }
}

/// Builds the page.
pub fn page(report: &SecurityReport) -> adw::NavigationPage {
    let content = adw::PreferencesPage::new();
    for (place, certificate) in report.certificates.iter().enumerate() {
        let group = adw::PreferencesGroup::builder()
            .title(heading(place))
            .build();
        for fact in facts(certificate) {
            group.add(&rows::fact(&fact));
        }
        content.add(&group);
    }
    let view = adw::ToolbarView::builder().content(&content).build();
    view.add_top_bar(&adw::HeaderBar::new());
    adw::NavigationPage::builder()
        .title(gettext("Certificate"))
        .child(&view)
        .build()
}

/// A key in groups of eight, as fingerprints are shown everywhere.
fn in_groups(hex: &str) -> String {
    let characters: Vec<char> = hex.chars().collect();
    let groups: Vec<String> = characters
        .chunks(8)
        .map(|group| group.iter().collect())
        .collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_in_groups_of_eight() {
        assert_eq!(in_groups("0123456789abcdef01"), "01234567 89abcdef 01");
    }

    #[test]
    fn a_certificate_that_was_only_sent_along_is_said_to_vouch_for_nothing() {
        assert_eq!(heading(0), "Of the Server");
        assert_eq!(heading(1), "Sent Along by the Server");
    }

    #[test]
    fn what_a_certificate_does_not_say_has_no_row() {
        let certificate = CertificateFacts {
            issuer: "Let’s Encrypt".to_owned(),
            ..CertificateFacts::default()
        };

        let titles: Vec<String> = facts(&certificate)
            .into_iter()
            .map(|fact| fact.title)
            .collect();

        assert_eq!(titles, ["Issued by", "Valid from", "Valid until"]);
    }

    #[test]
    fn a_certificate_of_hundreds_of_names_shows_some() {
        let certificate = CertificateFacts {
            names: vec!["example.org".to_owned(); 500],
            ..CertificateFacts::default()
        };

        let names = facts(&certificate)
            .into_iter()
            .find(|fact| fact.title == "For the names");

        assert!(names.is_some_and(|names| names.value.len() < 200 && names.value.ends_with('…')));
    }
}
