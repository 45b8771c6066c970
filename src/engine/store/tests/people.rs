//! Who has read up to where, who is a stranger, who is blocked.

use super::*;
use crate::engine::model::{
    AccountId, Contact, ConversationId, Delivery, Direction, MessageId, MessageKind, Protection,
    ReportReason, Subscription, Timestamp,
};
use crate::engine::store::accounts::NewAccount;
use crate::engine::store::messages::{End, MessageIds, NewMessage};
use crate::engine::store::reading::ReadUpTo;
use crate::engine::store::requests::Answer;

const JULIET: &str = "juliet@example.org";

struct Romeo {
    connection: Connection,
    account: AccountId,
    chat: ConversationId,
}

impl Romeo {
    fn new() -> Self {
        let mut romeo = Self {
            connection: in_memory(),
            account: AccountId(0),
            chat: ConversationId(0),
        };
        let account = NewAccount {
            address: "romeo@example.org".to_owned(),
            host: None,
            port: None,
            allows_plain: false,
            proxy: String::new(),
        };
        let account = romeo.write(|tx, changes| accounts::insert(tx, changes, &account));
        romeo.account = account.unwrap();
        let account = romeo.account;
        romeo.chat =
            romeo.write(|tx, changes| conversations::ensure(tx, changes, account, JULIET, 5));
        romeo
    }

