//! Longer words about a problem that stands between an account and its server:
//! what is wrong, what it can mean, what one can do. Nowhere is an "ignore".

use crate::engine::model::{ConnectionProblem, Weaker};
use crate::ui::i18n::{fill, gettext};

/// An explanation: headings and what stands below them.
pub type Explanation = Vec<(String, String)>;

/// Explains `problem` of an account at `domain`; `None` where its title and
/// sentence say it all.
pub fn explain(problem: &ConnectionProblem, domain: &str) -> Option<Explanation> {
    let (wrong, meaning, deeds) = match problem {
        ConnectionProblem::CertificateExpired => (
            gettext(
                "A certificate proves for a limited time that a server is who it says. The one of {domain} is over, or its time has not come yet.",
            ),
            gettext(
                "Usually somebody has forgotten to renew it. But an attacker with an old, stolen certificate would look just the same, so Stonechat does not go on.",
            ),
            gettext(
                "Look at the date of this computer: when it is wrong, every certificate seems to be over. If it is right, only the operator of {domain} can renew the certificate. Stonechat tries again when you say so.",
            ),
        ),
        ConnectionProblem::CertificateOtherName => (
            gettext(
                "A certificate says for which names it is. The server that answered showed one, but not for {domain}.",
            ),
            gettext(
                "The server may be set up wrongly, or the address may be misspelt. A sign-in page of a hotel or a train answers like this too. Or somebody sits between you and {domain}.",
            ),
            gettext(
                "Check the part of your address after the @. On a train or in a hotel, open a web page and sign in there first. Else ask the operator of {domain}: the certificate has to hold that very name, even when the server has another one.",
            ),
        ),
        ConnectionProblem::CertificateUnknownIssuer => (
            gettext(
                "A certificate counts because somebody this computer trusts has issued it. Nobody it trusts has issued the one of {domain}.",
            ),
            gettext(
                "Small servers and those of companies sometimes issue their own. An attacker can do that too, for any name.",
            ),
            gettext(
                "Ask the operator of {domain} for a certificate that is accepted everywhere; such certificates cost nothing. If you run the server yourself, you can tell Stonechat its one key: preferences, the account, “Certificates”. Take the key from the server itself and not from a connection.",
            ),
        ),
        ConnectionProblem::CertificateInvalid => (
            gettext(
                "The certificate of {domain} is broken, was taken back, or is of a kind that is not safe any more.",
            ),
            gettext("The server may be set up wrongly, or somebody tampers with the connection."),
            gettext("Only the operator of {domain} can mend it. The report says more."),
        ),
        ConnectionProblem::NoEncryption => (
            gettext(
                "The server offers no encrypted connection. On an open one everybody on the way reads your messages and your password.",
            ),
            gettext(
                "Either the server really has none, or somebody on the way takes the offer out of its answer.",
            ),
            gettext(
                "Try another network. If it is the same there, only the operator of {domain} can change it.",
            ),
        ),
        ConnectionProblem::ServerNotGenuine => (
            gettext(
                "When signing in, not only you prove that you know the password: the server does too. This one could not.",
            ),
            gettext(
                "Whoever answered does not have what {domain} was given when your password was set. Somebody could be in between.",
            ),
            gettext(
                "Try another network. If it is the same there, tell the operator of {domain}, by mail or telephone.",
            ),
        ),
        ConnectionProblem::CertificateOtherKey => (
            gettext(
                "You told Stonechat the one key that the server of this account may have. The server that answered has another one.",
            ),
            gettext("The operator changed the key, or somebody sits between you and {domain}."),
            gettext(
                "Ask the operator of {domain} for the key, and not by chat. If it has changed, set the new one: preferences, the account, “Certificates”.",
            ),
        ),
        ConnectionProblem::WeakerThanBefore(weaker) => weaker_words(weaker),
        _ => return None,
    };
    let say = |sentence: String| fill(&sentence, &[("domain", domain)]);
    let not_sent = gettext(
        "Your password, your messages and your contacts. Nothing but the name of the server left this computer unprotected.",
    );
    Some(vec![
        (gettext("What is wrong"), say(wrong)),
        (gettext("What it can mean"), say(meaning)),
        (gettext("What was not sent"), not_sent),
        (gettext("What you can do"), say(deeds)),
    ])
}

