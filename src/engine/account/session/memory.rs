//! What sign-ins teach, kept for the next one.
//!
//! The row in the store says what there is; a token itself stands beside the
//! password. It is counted before it is used, so that no two tries look alike
//! even when the program ends between them (attack A25).

use jid::BareJid;

use crate::engine::account::{Context, way};
use crate::engine::error::StoreError;
use crate::engine::link::{self, Endpoint, LinkSettings, Memory, Strongest, Token};
use crate::engine::model::{Account, AccountId, PasswordPlace, Secret};
use crate::engine::store::accounts;
use crate::engine::store::sign_ins::{self, SignInRow};

use super::Session;

/// Returns what earlier sign-ins of an account taught. What cannot be read is
/// done without: it only makes things quicker, but for what protects the user.
///
/// # Errors
/// The history cannot be read.
pub(in crate::engine::account) async fn recall(
    context: &Context,
    account: &Account,
) -> Result<Memory, StoreError> {
    let id = account.id;
    let row = context
        .store
        .read(move |connection| sign_ins::recall(connection, id))
        .await?;
    let token = token(context, account, &row).await;
    if token.is_some() {
        context
            .store
            .write(move |tx, _| sign_ins::count_token(tx, id))
            .await?;
    }
    Ok(memory(row, token))
}

fn memory(row: SignInRow, token: Option<Token>) -> Memory {
    Memory {
        endpoint: Some(Endpoint {
            host: row.host,
            port: row.port,
            is_direct: row.is_direct,
        })
        .filter(|endpoint| !endpoint.host.is_empty()),
        features: row.features,
        strongest: Some(Strongest {
            mechanism: row.best_mechanism,
            channel_binding: Some(row.best_binding).filter(|binding| !binding.is_empty()),
            seen_at: row.best_time,
        })
        .filter(|strongest| !strongest.mechanism.is_empty()),
        token,
        agent: row.agent,
    }
}

/// Forgets the token of an account that has signed out, and has the server
/// forget it too, where it can be reached. `row` is what was known of it before.
pub(in crate::engine::account) async fn give_up_token(
    context: Context,
    account: Account,
    row: SignInRow,
) {
    let token = token(&context, &account, &row).await;
    let place = account.password_place;
    // Logged there; the server is asked to refuse it in any case.
    let _ = context.secrets.forget_token(&account.address, place).await;
    let (Ok(own), Some(token)) = (BareJid::new(&account.address), token) else {
        return;
    };
    let settings = LinkSettings::new(own, Secret::new(""), context.tls.clone());
    let Ok(mut settings) = way::lead(settings, &account) else {
        return;
    };
    settings.memory = memory(row, Some(token));
    match link::give_up_token(settings).await {
        Ok(()) => tracing::info!("The token was given up."),
        Err(problem) => tracing::info!(%problem, "The server could not be told about the token."),
    }
}

async fn token(context: &Context, account: &Account, row: &SignInRow) -> Option<Token> {
    if !row.has_token() || row.token_expiry <= context.clock.now() {
        return None;
    }
    let (address, place) = (&account.address, account.password_place);
    // What went wrong is in the log; the password signs in, too.
    let secret = context.secrets.token(address, place).await.ok()??;
    Some(Token {
        mechanism: row.token_mechanism.clone(),
        secret,
        expires_at: row.token_expiry,
        count: row.token_count.saturating_add(1),
    })
}

impl Session {
    /// Keeps what a sign-in taught.
    pub(super) async fn learn(&mut self, memory: &Memory) -> Result<(), StoreError> {
        let id = self.account.id;
        let row = row(memory);
        self.context
            .store
            .write(move |tx, _| sign_ins::learn(tx, id, &row))
            .await?;
        let strongest = memory.strongest.as_ref();
        if strongest.is_some_and(|strongest| strongest.mechanism.starts_with("SCRAM-")) {
            self.account.allows_plain = false;
        }
        let Some(token) = &memory.token else {
            return Ok(());
        };
        let secret = token.secret.clone();
        let secrets = &self.context.secrets;
        secrets.keep_token_for_this_run(&self.account.address, &secret);
        if token.count == 0 {
            // The keyring may ask the person; nobody waits for that.
            self.keeping
                .spawn(keep(self.context.clone(), self.account.clone(), secret));
        }
        Ok(())
    }
}

/// Keeps a new token beside the password, wherever that is by now.
async fn keep(context: Context, account: Account, secret: Secret) {
    let (secrets, address) = (&context.secrets, &account.address);
    while let Some(place) = place_now(&context, account.id).await {
        // Logged there. The next sign-in is by password then.
        let _ = secrets.store_token(address, place, &secret).await;
        if place_now(&context, account.id).await == Some(place) {
            return;
        }
        // The password was moved meanwhile.
        let _ = secrets.forget_token_in(address, place).await;
    }
}

async fn place_now(context: &Context, id: AccountId) -> Option<PasswordPlace> {
    let account = context
        .store
        .read(move |connection| accounts::by_id(connection, id))
        .await;
    Some(account.ok()??.password_place)
}

fn row(memory: &Memory) -> SignInRow {
    let mut row = SignInRow {
        features: memory.features.clone(),
        agent: memory.agent.clone(),
        ..SignInRow::default()
    };
    if let Some(endpoint) = &memory.endpoint {
        row.host.clone_from(&endpoint.host);
        row.port = endpoint.port;
        row.is_direct = endpoint.is_direct;
    }
    if let Some(strongest) = &memory.strongest {
        row.best_mechanism.clone_from(&strongest.mechanism);
        row.best_binding = strongest.channel_binding.clone().unwrap_or_default();
        row.best_time = strongest.seen_at;
    }
    if let Some(token) = &memory.token {
        row.token_mechanism.clone_from(&token.mechanism);
        row.token_expiry = token.expires_at;
        row.token_count = token.count;
    }
    row
}
