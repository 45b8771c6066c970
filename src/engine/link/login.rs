//! From a safe connection to a bound stream.
//!
//! There are three ways in: a token of the last sign-in, the password inside
//! SASL2, and the password as every server knows it. The first two bind along
//! with it, or take up the earlier session. What the server offered the last
//! time tells which way will be open, so its first step is sent along with the
//! stream's header; what the server offers now decides. A wrong guess costs
//! one try: then everything is asked for, as if nothing were known.
//!
//! What surprises: with a token even what the session begins with is sent along
//! at once. It says nothing that a server with the right certificate may not
//! know, and nothing of it is a message.
//!
//! # Source
//! RFC 6120 §6, XEP-0388 v1.0.2, XEP-0386 v1.0.1, XEP-0484 v0.1.0.

mod first_step;

use minidom::Element;
use rxml::{Namespace, NcName};
use tokio::io::{AsyncRead, AsyncWrite};

use self::first_step::{Attempt, Way};
use super::bind::{Binding, Resumption};
use super::sasl::{SignedIn, classic, failure, strength};
use super::sasl2::Answer;
use super::stream::{XmlStream, not_understood};
use super::tls::Channel;
use super::xml::{self, CLIENT, STREAM};
use super::{LinkSettings, Offers, Online, Resume, bind, bind2, fast, sasl2};
use crate::engine::clock::Clock;
use crate::engine::model::{ConnectionProblem, SecurityReport};

pub(super) const STREAM_MANAGEMENT: &str = "urn:xmpp:sm:3";
/// Features that are larger are not worth remembering.
const FEATURES_BYTES: usize = 32 * 1024;

/// A bound stream, and what came before anybody listened.
pub(super) struct Bound {
    /// What to tell the session.
    pub online: Online,
    /// Stanzas that arrived between binding and stream management.
    pub early: Vec<Element>,
    /// [`LinkSettings::opening`] is out already.
    pub is_opened: bool,
    /// The server has yet to say what it offers on this stream.
    pub awaits_features: bool,
}

/// Why there is no bound stream.
#[derive(Debug)]
pub(super) enum Setback {
    /// This has to be told.
    Problem(ConnectionProblem),
    /// The server, whose certificate was checked, wants us at this place.
    Elsewhere(String),
    /// What was remembered of the server led astray: once more without it.
    WrongMemory {
        /// The token is no good.
        is_token_refused: bool,
        /// It was not what the server offers that changed, so remembering that
        /// would lead astray again.
        is_remembering_vain: bool,
    },
}

impl From<ConnectionProblem> for Setback {
    fn from(problem: ConnectionProblem) -> Self {
        Self::Problem(problem)
    }
}

/// A sign-in that worked.
struct Done {
    signed_in: SignedIn,
    /// What SASL2 says along with it.
    success: Option<Element>,
    /// The token to use from now on.
    token: Option<super::memory::Token>,
}

