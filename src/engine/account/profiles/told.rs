//! What was told of somebody's picture or name, and whether it is news: at each
//! sign-in all of it is told again.

use minidom::Element;
use rusqlite::Connection;

use crate::engine::error::StoreError;
use crate::engine::store::profiles::{self, Source, Whose};
use crate::engine::xmpp::avatars::{self, Said};
use crate::engine::xmpp::namespaces::NICKNAME;
use crate::engine::xmpp::nicknames;

/// What was told of somebody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Which picture they have, and where.
    Picture(Said, Source),
    /// What they call themselves; empty: nothing.
    Nickname(String),
}

impl Told {
    /// Reads what a node says that an account publishes.
    pub fn read(node: &str, payload: &Element) -> Self {
        if node == NICKNAME {
            Self::Nickname(nicknames::read(payload))
        } else {
            Self::Picture(avatars::said(payload), Source::Account)
        }
    }

    /// Returns whether it is not known yet.
    pub fn is_news(&self, connection: &Connection, whose: Whose<'_>) -> Result<bool, StoreError> {
        match self {
            Self::Nickname(nickname) => Ok(profiles::nickname_of(connection, whose)? != *nickname),
            Self::Picture(Said::NotForUs, _) => Ok(false),
            Self::Picture(said, source) => {
                let known = profiles::picture_of(connection, whose)?;
                let known = known
                    .as_ref()
                    .map(|(hash, source)| (hash.as_str(), *source));
                Ok(match said {
                    Said::Picture(hash) => {
                        known != Some((hash.as_str(), *source))
                            || !profiles::has_picture(connection, hash.as_str())?
                    }
                    Said::None | Said::NotForUs => known.is_some(),
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::engine::store::accounts::{self, NewAccount};
    use crate::engine::store::{Changes, tests::in_memory};
    use crate::engine::xmpp::avatars::Hash;

    #[test]
    fn what_is_told_again_at_each_sign_in_is_no_news() {
        let mut connection = in_memory();
        let tx = connection.transaction().unwrap();
        let mut changes = Changes::default();
        let romeo = NewAccount {
            address: "romeo@example.org".into(),
            host: None,
            port: None,
            allows_plain: false,
            proxy: String::new(),
        };
        let account = accounts::insert(&tx, &mut changes, &romeo).unwrap();
        let juliet = (account.unwrap(), "juliet@example.org");
        let hash = Hash::of(b"her face");
        let picture = Told::Picture(Said::Picture(hash.clone()), Source::Account);
        let in_card = Told::Picture(Said::Picture(hash.clone()), Source::Card);
        let none = Told::Picture(Said::None, Source::Account);
        let name = Told::Nickname("Jule".into());
        let news = |tx: &Connection| {
            [&picture, &in_card, &none, &name].map(|told| told.is_news(tx, juliet).unwrap())
        };

        assert_eq!(news(&tx), [true, true, false, true]);
        assert!(!Told::Nickname(String::new()).is_news(&tx, juliet).unwrap());

        profiles::set_picture(&tx, &mut changes, juliet, hash.as_str(), Source::Account).unwrap();
        profiles::set_nickname(&tx, &mut changes, juliet, "Jule").unwrap();
        assert_eq!(
            news(&tx),
            [true, true, true, false],
            "its bytes are missing"
        );
        profiles::keep_picture(&tx, hash.as_str(), b"small").unwrap();
        assert_eq!(news(&tx), [false, true, true, false]);
    }
}
