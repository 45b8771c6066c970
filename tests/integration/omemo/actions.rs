//! What is done with encrypted messages: their words stay sealed, and what
//! refers to others stands beside them, as every client of this OMEMO has it.

use stonechat::engine::api::Command;
use stonechat::engine::model::{Direction, MessageKind, Protection};

use super::{BLIND, Pair};
use crate::actions::{emoji, hears_deed, until};
use crate::support::heard::{Deed, Order};

impl Pair {
    fn she_does(&self, id: &str, target: &str, deed: Deed, body: &str, is_sealed: bool) {
        self.peer.order(Order::Do {
            to: self.romeo.address.clone(),
            id: id.into(),
            target: target.into(),
            deed,
            body: body.into(),
            is_sealed,
        });
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_action_goes_both_ways_under_omemo() {
    let mut pair = Pair::meet().await;
    pair.talk("At first").await;

    // His.
    pair.she_writes("Art thou not Romeo?");
    pair.reads("Art thou not Romeo?", BLIND).await;
    let hers = pair
        .ours
        .wait_for_text(pair.chat, Direction::Incoming, "Art thou not Romeo?")
        .await;
    pair.ours.engine.command(Command::SendText {
        conversation: pair.chat,
        body: "Neither".into(),
        reply_to: Some(hers.id),
    });
    let quoted = "Art thou not Romeo?".to_owned();
    let answer = Deed::Answer { quoted };
    let said = hears_deed(&mut pair.peer, "Art thou not Romeo?", &answer).await;
    assert_eq!(said, "> Art thou not Romeo?\nNeither");
    let (_, his_id) = pair.peer.hears_text(&said).await;
    let his = pair
        .ours
        .wait_for_text(pair.chat, Direction::Outgoing, "Neither")
        .await;
    pair.ours.engine.command(Command::Correct {
        message: his.id,
        body: "Neither, fair maid".into(),
    });
    let said = hears_deed(&mut pair.peer, &his_id, &Deed::Correct).await;
    assert_eq!(said, "> Art thou not Romeo?\nNeither, fair maid");
    pair.ours.engine.command(Command::React {
        message: hers.id,
        emoji: vec!["👍".into()],
    });
    let thumb = Deed::React(vec!["👍".into()]);
    hears_deed(&mut pair.peer, "Art thou not Romeo?", &thumb).await;
    pair.ours.engine.command(Command::Retract(his.id));
    hears_deed(&mut pair.peer, &his_id, &Deed::Retract).await;

    // Hers.
    pair.he_writes("By love");
    let (_, id) = pair.peer.hears_text("By love").await;
    let mine = pair
        .ours
        .wait_for_text(pair.chat, Direction::Outgoing, "By love")
        .await;
    let quoted = "By love".to_owned();
    pair.she_does("h2", &id, Deed::Answer { quoted }, "How cam'st thou?", true);
    pair.reads("How cam'st thou?", BLIND).await;
    let answer = pair
        .ours
        .wait_for_text(pair.chat, Direction::Incoming, "How cam'st thou?")
        .await;
    assert_eq!(answer.reply.unwrap().target, Some(mine.id));
    pair.she_does("h3", "h2", Deed::Correct, "How camest thou?", true);
    let row = until(&mut pair.ours, pair.chat, answer.id, |row| {
        row.edited.is_some()
    })
    .await;
    assert_eq!(
        (row.body.as_str(), row.protection),
        ("How camest thou?", BLIND)
    );
    pair.she_does("h4", &id, Deed::React(vec!["🐢".into()]), "", false);
    until(&mut pair.ours, pair.chat, mine.id, |row| {
        emoji(row) == ["🐢"]
    })
    .await;

    // Words that are not sealed do not take the place of sealed ones.
    pair.she_does("h5", "h2", Deed::Correct, "Begone", false);
    let forged = pair
        .ours
        .wait_for_text(pair.chat, Direction::Incoming, "Begone")
        .await;
    assert_eq!(forged.protection, Protection::PlainAmongEncrypted);
    pair.she_does("h6", "h2", Deed::Retract, "", false);
    until(&mut pair.ours, pair.chat, answer.id, |row| {
        row.kind == MessageKind::Retracted
    })
    .await;

    // The archive brings all of it again, and nothing is opened twice.
    let before = pair.ours.messages(pair.chat).await.len();
    let mut pair = pair.restart().await;
    pair.talk("At last").await;
    assert_eq!(pair.ours.messages(pair.chat).await.len(), before + 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn actions_that_overtake_their_sealed_message_wait_for_it() {
    let mut pair = Pair::meet().await;
    pair.talk("At first").await;
    pair.she_holds("late").await;

    pair.she_does("c1", "late", Deed::Correct, "corrected", true);
    pair.reads("corrected", BLIND).await;
    pair.she_does("c2", "late", Deed::React(vec!["👍".into()]), "", false);
    pair.she_releases(&["late"]);
    let chat = pair.chat;

    let row = pair
        .ours
        .wait_for("the message with all that was done", async |engine| {
            let rows = engine.latest_messages(chat, 9).await.unwrap();
            rows.into_iter().find(|row| emoji(row) == ["👍"])
        })
        .await;
    assert_eq!((row.body.as_str(), row.protection), ("corrected", BLIND));
    let versions = pair.ours.engine.versions(row.id).await.unwrap();
    let texts: Vec<_> = versions.iter().map(|one| one.body.as_str()).collect();
    assert_eq!(texts, ["late", "corrected"]);
}
