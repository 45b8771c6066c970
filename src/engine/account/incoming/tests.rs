//! Arrivals on a real history in memory.
#![allow(clippy::unwrap_used)]

mod actions;

use minidom::Element;
use rusqlite::Connection;

use super::*;
use crate::engine::model::{
    Contact, ConversationRow, Delivery, Direction, MessageKind, MessageRow, Protection, Setting,
    Subscription,
};
use crate::engine::store::accounts::{self, NewAccount};
use crate::engine::store::messages::{End, MessageIds, NewMessage};
use crate::engine::store::outbox::Owed;
use crate::engine::store::owing;
use crate::engine::store::{preferences, tests::in_memory, window};
use crate::engine::xmpp::message;

const NOW: Timestamp = 1_800_000_000_000;

/// Romeo's history; Juliet may see his presence, Paris may not.
struct Romeo {
    connection: Connection,
    account: AccountId,
}

fn romeo() -> Romeo {
    let mut connection = in_memory();
    let tx = connection.transaction().unwrap();
    let new = NewAccount {
        address: "romeo@example.org".into(),
        host: None,
        port: None,
        allows_plain: false,
        proxy: String::new(),
    };
    let mut changes = Changes::default();
    let account = accounts::insert(&tx, &mut changes, &new).unwrap().unwrap();
    let juliet = Contact {
        nickname: String::new(),
        picture: String::new(),
        account,
        address: "juliet@example.org".into(),
        name: "Juliet".into(),
        subscription: Subscription::Both,
        labels: Vec::new(),
    };
    contacts::put(&tx, &mut changes, &juliet).unwrap();
    tx.commit().unwrap();
    Romeo {
        connection,
        account,
    }
}

impl Romeo {
    fn arrival(&self, delivered: Delivered, xml: &str) -> Arrival {
        let own = BareJid::new("romeo@example.org").unwrap();
        let element: Element = xml.parse().unwrap();
        Arrival {
            account: self.account,
            message: message::read(&element, &own).unwrap(),
            kept: Some(xml.to_owned())
                .filter(|_| message::read(&element, &own).unwrap().is_of_group),
            own,
            delivered,
            archive_id: None,
            stamp: None,
            opening: None,
            may_be_renamed: false,
            not_before: 0,
            now: NOW,
        }
    }

    fn apply(&mut self, arrival: &Arrival) -> Effect {
        let tx = self.connection.transaction().unwrap();
        let effect = apply(&tx, &mut Changes::default(), arrival).unwrap();
        tx.commit().unwrap();
        effect
    }

    fn live(&mut self, xml: &str) -> Effect {
        let arrival = self.arrival(Delivered::Live, xml);
        self.apply(&arrival)
    }

    fn archived(&mut self, delivered: Delivered, id: &str, stamp: Timestamp, xml: &str) -> Effect {
        let mut arrival = self.arrival(delivered, xml);
        arrival.archive_id = Some(id.into());
        arrival.stamp = Some(stamp);
        self.apply(&arrival)
    }

    fn sends(&mut self, body: &str, id: &str) -> MessageId {
        let account = self.account;
        self.write(|tx, changes| {
            let conversation =
                conversations::ensure(tx, changes, account, "juliet@example.org", NOW)?;
            let new = NewMessage {
                direction: Direction::Outgoing,
                kind: MessageKind::Text,
                hidden: String::new(),
                body: body.into(),
                time: NOW,
                delivery: Delivery::Pending,
                ids: MessageIds {
                    archive: String::new(),
                    origin: id.into(),
                    stanza: id.into(),
                },
                is_markable: false,
                protection: Protection::None,
                is_unstyled: false,
                reply: None,
                replaces: String::new(),
            };
            let message = messages::insert(tx, changes, conversation, &new, End::New)?;
            outbox::add(tx, account, conversation, message, Owed::Message)?;
            Ok(message)
        })
    }

