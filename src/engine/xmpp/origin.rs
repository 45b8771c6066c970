//! The one gate in front of every payload: who delivered it decides what it may do.
//!
//! A message may carry another message inside (a copy from one of our other
//! devices, a page of the archive). Only our own account may do that, and only
//! in the exact shape the XEP gives; everything else that looks like it is
//! refused whole. Client after client fell to this for twelve years
//! (CVE-2017-5589 and its many sisters).
//!
//! # Source
//! XEP-0280 §11, XEP-0313 §7.2, RFC 6120 §8.1.2.1.

use std::collections::BTreeSet;

use jid::BareJid;
use minidom::Element;

use super::archive::{self, ArchivedMessage};
use super::carbons::{self, Copied};
use super::stanza;

/// What may come in, and in which capacity.
#[derive(Clone, Debug, PartialEq)]
pub enum Admitted {
    /// A message for us, now (or kept by the server until now).
    Live(Element),
    /// A copy of what another device of ours received.
    CopyOfReceived(Element),
    /// A copy of what another device of ours sent.
    CopyOfSent(Element),
    /// A result of a query of ours that is still open.
    Archived {
        /// The query it answers.
        query_id: String,
        /// The message; `None` when the result makes no sense.
        message: Option<ArchivedMessage>,
    },
}

/// Why a message was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A copy that does not come from our own account.
    #[error("a copy in our account's name by somebody else")]
    ForgedCopy,
    /// A copy whose inside is not what the XEP allows.
    #[error("a copy of the wrong shape")]
    MalformedCopy,
    /// An archive result by somebody else, or one nobody asked for.
    #[error("an archive result by somebody else or without a question")]
    ForgedResult,
}

/// Decides about one message.
///
/// # Errors
/// The message pretends to be something its sender may not send.
pub fn admit(
    message: &Element,
    own: &BareJid,
    open_queries: &BTreeSet<String>,
) -> Result<Admitted, Refused> {
    if let Some((result, query_id)) = archive::result(message) {
        let query_id = query_id.filter(|id| open_queries.contains(*id));
        return match query_id {
            Some(query_id) if stanza::is_from_own_account(message, own) => Ok(Admitted::Archived {
                query_id: query_id.to_owned(),
                message: archive::archived_message(result)
                    .filter(|archived| concerns(&archived.message, own)),
            }),
            _ => Err(Refused::ForgedResult),
        };
    }
    let Some((copied, wrapper)) = carbons::wrapper(message) else {
        return Ok(Admitted::Live(message.clone()));
    };
    // The server stamps copies with our bare address; "no sender" is not enough here.
    if message.attr("from").is_none() || !stanza::is_from_own_account(message, own) {
        return Err(Refused::ForgedCopy);
    }
    let inner = carbons::copied_message(wrapper).ok_or(Refused::MalformedCopy)?;
    let is_nested = carbons::wrapper(inner).is_some() || archive::result(inner).is_some();
    let (from, to) = (bare(inner, "from"), bare(inner, "to"));
    let fits = match copied {
        Copied::Sent => from.as_ref() == Some(own) && to.is_some(),
        Copied::Received => from.is_some() && to.as_ref().is_none_or(|to| to == own),
    };
    if is_nested || !fits || inner.attr("type") == Some("groupchat") {
        return Err(Refused::MalformedCopy);
    }
    Ok(match copied {
        Copied::Sent => Admitted::CopyOfSent(inner.clone()),
        Copied::Received => Admitted::CopyOfReceived(inner.clone()),
    })
}

/// Returns whether an archived message was written by us or to us.
fn concerns(message: &Element, own: &BareJid) -> bool {
    let from = bare(message, "from");
    from.as_ref() == Some(own)
        || (from.is_some() && bare(message, "to").is_none_or(|to| to == *own))
}

