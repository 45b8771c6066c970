//! One account: connect, live, wait, connect again.
//!
//! A problem that only the user can mend stops the account; any other is tried
//! again after a growing, random time. A stream the server may still know is
//! taken up again, also by the next process; when that fails the archive tells
//! what became of things.

mod keeping;
pub(super) mod memory;
mod poison;
mod waiting;

use std::collections::BTreeSet;
use std::time::Duration;

use jid::BareJid;
use minidom::Element;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use self::poison::Poison;
use super::Context;
use super::backoff::Backoff;
use super::client_state::Reason;
use super::contacts::PutContact;
use super::encryption::{MendedInThisRun, Repairs};
use super::opening::Opening;
use super::profiles::Publish;
use super::stream::Stream;
use super::way;
use crate::engine::error::StoreError;
use crate::engine::link::{
    KeptKeys, Link, LinkCommand, LinkEvent, LinkSettings, Online, SkipReason, Tap,
};
use crate::engine::model::{
    Account, ConnectionProblem, ConnectionState, ConversationId, MessageId, PasswordPlace,
    PasswordTrouble, Secret, SecurityReport,
};
use crate::engine::store::{
    outbox,
    streams::{self, KeptStream},
};
use crate::engine::xmpp::message;
use waiting::makes_stale;

/// How long the farewell may take.
const FAREWELL: Duration = Duration::from_secs(2);

/// How long a token may take to be kept when the account goes offline.
const TOKENS: Duration = Duration::from_millis(500);

/// What the supervisor tells a session.
#[derive(Debug)]
pub(super) enum ToSession {
    /// Something was added to the outbox, or the user has decided about somebody.
    Owes,
    /// The user has read something.
    HasRead,
    /// The user began or stopped writing.
    Typing(ConversationId, bool),
    /// Older messages of a chat are wanted.
    LoadEarlier(ConversationId),
    /// The keys of a chat are wanted, as somebody looks at it.
    Prepare(ConversationId),
    /// What waited for the user's word on keys may go on.
    KeysDecided,
    /// New keys are wanted for whoever wrote a message that cannot be read.
    Repair(MessageId),
    /// One of our devices is none any more.
    RemoveDevice(u32),
    /// New keys are wanted for this device.
    NewIdentity,
    /// The contact list is to say this of somebody.
    PutContact(PutContact),
    /// Somebody is to go from the contact list.
    RemoveContact(String),
    /// The user wants to publish this about themselves.
    Publish(Publish),
    /// What could not be fetched is wanted now.
    FetchMissing,
    /// Connect now.
    TryNow,
    /// The network came or went.
    Network(bool),
    /// The password, from the user.
    Password(Secret),
    /// The server is reached in another way from now on: the account as it is now.
    Moved(Box<Account>),
    /// The window is seen by somebody, or by nobody.
    Seen(bool),
    /// The computer goes to sleep, or wakes up.
    Sleeping(bool),
    /// A stanza that the user typed.
    Typed(Element),
    /// Say farewell and end.
    Stop,
    /// The account is removed here: take this device off its list, if it can
    /// be done at once, and end.
    Removed,
}

/// How one try ended.
enum End {
    /// We were told to stop.
    Stopped,
    /// Something else happened; `ConnectionProblem::is_fatal` says what to do.
    Lost(ConnectionProblem),
    /// The network went, or a new password or host came: no fault, try as
    /// things are now.
    Changed,
}

