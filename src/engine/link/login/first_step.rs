//! The first step of a sign-in: which way, and what goes along with it.
//!
//! What the server offered the last time is enough to prepare it; whether that
//! was right is seen when its features come.
//!
//! # Source
//! RFC 6120 §6.4, XEP-0388 v1.0.2 §2, XEP-0484 v0.1.0 §3.

use minidom::Element;

use super::Door;
use crate::engine::link::sasl::{Offer, Talk, classic};
use crate::engine::link::sasl2::Inline;
use crate::engine::link::{bind, bind2, fast, sasl2};
use crate::engine::model::ConnectionProblem;

/// A sign-in that was prepared.
pub(super) struct Attempt {
    pub way: Way,
    /// Its first step.
    pub element: Element,
    /// It binds on the way, so that stanzas may follow at once.
    pub binds: bool,
}

/// Which way in.
pub(super) enum Way {
    Token(fast::Exchange),
    /// Inside SASL2, with the mechanism of the token that is asked for.
    Sasl2(Talk, Option<&'static str>, Offer),
    Classic(Talk, Offer),
}

impl Attempt {
    /// Returns whether it is what the server's features would have led to.
    pub fn fits(&self, features: &Element) -> bool {
        match &self.way {
            Way::Token(exchange) => sasl2::offer(features).is_some_and(|offer| {
                let tokens = Inline::read(offer).tokens;
                tokens.iter().any(|name| name == exchange.mechanism())
            }),
            Way::Sasl2(_, _, offer) => sasl2::offer(features)
                .is_some_and(|list| Offer::read(features, Some(list)) == *offer),
            Way::Classic(_, offer) => classic::offer(features) == *offer,
        }
    }
}

impl Door<'_> {
    /// Prepares the first step by what the server offered the last time.
    pub fn guess(&self) -> Option<Attempt> {
        let features = &self.settings.memory.features;
        if features.is_empty() {
            return None;
        }
        let features: Element = features.parse().ok()?;
        let guess = self.prepare(&features).ok()?;
        // Whether the open password is the only way is to be seen first (A23).
        let is_open_password = match &guess.way {
            Way::Sasl2(talk, ..) | Way::Classic(talk, _) => talk.mechanism() == "PLAIN",
            Way::Token(_) => false,
        };
        (!is_open_password).then_some(guess)
    }

    /// Chooses the shortest way that is open, and prepares its first step.
    pub fn prepare(&self, features: &Element) -> Result<Attempt, ConnectionProblem> {
        let mut refused = None;
        if let Some(offer) = sasl2::offer(features) {
            if let Some(attempt) = self.by_token(offer) {
                return Ok(attempt);
            }
            match self.by_password(features, offer) {
                Ok(attempt) => return Ok(attempt),
                Err(problem) => refused = Some(problem),
            }
        }
        let offer = classic::offer(features);
        if let Some(problem) = refused.filter(|_| offer.mechanisms.is_empty()) {
            return Err(problem);
        }
        let (talk, first) = Talk::begin(&offer, self.settings, self.channel)?;
        let element = classic::auth(talk.mechanism(), &first);
        let way = Way::Classic(talk, offer);
        Ok(Attempt {
            way,
            element,
            binds: false,
        })
    }

    fn by_token(&self, offer: &Element) -> Option<Attempt> {
        let memory = &self.settings.memory;
        let inline = Inline::read(offer);
        let user = self.settings.address.node()?;
        let (exchange, first) =
            fast::Exchange::begin(memory, &inline.tokens, user.as_str(), self.channel)?;
        let count = memory.token.as_ref().map_or(0, |token| token.count);
        let mut then = vec![fast::used(count, false)];
        then.extend(self.inside(&inline));
        let element = sasl2::authenticate(exchange.mechanism(), &first, &memory.agent, then);
        let way = Way::Token(exchange);
        let binds = inline.bind.is_some();
        Some(Attempt {
            way,
            element,
            binds,
        })
    }

    fn by_password(
        &self,
        features: &Element,
        list: &Element,
    ) -> Result<Attempt, ConnectionProblem> {
        let memory = &self.settings.memory;
        let offer = Offer::read(features, Some(list));
        let inline = Inline::read(list);
        let (talk, first) = Talk::begin(&offer, self.settings, self.channel)?;
        let is_tied = talk.mechanism().ends_with("-PLUS");
        let token = fast::wanted(memory, &inline.tokens, self.channel, is_tied);
        let mut then: Vec<Element> = token.map(fast::request).into_iter().collect();
        then.extend(self.inside(&inline));
        let element = sasl2::authenticate(talk.mechanism(), &first, &memory.agent, then);
        let way = Way::Sasl2(talk, token, offer);
        let binds = inline.bind.is_some();
        Ok(Attempt {
            way,
            element,
            binds,
        })
    }

    /// Returns what is to follow the sign-in without being asked for again.
    fn inside(&self, inline: &Inline) -> Vec<Element> {
        let mut then = Vec::new();
        if let Some(resume) = self.resume.filter(|_| inline.resumes) {
            then.push(bind::wish_to_resume(resume));
        }
        if let Some(bind) = inline.bind {
            then.push(bind2::wish(bind, self.settings));
        }
        then
    }
}
