//! What an account's sign-ins teach for the next one.

use rusqlite::Transaction;

use crate::engine::error::StoreError;
use crate::engine::model::AccountId;

/// Forgets what the server offered before, so that what it offers now is
/// believed however weak it is.
pub fn trust_anew(tx: &Transaction<'_>, account: AccountId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE sign_ins
         SET best_mechanism = '', best_binding = '', best_time = 0
         WHERE account_id = ?1",
    )?
    .execute([account.0])?;
    Ok(())
}
