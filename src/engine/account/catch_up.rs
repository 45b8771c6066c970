//! Reading the archive: on from what we have, and back from it.
//!
//! The cursor is the truth about what we have. A page takes effect as a whole,
//! together with the cursor. Only when nothing is missing any more does what
//! an earlier stream left in doubt go out again.
//!
//! # Source
//! XEP-0313 §4.3, §5 (synchronising), XEP-0059 §2.3.

use std::collections::BTreeSet;

use minidom::Element;
use rusqlite::Transaction;
use tokio::time::Instant;

use super::incoming::{self, Arrival, Delivered};
use super::requests::{Asked, random_id};
use super::session::Session;
use crate::engine::api::Change;
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, ConnectionState, ConversationId, Timestamp};
use crate::engine::store::archive::{self as cursors, Cursor};
use crate::engine::store::{Changes, conversations, messages, outbox};
use crate::engine::xmpp::archive::{self, ArchivedMessage, Edge, End, Page};
use crate::engine::xmpp::{message, stanza};

/// How many messages a page holds.
const PAGE: u32 = 100;
/// How many pages of the past a new account begins with.
const FIRST_PAGES: u32 = 5;

/// A page on its way.
#[derive(Debug)]
pub(super) struct PageRead {
    purpose: Purpose,
    page: Page,
    messages: Vec<ArchivedMessage>,
    /// The server sent more than was asked for.
    is_cut: bool,
    /// Where this page and those before it began.
    edges: BTreeSet<String>,
}

/// Why a page is read.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Purpose {
    /// To get what came since.
    CatchUp,
    /// To have something to show on a new account; so many pages are left.
    Beginning(u32),
    /// To show more of one chat.
    Earlier(ConversationId),
}

