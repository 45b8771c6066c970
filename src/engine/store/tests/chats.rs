//! Accounts, contacts and the chat list.

use proptest::prelude::*;

use super::*;
use crate::engine::model::{
    AccountId, Contact, ConversationId, ConversationRow, Delivery, Direction, MessageId,
    SendFailure, Subscription,
};

const JULIET: &str = "juliet@example.org";

/// One account with one empty chat.
struct Chat {
    connection: Connection,
    account: AccountId,
    id: ConversationId,
}

impl Chat {
    fn new() -> Self {
        let connection = in_memory();
        let account = new_account("romeo@example.org");
        let mut chat = Self {
            connection,
            account: AccountId(0),
            id: ConversationId(0),
        };
        chat.account = chat
            .write(|tx, changes| accounts::insert(tx, changes, &account))
            .unwrap();
        let account = chat.account;
        chat.id = chat.write(|tx, changes| conversations::ensure(tx, changes, account, JULIET, 5));
        chat
    }

    fn write<T>(
        &mut self,
        job: impl FnOnce(&Transaction<'_>, &mut Changes) -> Result<T, StoreError>,
    ) -> T {
        self.told(job).0
    }

    fn told<T>(
        &mut self,
        job: impl FnOnce(&Transaction<'_>, &mut Changes) -> Result<T, StoreError>,
    ) -> (T, Vec<Change>) {
        let mut changes = Changes::default();
        let tx = self.connection.transaction().unwrap();
        let answer = job(&tx, &mut changes).unwrap();
        tx.commit().unwrap();
        (answer, changes.into_list())
    }

    fn add(&mut self, direction: Direction, time: i64, place: i64, body: &str) -> MessageId {
        let id = self.id;
        let (delivery, _) = columns::delivery_codes(Delivery::Delivered);
        self.write(|tx, changes| {
            tx.execute(
                "INSERT INTO messages (conversation_id, direction, body, time, place, delivery)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (
                    id.0,
                    columns::direction_code(direction),
                    body,
                    time,
                    place,
                    delivery,
                ),
            )?;
            let message = MessageId(tx.last_insert_rowid());
            conversations::message_added(tx, changes, message)?;
            Ok(message)
        })
    }

    fn mark_read(&mut self, up_to: MessageId) -> bool {
        let id = self.id;
        self.write(|tx, changes| conversations::mark_read(tx, changes, id, up_to))
    }

    fn row(&self) -> ConversationRow {
        conversations::row(&self.connection, self.id)
            .unwrap()
            .unwrap()
    }
}

fn new_account(address: &str) -> accounts::NewAccount {
    accounts::NewAccount {
        address: address.to_owned(),
        host: None,
        port: None,
        allows_plain: false,
        proxy: String::new(),
    }
}

fn juliet(account: AccountId, name: &str) -> Contact {
    Contact {
        nickname: String::new(),
        picture: String::new(),
        account,
        address: JULIET.to_owned(),
        name: name.to_owned(),
        subscription: Subscription::From,
        labels: Vec::new(),
    }
}

#[test]
fn an_account_reads_back_as_it_was_added() {
    let mut chat = Chat::new();
    let wanted = accounts::NewAccount {
        host: Some("chat.example.net".to_owned()),
        port: Some(5223),
        allows_plain: true,
        ..new_account("paris@example.org")
    };

    let (id, told) = chat.told(|tx, changes| accounts::insert(tx, changes, &wanted));

    let account = accounts::by_id(&chat.connection, id.unwrap())
        .unwrap()
        .unwrap();
    assert_eq!(account.host.as_deref(), Some("chat.example.net"));
    assert_eq!(account.port, Some(5223));
    assert!(account.allows_plain && account.is_enabled);
    assert_eq!(told, [Change::Accounts, Change::ConversationList]);
    assert_eq!(accounts::all(&chat.connection).unwrap().len(), 2);
}

#[test]
fn the_same_account_is_not_added_twice() {
    let mut chat = Chat::new();

    let (id, told) =
        chat.told(|tx, changes| accounts::insert(tx, changes, &new_account("romeo@example.org")));

    assert_eq!(id, None);
    assert!(told.is_empty());
}

#[test]
fn a_removed_account_takes_everything_of_its_own_along() {
    let mut chat = Chat::new();
    let account = chat.account;
    chat.add(Direction::Incoming, 10, 1, "Ay me!");
    chat.write(|tx, changes| contacts::put(tx, changes, &juliet(account, "Juliet")));

    chat.write(|tx, changes| accounts::remove(tx, changes, account));

    for table in ["accounts", "contacts", "conversations", "messages"] {
        let rows: i64 = chat
            .connection
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
                row.get(0)
            })
            .unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

#[test]
fn a_contact_list_is_replaced_as_a_whole_and_keeps_its_version() {
    let mut chat = Chat::new();
    let account = chat.account;
    let tybalt = Contact {
        nickname: String::new(),
        picture: String::new(),
        address: "tybalt@example.org".to_owned(),
        ..juliet(account, "")
    };
    chat.write(|tx, changes| contacts::put(tx, changes, &tybalt));

    let ((), told) = chat.told(|tx, changes| {
        accounts::set_roster_version(tx, account, "v8")?;
        contacts::replace_all(tx, changes, account, &[juliet(account, "Juliet")])
    });

    assert_eq!(
        contacts::all(&chat.connection).unwrap(),
        [juliet(account, "Juliet")]
    );
    assert_eq!(
        accounts::roster_version(&chat.connection, account).unwrap(),
        "v8"
    );
    assert_eq!(told, [Change::Contacts(account), Change::ConversationList]);
}

#[test]
fn contacts_come_by_shown_name_whatever_its_case() {
    let mut chat = Chat::new();
    let account = chat.account;
    for (address, name) in [
        ("a@example.org", "Tybalt"),
        ("b@example.org", "élise"),
        ("c@example.org", ""),
        ("d@example.org", "abram"),
    ] {
        let contact = Contact {
            nickname: String::new(),
            picture: String::new(),
            address: address.to_owned(),
            ..juliet(account, name)
        };
        chat.write(|tx, changes| contacts::put(tx, changes, &contact));
    }

    let order: Vec<String> = contacts::all(&chat.connection)
        .unwrap()
        .into_iter()
        .map(|contact| contact.address)
        .collect();

    assert_eq!(
        order,
        [
            "d@example.org",
            "c@example.org",
            "a@example.org",
            "b@example.org"
        ]
    );
}

#[test]
fn a_chat_is_named_after_the_contact_else_the_address() {
    let mut chat = Chat::new();
    let account = chat.account;
    assert_eq!(chat.row().name, JULIET);

    chat.write(|tx, changes| contacts::put(tx, changes, &juliet(account, "Juliet Capulet")));
    assert_eq!(chat.row().name, "Juliet Capulet");

    chat.write(|tx, changes| contacts::remove(tx, changes, account, JULIET));
    assert_eq!(chat.row().name, JULIET);
    assert!(
        contacts::get(&chat.connection, account, JULIET)
            .unwrap()
            .is_none()
    );
}

#[test]
fn a13_a_chat_and_a_contact_are_named_without_what_cannot_be_seen() {
    let mut chat = Chat::new();
    let account = chat.account;
    let disguised = juliet(account, "\u{202e}Ros\u{200b}aline\n\u{2066}");
    chat.write(|tx, changes| contacts::put(tx, changes, &disguised));

    assert_eq!(chat.row().name, "Rosaline");
    assert_eq!(contacts::all(&chat.connection).unwrap()[0].name, "Rosaline");

    chat.write(|tx, changes| contacts::put(tx, changes, &juliet(account, "\u{2060}\u{3164}")));
    assert_eq!(chat.row().name, JULIET);
}

#[test]
fn opening_a_chat_twice_opens_the_same_chat() {
    let mut chat = Chat::new();
    let account = chat.account;

    let (id, told) =
        chat.told(|tx, changes| conversations::ensure(tx, changes, account, JULIET, 99));

    assert_eq!(id, chat.id);
    assert!(told.is_empty());
    assert_eq!(chat.row().last_time, 5);
}

#[test]
fn a_chat_shows_its_newest_message_in_one_line() {
    let mut chat = Chat::new();
    chat.add(Direction::Outgoing, 20, 1, "By a name\n\tI know not how");

    chat.add(Direction::Incoming, 10, 2, "an older one, from the archive");

    let row = chat.row();
    assert_eq!(row.last_body, "By a name I know not how");
    assert_eq!(row.last_time, 20);
    assert_eq!(row.last_direction, Some(Direction::Outgoing));
    assert_eq!(row.last_delivery, Some(Delivery::Delivered));
}

#[test]
fn an_empty_chat_and_a_received_message_have_no_delivery() {
    let mut chat = Chat::new();
    assert_eq!(
        (chat.row().last_direction, chat.row().last_delivery),
        (None, None)
    );

    chat.add(Direction::Incoming, 10, 1, "Ay me!");

    assert_eq!(chat.row().last_direction, Some(Direction::Incoming));
    assert_eq!(chat.row().last_delivery, None);
}

#[test]
fn the_newest_chat_stands_first() {
    let mut chat = Chat::new();
    let account = chat.account;
    let mercutio = chat.write(|tx, changes| {
        conversations::ensure(tx, changes, account, "mercutio@example.org", 50)
    });
    let order = |chat: &Chat| -> Vec<ConversationId> {
        let rows = conversations::rows(&chat.connection).unwrap();
        rows.into_iter().map(|row| row.id).collect()
    };
    assert_eq!(order(&chat), [mercutio, chat.id]);

    chat.add(Direction::Incoming, 60, 1, "Ay me!");

    assert_eq!(order(&chat), [chat.id, mercutio]);
}

#[test]
fn the_unread_line_stands_above_the_oldest_message_not_seen() {
    let mut chat = Chat::new();
    let seen = chat.add(Direction::Incoming, 10, 1, "seen");
    chat.add(Direction::Outgoing, 11, 2, "ours");
    let first = chat.add(Direction::Incoming, 12, 3, "not seen");
    chat.add(Direction::Incoming, 13, 4, "not seen either");

    assert!(chat.mark_read(seen));

    assert_eq!(
        (chat.row().unread, chat.row().first_unread),
        (2, Some(first))
    );
}

#[test]
fn the_read_position_never_moves_back() {
    let mut chat = Chat::new();
    let older = chat.add(Direction::Incoming, 10, 1, "older");
    let newer = chat.add(Direction::Incoming, 10, 2, "newer, of the same second");

    assert!(chat.mark_read(newer));
    assert!(!chat.mark_read(older));
    assert!(!chat.mark_read(newer));

    assert_eq!((chat.row().unread, chat.row().first_unread), (0, None));
}

#[test]
fn a_message_of_another_chat_does_not_move_the_read_position() {
    let mut chat = Chat::new();
    let account = chat.account;
    chat.add(Direction::Incoming, 10, 1, "Ay me!");
    let juliets = chat.id;
    chat.id = chat.write(|tx, changes| {
        conversations::ensure(tx, changes, account, "mercutio@example.org", 50)
    });
    let elsewhere = chat.add(Direction::Incoming, 99, 2, "O, here comes my man");
    chat.id = juliets;

    assert!(!chat.mark_read(elsewhere));

    assert_eq!(chat.row().unread, 1);
}

#[test]
fn what_comes_late_from_before_the_read_position_is_not_unread() {
    let mut chat = Chat::new();
    let seen = chat.add(Direction::Incoming, 10, 5, "seen");
    chat.mark_read(seen);

    chat.add(Direction::Incoming, 10, 4, "from the archive");
    chat.add(Direction::Incoming, 3, 3, "from the archive");

    assert_eq!(chat.row().unread, 0);
}

#[test]
fn only_messages_that_have_not_left_are_waiting() {
    let mut chat = Chat::new();
    let (account, id) = (chat.account, chat.id);
    for (delivery, kind) in [
        (Delivery::Pending, 0),
        (Delivery::Sending, 0),
        (Delivery::Sent, 0),
        (Delivery::Failed(SendFailure::Refused), 0),
        (Delivery::Pending, 2),
    ] {
        let message = chat.add(Direction::Outgoing, 10, 1, "Good night, good night!");
        let (delivery, failure) = columns::delivery_codes(delivery);
        chat.write(|tx, _| {
            tx.execute(
                "UPDATE messages SET delivery = ?2, failure = ?3 WHERE id = ?1",
                (message.0, delivery, failure),
            )?;
            tx.execute(
                "INSERT INTO outbox (account_id, conversation_id, message_id, kind)
                 VALUES (?1, ?2, ?3, ?4)",
                (account.0, id.0, message.0, kind),
            )?;
            Ok(())
        });
    }

    let waiting = conversations::waiting(&chat.connection).unwrap();

    assert_eq!(waiting.into_iter().collect::<Vec<_>>(), [(account, 2)]);
}

#[test]
fn the_history_comes_in_order_and_rows_in_the_order_asked_for() {
    let mut chat = Chat::new();
    let newest = chat.add(Direction::Incoming, 30, 1, "third");
    let oldest = chat.add(Direction::Incoming, 10, 3, "first");
    let middle = chat.add(Direction::Incoming, 10, 4, "second");

    let ids = window::message_ids(&chat.connection, chat.id).unwrap();
    let latest = window::latest(&chat.connection, chat.id, 2).unwrap();
    let asked = window::by_ids(&chat.connection, &[newest, MessageId(999), oldest]).unwrap();

    let bodies = |rows: Vec<crate::engine::model::MessageRow>| -> Vec<String> {
        rows.into_iter().map(|row| row.body).collect()
    };
    assert_eq!(ids, [oldest, middle, newest]);
    assert_eq!(bodies(latest), ["second", "third"]);
    assert_eq!(bodies(asked), ["third", "first"]);
}

#[test]
fn the_end_of_the_archive_is_told_once() {
    let mut chat = Chat::new();
    let id = chat.id;
    let complete = move |tx: &Transaction<'_>, changes: &mut Changes| {
        conversations::set_history_complete(tx, changes, id, true)
    };

