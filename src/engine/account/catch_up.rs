//! Reading the archive: on from what we have, and back from it.
//!
//! The cursor is the truth about what we have. What comes takes effect together
//! with the cursor: reading on, in stretches as they come, so that neither a
//! large page fills the memory nor a cut one was for nothing; reading back, a
//! page as a whole. Only when nothing is missing any more does what an earlier
//! stream left in doubt go out again. What cannot be had is noted as a gap.
//!
//! # Source
//! XEP-0313 §4.3, §5 (synchronising), XEP-0059 §2.3.

mod page;

use minidom::Element;
use rusqlite::Transaction;
use tokio::time::Instant;

use page::Stretch;
pub(super) use page::{PageRead, Purpose};

use super::encryption::{self, Answers};
use super::incoming::{self, Arrival, Delivered, Listed};
use super::requests::{Asked, random_id};
use super::session::Session;
use super::stream::Stream;
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, ConnectionState, ConversationId, GapReason, Timestamp};
use crate::engine::store::archive::{self as cursors, Cursor};
use crate::engine::store::{Changes, conversations, gaps, messages, outbox};
use crate::engine::xmpp::archive::{self, ArchivedMessage, Edge, End, Page};
use crate::engine::xmpp::content::Content;
use crate::engine::xmpp::{message, stanza};

/// How many pages of the past a new account begins with.
const FIRST_PAGES: u32 = 5;

impl Stream {
    /// Waits no more for what was to be read on.
    fn forget_catch_up(&mut self) {
        self.pages
            .retain(|_, read| read.purpose() != &Purpose::CatchUp);
    }
}

/// Returns the page that follows the cursor.
pub(super) fn on_from(cursor: Cursor) -> PageRead {
    let edge = if cursor.newest_id.is_empty() {
        // It held nothing: all that is there now came since.
        Edge::First
    } else {
        Edge::After(cursor.newest_id)
    };
    PageRead::new(Purpose::CatchUp, Page::new(edge))
}

