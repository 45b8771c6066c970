//! What a fresh stream begins with, made before it is known whether there will
//! be one: the link sends it with its first words where it can, so that nobody
//! waits an answer longer than needed.
//!
//! Where an archive was read before, the page after it is asked for as well,
//! behind our presence: what comes from then on comes live. Were that archive
//! gone, this would cost one refusal.
//!
//! # Source
//! RFC 6121 §2.1.3 and §4.2, XEP-0280 §4, XEP-0030, XEP-0313 §4.

use minidom::Element;

use super::catch_up::{self, PageRead};
use super::requests::{Asked, Requests, random_id};
use super::session::Session;
use super::stream::Stream;
use crate::engine::error::StoreError;
use crate::engine::store::{accounts, archive as cursors};
use crate::engine::xmpp::{archive, carbons, discovery, presence, roster, stanza};

/// The stanzas, and who waits for what they ask.
#[derive(Debug)]
pub(super) struct Opening {
    /// In the order in which they leave.
    pub stanzas: Vec<Element>,
    requests: Requests,
    /// The archive page among them, with its query id.
    page: Option<(String, PageRead)>,
}

impl Session {
    /// Makes what a fresh stream begins with now.
    pub(super) async fn make_opening(&self) -> Result<Opening, StoreError> {
        let account = self.account.id;
        let (version, cursor) = self
            .context
            .store
            .read(move |connection| {
                let version = accounts::roster_version(connection, account)?;
                Ok((version, cursors::to_read_on_from(connection, account)?))
            })
            .await?;
        let own = self.own.to_string();
        let mut requests = Requests::default();
        let contacts = requests.ask(Asked::ContactList);
        let copies = requests.ask(Asked::Copies);
        let features = requests.ask(Asked::AccountFeatures);
        let mut stanzas = vec![
            stanza::get(&contacts, None, roster::query(&version)),
            stanza::set_request(&copies, None, carbons::enable()),
            stanza::get(&features, Some(&own), discovery::query()),
            presence::here(),
        ];
        let page = cursor.map(|cursor| (random_id(), catch_up::on_from(cursor)));
        if let Some((query_id, read)) = &page {
            let id = requests.ask(Asked::ArchivePage(query_id.clone()));
            let query = archive::query(query_id, read.page());
            stanzas.push(stanza::set_request(&id, None, query));
        }
        Ok(Opening {
            stanzas,
            requests,
            page,
        })
    }
}

impl Stream {
    /// Begins with what is on its way already.
    pub(super) fn begins_with(&mut self, opening: Opening) {
        self.awaits(opening.requests, opening.page);
        for stanza in opening.stanzas {
            self.number(stanza);
        }
    }

    /// Begins with what nobody has sent yet.
    pub(super) async fn begin_with(&mut self, opening: Opening) {
        self.awaits(opening.requests, opening.page);
        for stanza in opening.stanzas {
            self.send(stanza).await;
        }
    }

    fn awaits(&mut self, requests: Requests, page: Option<(String, PageRead)>) {
        self.requests = requests;
        // Connecting took its time.
        self.requests.wait_anew();
        self.is_archive_asked = page.is_some();
        self.pages.extend(page);
    }
}