/// A running account.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Session {
    pub(super) account: Account,
    pub(super) own: BareJid,
    pub(super) context: Context,
    pub(super) stream: Option<Stream>,
    /// The stream that an earlier process left, until it is taken up or gone.
    inherited: Option<KeptStream>,
    /// What of a stream could not take effect.
    poison: Poison<(i64, u32)>,
    /// What of the archive could not.
    pub(super) archive_poison: Poison<String>,
    /// What the link sends first if the stream is a fresh one.
    opening: Option<Opening>,
    /// What the server calls this program.
    resource: Option<String>,
    commands: mpsc::UnboundedReceiver<ToSession>,
    password: Option<Secret>,
    /// What sign-ins made of the password.
    keys: KeptKeys,
    backoff: Backoff,
    pub(super) is_network_up: bool,
    /// Tokens on their way to where they are kept.
    keeping: JoinSet<()>,
    /// Somebody sees the window.
    pub(super) is_seen: bool,
    tap: Tap,
    /// How often our list of devices was mended.
    pub(super) repairs: Repairs,
    /// With whom sessions were mended.
    pub(super) mended: MendedInThisRun,
    /// Whose messages' senders the user wants new keys for.
    pub(super) wished_repairs: BTreeSet<MessageId>,
    /// Which of our devices the user wants off our list.
    pub(super) wished_removals: BTreeSet<u32>,
    /// The user wants new keys for this device.
    pub(super) wants_identity: bool,
    /// Whether this history is a copy was looked at.
    pub(super) is_generation_checked: bool,
}

impl Session {
    /// Makes a session; `password` when it is at hand already.
    pub fn new(
        context: Context,
        account: Account,
        own: BareJid,
        password: Option<Secret>,
        commands: mpsc::UnboundedReceiver<ToSession>,
        tap: Tap,
    ) -> Self {
        Self {
            account,
            own,
            context,
            stream: None,
            inherited: None,
            poison: Poison::default(),
            archive_poison: Poison::default(),
            opening: None,
            resource: None,
            commands,
            password,
            keys: KeptKeys::default(),
            backoff: Backoff::default(),
            is_network_up: true,
            keeping: JoinSet::new(),
            tap,
            is_seen: true,
            repairs: Repairs::default(),
            mended: MendedInThisRun::default(),
            wished_repairs: BTreeSet::new(),
            wished_removals: BTreeSet::new(),
            wants_identity: false,
            is_generation_checked: false,
        }
    }

    /// Runs until it is told to stop. `first` is a connection that signed in
    /// already, when the user has just added the account.
    pub async fn run(mut self, first: Option<(Link, Online)>) {
        let mut first = first;
        if first.is_none() {
            self.inherit().await;
        }
        loop {
            let end = match first.take() {
                Some((link, online)) => self.live(link, online).await,
                None => self.connect().await,
            };
            let goes_on = match end {
                End::Stopped => false,
                End::Changed => self.is_network_up || self.wait_for_network().await,
                End::Lost(problem) if problem.is_fatal() => {
                    tracing::info!(%problem, "The account stays offline until the user mends it.");
                    self.wait_for_user(problem).await
                }
                End::Lost(_) if !self.is_network_up => self.wait_for_network().await,
                End::Lost(problem) => self.wait_a_while(problem).await,
            };
            if !goes_on {
                break;
            }
        }
        // A token that was given a moment ago.
        let kept = async { while self.keeping.join_next().await.is_some() {} };
        if timeout(TOKENS, kept).await.is_err() {
            tracing::info!("A token was not kept in time.");
        }
        self.leave_stream();
        self.state(ConnectionState::Offline);
    }

    pub(super) fn state(&self, state: ConnectionState) {
        self.context.state(self.account.id, state);
    }

