//! What is heard of a message: who, when, what, and how it stands.

use crate::engine::model::{Delivery, Direction, MessageKind, MessageRow as Message};
use crate::ui::encryption::words::message as encryption;
use crate::ui::errors;
use crate::ui::i18n::{fill, gettext};
use crate::ui::timeline::source::Names;
use crate::ui::timeline::{body, delivery, reactions, reply};

/// Returns what is heard: "Juliet, 20:57, in reply to you: The small one, by the
/// orchard." `words` are those of the message, `time` when it was written.
pub(super) fn sentence(message: &Message, words: &str, time: &str, names: &Names) -> String {
    // What was not protected as the chat is must be heard too.
    let mark = encryption::mark(message.protection).map(|mark| mark.word);
    let answered = message.reply.as_ref();
    let answered = answered.map(|answered| reply::spoken(answered, names));
    let edited = message.edited.map(|_| gettext("edited"));
    let mut facts = vec![time.to_owned()];
    facts.extend(mark);
    facts.extend(answered);
    facts.extend(edited);
    let time = facts.join(", ");
    let places = |state: &str, sentence: &str| {
        fill(
            sentence,
            &[
                ("name", &names.other),
                ("time", &time),
                ("state", state),
                ("text", &body::spoken(words)),
            ],
        )
    };
    let is_gone = message.kind == MessageKind::Retracted;
    let mut said = if is_gone && message.direction == Direction::Outgoing {
        // Translators: what a screen reader says for a message of the user's that was taken back.
        places("", &gettext("You, {time}: {text}"))
    } else if message.direction == Direction::Outgoing {
        let state = match message.delivery {
            Delivery::Failed(failure) => errors::send_failure(failure),
            other => delivery::mark(other).word,
        };
        // Translators: what a screen reader says for one of the user's messages; state is a word such as "Delivered".
        places(&state, &gettext("You, {time}: {text}. {state}"))
    } else {
        // Translators: what a screen reader says for a received message.
        places("", &gettext("{name}, {time}: {text}"))
    };
    if let Some(failure) = message.reaction_refused.filter(|_| !is_gone) {
        said = format!(
            "{}. {}",
            said.trim_end_matches('.'),
            errors::reaction_refused(failure)
        );
    }
    if !message.reactions.is_empty() && !is_gone {
        if !said.ends_with('.') {
            said.push('.');
        }
        said.push(' ');
        said.push_str(&reactions::spoken(&message.reactions, names));
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::model::{ConversationId, MessageId, Protection, Reaction, Reply};

    fn message(direction: Direction) -> Message {
        Message {
            id: MessageId(1),
            conversation: ConversationId(1),
            direction,
            kind: MessageKind::Text,
            body: String::new(),
            time: 0,
            delivery: Delivery::Displayed,
            protection: Protection::None,
            is_styled: true,
            reply: None,
            reactions: Vec::new(),
            reaction_refused: None,
            edited: None,
        }
    }

    fn names() -> Names {
        Names {
            other: "Juliet".into(),
            own: "romeo".into(),
            other_address: "juliet@example.org".into(),
            own_address: "romeo@example.org".into(),
            ..Names::default()
        }
    }

    #[test]
    fn an_answer_and_its_reactions_are_heard() {
        let mut answer = message(Direction::Incoming);
        answer.reply = Some(Reply {
            target: Some(MessageId(2)),
            by: Some(Direction::Outgoing),
            kind: MessageKind::Text,
            words: "Which door?".into(),
        });
        answer.reactions = vec![
            Reaction {
                emoji: "❤".into(),
                by_me: true,
                by: vec!["juliet@example.org".into()],
            },
            Reaction {
                emoji: "😂".into(),
                by_me: false,
                by: vec!["juliet@example.org".into()],
            },
        ];

        assert_eq!(
            sentence(&answer, "The small one", "20:57", &names()),
            "Juliet, 20:57, in reply to you: The small one. \
             Reactions: ❤ by You and Juliet, 😂 by Juliet"
        );
    }

    #[test]
    fn an_edited_message_says_so_and_how_far_it_got() {
        let mut edited = message(Direction::Outgoing);
        edited.edited = Some(5);

        assert_eq!(
            sentence(&edited, "The north gate", "20:57", &names()),
            "You, 20:57, edited: The north gate. Read"
        );
    }

    #[test]
    fn a_message_taken_back_says_no_more_than_that() {
        let mut gone = message(Direction::Outgoing);
        gone.kind = MessageKind::Retracted;

        assert_eq!(
            sentence(&gone, "You took this message back.", "20:57", &names()),
            "You, 20:57: You took this message back."
        );
    }
}
