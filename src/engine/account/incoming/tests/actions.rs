//! What arrivals do with other messages.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::engine::model::{EncryptionChoice, Reaction, Trust};
use crate::engine::store::{deletion, protection, versions};

const BLIND: Protection = Protection::Omemo {
    trust: Trust::Blind,
};

fn juliet(id: &str, inside: &str) -> String {
    from("juliet@example.org/balcony", id, inside)
}

fn from(sender: &str, id: &str, inside: &str) -> String {
    let to = if sender.starts_with("romeo") {
        "juliet@example.org"
    } else {
        "romeo@example.org"
    };
    format!(
        "<message xmlns='jabber:client' type='chat' id='{id}' from='{sender}' to='{to}'>{inside}</message>"
    )
}

fn said(text: &str) -> String {
    format!("<body>{text}</body>")
}

fn correction(of: &str, text: &str) -> String {
    format!("<body>{text}</body><replace xmlns='urn:xmpp:message-correct:0' id='{of}'/>")
}

fn reaction(to: &str, emoji: &str) -> String {
    format!(
        "<reactions xmlns='urn:xmpp:reactions:0' id='{to}'><reaction>{emoji}</reaction></reactions>"
    )
}

fn retraction(of: &str) -> String {
    format!(
        "<body>/me retracted something</body>\
         <retract xmlns='urn:xmpp:message-retract:1' id='{of}'/>\
         <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:message-retract:1'/>"
    )
}

fn reply(to: &str, body: &str, end: usize) -> String {
    format!(
        "<body>{body}</body><reply xmlns='urn:xmpp:reply:0' to='romeo@example.org' id='{to}'/>\
         <fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='{end}'/></fallback>"
    )
}

impl Romeo {
    /// What came from the archive, reading back: the newest first.
    fn earlier(&mut self, stamp: Timestamp, xml: &str) -> Effect {
        let archive_id = format!("a{stamp}");
        self.archived(Delivered::Earlier, &archive_id, stamp, xml)
    }

    fn sealed(&mut self, xml: &str, protection: Protection) -> Effect {
        let mut arrival = self.arrival(Delivered::Live, xml);
        arrival.opening = Some(Opening {
            mark: xml.to_owned(),
            protection,
            why: crate::engine::model::CannotRead::Damaged,
            device: None,
        });
        self.apply(&arrival)
    }

    fn emoji(&self, message: usize) -> Vec<(String, bool, usize)> {
        let reactions = &self.messages()[message].reactions;
        let told = |one: &Reaction| (one.emoji.clone(), one.by_me, one.by.len());
        reactions.iter().map(told).collect()
    }

    fn texts(&self, message: usize) -> Vec<String> {
        let id = self.messages()[message].id;
        let texts = versions::of_message(&self.connection, id).unwrap();
        texts.into_iter().map(|version| version.body).collect()
    }
}

#[test]
fn a_correction_changes_its_message_and_tells_nobody() {
    let mut romeo = romeo();
    romeo.live(&juliet("m1", &said("Good nihgt")));

    let effect = romeo.live(&juliet("m2", &correction("m1", "Good night")));

    assert!(effect.notify.is_none() && effect.added.is_none());
    assert_eq!(romeo.bodies(), ["Good night"]);
    assert!(romeo.messages()[0].edited.is_some());
    assert_eq!(romeo.texts(0), ["Good nihgt", "Good night"]);
    assert_eq!(romeo.chats()[0].unread, 1);
    assert_eq!(romeo.chats()[0].last_body, "Good night");
}

#[test]
fn a_correction_is_confirmed_by_its_own_id() {
    let mut romeo = romeo();
    romeo.live(&juliet("m1", &said("Good nihgt")));
    let request = "<request xmlns='urn:xmpp:receipts'/>";

    let effect = romeo.live(&juliet("m2", &(correction("m1", "Good night") + request)));

    assert!(effect.owes);
    let owed = owing::waiting(&romeo.connection, romeo.account, 9, &[]).unwrap();
    assert_eq!(owed[0].owed, Owed::CorrectionReceipt);
    assert_eq!(owed[0].stanza_id, "m2");
}

