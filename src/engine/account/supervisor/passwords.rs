//! Where passwords go: kept, moved to another place, forgotten.
//!
//! The keyring may ask the person, who may take their time, so nobody waits
//! for any of this. A password that is moved is in the new place before it is
//! said to be there, and leaves the old one last: whenever the program ends, it
//! is at most in both.

use super::Supervisor;
use crate::engine::account::Context;
use crate::engine::account::session::ToSession;
use crate::engine::api::{Change, Event};
use crate::engine::error::StoreError;
use crate::engine::model::{Account, AccountId, PasswordPlace, Secret};
use crate::engine::store::accounts;

impl Supervisor {
    /// Takes a password that the user typed.
    pub(super) async fn password(
        &mut self,
        id: AccountId,
        password: Secret,
    ) -> Result<(), StoreError> {
        if let Some(account) = self.account(id).await? {
            self.keep_password(&account, password.clone());
            self.to_account(id, ToSession::Password(password));
        }
        Ok(())
    }

    /// Keeps a password in the account's place, or tells that it could not.
    pub(super) fn keep_password(&mut self, account: &Account, password: Secret) {
        let (context, account) = (self.context.clone(), account.clone());
        // Known at once, whatever the place says.
        context
            .secrets
            .keep_for_this_run(&account.address, &password);
        self.keeping.spawn(async move {
            keep(&context, &account, account.password_place, &password).await;
        });
    }

    /// Moves an account's password to another place.
    pub(super) async fn set_password_place(
        &mut self,
        id: AccountId,
        place: PasswordPlace,
    ) -> Result<(), StoreError> {
        if let Some(account) = self.account(id).await?
            && account.password_place != place
        {
            self.keeping
                .spawn(move_password(self.context.clone(), account, place));
        }
        Ok(())
    }

    /// Forgets the password of an account that is removed.
    pub(super) fn forget_password(&mut self, account: Account) {
        let secrets = self.context.secrets.clone();
        self.keeping.spawn(async move {
            let place = account.password_place;
            if secrets.forget(&account.address, place).await.is_err() {
                tracing::warn!(?place, "The password of a removed account is still there.");
            }
        });
    }

    /// Forgets what a program that ended at a bad moment left in the file.
    pub(super) fn forget_what_was_left_in_the_file(&mut self, accounts: &[Account]) {
        let secrets = self.context.secrets.clone();
        let addresses = accounts
            .iter()
            .filter(|account| account.password_place == PasswordPlace::File)
            .map(|account| account.address.clone())
            .collect();
        self.keeping.spawn(async move {
            // Logged there; a file that is not to be trusted is left alone.
            let _ = secrets.keep_in_file_only(addresses).await;
        });
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        self.context
            .store
            .read(move |connection| accounts::by_id(connection, id))
            .await
    }
}

/// Returns whether it is kept there.
async fn keep(
    context: &Context,
    account: &Account,
    place: PasswordPlace,
    password: &Secret,
) -> bool {
    match context
        .secrets
        .store(&account.address, place, password)
        .await
    {
        Ok(()) => true,
        Err(problem) => {
            context.tell(Event::PasswordNotKept {
                account: account.id,
                trouble: problem.into(),
            });
            false
        }
    }
}

async fn move_password(context: Context, account: Account, place: PasswordPlace) {
    let from = account.password_place;
    // Where none is at hand, the next one typed goes to the new place.
    let password = context.secrets.password(&account.address, from).await;
    if let Ok(Some(password)) = password
        && !keep(&context, &account, place, &password).await
    {
        // Who shows the place has to show the old one again.
        context.tell(Event::Changed(vec![Change::Accounts]));
        return;
    }
    let id = account.id;
    let noted = context
        .store
        .write(move |tx, changes| accounts::set_password_place(tx, changes, id, place));
    if let Err(error) = noted.await {
        tracing::error!(%error, "Where a password is kept could not be noted.");
        return;
    }
    if context
        .secrets
        .forget_in(&account.address, from)
        .await
        .is_err()
    {
        tracing::warn!(
            ?from,
            "A password that was moved is still in its old place."
        );
    }
}