/// Signs in and binds, or resumes, on an encrypted connection.
///
/// # Errors
/// Why the server would not have us, or what of its answers made no sense.
pub(super) async fn sign_in_and_bind<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    settings: &LinkSettings,
    resume: Option<&Resume>,
    channel: Channel,
) -> Result<Bound, Setback> {
    let domain = settings.address.domain().as_str();
    let from = settings.address.as_str();
    // A session of another account must never be taken up (A26).
    let resume = resume.filter(|resume| resume.bound.to_bare() == settings.address);
    let door = Door {
        settings,
        resume,
        channel: &channel,
    };

    let guess = door.guess();
    let is_opened = guess
        .as_ref()
        .is_some_and(|guess| matches!(guess.way, Way::Token(_)) && guess.binds)
        && resume.is_none();
    let mut flight = Vec::new();
    if let Some(guess) = &guess {
        flight.push(guess.element.clone());
    }
    if is_opened {
        flight.extend(settings.opening.iter().cloned());
    }
    let was_guessed = guess.is_some();
    let features = stream
        .open_saying(domain, Some(from), &flight)
        .await
        .map_err(|problem| doubts(was_guessed, problem))?;
    let attempt = match guess {
        Some(guess) if guess.fits(&features) => guess,
        Some(_) => {
            return Err(Setback::WrongMemory {
                is_token_refused: false,
                is_remembering_vain: false,
            });
        }
        None => {
            let attempt = door.prepare(&features)?;
            stream.send(&attempt.element).await?;
            attempt
        }
    };
    let done = door
        .carry_out(stream, attempt, &features, was_guessed, is_opened)
        .await?;
    stream.may_move = false;
    let report = channel.report(&done.signed_in, settings.pinned_key.is_some());
    tracing::info!(?report, "signed in");

    let mut early = vec![];
    let binding = if let Some(success) = &done.success {
        door.after_sasl2(stream, success, is_opened, &mut early)
            .await?
    } else {
        let features = stream.open(domain, Some(from)).await?;
        bind::take_up_or_bind(stream, &features, settings, resume, &mut early).await?
    };
    let awaits_features = binding.offers.is_none();
    let mut memory = settings.memory.clone();
    strength::remember(&mut memory, &done.signed_in, Clock::default().now());
    memory.token = done.token;
    memory.features = remembered(&features);
    if done.success.is_some() && binding.is_management_behind {
        // What the session begins with must not come before it.
        memory.features.clear();
    }
    let online = Online {
        bound: binding.address,
        resumed: binding.resumed,
        refused_h: binding.refused_h,
        stream_management: binding.management,
        offers: binding.offers.unwrap_or_default(),
        has_copies: binding.has_copies,
        report: SecurityReport {
            is_resumed: binding.resumed.is_some(),
            ..report
        },
        memory,
    };
    Ok(Bound {
        online,
        early,
        is_opened: is_opened || binding.is_opened,
        awaits_features,
    })
}

/// What stands at the door of a server: who wants in, and over what.
struct Door<'a> {
    settings: &'a LinkSettings,
    resume: Option<&'a Resume>,
    channel: &'a Channel,
}