#[test]
fn a_correction_that_comes_twice_is_one() {
    let mut romeo = romeo();
    romeo.live(&juliet("m1", &said("one")));
    romeo.live(&juliet("m2", &correction("m1", "two")));
    romeo.live(&juliet("m3", &correction("m1", "three")));

    romeo.archived(
        Delivered::CatchUp,
        "a2",
        NOW - 5,
        &juliet("m2", &correction("m1", "two")),
    );
    romeo.archived(
        Delivered::CatchUp,
        "a1",
        NOW - 9,
        &juliet("m1", &said("one")),
    );

    assert_eq!(romeo.bodies(), ["three"]);
    assert_eq!(romeo.texts(0), ["one", "two", "three"]);
}

#[test]
fn a_correction_of_a_correction_corrects_the_message() {
    let mut romeo = romeo();
    romeo.live(&juliet("m1", &said("one")));
    romeo.live(&juliet("m2", &correction("m1", "two")));
    romeo.live(&juliet("m3", &correction("m2", "three")));

    assert_eq!(romeo.bodies(), ["three"]);
}

#[test]
fn an_archive_read_backwards_gives_the_newest_text_and_its_history() {
    let mut romeo = romeo();
    romeo.live(&juliet("m9", &said("now")));

    romeo.earlier(NOW - 10, &juliet("m3", &correction("m1", "three")));
    romeo.earlier(NOW - 20, &juliet("m2", &correction("m1", "two")));
    assert_eq!(romeo.bodies(), ["two", "three", "now"]);
    romeo.earlier(NOW - 30, &juliet("m1", &said("one")));

    assert_eq!(romeo.bodies(), ["three", "now"]);
    assert_eq!(romeo.texts(0), ["one", "two", "three"]);
    assert_eq!(romeo.messages()[0].time, NOW - 30);
    // And once more, all of it.
    romeo.earlier(NOW - 20, &juliet("m2", &correction("m1", "two")));
    romeo.earlier(NOW - 30, &juliet("m1", &said("one")));
    assert_eq!(romeo.bodies(), ["three", "now"]);
}

#[test]
fn in_an_archive_of_whole_seconds_read_backwards_the_last_listed_counts() {
    let mut romeo = romeo();
    romeo.live(&juliet("m9", &said("now")));

    for (id, inside) in [
        ("m5", reaction("m1", "🐢")),
        ("m4", reaction("m1", "👍")),
        ("m3", correction("m1", "three")),
        ("m2", correction("m1", "two")),
        ("m1", said("one")),
    ] {
        romeo.archived(Delivered::Earlier, id, NOW - 5_000, &juliet(id, &inside));
    }

    assert_eq!(romeo.bodies(), ["three", "now"]);
    assert_eq!(romeo.texts(0), ["one", "two", "three"]);
    assert_eq!(romeo.emoji(0), [("🐢".into(), false, 1)]);
}

#[test]
fn what_corrects_a_message_that_is_not_here_is_shown() {
    let mut romeo = romeo();

    let effect = romeo.live(&juliet("m2", &correction("m1", "two")));

    assert!(effect.notify.is_some());
    assert_eq!(romeo.bodies(), ["two"]);
    assert!(romeo.messages()[0].edited.is_some());
}

#[test]
fn a7_nobody_corrects_or_takes_back_what_another_wrote() {
    let mut romeo = romeo();
    romeo.sends("I take thee at thy word", "r1");
    romeo.live(&juliet("m1", &said("Hark")));

    romeo.live(&juliet("m2", &correction("r1", "I hate thee")));
    romeo.live(&juliet("m3", &retraction("r1")));
    romeo.live(&from("paris@example.org", "p1", &correction("m1", "No")));
    romeo.live(&from("paris@example.org", "p2", &retraction("m1")));
    romeo.live(&from("romeo@example.org/phone", "r2", &retraction("m1")));

    let juliets = romeo
        .chats()
        .into_iter()
        .find(|chat| chat.address.starts_with("juliet"))
        .unwrap();
    let messages = window::latest(&romeo.connection, juliets.id, 9).unwrap();
    let bodies: Vec<_> = messages
        .iter()
        .map(|message| message.body.as_str())
        .collect();
    assert_eq!(bodies, ["I take thee at thy word", "Hark", "I hate thee"]);
    assert!(messages.iter().all(|one| one.kind == MessageKind::Text));
}

