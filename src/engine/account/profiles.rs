//! Pictures and names of people, fetched when they change; and our own, published.
//!
//! Only of contacts who may see that we are here, and of ourselves: to fetch
//! something from anybody else would tell them (attack A18). What comes is
//! believed about the account whose server sent it (attack A4), and no picture
//! is shown before its hash was found to be right (attack A41). Few are asked
//! for at a time, and of each person only the newest.

mod told;

use std::collections::{BTreeMap, VecDeque};

use jid::BareJid;
use minidom::Element;

use told::Told;

use super::incoming;
use super::requests::Asked;
use super::session::Session;
use crate::engine::api::{Event, NotTaken};
use crate::engine::error::StoreError;
use crate::engine::pictures::{self, Unreadable};
use crate::engine::store::profiles::{self, Source};
use crate::engine::text;
use crate::engine::xmpp::avatars::{self, Hash, Said};
use crate::engine::xmpp::namespaces::{
    AVATAR_DATA, AVATAR_METADATA, AVATAR_METADATA_CHANGED, NICKNAME, NICKNAME_CHANGED,
};
use crate::engine::xmpp::{nicknames, pubsub, stanza};

/// How many pictures are asked for at once.
const MOST_AT_ONCE: usize = 4;
/// How many wait for that.
const MOST_WAITING: usize = 2_000;
/// Of how many people it is remembered what their presence said.
const MOST_SEEN: usize = 5_000;

/// A picture that is not here yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Whose.
    pub owner: BareJid,
    /// Which.
    pub hash: Hash,
    /// Where it is.
    pub source: Source,
}

/// What a stream knows of pictures.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    asked: usize,
    waiting: VecDeque<Wanted>,
    /// What presences said of cards, so that it is looked into once.
    seen: BTreeMap<BareJid, Said>,
}

impl Profiles {
    /// Puts a picture behind the others; an older wish of the same person is
    /// forgotten.
    fn want(&mut self, wanted: Wanted) {
        self.waiting
            .retain(|waits| waits.owner != wanted.owner || waits.source != wanted.source);
        if self.waiting.len() < MOST_WAITING {
            self.waiting.push_back(wanted);
        }
    }

    fn next(&mut self) -> Option<Wanted> {
        if self.asked >= MOST_AT_ONCE {
            return None;
        }
        let next = self.waiting.pop_front()?;
        self.asked += 1;
        Some(next)
    }

    /// Returns whether a presence says something new of a card.
    fn is_news(&mut self, owner: &BareJid, said: &Said) -> bool {
        if self.seen.get(owner) == Some(said) {
            return false;
        }
        if self.seen.len() >= MOST_SEEN {
            self.seen.clear();
        }
        self.seen.insert(owner.clone(), said.clone());
        true
    }
}

impl Session {
    /// Takes an event about somebody's picture or name; false when it is about
    /// something else.
    pub(super) async fn profile_published(
        &mut self,
        changed: &pubsub::Changed,
    ) -> Result<bool, StoreError> {
        let is_heard = [AVATAR_METADATA_CHANGED, NICKNAME_CHANGED]
            .iter()
            .any(|heard| heard.strip_suffix("+notify") == Some(&changed.node));
        if !is_heard {
            return Ok(false);
        }
        let owner = changed.owner.clone();
        let payload = changed.payload.as_ref();
        let told = payload.map(|payload| Told::read(&changed.node, payload));
        // At each sign-in all of it is told again.
        if self.is_worth_a_look(&owner, told.clone()).await? {
            match told {
                // What it is now has to be asked for.
                None => self.ask_for_profile(&owner, &changed.node).await,
                Some(told) => self.profile_told(owner, told).await?,
            }
        }
        Ok(true)
    }

    /// Takes the answer about what is published; without one nothing changes.
    pub(super) async fn profile_answered(
        &mut self,
        owner: BareJid,
        node: &str,
        answer: &Element,
    ) -> Result<(), StoreError> {
        if answer.attr("type") == Some("error") {
            let is_gone = stanza::error_of(answer).condition == "item-not-found";
            if is_gone {
                self.profile_told(owner, Told::read(node, &avatars::metadata(None)))
                    .await?;
            }
            return Ok(());
        }
        let nothing = avatars::metadata(None);
        let payload = pubsub::item(answer, node).unwrap_or(&nothing);
        self.profile_told(owner, Told::read(node, payload)).await
    }

    async fn ask_for_profile(&mut self, owner: &BareJid, node: &str) {
        let asked = Asked::Profile(owner.clone(), node.to_owned());
        self.ask_account(owner, asked, pubsub::newest(node)).await;
    }

    async fn profile_told(&mut self, owner: BareJid, told: Told) -> Result<(), StoreError> {
        let account = self.account.id;
        match told {
            Told::Picture(said, source) => self.picture_told(owner, said, source).await,
            Told::Nickname(nickname) => {
                self.context
                    .store
                    .write(move |tx, changes| {
                        profiles::set_nickname(tx, changes, (account, owner.as_str()), &nickname)
                    })
                    .await
            }
        }
    }

