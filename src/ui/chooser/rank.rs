//! Which chats and people a few letters mean, the likeliest first.
//!
//! Pure. A beginning counts more than the beginning of a word, that more than a
//! place inside; what is equally good stands in the order of the last message,
//! people without a chat after all who have one.

use std::cmp::Reverse;

use crate::engine::model::{AccountId, ConversationId, Timestamp};
use crate::ui::widgets::account_mark::AccountMark;

/// Somebody one can go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Account one would write from.
    pub account: AccountId,
    /// Bare address.
    pub address: String,
    /// Name that is shown.
    pub name: String,
    /// Hash of their picture; empty: none.
    pub picture: String,
    /// What marks the account; `None` where there is only one.
    pub mark: Option<AccountMark>,
    /// Address of the account; empty where there is only one.
    pub account_address: String,
    /// The chat, when there is one.
    pub chat: Option<ConversationId>,
    /// Time of the last message; 0 without a chat.
    pub time: Timestamp,
}

/// How well something fits; less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Beginning,
    Word,
    Inside,
    /// Each word fits somewhere.
    InPieces,
}

/// Returns the places of those who fit `typed`, the likeliest first; all of them
/// when nothing is typed.
pub fn rank(typed: &str, candidates: &[Candidate]) -> Vec<usize> {
    let typed = typed.trim().to_lowercase();
    let mut found: Vec<(Fit, usize)> = candidates
        .iter()
        .enumerate()
        .filter_map(|(place, candidate)| Some((fit(&typed, candidate)?, place)))
        .collect();
    found.sort_by_cached_key(|(fit, place)| {
        let candidate = &candidates[*place];
        (
            *fit,
            candidate.chat.is_none(),
            Reverse(candidate.time),
            candidate.name.to_lowercase(),
        )
    });
    found.into_iter().map(|(_, place)| place).collect()
}

fn fit(typed: &str, candidate: &Candidate) -> Option<Fit> {
    if typed.is_empty() {
        return Some(Fit::Beginning);
    }
    let label = candidate.mark.as_ref().map_or("", |mark| &mark.name);
    let fields = [
        candidate.name.as_str(),
        &candidate.address,
        label,
        &candidate.account_address,
    ]
    .map(str::to_lowercase);
    whole(typed, &fields).or_else(|| {
        let mut words = typed.split_whitespace();
        (words.clone().count() > 1 && words.all(|word| whole(word, &fields).is_some()))
            .then_some(Fit::InPieces)
    })
}

fn whole(typed: &str, [name, address, account @ ..]: &[String; 4]) -> Option<Fit> {
    let person = [name, address]
        .into_iter()
        .filter_map(|field| in_field(typed, field))
        .min();
    // The account never counts as much as the person.
    let account = account
        .iter()
        .filter_map(|field| in_field(typed, field))
        .map(|fit| fit.max(Fit::Word));
    person.into_iter().chain(account).min()
}

fn in_field(typed: &str, field: &str) -> Option<Fit> {
    if field.starts_with(typed) {
        return Some(Fit::Beginning);
    }
    let mut places = field.match_indices(typed).map(|(place, _)| place);
    let first = places.next()?;
    let starts_word = |place: usize| !field[..place].ends_with(char::is_alphanumeric);
    Some(if starts_word(first) || places.any(starts_word) {
        Fit::Word
    } else {
        Fit::Inside
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(name: &str, address: &str, time: Timestamp) -> Candidate {
        Candidate {
            picture: String::new(),
            account: AccountId(1),
            address: address.to_owned(),
            name: name.to_owned(),
            mark: None,
            account_address: String::new(),
            chat: Some(ConversationId(time)),
            time,
        }
    }

    fn names<'a>(typed: &str, candidates: &'a [Candidate]) -> Vec<&'a str> {
        rank(typed, candidates)
            .into_iter()
            .map(|place| candidates[place].name.as_str())
            .collect()
    }

    #[test]
    fn a_beginning_comes_before_a_word_and_that_before_the_inside() {
        let people = [
            chat("Nurse Angelica", "n@example.org", 1),
            chat("Bianca", "b@example.org", 3),
            chat("Angelo", "a@example.org", 2),
            chat("Orangery", "o@example.org", 4),
        ];

        assert_eq!(
            names("ang", &people),
            ["Angelo", "Nurse Angelica", "Orangery"]
        );
    }

    #[test]
    fn nothing_typed_means_the_newest_chats_first_and_then_people() {
        let stranger = Candidate {
            chat: None,
            time: 0,
            ..chat("Abraham", "a@example.org", 0)
        };
        let people = [
            stranger,
            chat("Juliet", "j@example.org", 5),
            chat("Mercutio", "m@example.org", 9),
        ];

        assert_eq!(names(" ", &people), ["Mercutio", "Juliet", "Abraham"]);
    }

    #[test]
    fn the_newer_chat_wins_between_equals() {
        let people = [
            chat("Romeo", "r@old.example", 1),
            chat("Rosaline", "r@new.example", 2),
        ];

        assert_eq!(names("ro", &people), ["Rosaline", "Romeo"]);
    }

    #[test]
    fn an_address_is_as_good_as_a_name() {
        let people = [
            chat("The Nurse", "angelica@example.org", 1),
            chat("Friar Laurence", "laurence@example.org", 2),
        ];

        assert_eq!(names("ANGELICA@", &people), ["The Nurse"]);
        assert_eq!(names("example.org", &people).len(), 2);
    }

    #[test]
    fn words_may_be_of_the_person_and_of_the_account() {
        let from = |account: i64, name: &str| Candidate {
            picture: String::new(),
            account: AccountId(account),
            mark: Some(AccountMark {
                name: name.to_owned(),
                colour: 0,
            }),
            account_address: format!("romeo@{account}.example"),
            ..chat("Juliet", "j@example.org", account)
        };
        let people = [from(1, "Home"), from(2, "Theatre")];

        assert_eq!(rank("jul thea", &people), [1]);
        assert_eq!(rank("home", &people), [0]);
        assert_eq!(rank("2.example", &people), [1]);
        assert_eq!(rank("jul nowhere", &people), Vec::<usize>::new());
    }

    #[test]
    fn nobody_fits_what_is_nobodys_name() {
        assert_eq!(names("xyz", &[chat("Juliet", "j@example.org", 1)]).len(), 0);
    }
}
