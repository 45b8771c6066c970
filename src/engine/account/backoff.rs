//! How long to wait before the next try: random below a growing limit, and
//! never nothing.

use std::time::Duration;

use tokio::time::Instant;

const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(1);
/// Less than this is no waiting.
const SHORTEST: Duration = Duration::from_millis(200);
/// A session counts as healthy only after this long, so that one that fails
/// right after sign-in is not repeated at full speed.
const HEALTHY: Duration = Duration::from_secs(30);
/// Hints that things are better come in swarms; one in this time is heeded.
const BETWEEN_HINTS: Duration = Duration::from_secs(10);

/// Counts tries in a row.
#[derive(Debug, Default)]
pub(super) struct Backoff {
    tries: u32,
    online_since: Option<Instant>,
    heeded: Option<Instant>,
    proved: Option<Instant>,
}

impl Backoff {
    /// Notes that a session began.
    pub fn went_online(&mut self) {
        self.online_since = Some(Instant::now());
    }

    /// Returns the time to wait now: anything up to 1, 2, 4 … 60 seconds, so
    /// that a server that restarts does not meet everybody at once.
    pub fn next(&mut self) -> Duration {
        if self
            .online_since
            .take()
            .is_some_and(|since| since.elapsed() >= HEALTHY)
        {
            self.tries = 0;
        }
        let longest = FIRST.saturating_mul(1 << self.tries.min(6)).min(LONGEST);
        self.tries = self.tries.saturating_add(1);
        let random = getrandom::u32().map_or(1.0, |n| f64::from(n) / f64::from(u32::MAX));
        longest.mul_f64(random).max(SHORTEST)
    }

    /// Heeds a hint that the next try may do better, and forgets the tries so
    /// far; or returns when the next hint is heeded, if one just was.
    pub fn heed(&mut self) -> Result<(), Instant> {
        at_rest(&mut self.heeded)?;
        self.reset();
        Ok(())
    }

    /// Has the connection prove that it lives, after a hint that it may not; or
    /// returns when it may be asked to, if another one just was. A server that
    /// is slow would never get to answer anything else, on one new connection
    /// after the other.
    pub fn prove(&mut self) -> Result<(), Instant> {
        at_rest(&mut self.proved)
    }

    /// Forgets the tries so far: the network came back, or the user asks.
    pub fn reset(&mut self) {
        self.tries = 0;
    }
}

/// Notes that a hint is heeded now; or returns when the next one is, if one
/// just was.
fn at_rest(last: &mut Option<Instant>) -> Result<(), Instant> {
    let next = last.map(|last| last + BETWEEN_HINTS);
    if let Some(next) = next.filter(|next| *next > Instant::now()) {
        return Err(next);
    }
    *last = Some(Instant::now());
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waiting_grows_and_never_becomes_a_tight_loop() {
        let mut backoff = Backoff::default();
        for longest in [1, 2, 4, 8, 16, 32, 60, 60] {
            // Online for a moment only: this does not make it start anew.
            backoff.went_online();
            let wait = backoff.next();
            assert!(wait >= SHORTEST, "{wait:?} of {longest}");
            assert!(
                wait <= Duration::from_secs(longest),
                "{wait:?} of {longest}"
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_lost_a_server_together_come_back_all_over_the_time() {
        let waits: Vec<Duration> = (0..200)
            .map(|_| {
                let mut backoff = Backoff {
                    tries: 10,
                    ..Backoff::default()
                };
                backoff.next()
            })
            .collect();

        let early = waits.iter().filter(|wait| **wait < LONGEST / 4).count();
        let late = waits.iter().filter(|wait| **wait > LONGEST / 4 * 3).count();
        assert!(early > 10 && late > 10, "{early} early, {late} late");
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_server_is_not_asked_for_proof_all_the_time() {
        let mut backoff = Backoff::default();
        let began = Instant::now();
        backoff.prove().unwrap();
        tokio::time::advance(BETWEEN_HINTS / 2).await;

        assert_eq!(backoff.prove(), Err(began + BETWEEN_HINTS));

        tokio::time::advance(BETWEEN_HINTS / 2).await;
        backoff.prove().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_healthy_session_makes_it_start_anew() {
        let mut backoff = Backoff::default();
        for _ in 0..8 {
            backoff.next();
        }

        backoff.went_online();
        tokio::time::advance(HEALTHY).await;

        assert!(backoff.next() <= FIRST);
    }

    #[tokio::test(start_paused = true)]
    async fn a_swarm_of_hints_makes_no_storm_of_tries() {
        let mut backoff = Backoff::default();
        let mut heeded = 0;
        for _ in 0..20 {
            backoff.next();
            heeded += u32::from(backoff.heed().is_ok());
            tokio::time::advance(Duration::from_secs(3)).await;
        }

        assert_eq!(heeded, 5);
        assert!(
            backoff.tries > 1,
            "the waiting does not start anew each time"
        );
    }
}
