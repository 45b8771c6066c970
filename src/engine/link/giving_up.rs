//! Giving up a token when an account signs out: the server must not take it
//! from anybody any more (attack A25).
//!
//! # Source
//! XEP-0484 v0.1.0 §3.6.

use std::time::Duration;

use super::fast::{self, Exchange};
use super::sasl2::{self, Answer, Inline};
use super::stream::{XmlStream, not_understood, within};
use super::{LinkSettings, dial, tls};
use crate::engine::model::ConnectionProblem;

/// How long it may take; nobody waits for it but the end of the program.
const PATIENCE: Duration = Duration::from_secs(5);

/// Signs in by the token that is remembered, once more, only to give it up.
///
/// # Errors
/// Why the server may still take it.
pub async fn give_up_token(settings: LinkSettings) -> Result<(), ConnectionProblem> {
    within(PATIENCE, ConnectionProblem::TimedOut, give_up(&settings)).await
}

async fn give_up(settings: &LinkSettings) -> Result<(), ConnectionProblem> {
    let connection = dial::dial(settings, None).await?.connection;
    let channel = tls::Channel::of(connection.get_ref().1);
    let mut stream = XmlStream::new(connection, &settings.limits);
    let address = &settings.address;
    let features = stream
        .open(address.domain().as_str(), Some(address.as_str()))
        .await?;
    let memory = &settings.memory;
    let tokens = sasl2::offer(&features).map(|offer| Inline::read(offer).tokens);
    let begun = address.node().and_then(|user| {
        Exchange::begin(memory, &tokens.unwrap_or_default(), user.as_str(), &channel)
    });
    let (exchange, first) = begun.ok_or_else(|| not_understood("tokens are not taken here"))?;
    let count = memory.token.as_ref().map_or(0, |token| token.count);
    let then = vec![fast::used(count, true)];
    let wish = sasl2::authenticate(exchange.mechanism(), &first, &memory.agent, then);
    stream.send(&wish).await?;
    match sasl2::read_answer(&mut stream).await? {
        Answer::Success(_, additional) => exchange.verify(&additional),
        // Then it is no good to anybody.
        Answer::Failure(_) => Ok(()),
        Answer::Challenge(_) => Err(not_understood("a challenge too many")),
    }
}