fn weaker_words(weaker: &Weaker) -> (String, String, String) {
    match weaker {
        Weaker::Password { .. } => (
            gettext(
                "So far {domain} let you in by a way in which it never learns your password. Now it offers only to be told the password itself.",
            ),
            gettext(
                "A server does not forget the better way by itself. Somebody may sit in between and wait for the password, or the operator changed something by mistake.",
            ),
            gettext(
                "Stay offline and ask the operator of {domain}. If the change was meant, remove the account here and add it again; Stonechat then asks before it sends the password.",
            ),
        ),
        Weaker::Mechanism { .. } => (
            gettext("So far {domain} let you in by a stronger way than any it offers now."),
            gettext(
                "Somebody who sits in between could take the better ways out of the offer. Or the operator changed the server.",
            ),
            gettext(
                "Stay offline and ask the operator of {domain}. If the change was meant, choose “Trust Anew…”.",
            ),
        ),
        Weaker::ChannelBinding { now: Some(_), .. } => (
            gettext(
                "So far each sign-in at {domain} was tied to its encrypted connection. Now it would be tied to the certificate of the server only.",
            ),
            gettext(
                "Whoever has the key of that certificate could sit in between. Or the operator changed the server.",
            ),
            gettext(
                "Stay offline and ask the operator of {domain}. If the change was meant, choose “Trust Anew…”.",
            ),
        ),
        Weaker::ChannelBinding { now: None, .. } => (
            gettext(
                "So far each sign-in at {domain} was tied to its encrypted connection. Now it would not be.",
            ),
            gettext(
                "Whoever could fake a certificate of {domain} would have to take this offer away to sit in between. Or the operator changed the server, or put another program before it.",
            ),
            gettext(
                "Stay offline and ask the operator of {domain}. If the change was meant, choose “Trust Anew…”.",
            ),
        ),
        Weaker::ListAltered => (
            gettext(
                "While you sign in, {domain} says once more which ways to do so it offers. They are not the ones that came here before.",
            ),
            gettext(
                "Somebody between you and {domain} may have changed the list, to make you choose a weaker way. Or the server is set up wrongly.",
            ),
            gettext("Try another network, and tell the operator of {domain}."),
        ),
        Weaker::NotConfirmed => (
            gettext(
                "The server offers to tie sign-ins to the encrypted connection, but in no way that Stonechat knows. It did not confirm that this is what it offers.",
            ),
            gettext(
                "Somebody between you and {domain} may have taken the known ways out of the offer. Or the server is old or set up wrongly.",
            ),
            gettext(
                "Try another network. If it is the same there, ask the operator of {domain} to offer “tls-server-end-point” or “tls-exporter”.",
            ),
        ),
        Weaker::OtherTls => (
            gettext(
                "Your computer and {domain} see different versions of TLS, the encryption of the connection.",
            ),
            gettext(
                "Somebody may sit in between and encrypt anew. Or the operator put another program before the server.",
            ),
            gettext("Try another network, and tell the operator of {domain}."),
        ),
    }
}

/// Returns whether the user may accept what the server offers now. Never for
/// the open password, and not while somebody changes what the server says.
pub fn may_be_trusted_anew(problem: &ConnectionProblem) -> bool {
    matches!(
        problem,
        ConnectionProblem::WeakerThanBefore(
            Weaker::Mechanism { .. } | Weaker::ChannelBinding { .. }
        )
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_certificate_problem_is_explained_and_none_can_be_ignored() {
        for problem in [
            ConnectionProblem::CertificateExpired,
            ConnectionProblem::CertificateOtherName,
            ConnectionProblem::CertificateUnknownIssuer,
            ConnectionProblem::CertificateInvalid,
            ConnectionProblem::CertificateOtherKey,
            ConnectionProblem::NoEncryption,
            ConnectionProblem::ServerNotGenuine,
        ] {
            let words = explain(&problem, "example.org");

            assert_eq!(words.map(|words| words.len()), Some(4), "{problem}");
            assert!(!may_be_trusted_anew(&problem), "{problem}");
        }
    }

    #[test]
    fn an_open_password_where_there_was_none_cannot_be_trusted_anew() {
        let password = ConnectionProblem::WeakerThanBefore(Weaker::Password {
            before: "SCRAM-SHA-1".to_owned(),
            since: 0,
        });
        let mechanism = ConnectionProblem::WeakerThanBefore(Weaker::Mechanism {
            before: "SCRAM-SHA-256".to_owned(),
            now: "SCRAM-SHA-1".to_owned(),
            since: 0,
        });

        assert!(!may_be_trusted_anew(&password));
        for doubtful in [Weaker::ListAltered, Weaker::NotConfirmed, Weaker::OtherTls] {
            let doubtful = ConnectionProblem::WeakerThanBefore(doubtful);
            assert!(!may_be_trusted_anew(&doubtful), "{doubtful}");
        }
        assert!(may_be_trusted_anew(&mechanism));
    }
}