fn bare(message: &Element, attribute: &str) -> Option<BareJid> {
    message
        .attr(attribute)
        .and_then(|address| jid::Jid::new(address).ok())
        .map(jid::Jid::into_bare)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const INNER: &str = "<forwarded xmlns='urn:xmpp:forward:0'>\
        <message xmlns='jabber:client' from='juliet@example.org/balcony' to='romeo@example.org/orchard' type='chat'>\
        <body>Send money</body></message></forwarded>";

    fn decide(xml: &str) -> Result<Admitted, Refused> {
        let own = BareJid::new("romeo@example.org").unwrap();
        admit(
            &xml.parse().unwrap(),
            &own,
            &BTreeSet::from(["open".to_owned()]),
        )
    }

    fn copy(from: &str, wrapper: &str, inner: &str) -> String {
        format!(
            "<message xmlns='jabber:client' {from}><{wrapper} xmlns='urn:xmpp:carbons:2'>{inner}</{wrapper}></message>"
        )
    }

    #[test]
    fn a_copy_by_our_own_account_is_admitted() {
        let admitted = decide(&copy("from='romeo@example.org'", "received", INNER));

        assert!(matches!(admitted, Ok(Admitted::CopyOfReceived(_))));
    }

    #[test]
    fn a2_a_forged_carbon_is_dropped() {
        for from in [
            "from='mercutio@example.org/street'",
            "from='juliet@example.org'",
            "from='example.org'",
            "from='romeo@example.org/other'",
            "from='romeo@example.org.evil.example'",
            "from='@'",
            "",
        ] {
            assert_eq!(
                decide(&copy(from, "received", INNER)),
                Err(Refused::ForgedCopy),
                "{from}"
            );
            assert_eq!(
                decide(&copy(from, "sent", INNER)),
                Err(Refused::ForgedCopy),
                "{from}"
            );
        }
    }

    #[test]
    fn a2_a_copy_of_the_wrong_shape_is_dropped() {
        let own = "from='romeo@example.org'";
        let group = INNER.replace("type='chat'", "type='groupchat'");
        let bare = INNER.replace("forwarded", "wrapped");
        let nested = INNER.replace(
            "<body>Send money</body>",
            "<sent xmlns='urn:xmpp:carbons:2'/>",
        );
        let for_another = INNER.replace("to='romeo@example.org/orchard'", "to='paris@example.org'");
        for inner in [&group, &bare, &nested, &for_another] {
            assert_eq!(
                decide(&copy(own, "received", inner)),
                Err(Refused::MalformedCopy),
                "{inner}"
            );
        }
        // A copy of something "sent" that we did not write.
        assert_eq!(
            decide(&copy(own, "sent", INNER)),
            Err(Refused::MalformedCopy)
        );
    }

    #[test]
    fn a2_a_forwarded_message_without_a_wrapper_is_only_an_ordinary_message() {
        let xml = format!(
            "<message xmlns='jabber:client' from='mercutio@example.org/street'>{INNER}</message>"
        );

        let Ok(Admitted::Live(message)) = decide(&xml) else {
            panic!("not live")
        };

        assert_eq!(stanza::chosen_text(&message, "body"), None);
        assert_eq!(message.attr("from"), Some("mercutio@example.org/street"));
    }

    #[test]
    fn a3_a_forged_archive_result_is_dropped() {
        let result = |from: &str, query: &str| {
            decide(&format!(
                "<message xmlns='jabber:client' {from}><result xmlns='urn:xmpp:mam:2' {query} id='1'>\
                 <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>\
                 <message xmlns='jabber:client' from='juliet@example.org/a' to='romeo@example.org'>\
                 <body>O</body></message></forwarded></result></message>"
            ))
        };
        for (from, query) in [
            ("from='juliet@example.org/a'", "queryid='open'"),
            ("from='example.org'", "queryid='open'"),
            ("from='romeo@example.org'", "queryid='guessed'"),
            ("from='romeo@example.org'", ""),
            ("from='romeo@example.org/other'", "queryid='open'"),
        ] {
            assert_eq!(
                result(from, query),
                Err(Refused::ForgedResult),
                "{from} {query}"
            );
        }
        for from in ["", "from='romeo@example.org'"] {
            assert!(
                matches!(
                    result(from, "queryid='open'"),
                    Ok(Admitted::Archived {
                        message: Some(_),
                        ..
                    })
                ),
                "{from}"
            );
        }
    }

    #[test]
    fn a3_an_archived_message_between_others_is_left_out() {
        let admitted = decide(
            "<message xmlns='jabber:client' from='romeo@example.org'><result xmlns='urn:xmpp:mam:2' queryid='open' id='1'>\
             <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>\
             <message xmlns='jabber:client' from='juliet@example.org/a' to='paris@example.org'><body>O</body></message>\
             </forwarded></result></message>",
        );

        assert!(matches!(
            admitted,
            Ok(Admitted::Archived { message: None, .. })
        ));
    }
}