    async fn connect(&mut self) -> End {
        self.state(ConnectionState::Connecting);
        let password = match self.find_password().await {
            Ok(password) => password,
            Err(end) => return end,
        };
        let mut settings = LinkSettings::new(self.own.clone(), password, self.context.tls.clone());
        settings.keys = self.keys.clone();
        settings.tap = self.tap.clone();
        settings.turns = self.context.turns.clone();
        settings.resource.clone_from(&self.resource);
        settings.is_unseen = !self.is_seen;
        let mut settings = match way::lead(settings, &self.account) {
            Ok(settings) => settings,
            Err(problem) => return End::Lost(problem),
        };
        match memory::recall(&self.context, &self.account).await {
            Ok(memory) => settings.memory = memory,
            // Going on would be to forget what protects the account.
            Err(error) => {
                tracing::error!(%error, "What is known of the server could not be read.");
                return End::Lost(ConnectionProblem::ConnectionLost);
            }
        }
        if let Err(error) = self.keep_progress().await {
            tracing::error!(%error, "How far the stream has come could not be written.");
            return End::Lost(ConnectionProblem::ConnectionLost);
        }
        match self.make_opening().await {
            Ok(opening) => {
                settings.opening.clone_from(&opening.stanzas);
                self.opening = Some(opening);
            }
            Err(error) => {
                tracing::error!(%error, "What to ask for could not be read.");
                return End::Lost(ConnectionProblem::ConnectionLost);
            }
        }
        let resume = self.resume();
        let mut link = (self.context.dial)(settings, resume);
        let began = Instant::now();
        loop {
            tokio::select! {
                event = link.events.recv() => match event {
                    Some(LinkEvent::Online(online)) => return self.live(link, *online).await,
                    Some(LinkEvent::Closed(problem)) => return self.failed(problem),
                    Some(LinkEvent::ResumptionDead) => self.forget_stream(),
                    Some(_) => {}
                    None => return End::Lost(ConnectionProblem::ConnectionLost),
                },
                command = self.commands.recv() => if makes_stale(command.as_ref(), began) {
                    return End::Changed;
                } else if let Some(end) = self.meanwhile(command) {
                    return end;
                },
            }
        }
    }

    fn failed(&mut self, problem: ConnectionProblem) -> End {
        if problem == ConnectionProblem::WrongPassword {
            // Whatever the keyring says next time, this one is no good.
            self.password = None;
        }
        if matches!(&problem, ConnectionProblem::ClosedByServer { condition } if condition == "conflict")
        {
            // It does not let us end what we left under this name.
            self.resource = None;
        }
        End::Lost(problem)
    }

    /// Gives up what the server most likely closed the stream for: sending it
    /// again would end every connection and hold up all that waits behind it.
    /// Where the server has told its limit, nothing larger was sent.
    async fn give_up_too_large(&mut self, problem: &ConnectionProblem) {
        let is_violation = matches!(problem, ConnectionProblem::ClosedByServer { condition } if condition == "policy-violation");
        let Some(stream) = self.stream.as_ref().filter(|_| is_violation) else {
            return;
        };
        let is_limit_known = stream.offers.most_bytes.is_some();
        let rows: Vec<_> = stream.in_flight.iter().map(|(_, row)| *row).collect();
        self.forget_stream();
        if is_limit_known {
            return;
        }
        let given_up = self
            .context
            .store
            .write(move |tx, changes| outbox::give_up_largest(tx, changes, &rows));
        if let Err(error) = given_up.await {
            tracing::error!(%error, "A message that is too large could not be marked.");
        }
    }

    /// Finds the password. The keyring may ask the person, who may take their
    /// time, so what comes meanwhile is heard.
    async fn find_password(&mut self) -> Result<Secret, End> {
        if let Some(password) = &self.password {
            return Ok(password.clone());
        }
        let secrets = self.context.secrets.clone();
        let own = self.own.to_string();
        let place = self.account.password_place;
        let mut asked = std::pin::pin!(secrets.password(&own, place));
        loop {
            tokio::select! {
                found = &mut asked => {
                    let trouble = match found {
                        Ok(Some(password)) => {
                            self.password = Some(password.clone());
                            return Ok(password);
                        }
                        Ok(None) if place == PasswordPlace::AskEachTime => {
                            PasswordTrouble::AskedEachTime
                        }
                        Ok(None) => PasswordTrouble::NotThere,
                        Err(problem) => problem.into(),
                    };
                    return Err(End::Lost(ConnectionProblem::PasswordMissing(trouble)));
                }
                command = self.commands.recv() => if let Some(end) = self.meanwhile(command) {
                    return Err(end);
                },
            }
        }
    }