#[test]
fn a8_corrections_that_name_themselves_or_each_other_end() {
    let mut romeo = romeo();
    romeo.live(&juliet("m1", &correction("m1", "myself")));
    romeo.live(&juliet("x", &correction("y", "first")));
    romeo.live(&juliet("y", &correction("x", "second")));
    romeo.live(&juliet("x", &correction("y", "third")));

    assert_eq!(romeo.bodies(), ["myself", "third"]);

    let mut backwards = self::romeo();
    backwards.live(&juliet("m9", &said("now")));
    for (stamp, id, of) in [(30, "a", "b"), (20, "b", "c"), (10, "c", "a")] {
        backwards.earlier(stamp, &juliet(id, &correction(of, id)));
    }
    assert_eq!(backwards.bodies(), ["a", "now"]);
}

#[test]
fn a7_a_plain_correction_does_not_replace_sealed_words() {
    let mut romeo = romeo();
    romeo.sealed(&juliet("m1", &said("At nine")), BLIND);

    romeo.live(&juliet("m2", &correction("m1", "At ten")));

    let rows = romeo.messages();
    assert_eq!(rows[0].body, "At nine");
    assert_eq!(rows[0].edited, None);
    assert_eq!(rows[1].body, "At ten");
    assert_eq!(rows[1].protection, Protection::PlainAmongEncrypted);
    // Nor does one by a key that is less trusted, or one that came first.
    let verified = Protection::Omemo {
        trust: Trust::Verified,
    };
    romeo.sealed(&juliet("m3", &said("At five")), verified);
    romeo.sealed(&juliet("m4", &correction("m3", "At six")), BLIND);
    romeo.live(&juliet("m6", &correction("m5", "At seven")));
    romeo.sealed(&juliet("m5", &said("At eight")), BLIND);
    assert_eq!(
        romeo.bodies(),
        [
            "At nine", "At ten", "At five", "At six", "At seven", "At eight"
        ]
    );
    romeo.sealed(&juliet("m7", &correction("m5", "At noon")), verified);
    assert_eq!(romeo.messages()[5].body, "At noon");
    assert_eq!(romeo.messages()[5].protection, verified);
}

#[test]
fn what_is_taken_back_is_gone_and_says_so() {
    let mut romeo = romeo();
    romeo.live(&juliet("m1", &said("Hark")));
    romeo.live(&juliet("m2", &correction("m1", "Hark!")));
    romeo.live(&juliet("m3", &reaction("m1", "👍")));

    let effect = romeo.live(&juliet("m4", &retraction("m1")));

    assert!(effect.added.is_none());
    let rows = romeo.messages();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].kind, MessageKind::Retracted);
    assert!(rows[0].body.is_empty() && rows[0].reactions.is_empty() && romeo.texts(0).is_empty());
    // It stays so, whatever comes again or later.
    romeo.archived(
        Delivered::CatchUp,
        "a1",
        NOW - 9,
        &juliet("m1", &said("Hark")),
    );
    romeo.live(&juliet("m2", &correction("m1", "Hark!")));
    romeo.live(&juliet("m5", &reaction("m1", "👎")));
    assert_eq!(romeo.messages(), rows);
}

#[test]
fn what_was_taken_back_before_it_came_is_never_shown() {
    let mut romeo = romeo();
    romeo.live(&juliet("m9", &said("now")));
    romeo.earlier(NOW - 10, &juliet("m3", &retraction("m1")));
    romeo.earlier(NOW - 20, &juliet("m2", &correction("m1", "Hark!")));
    romeo.earlier(NOW - 30, &juliet("m1", &said("Hark")));

    let rows = romeo.messages();
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].kind, MessageKind::Retracted);
}

#[test]
fn a11_a_retraction_hides_only_the_words_that_stand_in_for_it() {
    let mut romeo = romeo();
    romeo.live(&juliet("m1", &said("Hark")));

    romeo.live(&juliet(
        "m2",
        "<body>Listen</body><retract xmlns='urn:xmpp:message-retract:1' id='m1'/>",
    ));

    assert_eq!(romeo.messages()[0].kind, MessageKind::Retracted);
    assert_eq!(romeo.bodies(), ["", "Listen"]);
}

