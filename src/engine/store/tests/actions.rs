//! What is done with messages that are there, and what the window reads of it.

use super::*;
use crate::engine::model::{
    AccountId, ConversationId, Delivery, Direction, MessageId, MessageKind, MessageRow, Protection,
    Reaction, Timestamp,
};
use messages::{End, MessageIds, NewMessage};
use reactions::{ME, Set};
use replies::Answered;
use versions::NewVersion;

const JULIET: &str = "juliet@example.org";

/// A chat with messages that are named by their texts.
struct Chat {
    connection: Connection,
    account: AccountId,
    id: ConversationId,
}

impl Chat {
    fn new() -> Self {
        let mut connection = in_memory();
        let tx = connection.transaction().unwrap();
        let romeo = accounts::NewAccount {
            address: "romeo@example.org".into(),
            host: None,
            port: None,
            allows_plain: false,
            proxy: String::new(),
        };
        let mut changes = Changes::default();
        let account = accounts::insert(&tx, &mut changes, &romeo)
            .unwrap()
            .unwrap();
        let id = conversations::ensure(&tx, &mut changes, account, JULIET, 5).unwrap();
        tx.commit().unwrap();
        Self {
            connection,
            account,
            id,
        }
    }

    fn write<T>(
        &mut self,
        job: impl FnOnce(&Transaction<'_>, &mut Changes) -> Result<T, StoreError>,
    ) -> (T, Vec<Change>) {
        let mut changes = Changes::default();
        let tx = self.connection.transaction().unwrap();
        let done = job(&tx, &mut changes).unwrap();
        tx.commit().unwrap();
        (done, changes.into_list())
    }

    fn new_message(direction: Direction, time: i64, body: &str) -> NewMessage {
        NewMessage {
            direction,
            kind: MessageKind::Text,
            hidden: String::new(),
            body: body.into(),
            time,
            delivery: Delivery::Delivered,
            ids: MessageIds {
                archive: String::new(),
                origin: String::new(),
                stanza: body.into(),
            },
            is_markable: false,
            protection: Protection::None,
            is_unstyled: false,
            reply: None,
            replaces: String::new(),
        }
    }

    fn insert(&mut self, new: &NewMessage) -> MessageId {
        let id = self.id;
        self.write(|tx, changes| messages::insert(tx, changes, id, new, End::New))
            .0
    }

    fn add(&mut self, direction: Direction, time: i64, body: &str) -> MessageId {
        self.insert(&Self::new_message(direction, time, body))
    }

    fn answer(&mut self, time: i64, body: &str, to: &str) -> MessageId {
        self.insert(&NewMessage {
            reply: Some(Answered {
                id: to.into(),
                by: Some(Direction::Outgoing),
                words: format!("quoted {to}"),
            }),
            ..Self::new_message(Direction::Incoming, time, body)
        })
    }

    fn correct(&mut self, message: MessageId, time: i64, body: &str) -> Vec<Change> {
        let new = NewVersion {
            time,
            body: body.into(),
            is_unstyled: false,
            stanza_id: format!("id of {body}"),
            mark: String::new(),
            protection: Protection::None,
        };
        self.write(|tx, changes| versions::add(tx, changes, message, &new))
            .1
    }

    fn react(&mut self, message: MessageId, sender: &str, time: i64, emoji: &[&str]) {
        let chat = self.id;
        let set = Set {
            sender: sender.into(),
            emoji: emoji.iter().map(ToString::to_string).collect(),
            time,
            is_past: false,
            stanza_id: format!("{sender}{time}"),
        };
        self.write(|tx, changes| reactions::set(tx, changes, chat, message, &set));
    }

    fn row(&self, message: MessageId) -> MessageRow {
        window::by_ids(&self.connection, &[message])
            .unwrap()
            .remove(0)
    }

    fn texts(&self, message: MessageId) -> Vec<String> {
        let versions = versions::of_message(&self.connection, message).unwrap();
        versions.into_iter().map(|version| version.body).collect()
    }

    fn is_in_file(&self, words: &str) -> bool {
        ["messages", "versions", "reactions"].iter().any(|table| {
            let query = format!("SELECT * FROM {table}");
            let mut query = self.connection.prepare(&query).unwrap();
            let columns = query.column_count();
            let mut rows = query.query([]).unwrap();
            let mut is_there = false;
            while let Some(row) = rows.next().unwrap() {
                is_there |= (0..columns).any(|column| {
                    let value: rusqlite::types::Value = row.get(column).unwrap();
                    matches!(value, rusqlite::types::Value::Text(text) if text.contains(words))
                });
            }
            is_there
        })
    }
}

#[test]
fn a_reply_shows_what_it_answers_as_that_is_now() {
    let mut chat = Chat::new();
    let target = chat.add(Direction::Outgoing, 10, "Hark");
    let reply = chat.answer(20, "yes", "Hark");
    let told = chat.correct(target, 30, "Hark *again*");

    let shown = chat.row(reply).reply.unwrap();

    assert_eq!(shown.target, Some(target));
    assert_eq!(shown.by, Some(Direction::Outgoing));
    assert_eq!(shown.words, "Hark again");
    assert!(told.contains(&Change::Messages {
        conversation: chat.id,
        ids: vec![target, reply],
    }));
}

#[test]
fn a_reply_to_what_is_not_here_shows_the_quoted_words_until_it_comes() {
    let mut chat = Chat::new();
    let reply = chat.answer(20, "yes", "Hark");
    let before = chat.row(reply).reply.unwrap();
    let target = chat.add(Direction::Outgoing, 10, "Hark");
    let after = chat.row(reply).reply.unwrap();

    assert_eq!(
        (before.target, before.words.as_str()),
        (None, "quoted Hark")
    );
    assert_eq!((after.target, after.words.as_str()), (Some(target), "Hark"));
}

#[test]
fn a8_a_message_that_answers_itself_answers_nothing_here() {
    let mut chat = Chat::new();
    let reply = chat.answer(20, "Hark", "Hark");

    assert_eq!(chat.row(reply).reply.unwrap().target, None);
}

#[test]
fn the_newest_reactions_of_each_count_in_whatever_order_they_come() {
    let mut chat = Chat::new();
    let message = chat.add(Direction::Outgoing, 10, "Hark");
    chat.react(message, JULIET, 30, &["👍", "🐢"]);
    chat.react(message, JULIET, 20, &["👋"]);
    chat.react(message, ME, 25, &["🐢"]);

    let reaction = |emoji: &str, by_me, by: &[&str]| Reaction {
        emoji: emoji.into(),
        by_me,
        by: by.iter().map(ToString::to_string).collect(),
    };
    assert_eq!(
        chat.row(message).reactions,
        [
            reaction("🐢", true, &[JULIET]),
            reaction("👍", false, &[JULIET])
        ]
    );

    chat.react(message, JULIET, 40, &[]);
    chat.react(message, JULIET, 35, &["👋"]);
    assert_eq!(chat.row(message).reactions, [reaction("🐢", true, &[])]);
}

#[test]
fn corrections_show_the_newest_text_and_keep_those_before() {
    let mut chat = Chat::new();
    let message = chat.add(Direction::Incoming, 10, "frist");
    chat.correct(message, 30, "third");
    chat.correct(message, 20, "second");

    let row = chat.row(message);

    assert_eq!((row.body.as_str(), row.edited), ("third", Some(30)));
    assert_eq!(row.time, 10);
    assert_eq!(chat.texts(message), ["frist", "second", "third"]);
}

#[test]
fn a_corrected_message_that_comes_again_as_it_was_is_known() {
    let mut chat = Chat::new();
    let message = chat.add(Direction::Incoming, 10, "frist");
    chat.correct(message, 30, "first");

    let again = Chat::new_message(Direction::Incoming, 40, "frist");
    let known = messages::find(&chat.connection, chat.id, &again).unwrap();

    assert_eq!(known.map(|known| known.id), Some(message));
}

#[test]
fn a_refused_correction_leaves_the_text_before() {
    let mut chat = Chat::new();
    let message = chat.add(Direction::Outgoing, 10, "one");
    chat.correct(message, 20, "two");
    chat.correct(message, 30, "three");

    chat.write(|tx, changes| versions::revert(tx, changes, message));
    assert_eq!(chat.row(message).body, "two");
    chat.write(|tx, changes| versions::revert(tx, changes, message));

    let row = chat.row(message);
    assert_eq!((row.body.as_str(), row.edited), ("one", None));
    assert!(chat.texts(message).is_empty());
}

#[test]
fn a56_of_endless_corrections_the_first_and_the_newest_stay() {
    let mut chat = Chat::new();
    let message = chat.add(Direction::Incoming, 10, "first");
    for number in 0..500 {
        chat.correct(message, 20 + number, &number.to_string());
    }

    let texts = chat.texts(message);

    assert_eq!(texts.len(), 50);
    assert_eq!((texts[0].as_str(), texts[49].as_str()), ("first", "499"));
}

#[test]
fn nothing_of_a_message_that_was_taken_back_stays() {
    let mut chat = Chat::new();
    let message = chat.insert(&NewMessage {
        ids: MessageIds {
            stanza: "m1".into(),
            ..MessageIds::default()
        },
        ..Chat::new_message(Direction::Incoming, 10, "Hark")
    });
    let reply = chat.insert(&NewMessage {
        reply: Some(Answered {
            id: "m1".into(),
            by: None,
            words: "Hark".into(),
        }),
        ..Chat::new_message(Direction::Outgoing, 20, "yes")
    });
    chat.correct(message, 30, "Hark twice");
    chat.react(message, ME, 40, &["👍"]);

    chat.write(|tx, changes| deletion::retract(tx, changes, message));

    let row = chat.row(message);
    assert_eq!(row.kind, MessageKind::Retracted);
    assert_eq!((row.body.as_str(), row.edited), ("", None));
    assert!(row.reactions.is_empty() && chat.texts(message).is_empty());
    assert!(!chat.is_in_file("Hark"));
    let shown = chat.row(reply).reply.unwrap();
    assert_eq!(shown.kind, MessageKind::Retracted);
    let again = NewMessage {
        ids: MessageIds {
            stanza: "m1".into(),
            ..MessageIds::default()
        },
        ..Chat::new_message(Direction::Incoming, 50, "Hark")
    };
    let known = messages::find(&chat.connection, chat.id, &again).unwrap();
    assert_eq!(known.map(|known| known.id), Some(message));
}

#[test]
fn deleted_messages_stay_away() {
    let mut chat = Chat::new();
    let id = chat.id;
    let ids = MessageIds {
        archive: "a1".into(),
        origin: "o1".into(),
        stanza: "o1".into(),
    };
    let message = chat.insert(&NewMessage {
        ids: ids.clone(),
        ..Chat::new_message(Direction::Incoming, 10, "Hark")
    });
    chat.correct(message, 20, "Hark twice");

    chat.write(|tx, changes| deletion::delete_messages(tx, changes, &[message, MessageId(99)]));

    assert!(!chat.is_in_file("Hark"));
    let archived = MessageIds {
        origin: String::new(),
        ..ids.clone()
    };
    let live = MessageIds {
        archive: String::new(),
        ..ids
    };
    for ids in [archived, live] {
        assert!(deletion::was_deleted(&chat.connection, id, Direction::Incoming, &ids).unwrap());
    }
    for name in ["o1", "id of Hark twice"] {
        assert!(deletion::is_deleted(&chat.connection, id, name).unwrap());
    }
}

#[test]
fn the_last_own_text_is_the_newest_by_the_user() {
    let mut chat = Chat::new();
    let last = |chat: &Chat| window::last_own_text(&chat.connection, chat.id).unwrap();
    assert_eq!(last(&chat), None);

    let own = chat.add(Direction::Outgoing, 20, "mine");
    chat.add(Direction::Outgoing, 10, "older");
    chat.add(Direction::Incoming, 30, "hers");
    assert_eq!(last(&chat), Some(own));

    chat.write(|tx, changes| deletion::retract(tx, changes, own));
    assert_ne!(last(&chat), Some(own));
}

fn reacted_at(time: Timestamp) -> waiting::Action {
    waiting::Action {
        by: Direction::Incoming,
        deed: waiting::Deed::Reacted(vec!["👍".into()]),
        time,
        is_past: false,
        stanza_id: String::new(),
    }
}

impl Chat {
    fn waiting(&self, address: &str) -> i64 {
        self.connection
            .query_row(
                "SELECT count(*) FROM waiting_actions WHERE address LIKE ?1",
                [address],
                |row| row.get(0),
            )
            .unwrap()
    }
}

#[test]
fn a56_what_waits_for_messages_that_never_come_is_bounded() {
    let mut chat = Chat::new();
    let here = (chat.account, JULIET);
    chat.write(|tx, _| {
        for time in 0..3000 {
            waiting::keep(tx, here, &format!("m{time}"), &reacted_at(time))?;
        }
        Ok(())
    });

    let taken = |chat: &mut Chat, name: &str| {
        let names = [name.to_owned()];
        chat.write(|tx, _| waiting::take(tx, here, &names, Direction::Outgoing))
            .0
    };
    assert_eq!(chat.waiting("%"), 1000);
    assert!(taken(&mut chat, "m0").is_empty());
    assert_eq!(taken(&mut chat, "m2999"), [reacted_at(2999)]);
}

#[test]
fn a56_what_waits_for_chats_that_never_come_drives_out_nothing_of_those_that_are_here() {
    let mut chat = Chat::new();
    let account = chat.account;
    chat.write(|tx, _| {
        waiting::keep(tx, (account, JULIET), "m0", &reacted_at(0))?;
        for time in 1..6000 {
            let stranger = format!("s{}@spam.example", time % 100);
            let target = format!("m{time}");
            waiting::keep(tx, (account, &stranger), &target, &reacted_at(time))?;
        }
        Ok(())
    });

    assert_eq!(chat.waiting(JULIET), 1);
    let strange = chat.waiting("%@spam.example");
    assert!((1900..=2000).contains(&strange), "{strange}");
}

#[test]
fn a7_only_who_wrote_a_message_takes_it_back_also_before_it_is_here() {
    let mut chat = Chat::new();
    let here = (chat.account, JULIET);
    let action = waiting::Action {
        by: Direction::Incoming,
        deed: waiting::Deed::Retracted,
        time: 1,
        is_past: false,
        stanza_id: String::new(),
    };
    chat.write(|tx, _| waiting::keep(tx, here, "m1", &action));
    let names = ["m1".to_owned()];

    let ours = chat.write(|tx, _| waiting::take(tx, here, &names, Direction::Outgoing));
    let theirs = chat.write(|tx, _| waiting::take(tx, here, &names, Direction::Incoming));

    assert!(ours.0.is_empty());
    assert_eq!(theirs.0, [action]);
}
