//! Owns the sessions and takes the user's wishes; those about the accounts
//! themselves stand in a file of their own.
//!
//! A wish that changes the history is written here, whether its account is
//! online or not; the session is then told that something is owed. One
//! account's trouble never touches another: a session that panics is started
//! again, a few times.

mod accounts;
mod awareness;
mod passwords;

use std::collections::BTreeMap;
use std::time::Duration;

use jid::{BareJid, Jid};
use tokio::sync::{mpsc, oneshot};
use tokio::task::{AbortHandle, Id, JoinSet};
use tokio::time::{Instant, timeout};

use self::awareness::Awareness;
use self::passwords::Errand;
use super::contacts::PutContact;
use super::profiles::Publish;
use super::requests::random_id;
use super::session::{Session, ToSession};
use super::{Context, actions, way, wishes};
use crate::engine::api::{Command, Event, Request, SignIn};
use crate::engine::error::{SignInError, StoreError};
use crate::engine::link::{Link, LinkCommand, LinkEvent, LinkSettings, Online, Tap, typed_stanza};
use crate::engine::model::{
    Account, AccountId, ConnectionProblem, ConnectionState, ConversationId, MessageId, Protection,
    Secret, Subscription,
};
use crate::engine::store::accounts::{self as rows, NewAccount};
use crate::engine::store::messages;
use crate::engine::xmpp::roster::Entry;

/// How often in a row a session that panics is started again.
const MOST_PANICS: u32 = 3;
/// A session that ran for this long before it panicked was not in a loop.
const CALM: Duration = Duration::from_mins(1);
/// How long all farewells together may take when the program ends.
const FAREWELLS: Duration = Duration::from_millis(2_500);

/// The owner of all sessions.
pub(in crate::engine) struct Supervisor {
    context: Context,
    sessions: BTreeMap<AccountId, Running>,
    /// Where what passes is watched; as old as the account in this program.
    taps: BTreeMap<AccountId, Tap>,
    tasks: JoinSet<()>,
    /// Passwords on their way to where they are kept.
    keeping: JoinSet<()>,
    /// What is to be done with them, by address.
    errands: BTreeMap<String, mpsc::UnboundedSender<Errand>>,
    /// Where sign-ins that are being tried report.
    signed_in: mpsc::UnboundedSender<SignedIn>,
    sign_ins: mpsc::UnboundedReceiver<SignedIn>,
    awareness: Awareness,
}

struct Running {
    to: mpsc::UnboundedSender<ToSession>,
    task: AbortHandle,
    since: Instant,
    /// In a row: a session that ran for a while ends the row.
    panics: u32,
}

/// A sign-in that worked.
struct SignedIn {
    account: NewAccount,
    password: Secret,
    link: Link,
    online: Online,
    reply: oneshot::Sender<Result<AccountId, SignInError>>,
}

impl Supervisor {
    /// Makes a supervisor without any session yet.
    pub fn new(context: Context) -> Self {
        let (signed_in, sign_ins) = mpsc::unbounded_channel();
        Self {
            context,
            sessions: BTreeMap::new(),
            taps: BTreeMap::new(),
            tasks: JoinSet::new(),
            keeping: JoinSet::new(),
            errands: BTreeMap::new(),
            signed_in,
            sign_ins,
            awareness: Awareness::default(),
        }
    }

    /// Runs until it is told to stop, or all handles are gone.
    pub async fn run(mut self, mut requests: mpsc::UnboundedReceiver<Request>) {
        if let Err(error) = self.start_all().await {
            tracing::error!(%error, "The accounts could not be read.");
        }
        loop {
            tokio::select! {
                request = requests.recv() => match request {
                    Some(Request::Command(command)) => self.command(command).await,
                    Some(Request::SignIn(sign_in, reply)) => self.try_to_sign_in(sign_in, reply).await,
                    Some(Request::Console(account, reply)) => {
                        // The window may be closed by now.
                        let _ = reply.send(self.tap(account).watch());
                    }
                    Some(Request::Stop(done)) => {
                        self.stop().await;
                        // The one who asked may be gone.
                        let _ = done.send(());
                        return;
                    }
                    None => return self.stop().await,
                },
                Some(signed_in) = self.sign_ins.recv() => self.keep(signed_in).await,
                Some(_) = self.keeping.join_next() => {}
                Some(ended) = self.tasks.join_next_with_id() => if let Err(error) = ended && error.is_panic() {
                    self.panicked(error.id()).await;
                },
            }
        }
    }

