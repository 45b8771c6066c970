//! Whose turn it is to connect: many accounts at once would slow each other.
//!
//! A few connect at a time, the others wait for their turn. Who takes long
//! gives the turn on and goes on all the same, so that servers that do not
//! answer keep nobody from those that do.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

/// How many connect at a time.
const AT_A_TIME: usize = 4;
/// How long a turn lasts at most.
const TURN: Duration = Duration::from_secs(5);

/// Turns of connecting, shared by those who have a clone.
#[derive(Clone, Debug)]
pub struct Turns(Arc<Semaphore>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_A_TIME)))
    }
}

impl Turns {
    /// Does something when it is its turn.
    pub(super) async fn take<T>(&self, doing: impl Future<Output = T>) -> T {
        // Never closed, so there always is a turn.
        let turn = self.0.acquire().await;
        let mut doing = std::pin::pin!(doing);
        if let Ok(done) = tokio::time::timeout(TURN, &mut doing).await {
            return done;
        }
        drop(turn);
        doing.await
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::future::pending;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::sync::oneshot;
    use tokio::task::JoinSet;
    use tokio::time::Instant;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn of_fifty_accounts_four_connect_at_a_time() {
        let turns = Turns::default();
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut accounts = JoinSet::new();
        for _ in 0..50 {
            let (turns, now, most) = (turns.clone(), Arc::clone(&now), Arc::clone(&most));
            accounts.spawn(async move {
                let connecting = async {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    tokio::task::yield_now().await;
                    now.fetch_sub(1, Ordering::SeqCst);
                };
                turns.take(connecting).await;
            });
        }

        while accounts.join_next().await.is_some() {}

        assert_eq!(most.load(Ordering::SeqCst), AT_A_TIME);
    }

    #[tokio::test(start_paused = true)]
    async fn servers_that_do_not_answer_hold_nobody_up_for_long() {
        let turns = Turns::default();
        let mut dead = JoinSet::new();
        for _ in 0..AT_A_TIME {
            let turns = turns.clone();
            dead.spawn(async move { turns.take(pending::<()>()).await });
        }
        tokio::task::yield_now().await;
        let began = Instant::now();

        turns.take(async {}).await;

        assert!(began.elapsed() <= TURN + Duration::from_millis(1));
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_long_still_gets_there() {
        let turns = Turns::default();
        let (answer, answered) = oneshot::channel();
        let taking = tokio::spawn(async move { turns.take(answered).await.unwrap() });
        tokio::time::sleep(TURN * 3).await;

        answer.send("there").unwrap();

        assert_eq!(taking.await.unwrap(), "there");
    }
}
