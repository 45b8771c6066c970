//! Invitations to a group: by a person (XEP-0249 v1.2, `jabber:x:conference`)
//! and by the group itself (XEP-0045 v1.34, `http://jabber.org/protocol/muc#user`).
//!
//! Who delivered one decides what is believed: what a group says of who invites
//! stands beside the group's own address, never in that person's chat. Nothing
//! is joined or asked for (attack A16). Left out: passwords and threads; what
//! a group sends is kept raw for the version that joins.
//!
//! # Source
//! XEP-0249 §2, §7; XEP-0045 §7.8.2 (the group sends it from its bare address).

use jid::{BareJid, Jid};
use minidom::Element;

use super::namespaces::{DIRECT_INVITATION, GROUP_USER};
use super::stanza;

/// An invitation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Address of the group.
    pub group: BareJid,
    /// Who invites, as the group says; `None` when the sender of the message does.
    pub inviter: Option<BareJid>,
    /// What was said with it; empty when nothing was.
    pub reason: String,
}

/// Reads the invitation that a group sends on behalf of somebody.
pub fn by_group(message: &Element) -> Option<Invitation> {
    let invite = message
        .get_child("x", GROUP_USER)?
        .get_child("invite", GROUP_USER)?;
    // Only the group itself has this address: its members write from one with
    // their name behind a slash (attack A12).
    let from = stanza::from(message).ok().flatten()?;
    let group = Some(from)
        .filter(Jid::is_bare)
        .and_then(|from| group(&from.to_string()))?;
    Some(Invitation {
        group,
        inviter: invite
            .attr("from")
            .and_then(|from| Jid::new(from).ok())
            .map(Jid::into_bare),
        reason: invite
            .get_child("reason", GROUP_USER)
            .map(|reason| reason.text().trim().to_owned())
            .unwrap_or_default(),
    })
}

/// Reads the invitation that the sender of a message makes.
pub fn direct(message: &Element) -> Option<Invitation> {
    let invitation = message.get_child("x", DIRECT_INVITATION)?;
    Some(Invitation {
        group: group(invitation.attr("jid")?)?,
        inviter: None,
        reason: invitation
            .attr("reason")
            .unwrap_or_default()
            .trim()
            .to_owned(),
    })
}

/// A group has a name before the at sign.
fn group(address: &str) -> Option<BareJid> {
    BareJid::new(address)
        .ok()
        .filter(|group| group.node().is_some())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn from_group(from: &str, inside: &str) -> Option<Invitation> {
        let xml = format!(
            "<message xmlns='jabber:client' from='{from}' to='romeo@example.org'>\
             <x xmlns='http://jabber.org/protocol/muc#user'>{inside}</x></message>"
        );
        by_group(&xml.parse().unwrap())
    }

    const INVITE: &str =
        "<invite from='capulet@example.org/hall'><reason> Masks required </reason></invite>";

    #[test]
    fn an_invitation_by_a_group_names_who_it_says_invites() {
        let invitation = from_group("ball@rooms.example.org", INVITE).unwrap();

        assert_eq!(invitation.group.as_str(), "ball@rooms.example.org");
        assert_eq!(invitation.inviter.unwrap().as_str(), "capulet@example.org");
        assert_eq!(invitation.reason, "Masks required");
    }

    #[test]
    fn a12_a_member_of_a_group_cannot_speak_for_the_group() {
        assert_eq!(from_group("ball@rooms.example.org/tybalt", INVITE), None);
        assert_eq!(from_group("rooms.example.org", INVITE), None);
        assert_eq!(from_group("ball@rooms.example.org", "<item/>"), None);
    }

    #[test]
    fn a_direct_invitation_needs_the_address_of_a_group() {
        let parsed = |attributes: &str| {
            let xml = format!(
                "<message xmlns='jabber:client' from='juliet@example.org/balcony'>\
                 <x xmlns='jabber:x:conference' {attributes}/></message>"
            );
            direct(&xml.parse().unwrap())
        };

        let invitation =
            parsed("jid='ball@rooms.example.org' reason='Come!' password='rose'").unwrap();

        assert_eq!(invitation.group.as_str(), "ball@rooms.example.org");
        assert_eq!(
            (invitation.inviter, invitation.reason.as_str()),
            (None, "Come!")
        );
        for attributes in [
            "",
            "jid='@'",
            "jid='rooms.example.org'",
            "jid='ball@rooms.example.org/x'",
        ] {
            assert_eq!(parsed(attributes), None, "{attributes}");
        }
    }
}
