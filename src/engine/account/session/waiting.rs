//! Between two connections: how long to wait, and what is heard meanwhile.

use tokio::time::{Instant, sleep_until};

use super::{End, Session, ToSession};
use crate::engine::model::{ConnectionProblem, ConnectionState};

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
                    if matches!(command, Some(ToSession::TryNow | ToSession::Network(true))) {
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

    /// Waits until there is a network, or the user insists.
    pub(super) async fn wait_for_network(&mut self) -> bool {
        self.state(ConnectionState::Offline);
        loop {
            match self.commands.recv().await {
                None | Some(ToSession::Stop) => return false,
                Some(ToSession::Network(true) | ToSession::TryNow) => {
                    self.is_network_up = true;
                    self.backoff.reset();
                    return true;
                }
                Some(ToSession::Password(password)) => self.password = Some(password),
                Some(ToSession::Moved(account)) => self.moves(*account),
                Some(_) => {}
            }
        }
    }

    /// Waits until the user does something about a problem.
    pub(super) async fn wait_for_user(&mut self, problem: ConnectionProblem) -> bool {
        self.forget_stream();
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
            // The outbox keeps what is owed; what was typed is worth nothing
            // later; the try is being made.
            Some(
                ToSession::Owes
                | ToSession::Typing(..)
                | ToSession::Typed(_)
                | ToSession::LoadEarlier(_)
                | ToSession::Seen(_)
                | ToSession::Sleeping(_)
                | ToSession::TryNow,
            ) => None,
        }
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
