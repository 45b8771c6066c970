//! What the user does to chats and accounts: drafts, muting, deleting,
//! editing, switching off, removing.

use super::*;
use crate::engine::model::AccountEdit;
use crate::engine::model::{
    AccountId, Contact, ConversationId, Delivery, Direction, MessageId, MessageKind, PasswordPlace,
    Protection, Subscription, Timestamp,
};
use crate::engine::store::accounts::NewAccount;
use crate::engine::store::messages::{End, MessageIds, NewMessage};
use crate::engine::store::outbox::Owed;

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
        romeo.account = romeo.signs_in("romeo@example.org").unwrap();
        let account = romeo.account;
        romeo.chat = romeo
            .told(|tx, changes| conversations::ensure(tx, changes, account, JULIET, 5))
            .0;
        romeo
    }

    fn signs_in(&mut self, address: &str) -> Option<AccountId> {
        let account = NewAccount {
            address: address.to_owned(),
            host: None,
            port: None,
            allows_plain: false,
            proxy: String::new(),
        };
        self.told(|tx, changes| accounts::insert(tx, changes, &account))
            .0
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

    fn add(&mut self, direction: Direction, time: Timestamp, archive: &str, id: &str) -> MessageId {
        let chat = self.chat;
        let message = NewMessage {
            direction,
            kind: MessageKind::Text,
            body: id.to_owned(),
            time,
            delivery: Delivery::Delivered,
            ids: ids(archive, id),
            hidden: String::new(),
            is_markable: false,
            protection: Protection::None,
            is_unstyled: false,
            reply: None,
            replaces: String::new(),
        };
        self.told(|tx, changes| messages::insert(tx, changes, chat, &message, End::New))
            .0
    }

    fn was_deleted(&self, direction: Direction, ids: &MessageIds) -> bool {
        deletion::was_deleted(&self.connection, self.chat, direction, ids).unwrap()
    }

    fn list(&self) -> Vec<String> {
        conversations::rows(&self.connection)
            .unwrap()
            .into_iter()
            .map(|row| row.address)
            .collect()
    }

    fn waiting(&self) -> Vec<Owed> {
        owing::waiting(&self.connection, self.account, 10, &[])
            .unwrap()
            .into_iter()
            .map(|waiting| waiting.owed)
            .collect()
    }

    fn count(&self, table: &str) -> i64 {
        self.connection
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
                row.get(0)
            })
            .unwrap()
    }
}

fn ids(archive: &str, id: &str) -> MessageIds {
    MessageIds {
        archive: archive.to_owned(),
        origin: id.to_owned(),
        stanza: id.to_owned(),
    }
}

#[test]
fn a_draft_is_kept_whole_and_told_once() {
    let mut romeo = Romeo::new();
    let chat = romeo.chat;
    let text = "But soft!\n\n  What light?\n".repeat(300);

    let ((), first) = romeo.told(|tx, changes| conversations::set_draft(tx, changes, chat, &text));
    let ((), again) = romeo.told(|tx, changes| conversations::set_draft(tx, changes, chat, &text));

    assert_eq!(conversations::draft(&romeo.connection, chat).unwrap(), text);
    assert_eq!(first, [Change::Conversation(chat)]);
    assert_eq!(again, []);
    let row = conversations::row(&romeo.connection, chat)
        .unwrap()
        .unwrap();
    assert!(
        row.draft.starts_with("But soft! What light? But soft!"),
        "{}",
        row.draft
    );
    assert!(row.draft.chars().count() <= 201);
}

#[test]
fn a_draft_of_white_space_is_none() {
    let mut romeo = Romeo::new();
    let chat = romeo.chat;

    for text in ["Hark", " \n\t"] {
        romeo.told(|tx, changes| conversations::set_draft(tx, changes, chat, text));
    }

    assert_eq!(conversations::draft(&romeo.connection, chat).unwrap(), "");
}

#[test]
fn a_draft_that_comes_too_late_for_a_deleted_chat_is_dropped() {
    let mut romeo = Romeo::new();
    let chat = romeo.chat;
    romeo.told(|tx, changes| deletion::delete_chat(tx, changes, chat));

    romeo.told(|tx, changes| conversations::set_draft(tx, changes, chat, "Hark"));

    assert_eq!(conversations::draft(&romeo.connection, chat).unwrap(), "");
}