    /// Carries one connection from sign-in to its end.
    async fn live(&mut self, mut link: Link, online: Online) -> End {
        self.backoff.went_online();
        if let Some(h) = online.resumed
            && let Err(error) = self.check_resumed(h)
        {
            // From here on the two sides would count differently (attack A26).
            tracing::warn!(%error, "The stream cannot be taken up again.");
            let _ = link.commands.send(LinkCommand::Close).await;
            self.forget_stream();
            return End::Lost(ConnectionProblem::NotUnderstood {
                what: error.to_string(),
            });
        }
        let memory = online.memory.clone();
        let mut begun = self.went_online(&link, online).await;
        if begun.is_ok() {
            begun = self.learn(&memory).await;
        }
        if let Err(error) = begun {
            return store_failed(&error);
        }
        loop {
            let deadline = self.stream.as_ref().and_then(Stream::deadline);
            let done = tokio::select! {
                event = link.events.recv() => match event {
                    Some(LinkEvent::Closed(problem)) => {
                        self.give_up_too_large(&problem).await;
                        return self.failed(problem);
                    }
                    Some(event) => self.event(event).await,
                    None => return End::Lost(ConnectionProblem::ConnectionLost),
                },
                command = self.commands.recv() => match command {
                    Some(ToSession::Stop) | None => {
                        self.farewell(link).await;
                        return End::Stopped;
                    }
                    Some(ToSession::Removed) => {
                        if let Err(error) = self.take_this_device_off().await {
                            tracing::warn!(%error, "This device stays on the account's list.");
                        }
                        self.farewell(link).await;
                        return End::Stopped;
                    }
                    Some(ToSession::Network(false)) => {
                        self.is_network_up = false;
                        return End::Changed;
                    }
                    Some(ToSession::Moved(account)) => {
                        self.farewell(link).await;
                        self.moves(*account);
                        return End::Changed;
                    }
                    Some(command) => self.command(command).await,
                },
                () = at(deadline) => self.something_is_due().await,
            };
            let done = match done {
                Ok(()) => self.keep_up().await,
                Err(error) => Err(error),
            };
            if let Err(error) = done {
                return store_failed(&error);
            }
        }
    }

    async fn went_online(&mut self, link: &Link, online: Online) -> Result<(), StoreError> {
        tracing::info!(
            account = self.account.id.0,
            resumed = online.resumed.is_some(),
            report = ?online.report,
            "Signed in."
        );
        let report = SecurityReport {
            is_resumed: online.resumed.is_some(),
            signed_in_at: self.context.clock.now(),
            ..online.report.clone()
        };
        self.context.security(self.account.id, report);
        let (resumed, refused_h) = (online.resumed, online.refused_h);
        let opening = self.opening.take();
        if let (Some(h), Some(stream)) = (resumed, self.stream.as_mut()) {
            stream.goes_on_over(link.commands.clone(), online.offers);
            self.tell_client_state(Reason::NewConnection).await;
            return self.resumed(h).await;
        }
        let inherited = self.inherited.take();
        if let (Some(h), Some(left)) = (resumed, &inherited) {
            return self.take_up(left.clone(), h, online, link).await;
        }
        // The server has lost the stream but may still know what it had taken.
        match (refused_h, &inherited) {
            (Some(h), Some(left)) => self.settle_inherited(left, h).await?,
            (Some(h), None) => self.settle(h).await?,
            (None, _) => {}
        }
        self.leave_stream();
        self.begin(online, link).await?;
        self.tell_client_state(Reason::NewConnection).await;
        self.start_up(opening).await
    }

    async fn event(&mut self, event: LinkEvent) -> Result<(), StoreError> {
        match event {
            LinkEvent::Stanza(stanza) => {
                self.handling(true);
                self.take(stanza).await?;
                self.handled().await;
            }
            LinkEvent::Early(stanza) => {
                self.handling(false);
                self.stanza(stanza).await?;
            }
            LinkEvent::Skipped {
                name,
                from,
                id,
                kind,
                reason,
                bytes,
            } => {
                self.handling(true);
                tracing::warn!(%name, ?from, ?reason, "Something beyond our limits came in and was skipped.");
                if name == "message" && reason == SkipReason::Bytes {
                    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
                    let (from, kind) = (from.as_deref(), kind.as_deref());
                    if let Some(message) = message::too_large(&self.own, from, id, kind, bytes) {
                        self.too_large(message).await?;
                    }
                }
                self.handled().await;
            }
            LinkEvent::Acknowledged(h) => self.acknowledged(h).await?,
            LinkEvent::Offers(offers) => self.offered(offers).await,
            LinkEvent::ResumptionDead => self.forget_stream(),
            LinkEvent::Online(_) | LinkEvent::Closed(_) => {}
        }
        Ok(())
    }