    /// Looks at what a presence says of the sender's card.
    pub(super) async fn card_told(&mut self, presence: &Element) -> Result<(), StoreError> {
        let Some(said) = avatars::said_in_presence(presence) else {
            return Ok(());
        };
        let (Ok(Some(from)), Some(stream)) = (stanza::from(presence), &mut self.stream) else {
            return Ok(());
        };
        let owner = from.to_bare();
        let told = Some(Told::Picture(said.clone(), Source::Card));
        if stream.profiles.is_news(&owner, &said) && self.is_worth_a_look(&owner, told).await? {
            self.picture_told(owner, said, Source::Card).await?;
        }
        Ok(())
    }

    async fn picture_told(
        &mut self,
        owner: BareJid,
        said: Said,
        source: Source,
    ) -> Result<(), StoreError> {
        let hash = match said {
            Said::NotForUs => return Ok(()),
            Said::None => None,
            Said::Picture(hash) => Some(hash),
        };
        let (account, whose, wanted) = (self.account.id, owner.to_string(), hash.clone());
        let is_missing = self
            .context
            .store
            .write(move |tx, changes| {
                let whose = (account, whose.as_str());
                let known = profiles::picture_of(tx, whose)?;
                // What the account publishes counts more than its card.
                let is_settled = source == Source::Card
                    && known.is_some_and(|(_, source)| source == Source::Account);
                if is_settled {
                    return Ok(false);
                }
                match wanted {
                    None => profiles::set_picture(tx, changes, whose, "", source)?,
                    Some(hash) if profiles::has_picture(tx, hash.as_str())? => {
                        profiles::set_picture(tx, changes, whose, hash.as_str(), source)?;
                    }
                    Some(_) => return Ok(true),
                }
                Ok(false)
            })
            .await?;
        if let (true, Some(hash), Some(stream)) = (is_missing, hash, &mut self.stream) {
            stream.profiles.want(Wanted {
                owner,
                hash,
                source,
            });
        }
        self.ask_for_pictures().await;
        Ok(())
    }

    async fn ask_for_pictures(&mut self) {
        while let Some(wanted) = self
            .stream
            .as_mut()
            .and_then(|stream| stream.profiles.next())
        {
            let query = match wanted.source {
                Source::Account => avatars::wanted(&wanted.hash),
                Source::Card => avatars::card_wanted(),
            };
            let owner = wanted.owner.clone();
            self.ask_account(&owner, Asked::Picture(wanted), query)
                .await;
        }
    }

    /// Takes a picture; `None`: none came in time.
    pub(super) async fn picture_answered(
        &mut self,
        wanted: Wanted,
        answer: Option<&Element>,
    ) -> Result<(), StoreError> {
        if let Some(stream) = &mut self.stream {
            stream.profiles.asked = stream.profiles.asked.saturating_sub(1);
        }
        let bytes = answer.and_then(|answer| match wanted.source {
            Source::Account => avatars::picture(answer, &wanted.hash),
            Source::Card => avatars::picture_in_card(answer, &wanted.hash),
        });
        if let Some(bytes) = bytes {
            self.take_picture(wanted, bytes).await?;
        } else {
            tracing::debug!("A picture did not come, or is not the one that was told.");
        }
        self.ask_for_pictures().await;
        Ok(())
    }

    async fn take_picture(&mut self, wanted: Wanted, bytes: Vec<u8>) -> Result<(), StoreError> {
        let face = tokio::task::spawn_blocking(move || pictures::face(&bytes)).await;
        let Ok(Ok(face)) = face else {
            tracing::debug!("A picture that cannot be read was left alone.");
            return Ok(());
        };
        let account = self.account.id;
        self.context
            .store
            .write(move |tx, changes| {
                let whose = (account, wanted.owner.as_str());
                let known = profiles::picture_of(tx, whose)?;
                if wanted.source == Source::Card
                    && known.is_some_and(|(_, source)| source == Source::Account)
                {
                    return Ok(());
                }
                profiles::keep_picture(tx, wanted.hash.as_str(), &face)?;
                profiles::set_picture(tx, changes, whose, wanted.hash.as_str(), wanted.source)
            })
            .await
    }

    /// Returns whether something told of somebody may change anything: they may
    /// learn from a question that we are here, as a contact who sees us or
    /// ourselves, and it is not as it was. `None`: what it is was not told.
    async fn is_worth_a_look(
        &self,
        owner: &BareJid,
        told: Option<Told>,
    ) -> Result<bool, StoreError> {
        let (account, owner, is_own) = (self.account.id, owner.clone(), *owner == self.own);
        self.context
            .store
            .read(move |connection| {
                if !is_own && !incoming::may_see_us(connection, account, &owner)? {
                    tracing::debug!("What a stranger publishes was left alone.");
                    return Ok(false);
                }
                match told {
                    Some(told) => told.is_news(connection, (account, owner.as_str())),
                    None => Ok(true),
                }
            })
            .await
    }
}