impl Session {
    /// The server has said whether there is an archive. One that was asked
    /// already is being read, or was.
    pub(super) async fn archive_is_known(&mut self) -> Result<(), StoreError> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        if std::mem::take(&mut stream.is_archive_asked) {
            if !stream.lacks.archive && !stream.is_caught_up {
                return Ok(());
            }
            if !stream.lacks.archive {
                return self.caught_up().await;
            }
            stream.forget_catch_up();
        }
        self.catch_up().await
    }

    /// The server does not say whether there is an archive, so it may hold
    /// something; what it answers before it has said so does not count.
    pub(super) async fn archive_stays_unknown(&mut self) -> Result<(), StoreError> {
        if let Some(stream) = &mut self.stream {
            stream.is_archive_asked = false;
            stream.is_caught_up = false;
            stream.forget_catch_up();
        }
        self.go_on_with_a_gap(GapReason::NotFetched).await
    }

    /// Reads on from the cursor, or the newest pages when there is none.
    pub(super) async fn catch_up(&mut self) -> Result<(), StoreError> {
        let has_archive = self
            .stream
            .as_ref()
            .is_some_and(|stream| !stream.lacks.archive);
        if !has_archive {
            tracing::info!("The server has no archive for this account.");
            return self.caught_up().await;
        }
        let account = self.account.id;
        let cursor = self
            .context
            .store
            .read(move |connection| cursors::to_read_on_from(connection, account))
            .await?;
        match cursor {
            Some(cursor) => self.read_page(on_from(cursor)).await,
            None => {
                self.read(Purpose::Beginning(FIRST_PAGES), Edge::Last).await;
            }
        }
        Ok(())
    }

    /// Fetches what the archive has before the oldest message of a chat.
    pub(super) async fn load_earlier(
        &mut self,
        conversation: ConversationId,
    ) -> Result<(), StoreError> {
        let Some(stream) = &self.stream else {
            return Ok(());
        };
        let is_being_read = stream
            .pages
            .values()
            .any(|read| read.purpose() == &Purpose::Earlier(conversation));
        if is_being_read || stream.lacks.archive {
            return self.nothing_earlier(conversation, false).await;
        }
        let start = self
            .context
            .store
            .read(move |connection| {
                let row = conversations::row(connection, conversation)?;
                Ok((row, cursors::oldest(connection, conversation)?))
            })
            .await?;
        let (Some(row), oldest) = start else {
            return Ok(());
        };
        if row.is_history_complete {
            return self.nothing_earlier(conversation, true).await;
        }
        let page = Page {
            with: Some(row.address),
            ..Page::new(oldest.map_or(Edge::Last, |(id, _)| Edge::Before(id)))
        };
        self.read_page(PageRead::new(Purpose::Earlier(conversation), page))
            .await;
        Ok(())
    }

    async fn nothing_earlier(
        &self,
        conversation: ConversationId,
        is_complete: bool,
    ) -> Result<(), StoreError> {
        self.context
            .store
            .write(move |tx, changes| {
                if is_complete {
                    conversations::set_history_complete(tx, changes, conversation, true)?;
                }
                // The window learns that it need not wait.
                changes.add(Change::Conversation(conversation));
                Ok(())
            })
            .await
    }

    async fn read(&mut self, purpose: Purpose, edge: Edge) {
        self.read_page(PageRead::new(purpose, Page::new(edge)))
            .await;
    }

    /// Goes on from a page that was read, or returns false: a server may give
    /// the same pages for ever.
    pub(super) async fn read_on(&mut self, read: &PageRead, edge: Edge) -> bool {
        let Some(next) = read.next(edge) else {
            tracing::warn!("The server's archive goes round in circles.");
            return false;
        };
        self.read_page(next).await;
        true
    }

    pub(super) async fn read_page(&mut self, read: PageRead) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        let query_id = random_id();
        let id = stream.requests.ask(Asked::ArchivePage(query_id.clone()));
        let query = archive::query(&query_id, read.page());
        stream.pages.insert(query_id, read);
        stream.send(stanza::set_request(&id, None, query)).await;
    }

    /// Takes one message of a page.
    pub(super) async fn page_message(
        &mut self,
        query_id: &str,
        message: ArchivedMessage,
    ) -> Result<(), StoreError> {
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        stream.requests.page_goes_on(query_id);
        let Some(read) = stream.pages.get_mut(query_id) else {
            return Ok(());
        };
        match read.take(message) {
            Some(stretch) => self.take_stretch(stretch).await,
            None => Ok(()),
        }
    }

    /// Takes the end of a page: what is left of it takes effect now.
    pub(super) async fn page_ended(
        &mut self,
        query_id: &str,
        answer: &Element,
    ) -> Result<(), StoreError> {
        let Some(read) = self
            .stream
            .as_mut()
            .and_then(|stream| stream.pages.remove(query_id))
        else {
            return Ok(());
        };
        if answer.attr("type") == Some("error") {
            return self.page_refused(read, answer).await;
        }
        let Some(end) = archive::end(answer) else {
            tracing::warn!("The end of an archive page was not understood.");
            return self.give_up(read.purpose(), GapReason::NotFetched).await;
        };
        let end = read.true_end(end);
        match read.purpose().clone() {
            Purpose::CatchUp => self.page_of_catch_up(read, end).await,
            Purpose::Beginning(left) => self.page_of_beginning(read, end, left).await,
            Purpose::Earlier(conversation) => self.page_of_earlier(read, end, conversation).await,
            Purpose::Order => self.page_of_order(read, end).await,
        }
    }

    /// A page did not come in time.
    pub(super) async fn page_failed(&mut self, query_id: &str) -> Result<(), StoreError> {
        match self
            .stream
            .as_mut()
            .and_then(|stream| stream.pages.remove(query_id))
        {
            Some(read) => self.give_up(read.purpose(), GapReason::NotFetched).await,
            None => Ok(()),
        }
    }

    async fn page_refused(&mut self, read: PageRead, answer: &Element) -> Result<(), StoreError> {
        let condition = stanza::error_of(answer).condition;
        tracing::info!(%condition, "The server refused an archive page.");
        let is_expired = condition == "item-not-found" && !read.page().is_by_time();
        let reason = match condition.as_str() {
            "forbidden" | "not-allowed" | "not-authorized" => GapReason::Refused,
            // It passes, as far as we know.
            _ => GapReason::NotFetched,
        };
        let by_time = match read.purpose() {
            Purpose::CatchUp if is_expired => self.on_by_time().await?,
            Purpose::Earlier(conversation) if is_expired => {
                self.back_by_time(*conversation, read.page()).await?
            }
            _ => None,
        };
        if by_time.is_none()
            && read.purpose() == &Purpose::CatchUp
            && let Some(stream) = &mut self.stream
            && std::mem::take(&mut stream.is_archive_asked)
        {
            // There may be none. Once that is known, it is asked again or not.
            return Ok(());
        }
        match by_time {
            Some(by_time) => {
                self.read_page(by_time).await;
                Ok(())
            }
            None => self.give_up(read.purpose(), reason).await,
        }
    }

    /// The message we know last has expired there: go on by its time.
    async fn on_by_time(&self) -> Result<Option<PageRead>, StoreError> {
        let account = self.account.id;
        let cursor = self
            .context
            .store
            .read(move |connection| cursors::cursor(connection, account))
            .await?;
        let now = self.context.clock.now();
        Ok(cursor
            .filter(|cursor| !cursor.newest_id.is_empty())
            .map(|cursor| {
                PageRead::on_by_time(Cursor {
                    newest_time: cursor.newest_time.min(now),
                    ..cursor
                })
            }))
    }

    /// The message of a chat we know first has expired there: what is left of
    /// the chat's past is found by its time.
    async fn back_by_time(
        &self,
        conversation: ConversationId,
        page: &Page,
    ) -> Result<Option<PageRead>, StoreError> {
        let oldest = self
            .context
            .store
            .read(move |connection| cursors::oldest(connection, conversation))
            .await?;
        let page = oldest.map(|(_, time)| Page {
            with: page.with.clone(),
            end: Some(time + cursors::CLOCK_DOUBT),
            ..Page::new(Edge::Last)
        });
        Ok(page.map(|page| PageRead::new(Purpose::Earlier(conversation), page)))
    }

    async fn give_up(&mut self, purpose: &Purpose, reason: GapReason) -> Result<(), StoreError> {
        match purpose {
            Purpose::CatchUp | Purpose::Beginning(_) => self.go_on_with_a_gap(reason).await,
            Purpose::Earlier(conversation) => self.nothing_earlier(*conversation, false).await,
            // It stays as it came.
            Purpose::Order => Ok(()),
        }
    }

    /// Tries again at once to get what could not be fetched.
    pub(super) async fn catch_up_now(&mut self) {
        let waits = self
            .stream
            .as_mut()
            .is_some_and(|stream| stream.catch_up_again.take().is_some());
        if waits {
            self.state(ConnectionState::CatchingUp);
            self.ask_for_features().await;
        }
    }

    /// Lets the user write although something may be missing. The cursor stays
    /// where it is, live messages do not move it past the gap, what is in doubt
    /// stays so, and a second try follows.
    async fn go_on_with_a_gap(&mut self, reason: GapReason) -> Result<(), StoreError> {
        let account = self.account.id;
        self.context
            .store
            .write(move |tx, changes| match cursors::cursor(tx, account)? {
                Some(cursor) => gaps::open(tx, changes, account, &cursor, reason),
                // Nothing was ever read, so there is no place where it is missing.
                None => Ok(()),
            })
            .await?;
        // What the server will never tell cannot be waited for.
        if reason == GapReason::Refused {
            self.send_doubts_again().await?;
        }
        if let Some(stream) = &mut self.stream {
            stream.catch_up_again = Some(Instant::now() + self.context.catch_up_again);
            stream.holds_outbox = false;
        }
        self.state(ConnectionState::Online);
        self.drain_outbox().await
    }

    async fn page_of_catch_up(&mut self, mut read: PageRead, end: End) -> Result<(), StoreError> {
        // The next page is asked for before this one is written: the server
        // makes it meanwhile. It takes effect after this one, as it comes.
        let next = end.last.clone().filter(|_| !end.is_complete);
        let goes_on = match &next {
            Some(last) if !read.is_empty() => self.read_on(&read, Edge::After(last.clone())).await,
            _ => false,
        };
        let last_unread = end.last.clone().filter(|_| read.is_empty());
        if let Some(last) = last_unread {
            // Nothing of it could be understood; what follows may be.
            self.pass_over(last, None, false).await?;
        } else if let Some(rest) = read.rest(end.last) {
            self.take_stretch(rest).await?;
        } else if let Some(known) = read.forgotten() {
            let account = self.account.id;
            self.context
                .store
                .write_bulk(move |tx, changes| gaps::expired(tx, changes, account, &known, None))
                .await?;
        }
        match next {
            Some(_) if goes_on => Ok(()),
            Some(_) => self.give_up(read.purpose(), GapReason::NotFetched).await,
            None => self.caught_up().await,
        }
    }

    /// Lets a stretch of what is read on take effect, and the cursor with it;
    /// without what of it could twice not be kept.
    async fn take_stretch(&mut self, mut stretch: Stretch) -> Result<(), StoreError> {
        let Some(place) = stretch.messages.first().map(|first| first.id.clone()) else {
            return Ok(());
        };
        if !self.archive_poison.is_at(&place) {
            return self
                .keep_stretch(stretch)
                .await
                .inspect_err(|error| self.archive_poison.failed_at(place, error));
        }
        for message in std::mem::take(&mut stretch.messages) {
            let (id, stamp) = (message.id.clone(), message.stamp);
            let one = Stretch {
                newest_id: id.clone(),
                messages: vec![message],
                expired: stretch.expired.clone(),
                is_by_time: stretch.is_by_time,
            };
            match self.keep_stretch(one).await {
                Err(error) if !error.is_passing() => {
                    tracing::error!(archive_id = id, %error, "What could twice not be kept is skipped.");
                    self.pass_over(id, Some(stamp), stretch.is_by_time).await?;
                }
                done => {
                    done?;
                    stretch.expired = None;
                }
            }
        }
        Ok(())
    }

    async fn keep_stretch(&mut self, stretch: Stretch) -> Result<(), StoreError> {
        let (account, own, now) = (self.account.id, self.own.clone(), self.context.clock.now());
        let newest_time = stretch
            .messages
            .last()
            .map_or(now, |message| message.stamp.min(now));
        // What the server writes down later may stand before the newest.
        let up_to = self.context.settled(false);
        let is_settled = newest_time <= up_to;
        let settled = stretch
            .messages
            .iter()
            .rfind(|message| message.stamp <= up_to)
            .map(|message| (message.id.clone(), message.stamp));
        let first = stretch
            .messages
            .first()
            .map(|message| (message.id.clone(), message.stamp));
        let mut arrivals = arrivals(account, &own, now, stretch.messages, Delivered::CatchUp);
        for arrival in &mut arrivals {
            arrival.may_be_renamed = stretch.is_by_time;
        }
        let listed = self
            .stream
            .as_mut()
            .filter(|_| stretch.expired.is_none())
            .map(|stream| std::mem::take(&mut stream.listed))
            .unwrap_or_default();
        let (owes, answers, listed) = self
            .context
            .store
            .write_bulk(move |tx, changes| {
                // What came live has our time, a moment after the server's;
                // the archive's order holds, whatever the two clocks say. What
                // is read by time may well be older than what we have.
                let floor = cursors::cursor(tx, account)?
                    .filter(|_| !stretch.is_by_time)
                    .map_or(0, |cursor| cursor.time_before(now));
                if let (Some(known), Some(first)) = (&stretch.expired, first)
                    && first.1 > known.newest_time
                {
                    // Not even what was there shortly before is there.
                    gaps::expired(tx, changes, account, known, Some(first))?;
                }
                let applied = incoming::apply_stretch(tx, changes, &mut arrivals, floor, listed)?;
                let newest = if is_settled || stretch.is_by_time {
                    Some((stretch.newest_id, newest_time.max(applied.floor)))
                } else {
                    settled
                };
                if let Some((newest_id, newest_time)) = newest {
                    let cursor = Cursor {
                        newest_id,
                        newest_time,
                    };
                    cursors::set_cursor(tx, account, &cursor)?;
                }
                Ok((applied.owes, applied.answers, applied.listed))
            })
            .await?;
        if let Some(stream) = &mut self.stream {
            stream.listed = listed;
        }
        self.owes(owes, answers).await
    }

    /// Gives what was received is owed: answers to keys, and what is in the outbox.
    pub(super) async fn owes(&mut self, owes: bool, answers: Answers) -> Result<(), StoreError> {
        self.owes_answers(answers).await?;
        if owes {
            self.drain_outbox().await?;
        }
        Ok(())
    }

    /// Moves the cursor past something that leaves nothing here, and was
    /// archived at `stamp`; `None`: that is not known.
    async fn pass_over(
        &self,
        newest_id: String,
        stamp: Option<Timestamp>,
        is_by_time: bool,
    ) -> Result<(), StoreError> {
        let (account, now) = (self.account.id, self.context.clock.now());
        let is_settled = stamp.is_none_or(|stamp| stamp <= self.context.settled(false));
        if !is_settled && !is_by_time {
            // What the server writes down later may stand before it.
            return Ok(());
        }
        self.context
            .store
            .write_bulk(move |tx, _| {
                let before = cursors::cursor(tx, account)?;
                let before = before.map_or(0, |cursor| cursor.time_before(now));
                let cursor = Cursor {
                    newest_id,
                    newest_time: stamp.map_or(before, |stamp| before.max(stamp.min(now))),
                };
                cursors::set_cursor(tx, account, &cursor)
            })
            .await
    }

    async fn page_of_beginning(
        &mut self,
        read: PageRead,
        end: End,
        left: u32,
    ) -> Result<(), StoreError> {
        let (account, now) = (self.account.id, self.context.clock.now());
        let is_newest = left == FIRST_PAGES;
        // An empty archive is noted too, or what it holds the next time would
        // be taken for the past, and so for read.
        let cursor = is_newest.then(|| Cursor {
            newest_id: end.last.clone().unwrap_or_default(),
            newest_time: match (&end.last, read.messages().last()) {
                (None, _) => 0,
                (Some(_), None) => now,
                (Some(_), Some(message)) => message.stamp.min(now),
            },
        });
        let earlier = end.first.filter(|_| !end.is_complete);
        let earlier = earlier.map(|first| read.next(Edge::Before(first)));
        let messages = read.into_messages();
        let oldest = messages.first().map_or(0, |message| message.stamp);
        let mut arrivals = arrivals(account, &self.own, now, messages, Delivered::Earlier);
        let (has_older, answers) = self
            .context
            .store
            .write_bulk(move |tx, changes| {
                let (_, answers) = add_before(tx, changes, &mut arrivals)?;
                Ok((cursors::has_older(tx, account, oldest)?, answers))
            })
            .await?;
        self.owes_answers(answers).await?;
        if let (Some(stream), Some(cursor)) = (&mut self.stream, cursor) {
            stream.beginning = Some(cursor);
        }
        // An earlier beginning was broken off, or the account comes back: what
        // lies between is not left out.
        if left > 1 || has_older {
            match earlier {
                Some(Some(next)) => {
                    let purpose = Purpose::Beginning(left.saturating_sub(1).max(1));
                    self.read_page(next.for_purpose(purpose)).await;
                    return Ok(());
                }
                Some(None) => tracing::warn!("The server's archive goes round in circles."),
                None => {}
            }
        }
        self.note_beginning().await?;
        self.caught_up().await
    }

    /// Notes up to where the archive is here, once the beginning is. A program
    /// that is killed before begins again.
    async fn note_beginning(&mut self) -> Result<(), StoreError> {
        let account = self.account.id;
        let beginning = self
            .stream
            .as_mut()
            .and_then(|stream| stream.beginning.take());
        let Some(cursor) = beginning else {
            return Ok(());
        };
        self.context
            .store
            .write_bulk(move |tx, _| cursors::set_cursor(tx, account, &cursor))
            .await
    }

    async fn page_of_earlier(
        &mut self,
        read: PageRead,
        end: End,
        conversation: ConversationId,
    ) -> Result<(), StoreError> {
        let (account, now) = (self.account.id, self.context.clock.now());
        let had_something = !read.is_empty();
        let is_by_time = read.page().is_by_time();
        let messages = read.messages().to_vec();
        let mut arrivals = arrivals(account, &self.own, now, messages, Delivered::Earlier);
        for arrival in &mut arrivals {
            arrival.may_be_renamed = is_by_time;
        }
        let is_complete = end.is_complete;
        let added = self
            .context
            .store
            .write_bulk(move |tx, changes| {
                if conversations::row(tx, conversation)?.is_none_or(|row| row.is_history_complete) {
                    // The chat was deleted while its past was on its way.
                    return Ok(None);
                }
                let (added, answers) = add_before(tx, changes, &mut arrivals)?;
                conversations::set_history_complete(tx, changes, conversation, is_complete)?;
                changes.add(Change::Conversation(conversation));
                let oldest = cursors::oldest(tx, conversation)?
                    .filter(|_| is_by_time && is_complete && !added);
                if let Some(oldest) = oldest {
                    // Our oldest one is no longer there, and nothing older is.
                    gaps::expired_before(tx, changes, account, conversation, oldest)?;
                }
                Ok(Some((added, answers)))
            })
            .await?;
        let Some((added, answers)) = added else {
            return self.nothing_earlier(conversation, false).await;
        };
        self.owes_answers(answers).await?;
        // A page of receipts and markers only shows nothing: go further back.
        let first = end
            .first
            .filter(|_| !is_complete && !added && had_something);
        if let Some(first) = first {
            self.read_on(&read, Edge::Before(first)).await;
        }
        Ok(())
    }

    /// Nothing is missing any more.
    pub(super) async fn caught_up(&mut self) -> Result<(), StoreError> {
        let account = self.account.id;
        // Where no archive is, none was read: what was missing still is.
        if self
            .stream
            .as_ref()
            .is_some_and(|stream| !stream.lacks.archive)
        {
            self.context
                .store
                .write_bulk(move |tx, changes| gaps::close(tx, changes, account))
                .await?;
        }
        self.send_doubts_again().await?;
        if let Some(stream) = &mut self.stream {
            stream.is_caught_up = true;
            stream.holds_outbox = false;
            stream.listed = Listed::default();
        }
        self.order_is_in_doubt().await?;
        self.state(ConnectionState::Online);
        self.answer().await?;
        self.drain_outbox().await?;
        self.tell_decisions().await
    }

    /// Puts what earlier streams left in doubt back into the outbox: all that
    /// could tell what became of it was asked.
    async fn send_doubts_again(&self) -> Result<(), StoreError> {
        let account = self.account.id;
        let Some(current) = self.stream.as_ref().map(|stream| stream.number) else {
            return Ok(());
        };
        self.context
            .store
            .write(move |tx, changes| {
                if outbox::has_doubts(tx, account, current)? {
                    outbox::requeue(tx, changes, account, current)?;
                }
                Ok(())
            })
            .await
    }
}

