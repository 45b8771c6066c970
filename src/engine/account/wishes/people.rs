//! What the user decides about people: who is let in, and who is kept away.

use std::collections::BTreeSet;

use super::Context;
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, ConversationId, ReportReason};
use crate::engine::store::{blocked, requests};

/// Lets somebody unknown in. Returns the account that has something to say.
pub(in crate::engine::account) async fn accept(
    context: &Context,
    conversation: ConversationId,
) -> Result<Option<AccountId>, StoreError> {
    context
        .store
        .write(move |tx, changes| requests::accept(tx, changes, conversation))
        .await
}

/// Removes what people unknown wrote. Returns the accounts that have something to say.
pub(in crate::engine::account) async fn decline(
    context: &Context,
    conversations: Vec<ConversationId>,
) -> Result<BTreeSet<AccountId>, StoreError> {
    let accounts = context
        .store
        .write(move |tx, changes| {
            let mut accounts = BTreeSet::new();
            for conversation in conversations {
                accounts.extend(requests::decline(tx, changes, conversation)?);
            }
            Ok(accounts)
        })
        .await?;
    context.upkeep.notify_one();
    Ok(accounts)
}

/// Keeps somebody away. Returns the account that has to say so.
pub(in crate::engine::account) async fn block(
    context: &Context,
    account: AccountId,
    address: String,
    report: Option<ReportReason>,
) -> Result<Option<AccountId>, StoreError> {
    // What is no address no server understands.
    let Ok(address) = jid::Jid::new(&address) else {
        return Ok(None);
    };
    context
        .store
        .write(move |tx, changes| {
            let address = address.to_string();
            blocked::block(tx, changes, account, &address, report)?;
            requests::asks_no_more(tx, changes, account, &address)?;
            Ok(Some(account))
        })
        .await
}

/// Lets somebody in again. Returns the account that has to say so.
pub(in crate::engine::account) async fn unblock(
    context: &Context,
    account: AccountId,
    address: String,
) -> Result<Option<AccountId>, StoreError> {
    context
        .store
        .write(move |tx, changes| {
            blocked::unblock(tx, changes, account, &address)?;
            Ok(Some(account))
        })
        .await
}
