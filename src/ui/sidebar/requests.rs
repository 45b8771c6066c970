//! All requests of strangers as one row of the list.
//!
//! It stands where the newest of them would, never bold: nobody shall have the
//! user's attention by writing to them often enough.

use crate::engine::model::{ConversationId, ConversationRow, MessageKind};
use crate::ui::i18n::{count, fill, gettext};

/// What the row has instead of a chat's id; no chat has it.
pub const ROW: ConversationId = ConversationId(0);

/// Returns whether something about a chat waits on the page of requests.
pub fn waits(row: &ConversationRow) -> bool {
    row.is_request || row.asks_for_presence
}

/// Folds the requests among chats into one row. Who is known keeps their own,
/// too.
pub fn fold(rows: Vec<ConversationRow>) -> Vec<ConversationRow> {
    let waiting: Vec<ConversationRow> = rows.iter().filter(|row| waits(row)).cloned().collect();
    let Some(newest) = waiting.first() else {
        return rows;
    };
    let place = rows.iter().position(waits).unwrap_or_default();
    let all = all(newest, &waiting);
    let mut folded: Vec<ConversationRow> = Vec::with_capacity(rows.len());
    let mut all = Some(all);
    for (here, row) in rows.into_iter().enumerate() {
        if here == place {
            folded.extend(all.take());
        }
        if !row.is_request {
            folded.push(row);
        }
    }
    folded
}

fn all(newest: &ConversationRow, waiting: &[ConversationRow]) -> ConversationRow {
    ConversationRow {
        id: ROW,
        address: String::new(),
        name: gettext("Requests"),
        picture: String::new(),
        own_name: String::new(),
        last_kind: MessageKind::Text,
        last_body: names(waiting),
        last_direction: None,
        last_delivery: None,
        unread: u32::try_from(waiting.len()).unwrap_or(u32::MAX),
        first_unread: None,
        is_history_complete: true,
        draft: String::new(),
        muted_until: 0,
        is_pinned: false,
        is_archived: false,
        is_marked_unread: false,
        is_request: false,
        asks_for_presence: false,
        ..newest.clone()
    }
}

/// "Tybalt, Paris and 3 others".
fn names(waiting: &[ConversationRow]) -> String {
    let name = |place: usize| waiting.get(place).map_or("", |row| row.name.as_str());
    let (first, second) = (name(0), name(1));
    match waiting.len() {
        0 | 1 => first.to_owned(),
        2 => fill(
            // Translators: two people.
            &gettext("{first} and {second}"),
            &[("first", first), ("second", second)],
        ),
        more => {
            let others = u32::try_from(more - 2).unwrap_or(u32::MAX);
            let sentence = count(
                // Translators: people who are not known to the user.
                "{first}, {second} and {count} other",
                "{first}, {second} and {count} others",
                others,
            );
            fill(&sentence, &[("first", first), ("second", second)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::model::AccountId;

    fn row(id: i64, is_request: bool) -> ConversationRow {
        ConversationRow {
            id: ConversationId(id),
            account: AccountId(1),
            address: format!("p{id}@example.org"),
            name: format!("P{id}"),
            picture: String::new(),
            own_name: String::new(),
            last_kind: MessageKind::Text,
            last_body: String::new(),
            last_time: 100 - id,
            last_direction: None,
            last_delivery: None,
            unread: 0,
            first_unread: None,
            is_history_complete: true,
            draft: String::new(),
            muted_until: 0,
            is_pinned: false,
            is_archived: false,
            is_marked_unread: false,
            is_request,
            asks_for_presence: false,
        }
    }

    #[test]
    fn requests_are_one_row_where_the_newest_stands() {
        let rows = vec![
            row(1, false),
            row(2, true),
            row(3, false),
            row(4, true),
            row(5, true),
        ];

        let folded = fold(rows);

        let ids: Vec<i64> = folded.iter().map(|row| row.id.0).collect();
        assert_eq!(ids, [1, 0, 3]);
        assert_eq!(folded[1].unread, 3);
        assert_eq!(folded[1].last_body, "P2, P4 and 1 other");
        assert_eq!(folded[1].last_time, 98);
    }

    #[test]
    fn without_requests_there_is_no_such_row() {
        let rows = vec![row(1, false), row(2, false)];

        assert_eq!(fold(rows.clone()), rows);
    }

    #[test]
    fn a_contact_who_asks_keeps_their_row() {
        let mut asking = row(1, false);
        asking.asks_for_presence = true;

        let folded = fold(vec![asking]);

        let ids: Vec<i64> = folded.iter().map(|row| row.id.0).collect();
        assert_eq!(ids, [0, 1]);
    }
}