#[test]
fn of_a_draft_without_measure_the_beginning_is_kept() {
    let mut romeo = Romeo::new();
    let chat = romeo.chat;
    let text = "x".to_owned() + &"ü".repeat(600_000);

    romeo.told(|tx, changes| conversations::set_draft(tx, changes, chat, &text));

    let kept = conversations::draft(&romeo.connection, chat).unwrap();
    assert_eq!(kept.len(), 999_999, "a letter is not cut in half");
    assert!(text.starts_with(&kept));
}

#[test]
fn a_chat_is_muted_until_a_moment_or_for_ever() {
    let mut romeo = Romeo::new();
    let chat = romeo.chat;
    let mut mute = |until: Timestamp| {
        romeo.told(|tx, changes| conversations::mute(tx, changes, chat, until));
        conversations::row(&romeo.connection, chat)
            .unwrap()
            .unwrap()
    };

    let for_a_while = mute(1_000);
    assert!(for_a_while.is_muted(999) && !for_a_while.is_muted(1_000));
    assert!(mute(Timestamp::MAX).is_muted(4_000_000_000_000));
    assert!(!mute(0).is_muted(0));
    assert_eq!(mute(-5).muted_until, 0);
}

#[test]
fn a_deleted_chat_leaves_nothing_and_is_not_listed() {
    let mut romeo = Romeo::new();
    let (account, chat) = (romeo.account, romeo.chat);
    let seen = romeo.add(Direction::Incoming, 10, "a1", "m1");
    let written = romeo.add(Direction::Outgoing, 11, "", "m2");
    romeo.told(|tx, changes| {
        outbox::add(tx, account, chat, seen, Owed::Receipt)?;
        outbox::add(tx, account, chat, written, Owed::Message)?;
        conversations::set_draft(tx, changes, chat, "Hark")
    });

    let ((), told) = romeo.told(|tx, changes| deletion::delete_chat(tx, changes, chat));

    assert_eq!(romeo.list(), [""; 0]);
    assert_eq!(conversations::shown(&romeo.connection, chat).unwrap(), None);
    assert_eq!((romeo.count("messages"), romeo.count("outbox")), (0, 0));
    assert_eq!(conversations::draft(&romeo.connection, chat).unwrap(), "");
    let row = conversations::row(&romeo.connection, chat)
        .unwrap()
        .unwrap();
    assert!(row.is_history_complete);
    assert_eq!(row.unread, 0);
    assert_eq!(
        told,
        [
            Change::ConversationList,
            Change::Conversation(chat),
            Change::Messages {
                conversation: chat,
                ids: vec![seen, written],
            },
        ]
    );
}

#[test]
fn what_the_archive_may_bring_again_of_a_deleted_chat_is_known() {
    let mut romeo = Romeo::new();
    let chat = romeo.chat;
    romeo.add(Direction::Incoming, 10, "a1", "1");
    romeo.add(Direction::Incoming, 11, "", "p2");
    romeo.add(Direction::Outgoing, 12, "", "m3");

    romeo.told(|tx, changes| deletion::delete_chat(tx, changes, chat));

    assert!(romeo.was_deleted(Direction::Incoming, &ids("a1", "")));
    assert!(romeo.was_deleted(Direction::Incoming, &ids("a2", "p2")));
    assert!(romeo.was_deleted(Direction::Outgoing, &ids("a3", "m3")));
    // Some programs count their ids from one at every start.
    assert!(!romeo.was_deleted(Direction::Incoming, &ids("a4", "1")));
    assert!(!romeo.was_deleted(Direction::Incoming, &ids("", "")));
}

#[test]
fn what_lies_far_behind_the_cursor_needs_no_memory() {
    let mut romeo = Romeo::new();
    let (account, chat) = (romeo.account, romeo.chat);
    let day = archive::CLOCK_DOUBT;
    romeo.add(Direction::Incoming, day, "a1", "m1");
    romeo.add(Direction::Incoming, 3 * day, "a2", "m2");
    romeo.told(|tx, _| {
        let cursor = archive::Cursor {
            newest_id: "a2".into(),
            newest_time: 3 * day,
        };
        archive::set_cursor(tx, account, &cursor)
    });

    romeo.told(|tx, changes| deletion::delete_chat(tx, changes, chat));

    assert!(romeo.was_deleted(Direction::Incoming, &ids("a2", "")));
    assert!(!romeo.was_deleted(Direction::Incoming, &ids("a1", "")));
}

