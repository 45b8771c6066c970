//! Where passwords go: kept, moved to another place, forgotten.
//!
//! The keyring may ask the person, who may take their time, so nobody waits
//! for any of this. For each address one task does what was asked for, one
//! after the other: so the last choice wins, and what is forgotten stays so.
//!
//! A password that is moved is in the new place before it is said to be there,
//! and leaves the old one last: whenever the program ends, it is at most in
//! both. The token that signs in instead goes with it, or is forgotten.

use std::collections::VecDeque;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Supervisor;
use crate::engine::account::Context;
use crate::engine::account::session::ToSession;
use crate::engine::api::{Change, Event};
use crate::engine::error::StoreError;
use crate::engine::model::{Account, AccountId, PasswordPlace, Secret};
use crate::engine::secrets::SecretsProblem;
use crate::engine::store::{accounts, ratchet, sign_ins};

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
        // Known at once, whatever the place says.
        self.context
            .secrets
            .keep_for_this_run(&account.address, &password);
        self.has_errand(account.clone(), What::Keep(password));
    }

    /// Moves an account's password to another place.
    pub(super) async fn set_password_place(
        &mut self,
        id: AccountId,
        place: PasswordPlace,
    ) -> Result<(), StoreError> {
        if let Some(account) = self.account(id).await? {
            self.has_errand(account, What::Move(place));
        }
        Ok(())
    }

    /// Forgets the password of an account that is removed.
    pub(super) fn forget_password(&mut self, account: Account) {
        self.has_errand(account, What::Forget);
    }

    fn has_errand(&mut self, account: Account, what: What) {
        let address = account.address.clone();
        let to = self
            .errands
            .entry(address)
            .and_modify(|to| {
                if to.is_closed() {
                    tracing::error!("Who keeps a password panicked.");
                    *to = runner(&mut self.keeping, &self.context);
                }
            })
            .or_insert_with(|| runner(&mut self.keeping, &self.context));
        // It runs until this end of the channel is gone.
        let _ = to.send(Errand { account, what });
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

/// Something to be done with the password of an account, as that was when it
/// was asked for.
pub(super) struct Errand {
    account: Account,
    what: What,
}

enum What {
    /// Keep it where the account says.
    Keep(Secret),
    Move(PasswordPlace),
    /// Forget it everywhere.
    Forget,
}

/// Starts the task for one address. It ends when nothing can be asked any more
/// and all is done.
fn runner(keeping: &mut JoinSet<()>, context: &Context) -> mpsc::UnboundedSender<Errand> {
    let (to, errands) = mpsc::unbounded_channel();
    keeping.spawn(run_errands(context.clone(), errands));
    to
}

async fn run_errands(context: Context, mut errands: mpsc::UnboundedReceiver<Errand>) {
    let mut waiting = VecDeque::new();
    while let Some(errand) = errands.recv().await {
        waiting.push_back(errand);
        while let Some(errand) = waiting.pop_front() {
            // What came while the last one was done.
            while let Ok(later) = errands.try_recv() {
                waiting.push_back(later);
            }
            if !waiting.iter().any(|later| later.makes_vain(&errand)) {
                errand.run(&context).await;
            }
        }
    }
}

impl Errand {
    /// Returns whether an errand before this one need not be run any more.
    fn makes_vain(&self, earlier: &Self) -> bool {
        match self.what {
            What::Forget => true,
            What::Move(_) => matches!(earlier.what, What::Move(_)),
            What::Keep(_) => false,
        }
    }

    async fn run(self, context: &Context) {
        let Self { account, what } = self;
        if let What::Forget = what {
            return forget(context, &account).await;
        }
        let id = account.id;
        // Its place may be another by now, and it may be gone.
        let now = context
            .store
            .read(move |connection| accounts::by_id(connection, id))
            .await;
        match (now, what) {
            (Ok(Some(account)), What::Keep(password)) => {
                keep(context, &account, account.password_place, &password).await;
            }
            (Ok(Some(account)), What::Move(place)) => move_password(context, &account, place).await,
            (Err(_), What::Keep(password)) => {
                keep(context, &account, account.password_place, &password).await;
            }
            (Err(error), What::Move(_)) => {
                tracing::error!(%error, "Where a password is kept could not be read.");
            }
            (Ok(None), _) | (_, What::Forget) => {}
        }
    }
}

/// Forgets password and token wherever they may be: a move may have ended half
/// way. With the history goes the word that told it from copies.
async fn forget(context: &Context, account: &Account) {
    let address = &account.address;
    for place in [PasswordPlace::File, PasswordPlace::Keyring] {
        let password = context.secrets.forget(address, place).await;
        let token = context.secrets.forget_token(address, place).await;
        let word = match place {
            PasswordPlace::Keyring if is_history_gone(context, account).await => {
                context.secrets.forget_generation(address).await
            }
            _ => Ok(()),
        };
        match password.and(token).and(word) {
            Ok(()) => {}
            // Where there is no keyring, none was ever kept there.
            Err(SecretsProblem::Missing) if account.password_place != place => {}
            Err(_) => tracing::warn!(?place, "A secret of a removed account is still there."),
        }
    }
}

/// Returns whether nothing is left of an account, and it is not back either.
async fn is_history_gone(context: &Context, account: &Account) -> bool {
    let (id, address) = (account.id, account.address.clone());
    let is_gone = context.store.read(move |connection| {
        let mut others = accounts::all(connection)?.into_iter();
        let is_back = others.any(|other| other.address == address);
        Ok(!is_back && ratchet::identity(connection, id)?.is_none())
    });
    is_gone.await.unwrap_or_else(|error| {
        tracing::error!(%error, "What is left of an account could not be read.");
        false
    })
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

async fn move_password(context: &Context, account: &Account, place: PasswordPlace) {
    let from = account.password_place;
    if from == place {
        return;
    }
    // Where none is at hand, the next one typed goes to the new place.
    let password = context.secrets.password(&account.address, from).await;
    if let Ok(Some(password)) = password
        && !keep(context, account, place, &password).await
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
    move_token(context, account, place).await;
}

/// Moves the token after the password. Where that cannot be, there is none any
/// more, and the password signs in.
async fn move_token(context: &Context, account: &Account, place: PasswordPlace) {
    let (secrets, address) = (&context.secrets, &account.address);
    let from = account.password_place;
    let token = secrets.token(address, from).await;
    if secrets.forget_token_in(address, from).await.is_err() {
        tracing::warn!(?from, "A token that was moved is still in its old place.");
    }
    let is_moved = match &token {
        Ok(Some(token)) => secrets.store_token(address, place, token).await.is_ok(),
        Ok(None) => true,
        Err(_) => false,
    };
    if is_moved {
        return;
    }
    // Logged there.
    let _ = secrets.forget_token(address, place).await;
    let id = account.id;
    let forgotten = context
        .store
        .write(move |tx, _| sign_ins::forget_token(tx, id));
    if let Err(error) = forgotten.await {
        tracing::error!(%error, "That a token is gone could not be noted.");
    }
}
