//! What a message leaves in the history: a text, or one of the things that
//! this version can only say the name of.
//!
//! The order matters: what is encrypted may have any body beside it, and what
//! is a file or an invitation has its text once more for older programs.
//!
//! # Source
//! RFC 6121 §5.2.3 for the text; each other payload names its XEP in its own file.

use minidom::Element;

use super::encryption::{self, Encrypted};
use super::invitations::{self, Invitation};
use super::otr;
use super::{calls, file_links};

/// What a message leaves in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A text.
    Text(String),
    /// Something encrypted.
    Unreadable {
        /// Tells it from others of the same id.
        mark: String,
    },
    /// Links to encrypted files, with their keys.
    EncryptedFile {
        /// The links, one a line; never shown or logged.
        links: String,
    },
    /// A link to a file.
    File {
        /// The link; always `https`.
        url: String,
    },
    /// An invitation to a group.
    Invitation(Invitation),
    /// The offer of a call.
    Call {
        /// Its id.
        id: String,
    },
    /// More than is read at once.
    TooLarge {
        /// Its size on the wire.
        bytes: u64,
    },
    /// What an archive leaves of a message that was taken back.
    TakenBack,
}

impl Content {
    /// Returns whether the user sees here what the sender wrote. The rest is
    /// neither confirmed nor marked as seen.
    pub fn is_seen(&self) -> bool {
        !matches!(
            self,
            Self::Unreadable { .. } | Self::Call { .. } | Self::TooLarge { .. } | Self::TakenBack
        )
    }
}

/// Reads what a message leaves; `None` when that is nothing. `body` is the one
/// that was chosen among several.
pub fn read(message: &Element, body: Option<String>) -> Option<Content> {
    let body = body
        .map(otr::without_offers)
        .filter(|body| !body.is_empty());
    if let Some(id) = calls::offered(message) {
        return Some(Content::Call { id: id.to_owned() });
    }
    match encryption::read(message, body.as_deref()) {
        Some(Encrypted::Message { mark }) => return Some(Content::Unreadable { mark }),
        Some(Encrypted::KeysOnly) => return None,
        None => {}
    }
    // The body beside a group's invitation is the server's wording of it.
    if let Some(invitation) = invitations::by_group(message) {
        return Some(Content::Invitation(invitation));
    }
    if let Some(mut invitation) = invitations::direct(message) {
        if invitation.reason.is_empty() {
            invitation.reason = body.unwrap_or_default();
        }
        return Some(Content::Invitation(invitation));
    }
    if let Some(url) = file_links::read(message, body.as_deref()) {
        return Some(Content::File { url });
    }
    body.map(text_or_links)
}

/// Returns what a text leaves that came sealed; `None` when it is empty. It is
/// only a text: what stands beside it on the wire is not the sender's for sure.
pub fn opened(text: String) -> Option<Content> {
    (!text.is_empty()).then(|| text_or_links(text))
}

fn text_or_links(text: String) -> Content {
    if file_links::is_encrypted_file(&text) {
        Content::EncryptedFile { links: text }
    } else {
        Content::Text(text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parsed(body: &str, inside: &str) -> Option<Content> {
        let xml = format!(
            "<message xmlns='jabber:client' from='juliet@example.org/a'>{inside}</message>"
        );
        read(
            &xml.parse().unwrap(),
            Some(body.to_owned()).filter(|body| !body.is_empty()),
        )
    }

    #[test]
    fn a51_the_senders_words_beside_something_encrypted_are_not_shown() {
        let content = parsed(
            "Get the plug-in at https://evil.example/",
            "<encrypted xmlns='eu.siacs.conversations.axolotl'><payload>AAA=</payload></encrypted>\
             <x xmlns='jabber:x:oob'><url>https://evil.example/</url></x>",
        );

        assert!(matches!(content, Some(Content::Unreadable { .. })));
    }

    #[test]
    fn an_offer_to_encrypt_that_nobody_sees_is_not_part_of_a_text() {
        let offer = " \t  \t\t\t\t \t \t \t    \t\t  \t ";

        assert_eq!(
            parsed(&format!("Hark{offer}"), ""),
            Some(Content::Text("Hark".into()))
        );
        assert_eq!(parsed(offer, ""), None);
        assert!(matches!(
            parsed("?OTRv23? A private chat?", ""),
            Some(Content::Unreadable { .. })
        ));
    }

    #[test]
    fn what_was_said_with_an_invitation_is_not_lost() {
        let invitation = |body: &str, reason: &str| {
            let inside = format!(
                "<x xmlns='jabber:x:conference' jid='ball@rooms.example.org' reason='{reason}'/>"
            );
            match parsed(body, &inside) {
                Some(Content::Invitation(invitation)) => invitation.reason,
                other => panic!("{other:?}"),
            }
        };

        assert_eq!(invitation("Come tonight", ""), "Come tonight");
        assert_eq!(invitation("Come tonight", "A ball"), "A ball");
        assert_eq!(invitation("", ""), "");
    }

    #[test]
    fn nothing_but_small_signs_leaves_nothing() {
        assert_eq!(
            parsed("", "<received xmlns='urn:xmpp:receipts' id='m1'/>"),
            None
        );
    }
}