impl Door<'_> {
    /// Carries a sign-in out whose first step was sent.
    async fn carry_out<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut XmlStream<S>,
        attempt: Attempt,
        features: &Element,
        was_guessed: bool,
        is_opened: bool,
    ) -> Result<Done, Setback> {
        let doubts = |problem| doubts(was_guessed, problem);
        match attempt.way {
            Way::Token(exchange) => match sasl2::read_answer(stream).await.map_err(doubts)? {
                Answer::Success(success, additional) => {
                    exchange.verify(&additional)?;
                    Ok(self.by_token_done(&exchange, success))
                }
                Answer::Challenge(_) => Err(not_understood("a challenge too many").into()),
                Answer::Failure(condition) => {
                    tracing::info!(condition, "the token was refused");
                    if condition == "temporary-auth-failure" {
                        return Err(failure(&condition).into());
                    }
                    if is_opened {
                        // The server will end a stream on which we spoke
                        // before we were let in.
                        return Err(Setback::WrongMemory {
                            is_token_refused: true,
                            is_remembering_vain: false,
                        });
                    }
                    self.without_token(stream, features).await
                }
            },
            Way::Sasl2(talk, token, _) => {
                let (signed_in, success) = sasl2::finish(stream, self.settings, talk)
                    .await
                    .map_err(doubts)?;
                Ok(Done {
                    signed_in,
                    token: token.and_then(|mechanism| fast::read(&success, mechanism)),
                    success: Some(success),
                })
            }
            Way::Classic(talk, _) => {
                let signed_in = classic::finish(stream, self.settings, talk)
                    .await
                    .map_err(doubts)?;
                Ok(Done {
                    signed_in,
                    success: None,
                    // Not asked about it, the server still knows it.
                    token: self.settings.memory.token.clone(),
                })
            }
        }
    }

    fn by_token_done(&self, exchange: &fast::Exchange, success: Element) -> Done {
        let renewed = fast::read(&success, exchange.mechanism());
        Done {
            signed_in: SignedIn {
                mechanism: exchange.mechanism(),
                channel_binding: exchange.binding(),
                is_list_confirmed: false,
            },
            token: renewed.or_else(|| self.settings.memory.token.clone()),
            success: Some(success),
        }
    }

    /// Signs in on the same stream once more, after the token was refused.
    async fn without_token<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut XmlStream<S>,
        features: &Element,
    ) -> Result<Done, Setback> {
        let mut settings = self.settings.clone();
        settings.memory.token = None;
        let door = Door {
            settings: &settings,
            ..*self
        };
        let attempt = door.prepare(features)?;
        stream.send(&attempt.element).await?;
        Box::pin(door.carry_out(stream, attempt, features, false, false)).await
    }

    /// Reads what happened along with the sign-in, and does the rest. Where
    /// nothing is left to do, the server's features are not waited for: they
    /// may come behind stanzas.
    async fn after_sasl2<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut XmlStream<S>,
        success: &Element,
        is_opened: bool,
        early: &mut Vec<Element>,
    ) -> Result<Binding, Setback> {
        let mut resume = self.resume;
        let mut refused_h = None;
        let answer = success.children().find(|child| {
            child.has_ns(STREAM_MANAGEMENT) && matches!(child.name(), "resumed" | "failed")
        });
        if let (Some(answer), Some(wished)) = (answer, resume) {
            match bind::read_resumption(answer, wished)? {
                Resumption::Resumed(h) => return Ok(Binding::resumed(wished, h)),
                Resumption::Refused(h) => refused_h = h,
            }
            resume = None;
        }
        let Some(bound) = bind2::read(success, self.settings)? else {
            let features = next_features(stream, early).await?;
            let rest = bind::take_up_or_bind(stream, &features, self.settings, resume, early);
            let binding = rest.await?;
            return Ok(Binding {
                refused_h: refused_h.or(binding.refused_h),
                ..binding
            });
        };
        let mut management = bound.management;
        let mut offers = None;
        let mut is_management_behind = false;
        if management.is_none() && !bound.was_management_refused {
            let features = next_features(stream, early)
                .await
                .map_err(|problem| doubts(is_opened, problem))?;
            offers = Some(Offers::read(&features));
            is_management_behind = bind::offers_management(&features);
            if is_management_behind {
                if is_opened {
                    // It would not count what is out already.
                    return Err(Setback::WrongMemory {
                        is_token_refused: false,
                        is_remembering_vain: true,
                    });
                }
                stream.send(&bind::enable()).await?;
                management = bind::read_enabling(stream, early).await?;
            }
        }
        Ok(Binding {
            address: bound.address,
            resumed: None,
            refused_h,
            management,
            offers,
            has_copies: bound.has_copies,
            is_opened: false,
            is_management_behind,
        })
    }
}

/// Returns what a problem means after a guess: that the guess was wrong,
/// unless the server said plainly that it is about us.
fn doubts(was_guessed: bool, problem: ConnectionProblem) -> Setback {
    match problem {
        ConnectionProblem::NotUnderstood { .. }
        | ConnectionProblem::ConnectionLost
        | ConnectionProblem::TooLarge
        | ConnectionProblem::ClosedByServer { .. }
            if was_guessed =>
        {
            tracing::info!(%problem, "the server did not take the first step well");
            Setback::WrongMemory {
                is_token_refused: false,
                is_remembering_vain: true,
            }
        }
        problem => problem.into(),
    }
}

/// Returns features as they are remembered; empty when they are too large.
fn remembered(features: &Element) -> String {
    let text = xml::element_text(features);
    if text.len() > FEATURES_BYTES {
        return String::new();
    }
    text
}

async fn next_features<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut XmlStream<S>,
    early: &mut Vec<Element>,
) -> Result<Element, ConnectionProblem> {
    bind::next_of(stream, early, |element| element.is("features", STREAM)).await
}

/// Returns whether an element is a stanza, which stream management counts.
pub(super) fn is_stanza(namespace: &str, name: &str) -> bool {
    namespace == CLIENT && matches!(name, "message" | "presence" | "iq")
}

/// Sets an attribute; `name` is one of our constants.
pub(super) fn set(element: &mut Element, name: &str, value: &str) {
    let name = NcName::try_from(name).expect("a constant, and a valid name");
    element.set_attr(Namespace::NONE, name, value);
}