#[test]
fn a_new_message_or_its_address_shows_a_deleted_chat_again() {
    let mut romeo = Romeo::new();
    let (account, chat) = (romeo.account, romeo.chat);
    romeo.add(Direction::Incoming, 10, "a1", "m1");
    romeo.told(|tx, changes| deletion::delete_chat(tx, changes, chat));

    romeo.add(Direction::Incoming, 20, "a2", "m2");

    assert_eq!(romeo.list(), [JULIET]);
    let row = conversations::shown(&romeo.connection, chat)
        .unwrap()
        .unwrap();
    assert_eq!((row.unread, row.last_body.as_str()), (1, "m2"));

    romeo.told(|tx, changes| deletion::delete_chat(tx, changes, chat));
    let open = |tx: &Transaction<'_>, changes: &mut Changes| {
        conversations::open(tx, changes, account, JULIET, 77)
    };
    assert_eq!(romeo.told(open), (chat, vec![Change::ConversationList]));
    assert_eq!(romeo.told(open), (chat, vec![]));
    let row = conversations::shown(&romeo.connection, chat)
        .unwrap()
        .unwrap();
    assert_eq!((row.last_time, row.last_direction), (77, None));
}

#[test]
fn an_edited_account_reads_back_and_says_whether_it_is_reached_in_another_way() {
    let mut romeo = Romeo::new();
    let account = romeo.account;
    let mut edit =
        |edit: AccountEdit| romeo.told(|tx, changes| accounts::edit(tx, changes, account, &edit));
    let look = AccountEdit {
        label: "  Verona ".into(),
        colour: 9,
        port: Some(5223),
        ..AccountEdit::default()
    };

    let (same_way, told) = edit(look.clone());
    let (other_way, _) = edit(AccountEdit {
        host: Some(" chat.example.net ".into()),
        ..look.clone()
    });
    let (wild, _) = edit(AccountEdit {
        host: Some("  ".into()),
        label: format!("a\u{202e}b\n{}", "x".repeat(5_000)),
        colour: 10,
        ..look
    });

    assert_eq!((same_way, told), (None, vec![Change::Accounts]));
    let other_way = other_way.unwrap();
    assert_eq!(other_way.host.as_deref(), Some("chat.example.net"));
    assert_eq!(other_way.port, Some(5223));
    assert_eq!((other_way.label.as_str(), other_way.colour), ("Verona", 9));
    let wild = wild.unwrap();
    assert_eq!((wild.host, wild.port, wild.colour), (None, None, 0));
    assert!(wild.label.starts_with("ab xxx"), "{}", wild.label);
    assert_eq!(wild.label.chars().count(), 101, "cut, and shown to be");
}

#[test]
fn where_the_server_answered_last_is_forgotten_with_the_way_there() {
    let mut romeo = Romeo::new();
    let account = romeo.account;
    romeo.told(|tx, _| {
        tx.execute(
            "INSERT INTO sign_ins (account_id, host, port, features) VALUES (?1, 'a', 1, 'f')
             ON CONFLICT (account_id) DO UPDATE SET host = 'a', port = 1, features = 'f'",
            [account.0],
        )?;
        Ok(())
    });
    let remembered = |romeo: &Romeo| -> (String, u16, String) {
        let row = "SELECT host, port, features FROM sign_ins";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        romeo.connection.query_row(row, [], read).unwrap()
    };
    let label = AccountEdit {
        label: "Verona".into(),
        ..AccountEdit::default()
    };
    let tor = AccountEdit {
        proxy: "127.0.0.1:9050".into(),
        ..label.clone()
    };

    romeo.told(|tx, changes| accounts::edit(tx, changes, account, &label));
    assert_eq!(remembered(&romeo), ("a".into(), 1, "f".into()));
    romeo.told(|tx, changes| accounts::edit(tx, changes, account, &tor));
    assert_eq!(remembered(&romeo), (String::new(), 0, "f".into()));
}