/// What the user publishes about themselves.
#[derive(Debug)]
pub(super) enum Publish {
    /// A picture file, or that there is no picture.
    Picture(Option<Vec<u8>>),
    /// A name; empty: none.
    Nickname(String),
}

impl Session {
    /// Publishes something for our contacts.
    pub(super) async fn publish_profile(&mut self, what: Publish) {
        match what {
            Publish::Picture(None) => self.tell_picture(None).await,
            Publish::Picture(Some(file)) => {
                let made = tokio::task::spawn_blocking(move || pictures::own_face(&file)).await;
                match made.unwrap_or(Err(Unreadable::NotAPicture)) {
                    Ok(picture) => {
                        let data = avatars::data(&picture);
                        let id = Hash::of(&picture);
                        let query = pubsub::publish_item(AVATAR_DATA, id.as_str(), data);
                        self.set(Asked::OwnPicture(picture), query).await;
                    }
                    Err(Unreadable::NotAPicture) => self.not_taken(NotTaken::NotAPicture),
                    Err(Unreadable::TooLarge) => self.not_taken(NotTaken::TooLarge),
                }
            }
            Publish::Nickname(nickname) => {
                let nickname = text::name(&nickname);
                let query = pubsub::publish_as_it_is(NICKNAME, nicknames::nickname(&nickname));
                self.set(Asked::OwnNickname(nickname), query).await;
            }
        }
    }

    /// Tells our contacts which picture we have; the picture itself is there.
    pub(super) async fn tell_picture(&mut self, picture: Option<Vec<u8>>) {
        let metadata = avatars::metadata(picture.as_deref());
        let query = match &picture {
            Some(picture) => {
                pubsub::publish_item(AVATAR_METADATA, Hash::of(picture).as_str(), metadata)
            }
            None => pubsub::publish_as_it_is(AVATAR_METADATA, metadata),
        };
        self.set(Asked::OwnMetadata(picture), query).await;
    }

    /// Notes the picture that our contacts know of now.
    pub(super) async fn picture_is_told(
        &mut self,
        picture: Option<Vec<u8>>,
    ) -> Result<(), StoreError> {
        let (account, own) = (self.account.id, self.own.to_string());
        self.context
            .store
            .write(move |tx, changes| {
                let hash = picture.as_deref().map(Hash::of);
                let name = hash.as_ref().map_or("", Hash::as_str);
                if let Some(bytes) = &picture {
                    profiles::keep_picture(tx, name, bytes)?;
                }
                profiles::set_picture(tx, changes, (account, &own), name, Source::Account)
            })
            .await
    }

    /// Notes the name that our contacts know of now.
    pub(super) async fn nickname_is_told(&mut self, nickname: String) -> Result<(), StoreError> {
        let (account, own) = (self.account.id, self.own.to_string());
        self.context
            .store
            .write(move |tx, changes| {
                profiles::set_nickname(tx, changes, (account, &own), &nickname)
            })
            .await
    }

    /// Tells the user that something was not taken.
    pub(super) fn not_taken(&self, why: NotTaken) {
        let account = self.account.id;
        self.context.tell(Event::NotTaken { account, why });
    }

    /// Asks our server to take something; when it cannot be asked, says so.
    pub(super) async fn set(&mut self, asked: Asked, query: Element) {
        let Some(stream) = &mut self.stream else {
            self.not_taken(NotTaken::Offline);
            return;
        };
        let id = stream.requests.ask(asked);
        stream.send(stanza::set_request(&id, None, query)).await;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn wanted(owner: &str, n: u32) -> Wanted {
        Wanted {
            owner: BareJid::new(owner).unwrap(),
            hash: Hash::read(&format!("{n:040}")).unwrap(),
            source: Source::Account,
        }
    }

    #[test]
    fn a41_few_pictures_are_asked_for_at_once_and_of_each_person_the_newest() {
        let mut profiles = Profiles::default();
        for n in 0..MOST_WAITING as u32 * 2 {
            profiles.want(wanted(&format!("p{n}@example.org"), n));
        }
        assert_eq!(profiles.waiting.len(), MOST_WAITING);
        for n in 0..100 {
            profiles.want(wanted("p5@example.org", n));
        }
        assert_eq!(profiles.waiting.len(), MOST_WAITING);
        assert_eq!(profiles.waiting.back(), Some(&wanted("p5@example.org", 99)));

        let asked = std::iter::from_fn(|| profiles.next()).count();

        assert_eq!(asked, MOST_AT_ONCE);
    }

    #[test]
    fn a56_a_flood_of_presences_is_looked_into_once_each_and_remembered_in_bounds() {
        let mut profiles = Profiles::default();
        let juliet = BareJid::new("juliet@example.org").unwrap();

        assert!(profiles.is_news(&juliet, &Said::None));
        assert!(!profiles.is_news(&juliet, &Said::None));
        for n in 0..MOST_SEEN * 2 {
            let person = BareJid::new(&format!("p{n}@example.org")).unwrap();
            profiles.is_news(&person, &Said::None);
        }
        assert!(profiles.seen.len() <= MOST_SEEN);
    }
}