pub(super) fn arrivals(
    account: AccountId,
    own: &jid::BareJid,
    now: Timestamp,
    messages: Vec<ArchivedMessage>,
    delivered: Delivered,
) -> Vec<Arrival> {
    messages
        .into_iter()
        .filter_map(|archived| {
            let mut message = message::read(&archived.message, own).ok()?;
            if message.is_tombstone && message.content.is_none() && message.sealed.is_none() {
                // Only who keeps the archive removes anything from it.
                message.content = Some(Content::TakenBack);
            }
            Some(Arrival {
                account,
                own: own.clone(),
                kept: message.is_of_group.then(|| String::from(&archived.message)),
                message,
                delivered,
                archive_id: Some(archived.id),
                stamp: Some(archived.stamp),
                opening: None,
                may_be_renamed: false,
                not_before: 0,
                now,
            })
        })
        .collect()
}

/// Adds a page read backwards: nothing of it is unread, and what it says about
/// our messages being received or seen counts. Returns whether it showed
/// anything new, and what is to be answered.
fn add_before(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrivals: &mut [Arrival],
) -> Result<(bool, Answers), StoreError> {
    let mut has_added = false;
    let mut answers = Answers::default();
    // Ratchets turn forwards.
    for arrival in arrivals.iter_mut() {
        answers.merge(encryption::open(tx, changes, arrival)?);
    }
    for arrival in arrivals.iter().rev() {
        let known =
            conversations::find(tx, arrival.account, incoming::other_side(arrival).as_str())?;
        let mut was_empty = true;
        if let Some(conversation) = known {
            was_empty = messages::newest_time(tx, conversation)? == 0;
            cursors::read_up_to_oldest(tx, conversation)?;
        }
        if let Some((conversation, message)) = incoming::apply(tx, changes, arrival)?.added {
            has_added = true;
            if was_empty {
                conversations::mark_read(tx, changes, conversation, message)?;
            }
        }
    }
    for arrival in arrivals.iter() {
        // A chat may have begun only with what stands before this.
        incoming::act(tx, changes, arrival)?;
        incoming::confirm(tx, changes, arrival)?;
    }
    Ok((has_added, answers))
}
