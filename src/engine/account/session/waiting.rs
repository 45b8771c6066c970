//! Between two connections: how long to wait, and what is heard meanwhile.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::{End, Session, ToSession, at};
use crate::engine::api::NotTaken;
use crate::engine::model::{ConnectionProblem, ConnectionState};

/// How long after a try without a network the next follows.
const WITHOUT_NETWORK: Duration = Duration::from_mins(1);
/// A try this old is given up for a new one when the network is another. One
/// over a slow network, such as Tor, must come to its end though the desktop
/// tells of changes all the time.
const STALE_TRY: Duration = Duration::from_secs(10);
/// When the computer woke up, a try this old began before it slept.
const SLEPT_THROUGH: Duration = Duration::from_secs(1);

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
                    if self.ends_waiting(command.as_ref()) {
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
                    None | Some(ToSession::Stop | ToSession::Removed) => return false,
                    command if is_good_news(command.as_ref()) => {
                        self.is_network_up |= !matches!(command, Some(ToSession::Sleeping(_)));
                        self.ends_waiting(command.as_ref());
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
        let mut again = None;
        loop {
            let command = tokio::select! {
                () = at(again) => return true,
                command = self.commands.recv() => command,
            };
            match command {
                None | Some(ToSession::Stop | ToSession::Removed) => return false,
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
                    again = None;
                    if is_up && may_be_the_network {
                        match self.backoff.heed() {
                            Ok(()) => return true,
                            Err(later) => again = Some(later),
                        }
                    }
                }
                Some(_) => {}
            }
        }
    }

    /// Returns whether the next try is made at once. The user is always
    /// heeded, and so is the computer when it wakes up; the network, which may
    /// change all the time, is now and then.
    fn ends_waiting(&mut self, command: Option<&ToSession>) -> bool {
        if matches!(command, Some(ToSession::Network(_))) {
            return is_good_news(command) && self.backoff.heed().is_ok();
        }
        let ends = is_good_news(command);
        if ends {
            self.backoff.reset();
        }
        ends
    }

    /// Handles a command that comes while there is no stream to carry it.
    pub(super) fn meanwhile(&mut self, command: Option<ToSession>) -> Option<End> {
        match command {
            None | Some(ToSession::Stop | ToSession::Removed) => Some(End::Stopped),
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
            Some(ToSession::Repair(message)) => {
                self.wished_repairs.insert(message);
                None
            }
            Some(ToSession::RemoveDevice(device)) => {
                self.wished_removals.insert(device);
                None
            }
            Some(ToSession::NewIdentity) => {
                self.wants_identity = true;
                None
            }
            Some(
                ToSession::Publish(_) | ToSession::PutContact(_) | ToSession::RemoveContact(_),
            ) => {
                self.not_taken(NotTaken::Offline);
                None
            }
            // The outbox keeps what is owed; what was typed is worth nothing
            // later; the try is being made.
            Some(
                ToSession::Owes
                | ToSession::HasRead
                | ToSession::Typing(..)
                | ToSession::Typed(_)
                | ToSession::LoadEarlier(_)
                | ToSession::FetchMissing
                | ToSession::Prepare(_)
                | ToSession::KeysDecided
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
    match command {
        Some(ToSession::Network(true)) => began.elapsed() >= STALE_TRY,
        Some(ToSession::Sleeping(false)) => began.elapsed() >= SLEPT_THROUGH,
        _ => false,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_slow_sign_in_is_not_begun_anew_whenever_the_network_changes() {
        let began = Instant::now();
        let another_network = || makes_stale(Some(&ToSession::Network(true)), began);
        let woke_up = || makes_stale(Some(&ToSession::Sleeping(false)), began);
        assert!(!another_network() && !woke_up());

        tokio::time::advance(Duration::from_secs(5)).await;
        assert!(!another_network());
        assert!(woke_up(), "it began before the computer slept");

        tokio::time::advance(Duration::from_secs(5)).await;
        assert!(another_network());
    }
}