#[test]
fn a_colour_that_is_none_counts_as_none() {
    let romeo = Romeo::new();
    for colour in [10, 77, -1, 4_000_000_000_i64] {
        romeo
            .connection
            .execute("UPDATE accounts SET colour = ?1", [colour])
            .unwrap();

        let account = accounts::all(&romeo.connection).unwrap().remove(0);
        assert_eq!(account.colour, 0, "{colour}");
    }
}

#[test]
fn where_a_password_is_kept_reads_back() {
    let mut romeo = Romeo::new();
    let account = romeo.account;
    assert_eq!(
        accounts::all(&romeo.connection).unwrap()[0].password_place,
        PasswordPlace::Keyring
    );

    romeo.told(|tx, changes| {
        accounts::set_password_place(tx, changes, account, PasswordPlace::File)
    });

    assert_eq!(
        accounts::all(&romeo.connection).unwrap()[0].password_place,
        PasswordPlace::File
    );
}

#[test]
fn an_account_put_away_is_out_of_sight_until_somebody_signs_in_again() {
    let mut romeo = Romeo::new();
    let (account, chat) = (romeo.account, romeo.chat);
    let seen = romeo.add(Direction::Incoming, 10, "a1", "m1");
    let written = romeo.add(Direction::Outgoing, 11, "", "m2");
    let juliet = Contact {
        nickname: String::new(),
        picture: String::new(),
        account,
        address: JULIET.to_owned(),
        name: "Juliet".to_owned(),
        subscription: Subscription::Both,
        labels: vec!["Verona".to_owned()],
    };
    romeo.told(|tx, changes| {
        tx.execute(
            "UPDATE messages SET delivery = 0 WHERE id = ?1",
            [written.0],
        )?;
        outbox::add(tx, account, chat, seen, Owed::Receipt)?;
        outbox::add(tx, account, chat, seen, Owed::Marker)?;
        outbox::add(tx, account, chat, written, Owed::Message)?;
        accounts::set_password_place(tx, changes, account, PasswordPlace::AskEachTime)?;
        contacts::put(tx, changes, &juliet)
    });

    romeo.told(|tx, changes| accounts::put_away(tx, changes, account));

    assert_eq!(accounts::all(&romeo.connection).unwrap(), []);
    assert_eq!(accounts::by_id(&romeo.connection, account).unwrap(), None);
    assert_eq!(contacts::all(&romeo.connection).unwrap(), []);
    assert_eq!(romeo.list(), [""; 0]);
    assert_eq!(conversations::shown(&romeo.connection, chat).unwrap(), None);
    assert!(
        conversations::waiting(&romeo.connection)
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        romeo.waiting(),
        [Owed::Message],
        "what only tells of us is dropped"
    );

    assert_eq!(romeo.signs_in("romeo@example.org"), Some(account));

    assert_eq!(romeo.list(), [JULIET]);
    assert_eq!(romeo.count("messages"), 2);
    assert_eq!(
        conversations::waiting(&romeo.connection).unwrap()[&account],
        1
    );
    let back = accounts::by_id(&romeo.connection, account)
        .unwrap()
        .unwrap();
    assert!(back.is_enabled);
    assert_eq!(back.password_place, PasswordPlace::Keyring);
    assert_eq!(contacts::all(&romeo.connection).unwrap(), [juliet]);
    assert_eq!(romeo.signs_in("romeo@example.org"), None, "it is here");
}

#[test]
fn what_is_not_owed_any_more_is_not_written() {
    let mut romeo = Romeo::new();
    let (account, chat) = (romeo.account, romeo.chat);
    let first = romeo.add(Direction::Incoming, 10, "a1", "m1");
    let second = romeo.add(Direction::Outgoing, 11, "", "m2");
    romeo.told(|tx, _| {
        outbox::add(tx, account, chat, first, Owed::Receipt)?;
        outbox::add(tx, account, chat, first, Owed::Marker)?;
        outbox::add(tx, account, chat, second, Owed::Message)
    });
    let read: Vec<_> = owing::waiting(&romeo.connection, account, 10, &[])
        .unwrap()
        .into_iter()
        .map(|waiting| waiting.id)
        .collect();

    romeo.told(|tx, _| outbox::drop_all(tx, Owed::Receipt));
    let (numbered, _) = romeo.told(|tx, changes| outbox::written(tx, changes, 1, 41, &read));

    assert_eq!(numbered, [(read[1], 42), (read[2], 43)]);
}