    async fn start_all(&mut self) -> Result<(), StoreError> {
        let accounts = self.context.store.read(rows::all).await?;
        self.forget_what_was_left_in_the_file(&accounts);
        for account in accounts {
            if account.is_enabled {
                self.start(account, None, None);
            } else {
                self.context.state(account.id, ConnectionState::Offline);
            }
        }
        Ok(())
    }

    fn start(&mut self, account: Account, password: Option<Secret>, first: Option<(Link, Online)>) {
        let Ok(own) = BareJid::new(&account.address) else {
            tracing::error!(account = account.id.0, "An account's address is none.");
            return;
        };
        let (to, commands) = mpsc::unbounded_channel();
        let id = account.id;
        let tap = self.tap(id);
        let session = Session::new(self.context.clone(), account, own, password, commands, tap);
        if !self.awareness.is_looked_at() {
            // It has just been made, so it hears this.
            let _ = to.send(ToSession::Seen(false));
        }
        let task = self.tasks.spawn(session.run(first));
        let panics = self.sessions.get(&id).map_or(0, |running| running.panics);
        let since = Instant::now();
        let running = Running {
            to,
            task,
            since,
            panics,
        };
        self.sessions.insert(id, running);
    }

    fn tap(&mut self, account: AccountId) -> Tap {
        self.taps
            .entry(account)
            .or_insert_with(Tap::watchable)
            .clone()
    }

    async fn panicked(&mut self, task: Id) {
        let Some((id, running)) = self
            .sessions
            .iter_mut()
            .find(|(_, running)| running.task.id() == task)
        else {
            return;
        };
        let id = *id;
        if running.since.elapsed() >= CALM {
            running.panics = 0;
        }
        running.panics += 1;
        tracing::error!(
            account = id.0,
            times = running.panics,
            "A session panicked."
        );
        if running.panics >= MOST_PANICS {
            // Left off until the user says "Try Now".
            self.context.state(id, ConnectionState::Offline);
            return;
        }
        self.start_again(id).await;
    }

