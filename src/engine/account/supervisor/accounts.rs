//! The accounts themselves: changed, switched on and off, removed.
//!
//! Signing out waits for a farewell, though not for a stuck network, because
//! everybody's wishes wait meanwhile.

use tokio::time::timeout;

use super::{FAREWELLS, Supervisor};
use crate::engine::account::session::{ToSession, memory};
use crate::engine::error::StoreError;
use crate::engine::model::{AccountEdit, AccountId, ConnectionState};
use crate::engine::store::{accounts, sign_ins, streams};

impl Supervisor {
    /// Changes an account; one that is reached in another way connects anew.
    pub(super) async fn edit(
        &mut self,
        id: AccountId,
        edit: AccountEdit,
    ) -> Result<(), StoreError> {
        let moved = self
            .context
            .store
            .write(move |tx, changes| {
                let moved = accounts::edit(tx, changes, id, &edit)?;
                if moved.is_some() {
                    // The other way may lead to another server.
                    streams::forget(tx, id)?;
                }
                Ok(moved)
            })
            .await?;
        if let Some(account) = moved {
            self.to_account(id, ToSession::Moved(Box::new(account)));
        }
        Ok(())
    }

    /// Forgets what protected an account so far, and lets it sign in again.
    pub(super) async fn trust_anew(&mut self, id: AccountId) -> Result<(), StoreError> {
        let account = self
            .context
            .store
            .write(move |tx, _| {
                sign_ins::trust_anew(tx, id)?;
                // Whom we trusted may not be the one whose stream it was.
                streams::forget(tx, id)?;
                accounts::by_id(tx, id)
            })
            .await?;
        if let Some(account) = account {
            self.to_account(id, ToSession::Moved(Box::new(account)));
        }
        Ok(())
    }

    /// Switches an account on or off. One that is on already is left alone.
    pub(super) async fn enable(
        &mut self,
        id: AccountId,
        is_enabled: bool,
    ) -> Result<(), StoreError> {
        self.context
            .store
            .write(move |tx, changes| accounts::set_enabled(tx, changes, id, is_enabled))
            .await?;
        let is_running = self
            .sessions
            .get(&id)
            .is_some_and(|running| !running.to.is_closed());
        if !is_enabled {
            self.sign_out(id, ToSession::Stop).await;
        } else if !is_running {
            self.start_again(id).await;
        }
        Ok(())
    }

    /// Signs an account out and forgets it, with or without its history. Where
    /// it is online, this device leaves the account's list of devices first.
    pub(super) async fn remove(
        &mut self,
        id: AccountId,
        keeps_history: bool,
    ) -> Result<(), StoreError> {
        self.sign_out(id, ToSession::Removed).await;
        let account = self
            .context
            .store
            .read(move |connection| accounts::by_id(connection, id))
            .await?;
        self.context.connections.send_modify(|connections| {
            connections.remove(&id);
        });
        self.context.lacks.send_modify(|lacks| {
            lacks.remove(&id);
        });
        self.context.security.send_modify(|known| {
            known.remove(&id);
        });
        self.context
            .store
            .write(move |tx, changes| {
                if keeps_history {
                    accounts::put_away(tx, changes, id)
                } else {
                    accounts::remove(tx, changes, id)
                }
            })
            .await?;
        self.context.upkeep.notify_one();
        if let Some(account) = account {
            self.forget_password(account);
        }
        Ok(())
    }

    async fn sign_out(&mut self, id: AccountId, how: ToSession) {
        let Some(running) = self.sessions.remove(&id) else {
            return;
        };
        let _ = running.to.send(how);
        if timeout(FAREWELLS, running.to.closed()).await.is_err() {
            running.task.abort();
            running.to.closed().await;
        }
        // Not used any more from here on. The server may take its time to hear
        // it, and the keyring may ask the person where the token is.
        let left = self
            .context
            .store
            .write(move |tx, _| {
                let (account, row) = (accounts::by_id(tx, id)?, sign_ins::recall(tx, id)?);
                sign_ins::forget_token(tx, id)?;
                Ok(account.filter(|_| row.has_token()).map(|it| (it, row)))
            })
            .await;
        match left {
            Ok(Some((account, row))) => {
                self.keeping
                    .spawn(memory::give_up_token(self.context.clone(), account, row));
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "That a token is given up could not be noted.");
            }
        }
        // A session that had to be broken off has not said so itself.
        self.context.state(id, ConnectionState::Offline);
    }
}
