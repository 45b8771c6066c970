//! Between two connections: how long to wait, and what is heard meanwhile.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::{End, Session, ToSession};
use crate::engine::model::{ConnectionProblem, ConnectionState};

/// How long after a try without a network the next follows.
const WITHOUT_NETWORK: Duration = Duration::from_mins(1);
/// A try this old is given up for a new one when the network is another.
const STALE_TRY: Duration = Duration::from_secs(1);

impl Session {
    /// Waits before the next try. Returns false when told to stop.
    pub(super) async fn wait_a_while(&mut self, problem: ConnectionProblem) -> bool {
        let wait = self.backoff.next();
        tracing::info!(%problem, ?wait, "Offline; waiting for the next try.");
        let retry_at = self.context.clock.now() + wait.as_millis() as i64;
        self.state(ConnectionState::Waiting { problem, retry_at });
        let deadline = Instant::now() + wait;
        loop {
            tokio::select! {
                () = sleep_until(deadline) => return true,
                command = self.commands.recv() => {
                    if is_good_news(command.as_ref()) {
                        self.backoff.reset();
                        return true;
                    }
                    match self.meanwhile(command) {
                        Some(End::Stopped) => return false,
                        Some(End::Changed | End::Lost(_)) => {
                            return self.is_network_up || self.wait_for_network().await;
                        }
                        None => {}
                    }
                }
            }
        }
    }

    /// Waits until there is a network, or the user insists. That there is
    /// none is only a hint: a server in the same house is there without the
    /// internet, so from time to time it is tried all the same.
    pub(super) async fn wait_for_network(&mut self) -> bool {
        self.everybody_is_offline();
        self.state(ConnectionState::Offline);
        let anyway = Instant::now() + WITHOUT_NETWORK;
        loop {
            tokio::select! {
                () = sleep_until(anyway) => return true,
                command = self.commands.recv() => match command {
                    None | Some(ToSession::Stop) => return false,
                    command if is_good_news(command.as_ref()) => {
                        self.is_network_up |= !matches!(command, Some(ToSession::Sleeping(_)));
                        self.backoff.reset();
                        return true;
                    }
                    Some(ToSession::Password(password)) => self.password = Some(password),
                    Some(ToSession::Moved(account)) => self.moves(*account),
                    Some(ToSession::Seen(is_seen)) => self.is_seen = is_seen,
                    Some(_) => {}
                }
            }
        }
    }

    /// Waits until the user does something about a problem.
    pub(super) async fn wait_for_user(&mut self, problem: ConnectionProblem) -> bool {
        if problem == ConnectionProblem::SignedInElsewhere {
            // It is theirs now; taking the name back would be a fight.
            self.forget_stream();
            self.resource = None;
        }
        self.everybody_is_offline();
        let may_be_the_network = is_about_the_network(&problem);
        self.state(ConnectionState::Stopped(problem));
        loop {
            match self.commands.recv().await {
                None | Some(ToSession::Stop) => return false,
                Some(ToSession::TryNow) => return true,
                Some(ToSession::Password(password)) => {
                    self.password = Some(password);
                    return true;
                }
                Some(ToSession::Moved(account)) => {
                    self.moves(*account);
                    return true;
                }
                Some(ToSession::Seen(is_seen)) => self.is_seen = is_seen,
                Some(ToSession::Network(is_up)) => {
                    self.is_network_up = is_up;
                    if is_up && may_be_the_network {
                        return true;
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// Handles a command that comes while there is no stream to carry it.
    pub(super) fn meanwhile(&mut self, command: Option<ToSession>) -> Option<End> {
        match command {
            None | Some(ToSession::Stop) => Some(End::Stopped),
            Some(ToSession::Network(is_up)) => {
                self.is_network_up = is_up;
                (!is_up).then_some(End::Changed)
            }
            Some(ToSession::Password(password)) => {
                let is_new = self.password.as_ref() != Some(&password);
                self.password = Some(password);
                is_new.then_some(End::Changed)
            }
            Some(ToSession::Moved(account)) => {
                self.moves(*account);
                Some(End::Changed)
            }
            Some(ToSession::Seen(is_seen)) => {
                self.is_seen = is_seen;
                None
            }
            // The outbox keeps what is owed; what was typed is worth nothing
            // later; the try is being made.
            Some(
                ToSession::Owes
                | ToSession::Typing(..)
                | ToSession::Typed(_)
                | ToSession::LoadEarlier(_)
                | ToSession::FetchMissing
                | ToSession::Sleeping(_)
                | ToSession::TryNow,
            ) => None,
        }
    }
}

/// Returns whether what the session waits out may be over.
fn is_good_news(command: Option<&ToSession>) -> bool {
    matches!(
        command,
        Some(ToSession::TryNow | ToSession::Network(true) | ToSession::Sleeping(false))
    )
}

/// Returns whether a try that began then leads nowhere any more: another
/// network is there, or the computer woke up. One that has just begun goes on,
/// as such news come in swarms.
pub(super) fn makes_stale(command: Option<&ToSession>, began: Instant) -> bool {
    let is_other = matches!(
        command,
        Some(ToSession::Network(true) | ToSession::Sleeping(false))
    );
    is_other && began.elapsed() >= STALE_TRY
}

/// Returns whether another network might not have the problem: a hotel's
/// sign-in page answers with a certificate of its own.
fn is_about_the_network(problem: &ConnectionProblem) -> bool {
    matches!(
        problem,
        ConnectionProblem::CertificateExpired
            | ConnectionProblem::CertificateInvalid
            | ConnectionProblem::CertificateOtherKey
            | ConnectionProblem::CertificateOtherName
            | ConnectionProblem::CertificateUnknownIssuer
            | ConnectionProblem::NoEncryption
            | ConnectionProblem::ServerNotGenuine
    )
}