#[test]
fn reactions_of_both_sides_are_counted_and_the_newest_set_of_each_stays() {
    let mut romeo = romeo();
    romeo.sends("Hark", "r1");
    romeo.live(&juliet("m1", &reaction("r1", "👍")));
    romeo.live(&from(
        "romeo@example.org/phone",
        "r2",
        &reaction("r1", "👍"),
    ));
    assert_eq!(romeo.emoji(0), [("👍".into(), true, 1)]);

    romeo.live(&juliet("m2", &reaction("r1", "🐢")));
    assert_eq!(
        romeo.emoji(0),
        [("👍".into(), true, 0), ("🐢".into(), false, 1)]
    );
    romeo.live(&juliet(
        "m3",
        "<reactions xmlns='urn:xmpp:reactions:0' id='r1'/>",
    ));
    romeo.archived(
        Delivered::CatchUp,
        "a1",
        NOW - 60_000,
        &juliet("m1", &reaction("r1", "👍")),
    );
    assert_eq!(romeo.emoji(0), [("👍".into(), true, 0)]);
    assert_eq!(romeo.messages().len(), 1);
}

#[test]
fn reactions_wait_for_their_message_and_the_newest_counts() {
    let mut romeo = romeo();
    romeo.live(&juliet("m9", &said("now")));
    romeo.earlier(NOW - 10, &juliet("m3", &reaction("m1", "🐢")));
    romeo.earlier(NOW - 20, &juliet("m2", &reaction("m1", "👍")));
    romeo.earlier(
        NOW - 25,
        &from("romeo@example.org/phone", "r1", &reaction("m1", "👋")),
    );
    romeo.earlier(NOW - 30, &juliet("m1", &said("Hark")));

    assert_eq!(
        romeo.emoji(0),
        [("👋".into(), true, 0), ("🐢".into(), false, 1)]
    );
}

#[test]
fn a7_strangers_react_to_nothing_and_begin_no_chat() {
    let mut romeo = romeo();
    romeo.live(&juliet("m1", &said("Hark")));

    romeo.live(&from("paris@example.org", "p1", &reaction("m1", "👎")));
    romeo.live(&from("paris@example.org", "p2", &retraction("m1")));

    assert_eq!(romeo.messages()[0].body, "Hark");
    assert!(romeo.emoji(0).is_empty());
}

#[test]
fn a11_words_in_a_reaction_are_not_shown_and_words_beside_it_are() {
    let mut romeo = romeo();
    romeo.live(&juliet("m1", &said("Hark")));

    romeo.live(&juliet("m2", &reaction("m1", "Buy now")));
    assert_eq!(romeo.bodies(), ["Hark"]);
    assert!(romeo.emoji(0).is_empty());

    let beside = reaction("m1", "👍") + &said("&gt; Hark\n👍");
    let fallback = "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reactions:0'/>";
    romeo.live(&juliet("m3", &(beside.clone() + fallback)));
    assert_eq!(romeo.bodies(), ["Hark"]);
    romeo.live(&juliet("m4", &beside));
    assert_eq!(romeo.bodies(), ["Hark", "> Hark\n👍"]);
}

#[test]
fn a_reply_shows_its_target_and_not_the_quote() {
    let mut romeo = romeo();
    romeo.sends("Shall we?", "r1");

    romeo.live(&juliet("m1", &reply("r1", "&gt; Shall we?\nYes", 12)));

    let rows = romeo.messages();
    assert_eq!(rows[1].body, "Yes");
    let answered = rows[1].reply.clone().unwrap();
    assert_eq!(answered.target, Some(rows[0].id));
    assert_eq!(answered.words, "Shall we?");
    assert_eq!(romeo.chats()[0].last_body, "Yes");
}

#[test]
fn a_reply_to_what_is_not_here_is_linked_when_that_comes() {
    let mut romeo = romeo();
    romeo.live(&juliet("m2", &reply("r1", "&gt; Shall we?\nYes", 12)));
    let answered = romeo.messages()[0].reply.clone().unwrap();
    assert_eq!(answered.target, None);
    assert_eq!(answered.by, Some(Direction::Outgoing));
    assert_eq!(answered.words, "Shall we?");

    romeo.earlier(
        NOW - 30,
        &from("romeo@example.org/phone", "r1", &said("Shall we go?")),
    );

    let rows = romeo.messages();
    let answered = rows[1].reply.clone().unwrap();
    assert_eq!(answered.target, Some(rows[0].id));
    assert_eq!(answered.words, "Shall we go?");
}

