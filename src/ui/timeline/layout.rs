//! Which parts a message's row has: day, unread line, and its place in a group.
//!
//! Pure: a row is decided by the message itself and its two neighbours.

use crate::engine::model::{Direction, MessageId, MessageRow, Timestamp};
use crate::ui::format;

/// Messages of one sender closer than this stand together.
const GROUP_GAP_MS: Timestamp = 5 * 60 * 1000;

/// What the layout needs to know of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Which message.
    pub id: MessageId,
    /// Who wrote it.
    pub direction: Direction,
    /// When.
    pub time: Timestamp,
    /// On which day of this place, see [`format::day_number`].
    pub day: i64,
}

impl From<&MessageRow> for Line {
    fn from(message: &MessageRow) -> Self {
        Self {
            id: message.id,
            direction: message.direction,
            time: message.time,
            day: format::day_number(&format::local(message.time)),
        }
    }
}

/// The place of a message among those of the same sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Alone.
    Single,
    /// The first of several.
    First,
    /// Neither first nor last.
    Middle,
    /// The last of several.
    Last,
}

impl Group {
    /// Returns the style class of a bubble in this place.
    pub fn class(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::First => "first",
            Self::Middle => "middle",
            Self::Last => "last",
        }
    }
}

/// The parts of a row besides the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The day stands above: this is its first message.
    pub has_day: bool,
    /// The line "New messages" stands above.
    pub has_unread_line: bool,
    /// Corners and distance.
    pub group: Group,
}

/// Decides the parts of `line`'s row.
pub fn parts(
    before: Option<&Line>,
    line: &Line,
    after: Option<&Line>,
    first_unread: Option<MessageId>,
) -> Parts {
    let is_start = starts_group(before, line, first_unread);
    let is_end = after.is_none_or(|after| starts_group(Some(line), after, first_unread));
    Parts {
        has_day: before.is_none_or(|before| before.day != line.day),
        has_unread_line: first_unread == Some(line.id),
        group: match (is_start, is_end) {
            (true, true) => Group::Single,
            (true, false) => Group::First,
            (false, false) => Group::Middle,
            (false, true) => Group::Last,
        },
    }
}

fn starts_group(before: Option<&Line>, line: &Line, first_unread: Option<MessageId>) -> bool {
    before.is_none_or(|before| {
        before.direction != line.direction
            || before.day != line.day
            || line.time - before.time >= GROUP_GAP_MS
            || first_unread == Some(line.id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Timestamp = 60_000;

    fn line(id: i64, direction: Direction, time: Timestamp) -> Line {
        let day = time.div_euclid(24 * 60 * MINUTE);
        Line {
            id: MessageId(id),
            direction,
            time,
            day,
        }
    }

    fn groups(lines: &[Line], first_unread: Option<MessageId>) -> Vec<Group> {
        (0..lines.len())
            .map(|place| {
                let before = place.checked_sub(1).map(|before| &lines[before]);
                parts(before, &lines[place], lines.get(place + 1), first_unread).group
            })
            .collect()
    }

    #[test]
    fn close_messages_of_one_sender_stand_together() {
        let lines = [0, 1, 2].map(|minute| line(minute, Direction::Incoming, minute * MINUTE));

        assert_eq!(
            groups(&lines, None),
            [Group::First, Group::Middle, Group::Last]
        );
    }

    #[test]
    fn five_minutes_part_a_group() {
        let lines = [
            line(1, Direction::Incoming, 0),
            line(2, Direction::Incoming, 5 * MINUTE - 1),
            line(3, Direction::Incoming, 10 * MINUTE - 1),
        ];

        assert_eq!(
            groups(&lines, None),
            [Group::First, Group::Last, Group::Single]
        );
    }

    #[test]
    fn an_answer_parts_a_group() {
        let lines = [
            line(1, Direction::Incoming, 0),
            line(2, Direction::Outgoing, 1),
            line(3, Direction::Incoming, 2),
        ];

        assert_eq!(groups(&lines, None), [Group::Single; 3]);
    }

    #[test]
    fn midnight_parts_a_group_and_names_the_day() {
        let midnight = 24 * 60 * MINUTE;
        let late = line(1, Direction::Incoming, midnight - 1);
        let early = line(2, Direction::Incoming, midnight);

        let parts = parts(Some(&late), &early, None, None);

        assert_eq!((parts.has_day, parts.group), (true, Group::Single));
    }

    #[test]
    fn the_first_message_of_all_names_its_day() {
        let only = line(1, Direction::Incoming, 0);

        assert!(parts(None, &only, None, None).has_day);
    }

    #[test]
    fn the_unread_line_stands_above_one_message_and_parts_the_group() {
        let lines = [0, 1, 2].map(|minute| line(minute, Direction::Incoming, minute * MINUTE));
        let unread = Some(MessageId(1));

        let second = parts(Some(&lines[0]), &lines[1], Some(&lines[2]), unread);

        assert!(second.has_unread_line);
        assert_eq!(
            groups(&lines, unread),
            [Group::Single, Group::First, Group::Last]
        );
    }
}