    async fn start_again(&mut self, id: AccountId) {
        match self
            .context
            .store
            .read(move |connection| rows::by_id(connection, id))
            .await
        {
            Ok(Some(account)) if account.is_enabled => self.start(account, None, None),
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "An account could not be started again."),
        }
    }

    async fn command(&mut self, command: Command) {
        let had_trouble = self.context.store.trouble().is_some();
        if awareness::is_by_a_hand(&command) {
            self.note(Awareness::somebody_is_there);
        }
        self.obey(command).await;
        if had_trouble && self.context.store.trouble().is_none() {
            // Sessions ended when nothing could be kept; what they wait for is over.
            self.to_all(|| ToSession::TryNow);
        }
    }

    async fn obey(&mut self, command: Command) {
        let done = match command {
            Command::SendText {
                conversation,
                body,
                reply_to,
            } => {
                self.send(conversation, body, reply_to, Protection::None)
                    .await
            }
            Command::SendPlainText {
                conversation,
                body,
                reply_to,
            } => {
                let protection = Protection::PlainAmongEncrypted;
                self.send(conversation, body, reply_to, protection).await
            }
            Command::React { message, emoji } => {
                let owing = actions::react(&self.context, message, emoji).await;
                self.owes(owing)
            }
            Command::Correct { message, body } => self.correct(message, body).await,
            Command::Retract(message) => {
                let owing = actions::retract(&self.context, message).await;
                self.owes(owing)
            }
            Command::DeleteMessages(messages) => actions::delete(&self.context, messages).await,
            Command::Forward { messages, to } => actions::forward(&self.context, messages, to)
                .await
                .map(|owing| {
                    for account in owing {
                        self.to_account(account, ToSession::Owes);
                    }
                }),
            Command::Retry(message) => {
                let owing = wishes::retry(&self.context, message).await;
                self.owes(owing)
            }
            Command::Discard(message) => wishes::discard(&self.context, message).await,
            Command::MarkRead {
                conversation,
                up_to,
            } => {
                let owing = wishes::mark_read(&self.context, conversation, up_to).await;
                let owing = self.owes(owing);
                self.to_chat(conversation, ToSession::HasRead)
                    .await
                    .and(owing)
            }
            Command::AcceptRequest(conversation) => {
                let owing = wishes::accept(&self.context, conversation).await;
                self.owes(owing)
            }
            Command::DeclineRequests(chats) => {
                let owing = wishes::decline(&self.context, chats).await;
                owing.map(|accounts| {
                    for account in accounts {
                        self.to_account(account, ToSession::Owes);
                    }
                })
            }
            Command::Block {
                account,
                address,
                report,
            } => {
                let owing = wishes::block(&self.context, account, address, report).await;
                self.owes(owing)
            }
            Command::Unblock { account, address } => {
                let owing = wishes::unblock(&self.context, account, address).await;
                self.owes(owing)
            }
            Command::Typing {
                conversation,
                is_composing,
            } => {
                self.to_chat(conversation, ToSession::Typing(conversation, is_composing))
                    .await
            }
            Command::FetchMissing(account) => {
                self.to_account(account, ToSession::FetchMissing);
                Ok(())
            }
            Command::LoadEarlier(conversation) => {
                self.to_chat(conversation, ToSession::LoadEarlier(conversation))
                    .await
            }
            Command::TryNow => {
                if self.context.store.trouble().is_some() {
                    wishes::try_to_keep(&self.context).await;
                }
                let left_off: Vec<AccountId> = self
                    .sessions
                    .iter()
                    .filter(|(_, running)| running.to.is_closed())
                    .map(|(id, _)| *id)
                    .collect();
                for id in left_off {
                    self.start_again(id).await;
                }
                self.to_all(|| ToSession::TryNow);
                Ok(())
            }
            Command::Network { is_up } => {
                self.to_all(|| ToSession::Network(is_up));
                Ok(())
            }
            Command::Password { account, password } => self.password(account, password).await,
            Command::SaveDraft { conversation, text } => {
                wishes::save_draft(&self.context, conversation, text).await
            }
            Command::Mute {
                conversation,
                until,
            } => wishes::mute(&self.context, conversation, until).await,
            Command::DeleteChat(conversation) => {
                wishes::delete_chat(&self.context, conversation).await
            }
            Command::SetChat {
                conversation,
                setting,
            } => wishes::set_chat(&self.context, conversation, setting).await,
            Command::Keep { account, days } => wishes::keep(&self.context, account, days).await,
            Command::DeleteHistory(account) => wishes::delete_history(&self.context, account).await,
            Command::Set(settings) => wishes::set(&self.context, settings).await,
            Command::EditAccount { account, edit } => self.edit(account, edit).await,
            Command::TrustAnew(account) => self.trust_anew(account).await,
            Command::Seen(is_seen) => {
                self.note(|awareness| awareness.window_is_seen(is_seen));
                Ok(())
            }
            Command::Locked(is_locked) => {
                self.note(|awareness| awareness.is_locked = is_locked);
                Ok(())
            }
            Command::Sleeping(is_asleep) => {
                self.to_all(|| ToSession::Sleeping(is_asleep));
                self.note(|awareness| awareness.is_asleep = is_asleep);
                Ok(())
            }
            Command::SendXml { account, xml } => {
                // What is no stanza was refused before.
                if let Ok(stanza) = typed_stanza(&xml) {
                    self.to_account(account, ToSession::Typed(stanza));
                }
                Ok(())
            }
            Command::EnableAccount {
                account,
                is_enabled,
            } => self.enable(account, is_enabled).await,
            Command::PasswordPlace { account, place } => {
                self.set_password_place(account, place).await
            }
            Command::RemoveAccount {
                account,
                keeps_history,
            } => self.remove(account, keeps_history).await,
            Command::SetTrust { .. }
            | Command::Encrypt { .. }
            | Command::EncryptByDefault { .. }
            | Command::SeenNewDevices { .. } => {
                let done = wishes::protect(&self.context, command).await;
                // What waited for keys may wait no more.
                self.to_all(|| ToSession::KeysDecided);
                done
            }
            Command::Prepare(conversation) => {
                self.to_chat(conversation, ToSession::Prepare(conversation))
                    .await
            }
            Command::Repair(message) => {
                self.to_account_of(message, ToSession::Repair(message))
                    .await
            }
            Command::AskAgain { message, words } => {
                let owing = wishes::ask_again(&self.context, message, words, random_id()).await;
                self.owes(owing)
            }
            Command::SendPlain(message) => {
                let owing = wishes::send_plain(&self.context, message).await;
                self.owes(owing)
            }
            Command::RemoveDevice { account, device } => {
                self.to_account(account, ToSession::RemoveDevice(device));
                Ok(())
            }
            Command::PutContact {
                account,
                address,
                name,
                labels,
                token,
                lets_see,
            } => {
                let entry = Entry {
                    address,
                    name,
                    subscription: Some(Subscription::None),
                    labels,
                };
                let put = PutContact {
                    entry,
                    token,
                    lets_see,
                };
                self.to_account(account, ToSession::PutContact(put));
                Ok(())
            }
            Command::RemoveContact { account, address } => {
                self.to_account(account, ToSession::RemoveContact(address));
                Ok(())
            }
            Command::PublishPicture { account, file } => {
                self.to_account(account, ToSession::Publish(Publish::Picture(file)));
                Ok(())
            }
            Command::PublishNickname { account, nickname } => {
                self.to_account(account, ToSession::Publish(Publish::Nickname(nickname)));
                Ok(())
            }
            Command::NewIdentity(account) => {
                self.to_account(account, ToSession::NewIdentity);
                Ok(())
            }
        };
        if let Err(error) = done {
            tracing::error!(%error, "A wish could not be fulfilled.");
        }
    }

    async fn send(
        &self,
        conversation: ConversationId,
        body: String,
        reply_to: Option<MessageId>,
        protection: Protection,
    ) -> Result<(), StoreError> {
        let text = wishes::Text {
            body: body.clone(),
            id: random_id(),
            protection,
            reply_to,
            keeps_draft: false,
        };
        let owing = wishes::send_text(&self.context, conversation, text).await;
        if owing.is_err() {
            self.context.tell(Event::NotKept { conversation, body });
        }
        self.owes(owing)
    }

    async fn correct(&self, message: MessageId, body: String) -> Result<(), StoreError> {
        let owing = actions::correct(&self.context, message, body.clone()).await;
        if owing.is_err() {
            // The words are nowhere else; reading may work where writing does not.
            let chat = self
                .context
                .store
                .read(move |connection| messages::state(connection, message))
                .await;
            if let Ok(Some((conversation, _))) = chat {
                self.context.tell(Event::NotKept { conversation, body });
            }
        }
        self.owes(owing)
    }

    fn owes(&self, owing: Result<Option<AccountId>, StoreError>) -> Result<(), StoreError> {
        if let Some(account) = owing? {
            self.to_account(account, ToSession::Owes);
        }
        Ok(())
    }

    async fn to_chat(
        &self,
        conversation: ConversationId,
        message: ToSession,
    ) -> Result<(), StoreError> {
        if let Some(account) = wishes::account_of(&self.context, conversation).await? {
            self.to_account(account, message);
        }
        Ok(())
    }

    async fn to_account_of(&self, message: MessageId, wish: ToSession) -> Result<(), StoreError> {
        if let Some(account) = wishes::account_of_message(&self.context, message).await? {
            self.to_account(account, wish);
        }
        Ok(())
    }

    fn to_account(&self, account: AccountId, message: ToSession) {
        if let Some(running) = self.sessions.get(&account) {
            // A session that has ended is being removed or started anew, and
            // then reads the store itself.
            let _ = running.to.send(message);
        }
    }

    fn to_all(&self, message: impl Fn() -> ToSession) {
        for account in self.sessions.keys() {
            self.to_account(*account, message());
        }
    }

    async fn try_to_sign_in(
        &mut self,
        form: SignIn,
        reply: oneshot::Sender<Result<AccountId, SignInError>>,
    ) {
        let own = match self.check_address(&form.address).await {
            Ok(own) => own,
            Err(error) => {
                let _ = reply.send(Err(error));
                return;
            }
        };
        let mut settings =
            LinkSettings::new(own.clone(), form.password.clone(), self.context.tls.clone());
        settings.host = way::host(form.host.clone(), form.port);
        settings.proxy = match way::proxy(&form.proxy) {
            Ok(proxy) => proxy,
            Err(problem) => {
                let _ = reply.send(Err(problem.into()));
                return;
            }
        };
        settings.allows_plain = form.allows_plain;
        let link = (self.context.dial)(settings, None);
        let account = NewAccount {
            address: own.to_string(),
            port: form.port.filter(|_| form.host.is_some()),
            host: form.host,
            allows_plain: form.allows_plain,
            proxy: form.proxy,
        };
        let signed_in = self.signed_in.clone();
        self.tasks
            .spawn(sign_in(link, account, form.password, reply, signed_in));
    }

    async fn check_address(&self, typed: &str) -> Result<BareJid, SignInError> {
        let typed = typed.trim();
        if !typed.contains('@') || typed.ends_with('@') {
            return Err(SignInError::AddressWithoutDomain);
        }
        let jid = Jid::new(typed).map_err(|_| SignInError::AddressInvalid)?;
        if jid.node().is_none() || jid.resource().is_some() {
            return Err(SignInError::AddressNotAPerson);
        }
        let own = jid.into_bare();
        let is_here = self
            .context
            .store
            .read(rows::all)
            .await?
            .iter()
            .any(|account| account.address == own.as_str());
        if is_here {
            return Err(SignInError::AlreadyAdded);
        }
        Ok(own)
    }

    /// Keeps an account that has just signed in, and goes on with its connection.
    async fn keep(&mut self, signed_in: SignedIn) {
        let SignedIn {
            account,
            password,
            link,
            online,
            reply,
        } = signed_in;
        if reply.is_closed() {
            // The person cancelled: nothing is kept.
            let _ = link.commands.send(LinkCommand::Close).await;
            return;
        }
        let commands = link.commands.clone();
        let kept = self
            .context
            .store
            .write(move |tx, changes| {
                let Some(id) = rows::insert(tx, changes, &account)? else {
                    return Ok(None);
                };
                rows::by_id(tx, id)
            })
            .await;
        let answer = match kept {
            Ok(Some(account)) => {
                let id = account.id;
                self.keep_password(&account, password.clone());
                self.start(account, Some(password), Some((link, online)));
                Ok(id)
            }
            Ok(None) => Err(SignInError::AlreadyAdded),
            Err(error) => Err(error.into()),
        };
        if answer.is_err() {
            let _ = commands.send(LinkCommand::Close).await;
        }
        // The form may be closed by now; the account is here all the same.
        let _ = reply.send(answer);
    }

    async fn stop(&mut self) {
        self.to_all(|| ToSession::Stop);
        let sessions: Vec<_> = std::mem::take(&mut self.sessions).into_values().collect();
        let farewells = async {
            for running in sessions {
                running.to.closed().await;
            }
            // A password typed a moment ago, or a move on its way.
            self.errands.clear();
            while self.keeping.join_next().await.is_some() {}
        };
        if timeout(FAREWELLS, farewells).await.is_err() {
            tracing::info!("Some connections did not end in time.");
        }
        self.tasks.shutdown().await;
        self.context.store.close().await;
    }
}

/// Tries a form's account for real; gives up when the form is closed.
async fn sign_in(
    mut link: Link,
    account: NewAccount,
    password: Secret,
    mut reply: oneshot::Sender<Result<AccountId, SignInError>>,
    signed_in: mpsc::UnboundedSender<SignedIn>,
) {
    let answer = loop {
        tokio::select! {
            () = reply.closed() => return,
            event = link.events.recv() => match event {
                Some(LinkEvent::Online(online)) => break Ok(*online),
                Some(LinkEvent::Closed(problem)) => break Err(problem),
                Some(_) => {}
                None => break Err(ConnectionProblem::ConnectionLost),
            }
        }
    };
    match answer {
        Ok(online) => {
            let _ = signed_in.send(SignedIn {
                account,
                password,
                link,
                online,
                reply,
            });
        }
        Err(problem) => {
            let _ = reply.send(Err(problem.into()));
        }
    }
}