    fn write<T>(
        &mut self,
        job: impl FnOnce(&Transaction<'_>, &mut Changes) -> Result<T, StoreError>,
    ) -> T {
        let tx = self.connection.transaction().unwrap();
        let answer = job(&tx, &mut Changes::default()).unwrap();
        tx.commit().unwrap();
        answer
    }

    /// A message at a time, which is also its id in the archive: `a1` at 1.
    fn add(&mut self, direction: Direction, time: Timestamp) -> MessageId {
        let chat = self.chat;
        let message = NewMessage {
            direction,
            kind: MessageKind::Text,
            body: "O".to_owned(),
            time,
            delivery: Delivery::Delivered,
            ids: MessageIds {
                archive: format!("a{time}"),
                ..MessageIds::default()
            },
            hidden: String::new(),
            is_markable: false,
            protection: Protection::None,
            is_unstyled: false,
            reply: None,
            replaces: String::new(),
        };
        self.write(|tx, changes| messages::insert(tx, changes, chat, &message, End::New))
    }

    fn reads(&mut self, up_to: MessageId) {
        let chat = self.chat;
        self.write(|tx, changes| conversations::mark_read(tx, changes, chat, up_to));
    }

    /// Another device of Romeo's has read up to here.
    fn read_elsewhere(&mut self, archive_id: &str) {
        let account = self.account;
        self.write(|tx, changes| reading::take(tx, changes, account, JULIET, archive_id));
    }

    fn unread(&self) -> u32 {
        let row = conversations::row(&self.connection, self.chat).unwrap();
        row.unwrap().unread
    }

    /// What other devices are to learn.
    fn due(&mut self) -> Vec<String> {
        let account = self.account;
        let due: Vec<ReadUpTo> = self.write(|tx, _| reading::due(tx, account, 10));
        due.into_iter().map(|read| read.archive_id).collect()
    }

    fn told(&mut self, archive_id: &str) {
        let account = self.account;
        self.write(|tx, _| reading::told(tx, account, JULIET, archive_id));
    }

    fn seen_by_juliet(&mut self, up_to: MessageId) {
        let chat = self.chat;
        self.write(|tx, changes| reading::seen_by(tx, changes, chat, JULIET, up_to));
    }

    fn juliets_place(&self) -> Option<MessageId> {
        let readers = reading::readers(&self.connection, self.chat).unwrap();
        readers.first().map(|reader| reader.up_to)
    }

    fn list(&self) -> Vec<(String, bool)> {
        conversations::rows(&self.connection)
            .unwrap()
            .into_iter()
            .map(|row| (row.address, row.is_request))
            .collect()
    }

    fn asks(&mut self, address: &str) {
        let account = self.account;
        self.write(|tx, changes| requests::asks(tx, changes, account, address, 9));
    }
}

#[test]
fn what_was_read_on_another_device_is_read_here() {
    let mut romeo = Romeo::new();
    for time in [1, 2, 3] {
        romeo.add(Direction::Incoming, time);
    }

    romeo.read_elsewhere("a2");

    assert_eq!(romeo.unread(), 1);
    assert!(romeo.due().is_empty(), "the account knows it");
}

#[test]
fn a10_what_was_read_only_moves_forward() {
    let mut romeo = Romeo::new();
    for time in [1, 2, 3] {
        romeo.add(Direction::Incoming, time);
    }
    romeo.read_elsewhere("a3");

    romeo.read_elsewhere("a1");
    romeo.read_elsewhere("nothing-here");

    assert_eq!(romeo.unread(), 0);
}

#[test]
fn what_was_read_elsewhere_waits_for_its_message() {
    let mut romeo = Romeo::new();
    romeo.read_elsewhere("a2");
    let first = romeo.add(Direction::Incoming, 1);
    let second = romeo.add(Direction::Incoming, 2);
    let chat = romeo.chat;

    let is_read = |romeo: &mut Romeo, message, id: &str| {
        romeo.write(|tx, changes| reading::message_came(tx, changes, chat, message, id))
    };

    assert!(!is_read(&mut romeo, first, "a1"));
    assert_eq!(romeo.unread(), 2);
    assert!(is_read(&mut romeo, second, "a2"));
    assert_eq!(romeo.unread(), 0);
}

#[test]
fn other_devices_learn_once_what_was_read_here() {
    let mut romeo = Romeo::new();
    let first = romeo.add(Direction::Incoming, 1);
    assert!(romeo.due().is_empty(), "nothing was read");

    romeo.reads(first);
    assert_eq!(romeo.due(), ["a1"]);
    // It was lost on its way.
    assert_eq!(romeo.due(), ["a1"]);
    romeo.told("a1");

    assert!(romeo.due().is_empty());
    // What the user writes is no message they have read.
    let own = romeo.add(Direction::Outgoing, 2);
    romeo.reads(own);
    assert!(romeo.due().is_empty());
    let third = romeo.add(Direction::Incoming, 3);
    romeo.reads(third);
    assert_eq!(romeo.due(), ["a3"]);
}

#[test]
fn a10_nothing_older_is_told_than_the_account_holds() {
    let mut romeo = Romeo::new();
    let first = romeo.add(Direction::Incoming, 1);
    romeo.add(Direction::Outgoing, 2);
    romeo.reads(first);
    let account = romeo.account;
    // Another program names the user's own messages, too.
    romeo.told("a2");

    assert!(romeo.due().is_empty());
    let kept: String = romeo.write(|tx, _| {
        Ok(tx.query_row(
            "SELECT archive_id FROM read_elsewhere WHERE account_id = ?1",
            [account.0],
            |row| row.get(0),
        )?)
    });
    assert_eq!(kept, "a2");
}

#[test]
fn a_reader_stands_at_the_last_message_they_know_and_never_goes_back() {
    let mut romeo = Romeo::new();
    let first = romeo.add(Direction::Outgoing, 1);
    let second = romeo.add(Direction::Outgoing, 2);
    assert_eq!(romeo.juliets_place(), None);

    romeo.seen_by_juliet(first);
    assert_eq!(romeo.juliets_place(), Some(first));
    romeo.seen_by_juliet(second);
    romeo.seen_by_juliet(first);
    assert_eq!(romeo.juliets_place(), Some(second));

    // What Juliet writes, Juliet knows; not what Romeo writes below it.
    let answer = romeo.add(Direction::Incoming, 3);
    romeo.add(Direction::Outgoing, 4);
    romeo.add(Direction::Incoming, 5);
    assert_eq!(romeo.juliets_place(), Some(answer));
}

#[test]
fn a17_a_marker_for_a_message_of_another_chat_moves_nobody() {
    let mut romeo = Romeo::new();
    let account = romeo.account;
    let juliets = romeo.add(Direction::Outgoing, 1);
    let other = romeo
        .write(|tx, changes| conversations::ensure(tx, changes, account, "tybalt@example.org", 5));

    romeo.write(|tx, changes| reading::seen_by(tx, changes, other, "tybalt@example.org", juliets));

    assert!(
        reading::readers(&romeo.connection, other)
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_stranger_is_who_is_neither_contact_nor_provider_nor_answered() {
    let mut romeo = Romeo::new();
    let account = romeo.account;
    let contact = Contact {
        account,
        address: "nurse@example.org".into(),
        name: String::new(),
        subscription: Subscription::None,
        labels: Vec::new(),
        nickname: String::new(),
        picture: String::new(),
    };
    romeo.write(|tx, changes| contacts::put(tx, changes, &contact));

    for (address, is_request) in [
        ("tybalt@example.org", true),
        ("nurse@example.org", false),
        ("example.org", false),
        ("romeo@example.org", false),
        (JULIET, false),
    ] {
        let chat = romeo.write(|tx, changes| requests::ensure(tx, changes, account, address, 9));
        assert_eq!(
            requests::is_request(&romeo.connection, chat).unwrap(),
            is_request,
            "{address}"
        );
    }
    let tybalt = Contact {
        address: "tybalt@example.org".into(),
        ..contact
    };
    romeo.write(|tx, changes| contacts::put(tx, changes, &tybalt));
    assert!(romeo.list().iter().all(|(_, is_request)| !is_request));
}

#[test]
fn a_declined_request_is_gone_until_they_ask_again() {
    let mut romeo = Romeo::new();
    let account = romeo.account;
    romeo.asks("tybalt@example.org");
    let chat = conversations::find(&romeo.connection, account, "tybalt@example.org");
    let chat = chat.unwrap().unwrap();

    let owing = romeo.write(|tx, changes| requests::decline(tx, changes, chat));

    assert_eq!(owing, Some(account));
    assert_eq!(romeo.list(), [(JULIET.to_owned(), false)]);
    let answers = romeo.write(|tx, _| requests::take_answers(tx, account));
    assert_eq!(answers, [("tybalt@example.org".into(), Answer::Refused)]);
    romeo.asks("tybalt@example.org");
    assert!(romeo.list().contains(&("tybalt@example.org".into(), true)));
}

#[test]
fn who_asks_no_more_leaves_no_empty_request() {
    let mut romeo = Romeo::new();
    let account = romeo.account;
    romeo.asks("tybalt@example.org");

    romeo.write(|tx, changes| requests::asks_no_more(tx, changes, account, "tybalt@example.org"));

    assert_eq!(romeo.list(), [(JULIET.to_owned(), false)]);
}

#[test]
fn a56_a_flood_of_wishes_is_bounded() {
    let mut romeo = Romeo::new();
    for n in 0..1_100 {
        romeo.asks(&format!("bot{n}@spam.example"));
    }

    assert_eq!(romeo.list().len(), 1_001);
}

#[test]
fn chats_of_blocked_people_and_servers_are_hidden() {
    let mut romeo = Romeo::new();
    let account = romeo.account;
    for address in ["bot1@spam.example", "bot2@spam.example"] {
        romeo.write(|tx, changes| conversations::ensure(tx, changes, account, address, 9));
    }

    romeo.write(|tx, changes| {
        blocked::block(tx, changes, account, JULIET, None)?;
        blocked::replace_all(tx, changes, account, &["spam.example".to_owned()])
    });

    assert!(romeo.list().is_empty());
    // The wish that the server does not know yet outlives its list.
    let wishes = blocked::wishes(&romeo.connection, account).unwrap();
    assert_eq!(wishes.len(), 1);
    assert!(wishes[0].is_block);
    romeo.write(|tx, changes| {
        blocked::added(tx, changes, account, &[JULIET.to_owned()])?;
        blocked::unblock(tx, changes, account, "spam.example")
    });
    assert_eq!(romeo.list().len(), 2);
    let all = blocked::all(&romeo.connection).unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].address, JULIET);
}

#[test]
fn a_report_names_the_newest_messages_that_the_archive_knows() {
    let mut romeo = Romeo::new();
    let account = romeo.account;
    for time in 1..=30 {
        romeo.add(Direction::Incoming, time);
    }
    romeo.add(Direction::Outgoing, 31);

    romeo.write(|tx, changes| {
        blocked::block(tx, changes, account, JULIET, Some(ReportReason::Spam))
    });

    let wishes = blocked::wishes(&romeo.connection, account).unwrap();
    assert_eq!(wishes[0].messages.len(), 20);
    assert_eq!(wishes[0].messages[0], "a30");
}

#[test]
fn what_the_server_refuses_is_as_before() {
    let mut romeo = Romeo::new();
    let account = romeo.account;
    romeo.write(|tx, changes| {
        blocked::replace_all(tx, changes, account, &["tybalt@example.org".to_owned()])?;
        blocked::block(tx, changes, account, JULIET, None)?;
        blocked::unblock(tx, changes, account, "tybalt@example.org")
    });

    romeo.write(|tx, changes| {
        blocked::refused(tx, changes, account, JULIET)?;
        blocked::refused(tx, changes, account, "tybalt@example.org")
    });

    let all = blocked::all(&romeo.connection).unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].address, "tybalt@example.org");
}