    let ((), first) = chat.told(complete);
    let ((), second) = chat.told(complete);

    assert!(chat.row().is_history_complete);
    assert_eq!(first, [Change::Conversation(id)]);
    assert!(second.is_empty());
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Add {
        is_incoming: bool,
        time: i64,
        at_end: bool,
    },
    /// Marks one of the messages there are.
    MarkRead(prop::sample::Index),
    Remove(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<bool>(), 0..8_i64, any::<bool>())
            .prop_map(|(is_incoming, time, at_end)| Step::Add { is_incoming, time, at_end }),
        2 => any::<prop::sample::Index>().prop_map(Step::MarkRead),
        1 => any::<prop::sample::Index>().prop_map(Step::Remove),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_unread_count_is_always_the_number_of_messages_after_the_read_position(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut chat = Chat::new();
        // What the chat should be: position, whether received, row.
        let mut messages: Vec<((i64, i64), bool, MessageId)> = Vec::new();
        let mut read = (0, 0);
        for (number, step) in (1..).zip(steps) {
            match step {
                Step::Add { is_incoming, time, at_end } => {
                    let direction = if is_incoming { Direction::Incoming } else { Direction::Outgoing };
                    let place = if at_end { number } else { -number };
                    let id = chat.add(direction, time, place, "Ay me!");
                    messages.push(((time, place), is_incoming, id));
                }
                Step::MarkRead(index) if !messages.is_empty() => {
                    let (position, _, id) = *index.get(&messages);
                    prop_assert_eq!(chat.mark_read(id), position > read);
                    read = read.max(position);
                }
                Step::Remove(index) if !messages.is_empty() => {
                    let (_, _, id) = messages.remove(index.index(messages.len()));
                    let conversation = chat.id;
                    chat.write(|tx, changes| {
                        tx.execute("DELETE FROM messages WHERE id = ?1", [id.0])?;
                        conversations::recompute(tx, changes, conversation)
                    });
                }
                Step::MarkRead(_) | Step::Remove(_) => {}
            }
            let mut unread: Vec<_> = messages
                .iter()
                .filter(|(position, is_incoming, _)| *is_incoming && *position > read)
                .collect();
            unread.sort();
            let newest = messages.iter().max();
            let row = chat.row();
            prop_assert_eq!(row.unread as usize, unread.len());
            prop_assert_eq!(row.first_unread, unread.first().map(|first| first.2));
            prop_assert_eq!(row.last_time, newest.map_or(row.last_time, |newest| newest.0.0));
            prop_assert_eq!(row.last_direction.is_some(), newest.is_some());
        }
    }
}