impl Session {
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
            .read(move |connection| cursors::cursor(connection, account))
            .await?;
        match cursor {
            Some(cursor) => {
                let edge = if cursor.newest_id.is_empty() {
                    // It held nothing: all that is there now came since.
                    Edge::First
                } else {
                    Edge::After(cursor.newest_id)
                };
                self.read(Purpose::CatchUp, edge, None, None).await;
            }
            None => {
                self.read(Purpose::Beginning(FIRST_PAGES), Edge::Last, None, None)
                    .await;
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
            .any(|read| read.purpose == Purpose::Earlier(conversation));
        if is_being_read || stream.lacks.archive {
            return self.nothing_earlier(conversation, false).await;
        }
        let start = self
            .context
            .store
            .read(move |connection| {
                let row = conversations::row(connection, conversation)?;
                Ok((row, cursors::oldest_id(connection, conversation)?))
            })
            .await?;
        let (Some(row), oldest) = start else {
            return Ok(());
        };
        if row.is_history_complete {
            return self.nothing_earlier(conversation, true).await;
        }
        let edge = oldest.map_or(Edge::Last, Edge::Before);
        self.read(
            Purpose::Earlier(conversation),
            edge,
            Some(row.address),
            None,
        )
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

    async fn read(
        &mut self,
        purpose: Purpose,
        edge: Edge,
        with: Option<String>,
        start: Option<Timestamp>,
    ) {
        let page = Page {
            with,
            start,
            edge,
            max: PAGE,
        };
        self.read_page(purpose, page, BTreeSet::new()).await;
    }

    /// Goes on from a page that was read, or returns false: a server may give
    /// the same pages for ever.
    async fn read_on(
        &mut self,
        purpose: Purpose,
        page: Page,
        edge: Edge,
        edges: BTreeSet<String>,
    ) -> bool {
        if let Edge::After(id) | Edge::Before(id) = &edge
            && edges.contains(id)
        {
            tracing::warn!("The server's archive goes round in circles.");
            return false;
        }
        self.read_page(purpose, Page { edge, ..page }, edges).await;
        true
    }

    async fn read_page(&mut self, purpose: Purpose, page: Page, mut edges: BTreeSet<String>) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        if let Edge::After(id) | Edge::Before(id) = &page.edge {
            edges.insert(id.clone());
        }
        let query_id = random_id();
        let id = stream.requests.ask(Asked::ArchivePage(query_id.clone()));
        let query = archive::query(&query_id, &page);
        stream.pages.insert(
            query_id,
            PageRead {
                purpose,
                page,
                messages: Vec::new(),
                is_cut: false,
                edges,
            },
        );
        stream.send(stanza::set_request(&id, None, query)).await;
    }

    /// Takes one message of a page.
    pub(super) fn page_message(&mut self, query_id: &str, message: ArchivedMessage) {
        let Some(stream) = &mut self.stream else {
            return;
        };
        stream.requests.page_goes_on(query_id);
        let Some(read) = stream.pages.get_mut(query_id) else {
            return;
        };
        // Of more than was asked for, what lies nearest to where the page
        // begins is kept, and the rest asked for again.
        if read.messages.len() >= PAGE as usize {
            read.is_cut = true;
            if read.purpose == Purpose::CatchUp {
                return;
            }
            read.messages.remove(0);
        }
        read.messages.push(message);
    }

    /// Takes the end of a page: all of it takes effect now.
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
            return self.give_up(read.purpose).await;
        };
        let end = if read.is_cut {
            let id = |message: &ArchivedMessage| message.id.clone();
            End {
                is_complete: false,
                first: read.messages.first().map(id),
                last: read.messages.last().map(id),
            }
        } else {
            end
        };
        match read.purpose.clone() {
            Purpose::CatchUp => self.page_of_catch_up(read, end).await,
            Purpose::Beginning(left) => self.page_of_beginning(read, end, left).await,
            Purpose::Earlier(conversation) => self.page_of_earlier(read, end, conversation).await,
        }
    }

    /// A page did not come in time.
    pub(super) async fn page_failed(&mut self, query_id: &str) -> Result<(), StoreError> {
        match self
            .stream
            .as_mut()
            .and_then(|stream| stream.pages.remove(query_id))
        {
            Some(read) => self.give_up(read.purpose).await,
            None => Ok(()),
        }
    }

    async fn page_refused(&mut self, read: PageRead, answer: &Element) -> Result<(), StoreError> {
        let condition = stanza::error_of(answer).condition;
        tracing::info!(%condition, "The server refused an archive page.");
        if read.purpose == Purpose::CatchUp
            && condition == "item-not-found"
            && read.page.start.is_none()
        {
            // The message we know last has expired there: go on by its time.
            let account = self.account.id;
            let cursor = self
                .context
                .store
                .read(move |connection| cursors::cursor(connection, account))
                .await?;
            if let Some(cursor) = cursor.filter(|cursor| !cursor.newest_id.is_empty()) {
                self.read(
                    Purpose::CatchUp,
                    Edge::First,
                    None,
                    Some(cursor.newest_time - cursors::CLOCK_DOUBT),
                )
                .await;
                return Ok(());
            }
        }
        self.give_up(read.purpose).await
    }

    async fn give_up(&mut self, purpose: Purpose) -> Result<(), StoreError> {
        match purpose {
            Purpose::CatchUp | Purpose::Beginning(_) => self.go_on_without_catching_up().await,
            Purpose::Earlier(conversation) => self.nothing_earlier(conversation, false).await,
        }
    }

    /// Lets the user write although something may be missing. The cursor stays
    /// where it is, live messages do not move it past the gap, and a second try
    /// follows.
    pub(super) async fn go_on_without_catching_up(&mut self) -> Result<(), StoreError> {
        if let Some(stream) = &mut self.stream {
            stream.catch_up_again = Some(Instant::now() + self.context.catch_up_again);
        }
        self.open_outbox().await?;
        self.state(ConnectionState::Online);
        Ok(())
    }

    async fn page_of_catch_up(&mut self, read: PageRead, end: End) -> Result<(), StoreError> {
        let (account, own, now) = (self.account.id, self.own.clone(), self.context.clock.now());
        let cursor = end.last.clone().map(|newest_id| Cursor {
            newest_id,
            newest_time: read
                .messages
                .last()
                .map_or(now, |message| message.stamp.min(now)),
        });
        // The next page is asked for before this one is written: the server
        // makes it meanwhile. It takes effect after this one, as it comes.
        let next = end.last.filter(|_| !end.is_complete);
        let goes_on = match &next {
            Some(last) if !read.messages.is_empty() => {
                let edge = Edge::After(last.clone());
                self.read_on(Purpose::CatchUp, read.page, edge, read.edges)
                    .await
            }
            _ => false,
        };
        let mut arrivals = arrivals(account, &own, now, read.messages, Delivered::CatchUp);
        let owes = self
            .context
            .store
            .write_bulk(move |tx, changes| {
                // What came live has our time, a moment after the server's;
                // the archive's order holds, whatever the two clocks say.
                let mut floor =
                    cursors::cursor(tx, account)?.map_or(0, |cursor| cursor.newest_time);
                let mut owes = false;
                for arrival in &mut arrivals {
                    arrival.stamp = arrival.stamp.map(|stamp| stamp.max(floor));
                    let effect = incoming::apply(tx, changes, arrival)?;
                    owes |= effect.owes;
                    // What came live before the page was read has our time, too.
                    floor = floor.max(effect.time.unwrap_or_default());
                }
                if let Some(mut cursor) = cursor {
                    cursor.newest_time = cursor.newest_time.max(floor);
                    cursors::set_cursor(tx, account, &cursor)?;
                }
                Ok(owes)
            })
            .await?;
        match next {
            Some(_) if goes_on => {}
            Some(_) => self.give_up(Purpose::CatchUp).await?,
            None => self.caught_up().await?,
        }
        if owes {
            self.drain_outbox().await?;
        }
        Ok(())
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
            newest_time: match (&end.last, read.messages.last()) {
                (None, _) => 0,
                (Some(_), None) => now,
                (Some(_), Some(message)) => message.stamp.min(now),
            },
        });
        let arrivals = arrivals(account, &self.own, now, read.messages, Delivered::Earlier);
        self.context
            .store
            .write_bulk(move |tx, changes| {
                add_before(tx, changes, &arrivals)?;
                if let Some(cursor) = cursor {
                    cursors::set_cursor(tx, account, &cursor)?;
                }
                Ok(())
            })
            .await?;
        match end.first.filter(|_| !end.is_complete && left > 1) {
            Some(first) => {
                self.read(
                    Purpose::Beginning(left - 1),
                    Edge::Before(first),
                    None,
                    None,
                )
                .await;
                Ok(())
            }
            None => self.caught_up().await,
        }
    }

    async fn page_of_earlier(
        &mut self,
        read: PageRead,
        end: End,
        conversation: ConversationId,
    ) -> Result<(), StoreError> {
        let (account, now) = (self.account.id, self.context.clock.now());
        let had_something = !read.messages.is_empty();
        let arrivals = arrivals(account, &self.own, now, read.messages, Delivered::Earlier);
        let added = self
            .context
            .store
            .write_bulk(move |tx, changes| {
                if conversations::row(tx, conversation)?.is_none_or(|row| row.is_history_complete) {
                    // The chat was deleted while its past was on its way.
                    return Ok(None);
                }
                let added = add_before(tx, changes, &arrivals)?;
                conversations::set_history_complete(tx, changes, conversation, end.is_complete)?;
                changes.add(Change::Conversation(conversation));
                Ok(Some(added))
            })
            .await?;
        let Some(added) = added else {
            return self.nothing_earlier(conversation, false).await;
        };
        // A page of receipts and markers only shows nothing: go further back.
        let first = end
            .first
            .filter(|_| !end.is_complete && !added && had_something);
        if let Some(first) = first {
            let edge = Edge::Before(first);
            self.read_on(read.purpose, read.page, edge, read.edges)
                .await;
        }
        Ok(())
    }

    /// Nothing is missing any more.
    pub(super) async fn caught_up(&mut self) -> Result<(), StoreError> {
        if let Some(stream) = &mut self.stream {
            stream.is_caught_up = true;
        }
        self.open_outbox().await?;
        self.state(ConnectionState::Online);
        Ok(())
    }

    /// Lets the outbox go, after what is still in doubt was put back into it.
    async fn open_outbox(&mut self) -> Result<(), StoreError> {
        let account = self.account.id;
        let Some(stream) = &mut self.stream else {
            return Ok(());
        };
        if stream.holds_outbox {
            self.context
                .store
                .write(move |tx, changes| {
                    if outbox::has_doubts(tx, account)? {
                        outbox::requeue(tx, changes, account)?;
                    }
                    Ok(())
                })
                .await?;
            stream.holds_outbox = false;
        }
        self.drain_outbox().await
    }
}

fn arrivals(
    account: AccountId,
    own: &jid::BareJid,
    now: Timestamp,
    messages: Vec<ArchivedMessage>,
    delivered: Delivered,
) -> Vec<Arrival> {
    messages
        .into_iter()
        .filter_map(|archived| {
            let message = message::read(&archived.message, own).ok()?;
            Some(Arrival {
                account,
                own: own.clone(),
                kept: message.is_of_group.then(|| String::from(&archived.message)),
                message,
                delivered,
                archive_id: Some(archived.id),
                stamp: Some(archived.stamp),
                now,
            })
        })
        .collect()
}

/// Adds a page read backwards: nothing of it is unread, and what it says about
/// our messages being received or seen counts. Returns whether it showed anything new.
fn add_before(
    tx: &Transaction<'_>,
    changes: &mut Changes,
    arrivals: &[Arrival],
) -> Result<bool, StoreError> {
    let mut has_added = false;
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
    for arrival in arrivals {
        incoming::confirm(tx, changes, arrival)?;
    }
    Ok(has_added)
}