    fn write<T>(
        &mut self,
        job: impl FnOnce(&Transaction<'_>, &mut Changes) -> Result<T, StoreError>,
    ) -> T {
        let tx = self.connection.transaction().unwrap();
        let done = job(&tx, &mut Changes::default()).unwrap();
        tx.commit().unwrap();
        done
    }

    fn chats(&self) -> Vec<ConversationRow> {
        conversations::rows(&self.connection).unwrap()
    }

    fn messages(&self) -> Vec<MessageRow> {
        let chats = self.chats();
        assert_eq!(chats.len(), 1, "{chats:?}");
        window::latest(&self.connection, chats[0].id, 100).unwrap()
    }

    fn bodies(&self) -> Vec<String> {
        self.messages()
            .into_iter()
            .map(|message| message.body)
            .collect()
    }

    fn owed(&self) -> Vec<Owed> {
        let waiting = owing::waiting(&self.connection, self.account, 100, &[]).unwrap();
        waiting.into_iter().map(|row| row.owed).collect()
    }
}

fn by_juliet(inside: &str) -> String {
    format!(
        "<message xmlns='jabber:client' type='chat' id='j1' from='juliet@example.org/balcony' \
         to='romeo@example.org'>{inside}</message>"
    )
}

#[test]
fn a_message_becomes_a_row_a_count_and_an_owed_receipt() {
    let mut romeo = romeo();

    let effect = romeo.live(&by_juliet(
        "<body>Hark</body><request xmlns='urn:xmpp:receipts'/>",
    ));

    assert!(effect.owes && effect.notify.is_some());
    assert_eq!(romeo.bodies(), ["Hark"]);
    assert_eq!(romeo.chats()[0].unread, 1);
    assert_eq!(romeo.owed(), [Owed::Receipt]);
}

#[test]
fn what_its_sender_wants_unstyled_is_shown_as_it_was_typed() {
    let mut romeo = romeo();

    romeo.live(&by_juliet(
        "<body>&gt; _ &lt;</body><unstyled xmlns='urn:xmpp:styling:0'/>",
    ));
    assert_eq!(romeo.chats()[0].last_body, "> _ <");
    romeo.live(&by_juliet("<body>&gt; _Who?_</body>"));
    assert_eq!(romeo.chats()[0].last_body, "Who?");

    let styled: Vec<bool> = romeo.messages().iter().map(|row| row.is_styled).collect();
    assert_eq!(styled, [false, true]);
}

#[test]
fn without_styling_nothing_is_styled_and_that_is_what_others_are_asked_for() {
    let mut romeo = romeo();
    romeo.live(&by_juliet("<body>&gt; _Who?_</body>"));

    romeo.write(|tx, changes| preferences::change(tx, changes, &[Setting::StylesMessages(false)]));

    assert_eq!(romeo.chats()[0].last_body, "> _Who?_");
    assert!(!romeo.messages()[0].is_styled);
    assert!(!preferences::styles_messages(&romeo.connection).unwrap());
}

#[test]
fn a18_a_stranger_gets_no_receipt() {
    let mut romeo = romeo();

    let effect = romeo.live(
        "<message xmlns='jabber:client' type='chat' id='p1' from='paris@example.org/a'>\
         <body>Hark</body><request xmlns='urn:xmpp:receipts'/></message>",
    );

    assert!(!effect.owes);
    assert_eq!(romeo.owed(), []);
}

#[test]
fn the_same_message_live_and_from_the_archive_is_one_row() {
    let mut romeo = romeo();
    let xml = by_juliet("<body>Hark</body><origin-id xmlns='urn:xmpp:sid:0' id='o1'/>");

    romeo.live(&xml);
    romeo.archived(Delivered::CatchUp, "a1", NOW - 5_000, &xml);
    romeo.archived(Delivered::CatchUp, "a1", NOW - 5_000, &xml);

    assert_eq!(romeo.bodies(), ["Hark"]);
    assert_eq!(romeo.chats()[0].unread, 1);
}

#[test]
fn a_program_that_counts_its_ids_from_one_again_loses_nothing() {
    let mut romeo = romeo();

    romeo.archived(
        Delivered::CatchUp,
        "a1",
        NOW - 5_000,
        &by_juliet("<body>Hark</body>"),
    );
    romeo.archived(
        Delivered::CatchUp,
        "a2",
        NOW - 4_000,
        &by_juliet("<body>Who is there?</body>"),
    );

    assert_eq!(romeo.bodies(), ["Hark", "Who is there?"]);
}

#[test]
fn archived_messages_of_the_same_second_stay_in_order_in_both_directions() {
    let mut romeo = romeo();
    for n in 3..6 {
        let xml = by_juliet(&format!("<body>{n}</body>")).replace("j1", &format!("j{n}"));
        romeo.archived(Delivered::CatchUp, &format!("a{n}"), NOW, &xml);
    }

    for n in (0..3).rev() {
        let xml = by_juliet(&format!("<body>{n}</body>")).replace("j1", &format!("j{n}"));
        romeo.archived(Delivered::Earlier, &format!("a{n}"), NOW, &xml);
    }

    assert_eq!(romeo.bodies(), ["0", "1", "2", "3", "4", "5"]);
}

#[test]
fn our_own_message_found_in_the_archive_is_sent_and_not_owed_any_more() {
    let mut romeo = romeo();
    romeo.sends("It is the east", "o1");

    romeo.archived(
        Delivered::CatchUp,
        "a1",
        NOW,
        "<message xmlns='jabber:client' type='chat' id='o1' from='romeo@example.org/x' to='juliet@example.org'>\
         <body>It is the east</body><origin-id xmlns='urn:xmpp:sid:0' id='o1'/></message>",
    );

    assert_eq!(romeo.messages()[0].delivery, Delivery::Sent);
    assert_eq!(romeo.bodies().len(), 1);
    assert_eq!(romeo.owed(), []);
}

#[test]
fn receipt_and_marker_move_a_message_on_and_never_back() {
    let mut romeo = romeo();
    romeo.sends("One", "o1");
    romeo.sends("Two", "o2");
    romeo.write(|tx, changes| {
        let rows: Vec<_> = owing::waiting(tx, AccountId(1), 9, &[])?
            .iter()
            .map(|row| row.id)
            .collect();
        outbox::confirmed(tx, changes, &rows)
    });

    romeo.live(&by_juliet(
        "<displayed xmlns='urn:xmpp:chat-markers:0' id='o2'/>",
    ));
    romeo.live(&by_juliet("<received xmlns='urn:xmpp:receipts' id='o2'/>"));

    let states: Vec<_> = romeo
        .messages()
        .iter()
        .map(|message| message.delivery)
        .collect();
    assert_eq!(states, [Delivery::Displayed, Delivery::Displayed]);
}

#[test]
fn a17_somebody_elses_receipt_or_marker_does_nothing() {
    let mut romeo = romeo();
    romeo.sends("One", "o1");

    for inside in [
        "<displayed xmlns='urn:xmpp:chat-markers:0' id='o1'/>",
        "<received xmlns='urn:xmpp:receipts' id='o1'/>",
    ] {
        romeo.live(&by_juliet(inside).replace("juliet@", "paris@"));
    }

    assert_eq!(romeo.messages()[0].delivery, Delivery::Pending);
    assert_eq!(romeo.owed(), [Owed::Message]);
}

const BOUNCE: &str = "<message xmlns='jabber:client' type='error' id='o1' from='juliet@example.org'>\
    <error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>";

#[test]
fn a_bounce_is_a_failure_with_its_reason() {
    let mut romeo = romeo();
    romeo.sends("One", "o1");

    romeo.live(BOUNCE);

    assert_eq!(
        romeo.messages()[0].delivery,
        Delivery::Failed(SendFailure::NoSuchAddress)
    );
    assert_eq!(romeo.owed(), []);
}

#[test]
fn a_bounce_of_a_message_that_arrived_or_is_archived_is_no_failure() {
    let mut received = romeo();
    received.sends("One", "o1");
    received.live(&by_juliet("<received xmlns='urn:xmpp:receipts' id='o1'/>"));
    received.live(BOUNCE);
    assert_eq!(received.messages()[0].delivery, Delivery::Delivered);

    let mut archived = romeo();
    archived.sends("One", "o1");
    let xml = "<message xmlns='jabber:client' type='chat' id='o1' from='romeo@example.org/x' \
               to='juliet@example.org'><body>One</body></message>";
    archived.archived(Delivered::CatchUp, "a1", NOW, xml);
    archived.live(BOUNCE);
    assert_eq!(archived.messages()[0].delivery, Delivery::Sent);
}

#[test]
fn what_another_device_sends_marks_the_chat_as_read() {
    let mut romeo = romeo();
    romeo.live(&by_juliet("<body>Hark</body>"));

    let copy = romeo.arrival(
        Delivered::Copy,
        "<message xmlns='jabber:client' type='chat' id='r1' from='romeo@example.org/phone' to='juliet@example.org'>\
         <body>I hear</body></message>",
    );
    romeo.apply(&copy);

    assert_eq!(romeo.bodies(), ["Hark", "I hear"]);
    assert_eq!(romeo.messages()[1].direction, Direction::Outgoing);
    assert_eq!(romeo.chats()[0].unread, 0);
}

#[test]
fn a57_a_time_ahead_is_now_and_what_arrives_now_stands_at_the_end() {
    let mut romeo = romeo();

    romeo.archived(
        Delivered::CatchUp,
        "a1",
        NOW + 86_400_000,
        &by_juliet("<body>From tomorrow</body>"),
    );
    romeo.live(&by_juliet("<body>Now</body>").replace("j1", "j2"));

    assert_eq!(romeo.bodies(), ["From tomorrow", "Now"]);
    assert!(romeo.messages().iter().all(|message| message.time <= NOW));
}

#[test]
fn a12_a_private_message_of_a_group_is_no_direct_chat() {
    let mut romeo = romeo();

    romeo.live(&by_juliet(
        "<body>Psst</body><x xmlns='http://jabber.org/protocol/muc#user'/>",
    ));

    assert_eq!(romeo.chats(), []);
}

#[test]
fn a_stamp_of_whole_seconds_does_not_put_a_message_above_what_came_first() {
    let mut romeo = romeo();
    romeo.archived(
        Delivered::Live,
        "a1",
        NOW - 4_266,
        &by_juliet("<body>First</body>").replace("j1", "s0"),
    );

    // The same second, rounded down, as a resumed stream stamps it.
    romeo.archived(
        Delivered::Live,
        "a2",
        NOW - 5_000,
        &by_juliet("<body>Second</body>").replace("j1", "s1"),
    );
    // The second before it: really older.
    romeo.archived(
        Delivered::CatchUp,
        "a0",
        NOW - 6_000,
        &by_juliet("<body>Missed</body>").replace("j1", "s2"),
    );

    assert_eq!(romeo.bodies(), ["Missed", "First", "Second"]);
}

#[test]
fn what_a_resumed_stream_brings_late_stays_below_what_came_first_whatever_was_written_meanwhile() {
    let mut romeo = romeo();
    romeo.archived(
        Delivered::Live,
        "a1",
        NOW - 3_447,
        &by_juliet("<body>First</body>").replace("j1", "s0"),
    );
    romeo.sends("Meanwhile", "o1");

    // Taken by the server just after the first, and kept while the line was down.
    romeo.archived(
        Delivered::Live,
        "a2",
        NOW - 4_000,
        &by_juliet("<body>Second</body>").replace("j1", "s1"),
    );

    assert_eq!(romeo.bodies(), ["First", "Second", "Meanwhile"]);
}

#[test]
fn the_archive_knows_better_than_a_stamp_of_whole_seconds() {
    let mut romeo = romeo();
    // From offline storage, before the archive was read.
    let last = by_juliet("<body>Last</body><origin-id xmlns='urn:xmpp:sid:0' id='last'/>");
    romeo.archived(Delivered::Live, "", NOW - 5_000, &last);

    romeo.archived(
        Delivered::CatchUp,
        "a1",
        NOW - 4_500,
        &by_juliet("<body>First</body><origin-id xmlns='urn:xmpp:sid:0' id='first'/>")
            .replace("j1", "j0"),
    );
    romeo.archived(Delivered::CatchUp, "a2", NOW - 3_990, &last);

    assert_eq!(romeo.bodies(), ["First", "Last"]);
    assert_eq!(romeo.chats()[0].last_body, "Last");
    assert_eq!(romeo.chats()[0].unread, 2);
}

#[test]
fn of_several_of_one_second_none_passes_the_next() {
    let mut romeo = romeo();
    let text = |n: u32| by_juliet(&format!("<body>{n}</body>")).replace("j1", &format!("s{n}"));
    for n in 1..=3 {
        romeo.archived(Delivered::Live, &format!("a{n}"), NOW - 5_000, &text(n));
    }

    // The archive is read up to the second of them only.
    for n in 1..=2 {
        romeo.archived(Delivered::CatchUp, &format!("a{n}"), NOW - 4_500, &text(n));
    }

    assert_eq!(romeo.bodies(), ["1", "2", "3"]);
}

#[test]
fn without_an_archive_another_text_under_a_used_id_is_another_message() {
    let mut romeo = romeo();

    // Some programs count their ids from one at every start.
    romeo.live(&by_juliet("<body>Hark</body>"));
    romeo.live(&by_juliet("<body>Hark</body>"));
    romeo.live(&by_juliet("<body>Good night</body>"));

    assert_eq!(romeo.bodies(), ["Hark", "Good night"]);
}

#[test]
fn a_missed_message_stamped_at_a_full_second_stays_above_what_came_live() {
    let mut romeo = romeo();
    romeo.archived(
        Delivered::Live,
        "a9",
        NOW - 4_500,
        &by_juliet("<body>Live</body>").replace("j1", "live"),
    );

    romeo.archived(
        Delivered::CatchUp,
        "a1",
        NOW - 5_000,
        &by_juliet("<body>Missed</body>"),
    );

    assert_eq!(romeo.bodies(), ["Missed", "Live"]);
}

#[test]
fn what_is_missing_before_a_message_that_was_seen_is_put_above_it() {
    let mut romeo = romeo();
    let second = NOW - NOW % 1000 - 5_000;
    let by = |text: &str| by_juliet(&format!("<body>{text}</body>")).replace("j1", text);
    romeo.archived(Delivered::Live, "a0", second - 3_000, &by("first"));
    // The offline storage knows whole seconds only, rounded down.
    romeo.archived(Delivered::Live, "a3", second, &by("third"));
    let mut stretch: Vec<_> = [("a1", "second", 41), ("a2", "and", 50), ("a3", "third", 61)]
        .into_iter()
        .map(|(id, text, after)| {
            let mut arrival = romeo.arrival(Delivered::CatchUp, &by(text));
            arrival.archive_id = Some(id.into());
            arrival.stamp = Some(second + after);
            arrival
        })
        .collect();
    romeo.write(|tx, changes| {
        let conversation = conversations::find(tx, stretch[0].account, "juliet@example.org")?;
        let third = messages::incoming(tx, conversation.unwrap(), "third")?;
        conversations::mark_read(tx, changes, conversation.unwrap(), third.unwrap().id)
    });

    let listed = Listed::default();
    romeo.write(|tx, changes| apply_stretch(tx, changes, &mut stretch, second - 3_000, listed));

    assert_eq!(romeo.bodies(), ["first", "second", "and", "third"]);
}

#[test]
fn what_a_broken_connection_mixed_up_stands_as_the_archive_lists_it() {
    let mut romeo = romeo();
    let by = |text: &str| by_juliet(&format!("<body>{text}</body>")).replace("j1", text);
    // The new connection brought the third before the second was repeated.
    for (id, text) in [("a1", "first"), ("a3", "third"), ("a2", "second")] {
        romeo.archived(Delivered::Live, id, NOW - 5_000, &by(text));
    }
    let list = |romeo: &Romeo, texts: &[(&str, &str)]| -> Vec<_> {
        texts
            .iter()
            .map(|(id, text)| {
                let mut arrival = romeo.arrival(Delivered::CatchUp, &by(text));
                arrival.archive_id = Some((*id).into());
                arrival.stamp = Some(NOW - 4_900);
                arrival
            })
            .collect()
    };
    let mut one = list(&romeo, &[("a1", "first"), ("a2", "second")]);
    let mut next = list(&romeo, &[("a3", "third"), ("a4", "fourth")]);

    let applied =
        romeo.write(|tx, changes| apply_stretch(tx, changes, &mut one, 0, Listed::default()));
    romeo.write(|tx, changes| apply_stretch(tx, changes, &mut next, applied.floor, applied.listed));

    assert_eq!(romeo.bodies(), ["first", "second", "third", "fourth"]);
    assert_eq!(romeo.chats()[0].unread, 4);
}

#[test]
fn a_time_that_is_known_better_passes_nothing_of_the_next_second() {
    let mut romeo = romeo();
    let second = NOW - NOW % 1000 - 5_000;
    let by = |text: &str| by_juliet(&format!("<body>{text}</body>")).replace("j1", text);
    romeo.archived(Delivered::Live, "a1", second, &by("first"));
    romeo.archived(Delivered::Live, "a2", second + 1_000, &by("second"));

    romeo.archived(Delivered::CatchUp, "a1", second + 1_003, &by("first"));

    assert_eq!(romeo.bodies(), ["first", "second"]);
}

#[test]
fn what_its_sender_sent_again_is_one_message_though_the_archive_has_both() {
    let mut romeo = romeo();
    let resent =
        by_juliet("<body>Hark</body><origin-id xmlns='urn:xmpp:sid:0' id='o1-unlike-any-other'/>");

    romeo.archived(Delivered::Live, "a1", NOW - 5_000, &resent);
    romeo.archived(Delivered::CatchUp, "a2", NOW - 4_000, &resent);

    assert_eq!(romeo.bodies(), ["Hark"]);
}

#[test]
fn a_second_invitation_counts_after_more_than_a_day() {
    let mut romeo = romeo();
    let day = 24 * 60 * 60 * 1000;
    let invitation = by_juliet("<x xmlns='jabber:x:conference' jid='ball@rooms.example.org'/>")
        .replace(" id='j1'", "");
    let mut invited = |id: &str, stamp| {
        romeo.archived(Delivered::CatchUp, id, stamp, &invitation);
    };

    invited("a1", NOW - 3 * day);
    invited("a2", NOW - 2 * day);
    invited("a3", NOW - day);
    romeo.live(&invitation);

    let times: Vec<_> = romeo.messages().iter().map(|row| row.time).collect();
    assert_eq!(times, [NOW - 3 * day, NOW - day]);
}

#[test]
fn a_call_of_one_id_is_one_row_for_ever() {
    let mut romeo = romeo();
    let offer = by_juliet(
        "<propose xmlns='urn:xmpp:jingle-message:0' id='c1'>\
         <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose>",
    );

    romeo.archived(Delivered::CatchUp, "a1", 0, &offer);
    romeo.live(&offer.replace("j1", "j2"));

    assert_eq!(romeo.messages().len(), 1);
}