#[test]
fn a11_a_quote_that_hides_all_or_nothing_stays() {
    let mut romeo = romeo();
    for (id, end) in [("m1", 12), ("m2", 99)] {
        romeo.live(&juliet(id, &reply("r1", "&gt; Shall we?", end)));
    }
    romeo.live(&juliet(
        "m3",
        "<body>Hark</body><fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'>\
         <body start='0' end='3'/></fallback>",
    ));

    assert_eq!(romeo.bodies(), ["> Shall we?", "> Shall we?", "Hark"]);
}

#[test]
fn a7_what_is_done_across_chats_or_by_groups_does_nothing() {
    let mut romeo = romeo();
    romeo.live(&juliet("m1", &said("Hark")));
    let group = "<x xmlns='http://jabber.org/protocol/muc#user'/>";
    romeo.live(&juliet("m2", &(retraction("m1") + group)));
    let headline = juliet("m3", &retraction("m1")).replace("type='chat'", "type='headline'");
    romeo.live(&headline);
    let error = juliet("m4", &retraction("m1")).replace("type='chat'", "type='error'");
    romeo.live(&error);

    assert_eq!(romeo.messages()[0].body, "Hark");
}

#[test]
fn a_refused_reaction_is_as_before_and_a_refused_correction_has_failed() {
    let mut romeo = romeo();
    romeo.sends("one", "r1");
    romeo.live(&from(
        "romeo@example.org/phone",
        "x1",
        &reaction("r1", "👍"),
    ));
    romeo.live(&from(
        "romeo@example.org/phone",
        "x2",
        &reaction("r1", "🐢"),
    ));
    romeo.live(&from(
        "romeo@example.org/phone",
        "x3",
        &correction("r1", "two"),
    ));
    let refused = |id: &str| {
        juliet(
            id,
            "<error type='cancel'><not-acceptable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
        )
        .replace("type='chat'", "type='error'")
    };

    romeo.live(&refused("x2"));
    romeo.live(&refused("x3"));

    assert_eq!(romeo.emoji(0), [("👍".into(), true, 0)]);
    let row = &romeo.messages()[0];
    assert_eq!(row.delivery, Delivery::Failed(SendFailure::NotAllowed));
    assert_eq!(row.body, "two");
}

#[test]
fn what_was_deleted_here_does_not_come_back_by_its_corrections() {
    let mut romeo = romeo();
    romeo.archived(
        Delivered::CatchUp,
        "a1",
        NOW - 30,
        &juliet("m1", &said("one")),
    );
    romeo.archived(
        Delivered::CatchUp,
        "a2",
        NOW - 20,
        &juliet("m2", &correction("m1", "two")),
    );
    romeo.live(&juliet("m9", &said("now")));
    let gone = romeo.messages()[0].id;

    romeo.write(|tx, changes| deletion::delete_messages(tx, changes, &[gone]));
    romeo.earlier(NOW - 10, &juliet("m4", &reaction("m1", "👍")));
    romeo.archived(
        Delivered::Earlier,
        "a3",
        NOW - 15,
        &juliet("m3", &correction("m1", "three")),
    );
    romeo.archived(
        Delivered::Earlier,
        "a2",
        NOW - 20,
        &juliet("m2", &correction("m1", "two")),
    );
    romeo.archived(
        Delivered::Earlier,
        "a1",
        NOW - 30,
        &juliet("m1", &said("one")),
    );

    assert_eq!(romeo.bodies(), ["now"]);
}

#[test]
fn in_an_encrypted_chat_a_plain_correction_is_marked() {
    let mut romeo = romeo();
    romeo.live(&juliet("m1", &said("one")));
    let chat = romeo.chats()[0].id;
    romeo.write(|tx, changes| protection::choose(tx, changes, chat, EncryptionChoice::Off));

    romeo.live(&juliet("m2", &correction("m1", "two")));

    assert_eq!(romeo.messages()[0].protection, Protection::None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..Default::default() })]

    #[test]
    fn whatever_order_they_come_in_the_newest_text_is_shown_once(
        order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let mut romeo = romeo();
        for number in order {
            let (id, stamp) = (format!("m{number}"), NOW - 100 + number as i64);
            let inside = match number {
                0 => said("0"),
                number if number % 2 == 1 => correction("m0", &number.to_string()),
                number => correction(&format!("m{}", number - 1), &number.to_string()),
            };
            let archive_id = format!("a{number}");
            romeo.archived(Delivered::Earlier, &archive_id, stamp, &juliet(&id, &inside));
        }
        prop_assert_eq!(romeo.bodies(), ["5"]);
    }
}
