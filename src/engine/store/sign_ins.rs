//! What an account's sign-ins teach for the next one.

use rusqlite::{Connection, OptionalExtension as _, Transaction, named_params};

use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, Timestamp};

/// What is known from earlier sign-ins; empty texts stand for what is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignInRow {
    /// Where the server answered last.
    pub host: String,
    /// And on which port.
    pub port: u16,
    /// TLS from the first byte.
    pub is_direct: bool,
    /// Its stream features inside TLS, as XML.
    pub features: String,
    /// The strongest mechanism ever.
    pub best_mechanism: String,
    /// The channel binding type of it.
    pub best_binding: String,
    /// When that was last so.
    pub best_time: Timestamp,
    /// What the server knows our installation by.
    pub agent: String,
    /// The mechanism of the token in the secret store.
    pub token_mechanism: String,
    /// When the token expires.
    pub token_expiry: Timestamp,
    /// How often it was used.
    pub token_count: u32,
}

impl SignInRow {
    /// Returns whether there is a token in the secret store.
    pub fn has_token(&self) -> bool {
        !self.token_mechanism.is_empty()
    }
}

/// Returns what is known of an account's sign-ins.
pub fn recall(connection: &Connection, account: AccountId) -> Result<SignInRow, StoreError> {
    let row = connection
        .prepare_cached(
            "SELECT host, port, is_direct, features, best_mechanism, best_binding, best_time,
                    agent, token_mechanism, token_expiry, token_count
             FROM sign_ins
             WHERE account_id = ?1",
        )?
        .query_row([account.0], |row| {
            Ok(SignInRow {
                host: row.get("host")?,
                port: row.get("port")?,
                is_direct: row.get("is_direct")?,
                features: row.get("features")?,
                best_mechanism: row.get("best_mechanism")?,
                best_binding: row.get("best_binding")?,
                best_time: row.get("best_time")?,
                agent: row.get("agent")?,
                token_mechanism: row.get("token_mechanism")?,
                token_expiry: row.get("token_expiry")?,
                token_count: row.get("token_count")?,
            })
        })
        .optional()?;
    Ok(row.unwrap_or_default())
}

/// Keeps what a sign-in taught, but for what the server can do for the account.
pub fn learn(tx: &Transaction<'_>, account: AccountId, row: &SignInRow) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO sign_ins (account_id, host, port, is_direct, features, best_mechanism,
                               best_binding, best_time, agent, token_mechanism, token_expiry,
                               token_count)
         VALUES (:account, :host, :port, :is_direct, :features, :best_mechanism,
                 :best_binding, :best_time, :agent, :token_mechanism, :token_expiry,
                 :token_count)
         ON CONFLICT (account_id) DO UPDATE
         SET host = :host, port = :port, is_direct = :is_direct, features = :features,
             best_mechanism = :best_mechanism, best_binding = :best_binding,
             best_time = :best_time, agent = :agent, token_mechanism = :token_mechanism,
             token_expiry = :token_expiry, token_count = :token_count",
    )?
    .execute(named_params! {
        ":account": account.0,
        ":host": row.host,
        ":port": row.port,
        ":is_direct": row.is_direct,
        ":features": row.features,
        ":best_mechanism": row.best_mechanism,
        ":best_binding": row.best_binding,
        ":best_time": row.best_time,
        ":agent": row.agent,
        ":token_mechanism": row.token_mechanism,
        ":token_expiry": row.token_expiry,
        ":token_count": row.token_count,
    })?;
    if row.best_mechanism.starts_with("SCRAM-") {
        // There was no need for it.
        forbid_plain(tx, account)?;
    }
    Ok(())
}

/// Counts a use of the token, before it is used.
pub fn count_token(tx: &Transaction<'_>, account: AccountId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE sign_ins
         SET token_count = token_count + 1
         WHERE account_id = ?1",
    )?
    .execute([account.0])?;
    Ok(())
}

/// Forgets that there is a token.
pub fn forget_token(tx: &Transaction<'_>, account: AccountId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE sign_ins
         SET token_mechanism = '', token_expiry = 0, token_count = 0
         WHERE account_id = ?1",
    )?
    .execute([account.0])?;
    Ok(())
}

/// Forgets what the server offered before, so that what it offers now is
/// believed, but for the open password: to send that, the user is asked anew.
pub fn trust_anew(tx: &Transaction<'_>, account: AccountId) -> Result<(), StoreError> {
    tx.prepare_cached(
        "UPDATE sign_ins
         SET best_mechanism = '', best_binding = '', best_time = 0
         WHERE account_id = ?1",
    )?
    .execute([account.0])?;
    forbid_plain(tx, account)
}

/// Makes room for a sign-in by a certificate of ours, which counts as weaker
/// than one by the password: setting one is the user's word that it is meant.
/// Taking it away again is no word against the password's proof.
pub fn own_certificate_changed(tx: &Transaction<'_>, account: AccountId) -> Result<(), StoreError> {
    let is_meant = tx
        .prepare_cached(
            "UPDATE sign_ins
             SET best_mechanism = '', best_binding = '', best_time = 0
             WHERE account_id = ?1
             AND (best_mechanism = 'EXTERNAL'
                  OR (SELECT client_certificate FROM accounts WHERE id = ?1) <> '')",
        )?
        .execute([account.0])?;
    if is_meant > 0 {
        forbid_plain(tx, account)?;
    }
    Ok(())
}

/// Takes back the consent to send the password itself.
fn forbid_plain(tx: &Transaction<'_>, account: AccountId) -> Result<(), StoreError> {
    tx.prepare_cached("UPDATE accounts SET allows_plain = 0 WHERE id = ?1")?
        .execute([account.0])?;
    Ok(())
}
