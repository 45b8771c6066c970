//! Which mechanism: the strongest that both sides have, and none that is
//! weaker than what once was.
//!
//! # Source
//! RFC 5802 §6 (the flag for channel binding), XEP-0440 v0.4.1 §4, XEP-0474
//! v0.5.0 §7 (no channel binding type in common).

use super::{Confirmation, Offer, strength};
use crate::engine::link::LinkSettings;
use crate::engine::link::scram::{Binding, Hash};
use crate::engine::link::tls::Channel;
use crate::engine::model::{ConnectionProblem, Weaker};

/// The types of channel binding that we know, the stronger first: the second
/// proves which certificate was seen, not which connection.
pub(super) const TLS_EXPORTER: &str = "tls-exporter";
pub(super) const TLS_SERVER_END_POINT: &str = "tls-server-end-point";

/// The mechanisms that prove the password both ways, the strongest first: tied
/// to the connection, and not.
const SCRAM: [(Hash, &str, &str); 3] = [
    (Hash::Sha512, "SCRAM-SHA-512-PLUS", "SCRAM-SHA-512"),
    (Hash::Sha256, "SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"),
    (Hash::Sha1, "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1"),
];

/// A mechanism that was chosen.
pub(super) enum Choice {
    /// The password is proven, both ways.
    Scram {
        name: &'static str,
        hash: Hash,
        binding: Binding,
        confirmation: Confirmation,
    },
    /// The certificate of ours that TLS has seen says it all.
    External,
    /// The password itself is sent.
    Plain,
}

/// Chooses the strongest mechanism that both sides have.
///
/// # Errors
/// `WeakerThanBefore` when it is weaker than what once was, `NeedsPlainConsent`
/// and `NoCommonSignIn`.
pub(super) fn choose(
    offer: &Offer,
    settings: &LinkSettings,
    channel: &Channel,
) -> Result<Choice, ConnectionProblem> {
    let strongest = settings.memory.strongest.as_ref();
    let mut without_proof = None;
    if settings.client_certificate.is_some() && offer.offers("EXTERNAL") {
        // The server proves nothing by taking our certificate.
        without_proof = strength::weaker(strongest, "EXTERNAL", None);
        if without_proof.is_none() {
            return Ok(Choice::External);
        }
    }
    let mut refused = None;
    for (hash, name, binding) in ways(offer, channel) {
        if let Some(weaker) = strength::weaker(strongest, name, binding.kind()) {
            refused.get_or_insert(weaker);
            continue;
        }
        let confirmation = confirmation(offer, settings, channel, &binding);
        return Ok(Choice::Scram {
            name,
            hash,
            binding,
            confirmation,
        });
    }
    if let Some(weaker) = refused.or(without_proof) {
        return Err(ConnectionProblem::WeakerThanBefore(weaker));
    }
    if !offer.offers("PLAIN") || offer.knows_scram {
        tracing::info!(offered = ?offer.mechanisms, "no sign-in mechanism in common");
        return Err(ConnectionProblem::NoCommonSignIn);
    }
    if let Some(weaker) = strength::weaker(strongest, "PLAIN", None) {
        return Err(ConnectionProblem::WeakerThanBefore(weaker));
    }
    if !settings.allows_plain {
        return Err(ConnectionProblem::NeedsPlainConsent);
    }
    Ok(Choice::Plain)
}

/// Returns the SCRAM mechanisms that both sides have, the best first.
fn ways<'a>(
    offer: &'a Offer,
    channel: &'a Channel,
) -> impl Iterator<Item = (Hash, &'static str, Binding)> + 'a {
    let tied = tied(offer, channel);
    let untied = untied(offer, channel);
    let with = tied
        .into_iter()
        .flat_map(|binding| SCRAM.map(|(hash, plus, _)| (hash, plus, binding.clone())));
    let without = SCRAM.map(|(hash, _, plain)| (hash, plain, untied.clone()));
    with.chain(without)
        .filter(|(_, name, _)| offer.offers(name))
}

/// Returns what ties a sign-in to the connection, where both sides can.
/// A server that names no types has `tls-exporter`, the default of TLS 1.3.
fn tied(offer: &Offer, channel: &Channel) -> Option<Binding> {
    let named = |kind: &str| offer.bindings.as_ref()?.iter().find(|name| *name == kind);
    if let Some(value) = &channel.exporter
        && (offer.bindings.is_none() || named(TLS_EXPORTER).is_some())
    {
        return Some(Binding::Tied {
            kind: TLS_EXPORTER,
            value: value.to_vec(),
        });
    }
    let value = channel.end_point.clone()?;
    named(TLS_SERVER_END_POINT)?;
    Some(Binding::Tied {
        kind: TLS_SERVER_END_POINT,
        value,
    })
}

/// "We could, you did not offer" is only true when nothing of it was offered;
/// a server that offers other types would take it for an attack.
fn untied(offer: &Offer, channel: &Channel) -> Binding {
    let is_possible = channel.exporter.is_some() || channel.end_point.is_some();
    if is_possible && !offer.offers_binding() {
        Binding::NotOffered
    } else {
        Binding::NotPossible
    }
}

/// Returns whether the offer is odd enough that the server has to confirm it.
fn confirmation(
    offer: &Offer,
    settings: &LinkSettings,
    channel: &Channel,
    binding: &Binding,
) -> Confirmation {
    // Every server that ties anything has to know the type of the certificate,
    // and to say so. Types that nobody has, or none, are how somebody in
    // between would avoid it, be it TLS 1.3 or not.
    let could_be_tied = channel.exporter.is_some() || channel.end_point.is_some();
    if could_be_tied && offer.offers_binding() && binding.kind().is_none() {
        return Confirmation::Needed(Weaker::NotConfirmed);
    }
    let strongest = settings.memory.strongest.as_ref();
    match strongest {
        // Whoever stole the key of the certificate gets along with this type.
        Some(before)
            if before.channel_binding.as_deref() == Some(TLS_EXPORTER)
                && binding.kind() == Some(TLS_SERVER_END_POINT) =>
        {
            Confirmation::Needed(Weaker::ChannelBinding {
                before: TLS_EXPORTER.to_owned(),
                now: Some(TLS_SERVER_END_POINT.to_owned()),
                since: before.seen_at,
            })
        }
        _ => Confirmation::Welcome,
    }
}
