//! A chat with everything that a conversation can show: every style, quotes,
//! code, right-to-left, emoji alone, answers, reactions, edited, taken back,
//! failed, encrypted and not.

use relm4::gtk::prelude::*;
use stonechat::engine::model::{
    Delivery, Direction, MessageId, MessageKind, Protection, SendFailure, Trust,
};
use stonechat::engine::testing::{self, NewMessage};
use stonechat::ui::format;

use crate::scene::{JULIET, MERCUTIO, ROMEO, Scene};
use crate::support::until;

const MINUTE: i64 = 60_000;

/// The messages of the chat, by what they are.
#[derive(Clone, Copy, Debug)]
pub struct Ids {
    pub question: MessageId,
    pub answer: MessageId,
    pub edited: MessageId,
    pub failed: MessageId,
    pub own: MessageId,
}

/// A chat with everything that one can do with messages, and all kinds of text.
pub fn everything() -> (Scene, Ids) {
    let mut ids = None;
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        testing::contact(tx, account, JULIET, "Juliet Capulet");
        testing::contact(tx, account, MERCUTIO, "Mercutio");
        testing::contact(tx, account, "rosaline@example.org", "Rosaline");
        let start = format::now().to_unix() * 1000 - 40 * MINUTE;
        testing::conversation(tx, account, MERCUTIO, start);
        let juliet = testing::conversation(tx, account, JULIET, start);
        let mut minute = 0;
        let mut add = |message: NewMessage| {
            minute += 1;
            let time = start + minute * MINUTE;
            let id = testing::message(tx, &NewMessage { time, ..message });
            testing::read_up_to(tx, juliet, id);
            (id, time)
        };
        let received = |body: &str| NewMessage::incoming(juliet, start, body);
        let sent = |body: &str| NewMessage::outgoing(juliet, start, body, Delivery::Displayed);
        let sealed = Protection::Omemo {
            trust: Trust::Verified,
        };
        add(received(
            "The rehearsal moved to *seven*. Bring the _long_ coat, the balcony is ~cold~ freezing.",
        )
        .protected(sealed));
        let (question, _) = add(sent("I will be there. Which door?").protected(sealed));
        let (answer, _) =
            add(received("The small one, by the orchard. The code is `74-16`").protected(sealed));
        add(received(
            "```\nfn main() {\n    println!(\"Who goes there, at this late hour of the night?\");\n}\n```",
        ));
        add(sent(
            "> From up here one sees the whole garden\nThen I will find the way without a lamp",
        )
        .protected(sealed));
        add(received("שלום רומיאו, בוא בשבע").protected(sealed));
        add(received("🌙").protected(sealed));
        let (missing, _) = add(received("Yes, that one.").protected(sealed));
        let (edited, edit_time) = add(sent("I meant the _south_ gate").protected(sealed));
        let (gone, _) = add(received("").of_kind(MessageKind::Retracted));
        add(sent("").of_kind(MessageKind::Retracted));
        let (own, _) = add(sent("Here is the whole rehearsal as a film").protected(sealed));
        let plain = sent("This one goes without a lock");
        let (plain, _) = add(plain.protected(Protection::PlainAmongEncrypted));
        let (failed, _) = add(NewMessage::outgoing(
            juliet,
            start,
            "Never mind, I will bring it",
            Delivery::Failed(SendFailure::ServerUnreachable),
        ));
        testing::whole_history(tx, juliet);
        testing::reader(tx, JULIET, plain);
        testing::answers(tx, answer, question);
        testing::answers_unknown(
            tx,
            missing,
            Direction::Outgoing,
            "Is it the one with the roses, where we stood last summer?",
        );
        testing::answers(tx, own, answer);
        testing::reacts(tx, question, JULIET, &["👍"]);
        testing::reacts(tx, answer, "", &["❤️"]);
        testing::reacts(tx, answer, JULIET, &["❤️", "😂"]);
        testing::corrects(tx, edited, edit_time + MINUTE, "I meant the _north_ gate");
        let _ = gone;
        ids = Some(Ids {
            question,
            answer,
            edited,
            failed,
            own,
        });
    });
    scene.open("Juliet");
    let composer = scene.composer();
    until("the keyboard in the field", || {
        scene.settle();
        composer.has_focus()
    });
    (scene, ids.unwrap())
}