    /// Counts a stanza as handled, now that it took effect.
    async fn handled(&mut self) {
        if let Some(stream) = &mut self.stream {
            stream.count().await;
        }
    }

    /// Notes whether what is handled now counts for stream management.
    fn handling(&mut self, counts: bool) {
        if let Some(stream) = &mut self.stream {
            stream.is_handling = counts;
        }
    }

    async fn command(&mut self, command: ToSession) -> Result<(), StoreError> {
        match command {
            ToSession::Owes => {
                self.drain_outbox().await?;
                self.tell_decisions().await
            }
            ToSession::HasRead => {
                self.has_read();
                Ok(())
            }
            ToSession::Typing(conversation, is_composing) => {
                self.say_typing(conversation, is_composing).await?;
                if is_composing {
                    self.prepare(conversation).await?;
                }
                Ok(())
            }
            ToSession::Prepare(conversation) => self.prepare(conversation).await,
            ToSession::KeysDecided => self.keys_changed().await,
            ToSession::Repair(message) => self.repair(message).await,
            ToSession::RemoveDevice(device) => self.remove_device(device).await,
            ToSession::NewIdentity => self.identity_is_wanted().await,
            ToSession::PutContact(put) => self.put_contact(put).await,
            ToSession::RemoveContact(address) => {
                self.remove_contact(address).await;
                Ok(())
            }
            ToSession::Publish(what) => {
                self.publish_profile(what).await;
                Ok(())
            }
            ToSession::FetchMissing => {
                self.catch_up_now().await;
                Ok(())
            }
            ToSession::LoadEarlier(conversation) => self.load_earlier(conversation).await,
            ToSession::Password(password) => {
                self.password = Some(password);
                Ok(())
            }
            ToSession::Typed(stanza) => {
                if let Some(stream) = &mut self.stream {
                    stream.send(stanza).await;
                }
                Ok(())
            }
            ToSession::Network(true) => {
                self.network_changed().await;
                Ok(())
            }
            ToSession::TryNow | ToSession::Sleeping(false) => {
                self.prove_life().await;
                Ok(())
            }
            ToSession::Seen(is_seen) => {
                self.seen(is_seen).await;
                Ok(())
            }
            ToSession::Sleeping(true) => {
                // What the server says before we sleep need not be asked after.
                if let Some(stream) = &self.stream {
                    let _ = stream.link.send(LinkCommand::RequestAck).await;
                }
                Ok(())
            }
            ToSession::Network(false)
            | ToSession::Moved(_)
            | ToSession::Stop
            | ToSession::Removed => Ok(()),
        }
    }

    /// Ends the stream, at most two seconds long. One that the server did not
    /// hear of may be taken up the next time.
    async fn farewell(&mut self, mut link: Link) {
        if let Err(error) = self.keep_progress().await {
            tracing::warn!(%error, "How far the stream had come was not kept.");
        }
        let _ = link.commands.send(LinkCommand::Close).await;
        let ended = timeout(FAREWELL, async {
            while let Some(event) = link.events.recv().await {
                match event {
                    LinkEvent::Closed(_) => return,
                    LinkEvent::Acknowledged(h) => {
                        if let Err(error) = self.acknowledged(h).await {
                            tracing::warn!(%error, "A last acknowledgement was not kept.");
                        }
                    }
                    LinkEvent::ResumptionDead => self.forget_stream(),
                    // Not acknowledged, so the server keeps it for the next time.
                    _ => {}
                }
            }
        });
        if ended.await.is_err() {
            tracing::debug!("The server did not say farewell in time.");
        }
    }

