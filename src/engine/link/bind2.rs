//! Binding inside the sign-in, with what every stream of ours wants anyway.
//!
//! What surprises: a server that has started stream management in here may
//! list it among its features all the same, and refuses to start it twice.
//!
//! # Source
//! XEP-0386 v1.0.1, XEP-0280 (copies), XEP-0352 (nobody looks), XEP-0198.

use std::str::FromStr;

use jid::FullJid;
use minidom::Element;

use super::bind::{enable, read_enabled};
use super::login::STREAM_MANAGEMENT;
use super::stream::not_understood;
use super::{LinkSettings, SmSession, sasl2};
use crate::engine::model::ConnectionProblem;

const BIND2: &str = "urn:xmpp:bind:0";
const COPIES: &str = "urn:xmpp:carbons:2";
const CLIENT_STATE: &str = "urn:xmpp:csi:0";
/// What our part of the resource begins with; the server adds to it.
const TAG: &str = "Stonechat";

/// What a server does along with binding.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Offer {
    /// Stream management.
    pub management: bool,
    /// Copies of what our other devices do.
    pub copies: bool,
    /// Being told that nobody looks.
    pub client_state: bool,
}

/// How binding went.
pub(super) struct Bound {
    pub address: FullJid,
    /// Stream management, where it was started along with it.
    pub management: Option<SmSession>,
    /// It was to be, and the server would not.
    pub was_management_refused: bool,
    /// Our other devices' messages are copied to us.
    pub has_copies: bool,
}

impl Offer {
    /// Reads it from what is offered inside SASL2.
    pub fn read(inline: &Element) -> Option<Self> {
        let bind = inline.get_child("bind", BIND2)?;
        let offers = |name: &str| {
            bind.get_child("inline", BIND2)
                .into_iter()
                .flat_map(Element::children)
                .any(|feature| feature.is("feature", BIND2) && feature.attr("var") == Some(name))
        };
        Some(Self {
            management: offers(STREAM_MANAGEMENT),
            copies: offers(COPIES),
            client_state: offers(CLIENT_STATE),
        })
    }
}

/// Returns the wish to bind, with all that is offered along with it.
pub(super) fn wish(offer: Offer, settings: &LinkSettings) -> Element {
    let mut bind = Element::bare("bind", BIND2);
    let mut tag = Element::bare("tag", BIND2);
    tag.append_text(TAG);
    bind.append_child(tag);
    if offer.management {
        bind.append_child(enable());
    }
    if offer.copies {
        bind.append_child(Element::bare("enable", COPIES));
    }
    if offer.client_state && settings.is_unseen {
        bind.append_child(Element::bare("inactive", CLIENT_STATE));
    }
    bind
}

/// Reads from the server's `<success/>` how binding went; `None`: it was not
/// done in there.
///
/// # Errors
/// The address is another account's, or none.
pub(super) fn read(
    success: &Element,
    settings: &LinkSettings,
) -> Result<Option<Bound>, ConnectionProblem> {
    let Some(bound) = success.get_child("bound", BIND2) else {
        return Ok(None);
    };
    let address = sasl2::identifier(success)
        .and_then(|identifier| FullJid::from_str(&identifier).ok())
        .ok_or_else(|| not_understood("the bound address cannot be read"))?;
    if address.to_bare() != settings.address {
        return Err(not_understood("the bound address is another account's"));
    }
    Ok(Some(Bound {
        address,
        management: bound
            .get_child("enabled", STREAM_MANAGEMENT)
            .map(read_enabled),
        was_management_refused: bound.has_child("failed", STREAM_MANAGEMENT),
        has_copies: bound.has_child("enabled", COPIES),
    }))
}