    /// Is the connection really alive? The answer, or its lack, tells.
    async fn prove_life(&mut self) {
        if let Some(stream) = &mut self.stream {
            let _ = stream.link.send(LinkCommand::Prove).await;
        }
    }

    /// The old connection may lead nowhere now, which is soon found out. Only
    /// not from a server that works on a page of the archive: it answers when
    /// it has done that, and on the next connection would have to begin again.
    async fn network_changed(&mut self) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        match self.backoff.prove() {
            Err(next) => stream.proof_due = Some(next),
            Ok(()) if stream.requests.open_queries().is_empty() => self.prove_life().await,
            Ok(()) => {
                let _ = stream.link.send(LinkCommand::RequestAck).await;
            }
        }
    }

    /// Takes another way to the server. The stream stays behind: the old way
    /// may lead to another server.
    fn moves(&mut self, account: Account) {
        self.account = account;
        self.backoff.reset();
        self.forget_stream();
    }

    async fn something_is_due(&mut self) -> Result<(), StoreError> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        if stream
            .catch_up_again
            .is_some_and(|again| again <= Instant::now())
        {
            // Nobody asked for it, so nobody is told unless something comes of it.
            stream.catch_up_again = None;
            self.ask_for_features().await;
            return Ok(());
        }
        let expired = stream.requests.expired();
        let due = stream.proof_due.take_if(|due| *due <= Instant::now());
        if due.is_some() {
            self.network_changed().await;
        }
        self.ask_for_order().await;
        self.tell_due_presences();
        self.tell_read().await?;
        for asked in expired {
            tracing::warn!(?asked, "The server did not answer in time.");
            self.unanswered(asked).await?;
        }
        Ok(())
    }

    async fn resumed(&mut self, h: u32) -> Result<(), StoreError> {
        // What waits in the outbox comes after what is sent again: draining
        // first would put it among the unconfirmed, and so on the wire twice.
        self.settle(h).await?;
        self.order_is_in_doubt().await?;
        if let Some(stream) = &mut self.stream {
            stream.requests.wait_anew();
            let again: Vec<_> = stream.unacknowledged.to_resend().cloned().collect();
            for stanza in again {
                let _ = stream.link.send(LinkCommand::Send(stanza)).await;
            }
            let is_caught_up = stream.is_caught_up;
            self.everybody_is_back();
            self.state(if is_caught_up {
                ConnectionState::Online
            } else {
                ConnectionState::CatchingUp
            });
        }
        self.drain_outbox().await?;
        self.tell_decisions().await
    }

    /// The server has our stanzas up to `h`; the window may have room again.
    pub(super) async fn acknowledged(&mut self, h: u32) -> Result<(), StoreError> {
        self.settle(h).await?;
        self.drain_outbox().await
    }

    /// Takes what the server confirms up to `h` off the outbox.
    async fn settle(&mut self, h: u32) -> Result<(), StoreError> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        let (account, number) = (self.account.id, stream.number);
        let rows = match stream.confirmed_by(h) {
            Ok(rows) => rows,
            Err(error) => {
                // The link ends such a connection; here it must only do no harm.
                tracing::warn!(%error, "The server confirms what was never sent.");
                return Ok(());
            }
        };
        if !rows.is_empty() {
            self.context
                .store
                .write(move |tx, changes| {
                    outbox::confirmed(tx, changes, &rows)?;
                    streams::acknowledged(tx, account, number, h)
                })
                .await?;
        }
        if let Err(error) = stream.acknowledge(h) {
            tracing::error!(%error, "What was sent was counted wrong.");
        }
        Ok(())
    }
}

/// What did not take effect is not acknowledged: the server keeps it, and the
/// next connection brings it again. So this one ends without a farewell.
fn store_failed(error: &StoreError) -> End {
    tracing::error!(%error, "The history could not be written; the connection is given up.");
    End::Lost(ConnectionProblem::ConnectionLost)
}

/// Waits for a moment, or for ever when there is none.
async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}
