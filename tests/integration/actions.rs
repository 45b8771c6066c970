//! What is done with messages, both ways, with clients that are not ours.

use stonechat::engine::api::Command;
use stonechat::engine::model::{ConversationId, Direction, MessageId, MessageKind, MessageRow};

use crate::support::accounts::{Person, romeo_and_juliet};
use crate::support::heard::{Deed, Heard, Order};
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

/// Waits until the other client was told of this, and returns the text with it.
pub async fn hears_deed(peer: &mut Peer, target: &str, deed: &Deed) -> String {
    peer.hears(&format!("{deed:?} of {target}"), |heard| match heard {
        Heard::Did {
            target: of,
            deed: done,
            body,
            ..
        } if of == target && done == deed => Some(body.clone()),
        _ => None,
    })
    .await
}

/// Waits until a message is as it should be.
pub async fn until(
    ours: &mut Ours,
    chat: ConversationId,
    message: MessageId,
    is_so: impl Fn(&MessageRow) -> bool,
) -> MessageRow {
    ours.wait_for("a message to be so", async |engine| {
        let rows = engine.messages(vec![message]).await.unwrap();
        rows.into_iter()
            .find(|row| row.conversation == chat && is_so(row))
    })
    .await
}

pub fn emoji(row: &MessageRow) -> Vec<&str> {
    row.reactions.iter().map(|one| one.emoji.as_str()).collect()
}

fn does(peer: &Peer, romeo: &Person, id: &str, target: &str, deed: Deed, body: &str) {
    peer.order(Order::Do {
        to: romeo.address.clone(),
        id: id.into(),
        target: target.into(),
        deed,
        body: body.into(),
        is_sealed: false,
    });
}

async fn each_action_goes_both_ways(client: Client) {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(client, &juliet, &server).await;
    let chat = ours.chat_with(&juliet).await;

    // His.
    peer.send(&romeo.address, "Art thou not Romeo?", "h1");
    let hers = ours
        .wait_for_text(chat, Direction::Incoming, "Art thou not Romeo?")
        .await;
    ours.engine.command(Command::SendText {
        conversation: chat,
        body: "Neither".into(),
        reply_to: Some(hers.id),
    });
    let quoted = "Art thou not Romeo?".to_owned();
    let said = hears_deed(&mut peer, "h1", &Deed::Answer { quoted }).await;
    assert_eq!(said, "> Art thou not Romeo?\nNeither");
    let (_, his_id) = peer.hears_text(&said).await;
    let his = ours
        .wait_for_text(chat, Direction::Outgoing, "Neither")
        .await;
    ours.engine.command(Command::React {
        message: hers.id,
        emoji: vec!["❤️".into(), "👍".into()],
    });
    let both = Deed::React(vec!["❤️".into(), "👍".into()]);
    hears_deed(&mut peer, "h1", &both).await;
    ours.engine.command(Command::Correct {
        message: his.id,
        body: "Neither, fair maid".into(),
    });
    let said = hears_deed(&mut peer, &his_id, &Deed::Correct).await;
    assert_eq!(said, "> Art thou not Romeo?\nNeither, fair maid");
    ours.engine.command(Command::Retract(his.id));
    hears_deed(&mut peer, &his_id, &Deed::Retract).await;

    // Hers.
    ours.write(chat, "By love");
    let (_, id) = peer.hears_text("By love").await;
    let mine = ours
        .wait_for_text(chat, Direction::Outgoing, "By love")
        .await;
    let quoted = "By love".to_owned();
    does(
        &peer,
        &romeo,
        "h2",
        &id,
        Deed::Answer { quoted },
        "How cam'st thou?",
    );
    let answer = ours
        .wait_for_text(chat, Direction::Incoming, "How cam'st thou?")
        .await;
    assert_eq!(answer.reply.unwrap().target, Some(mine.id));
    let turtle = Deed::React(vec!["🐢".into()]);
    does(&peer, &romeo, "h3", &id, turtle, "");
    until(&mut ours, chat, mine.id, |row| emoji(row) == ["🐢"]).await;
    does(&peer, &romeo, "h4", &id, Deed::React(vec![]), "");
    until(&mut ours, chat, mine.id, |row| row.reactions.is_empty()).await;
    does(&peer, &romeo, "h5", "h2", Deed::Correct, "How camest thou?");
    let row = until(&mut ours, chat, answer.id, |row| row.edited.is_some()).await;
    assert_eq!(row.body, "How camest thou?");
    does(&peer, &romeo, "h6", "h2", Deed::Retract, "");
    let retracted = |row: &MessageRow| row.kind == MessageKind::Retracted;
    until(&mut ours, chat, answer.id, retracted).await;

    // The archive brings all of it again.
    let before = ours.messages(chat).await;
    let mut ours = ours.restart().await;
    ours.wait_until_online().await;
    peer.send(&romeo.address, "fence", "h7");
    ours.wait_for_text(chat, Direction::Incoming, "fence").await;
    let after = ours.messages(chat).await;
    let bodies = |rows: &[MessageRow]| -> Vec<_> {
        rows.iter()
            .map(|row| (row.body.clone(), row.kind.clone()))
            .collect()
    };
    assert_eq!(bodies(&after[..before.len()]), bodies(&before));
    assert_eq!(after.len(), before.len() + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_action_goes_both_ways_with_tokio_xmpp() {
    each_action_goes_both_ways(Client::TokioXmpp).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_action_goes_both_ways_with_slixmpp() {
    each_action_goes_both_ways(Client::Slixmpp).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_device_reads_actions_before_their_messages() {
    let server = Prosody::start(&[]);
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut watcher = Peer::sign_in(Client::Slixmpp, &romeo, &server).await;
    let peer = Peer::sign_in(Client::TokioXmpp, &juliet, &server).await;
    for id in ["t1", "t2", "t3", "t4"] {
        peer.send(&romeo.address, &format!("text {id}"), id);
    }
    for number in 0..400 {
        peer.send(
            &romeo.address,
            &format!("between {number}"),
            &format!("b{number}"),
        );
    }
    does(
        &peer,
        &romeo,
        "d1",
        "t1",
        Deed::React(vec!["👍".into()]),
        "",
    );
    does(
        &peer,
        &romeo,
        "d2",
        "t1",
        Deed::React(vec!["🐢".into()]),
        "",
    );
    does(&peer, &romeo, "d3", "t2", Deed::Correct, "second");
    does(&peer, &romeo, "d4", "t2", Deed::Correct, "third");
    does(&peer, &romeo, "d5", "t3", Deed::Retract, "");
    let quoted = "text t4".to_owned();
    does(&peer, &romeo, "d6", "t4", Deed::Answer { quoted }, "answer");
    watcher.hears_text("> text t4\nanswer").await;
    watcher.leave().await;

    let mut ours = Ours::sign_in(&romeo, &server).await;
    let chat = ours.chat_with(&juliet).await;
    let answer = ours
        .wait_for_text(chat, Direction::Incoming, "answer")
        .await;
    assert_eq!(answer.reply.unwrap().words, "text t4");
    let reactions = ours
        .wait_for("the oldest message", async |engine| {
            engine.command(Command::LoadEarlier(chat));
            let rows = engine.latest_messages(chat, 1000).await.unwrap();
            let first = rows.into_iter().find(|row| row.body == "text t1")?;
            Some(emoji(&first).join(" "))
        })
        .await;

    assert_eq!(reactions, "🐢");
    let rows = ours.messages(chat).await;
    let first: Vec<_> = rows[..5]
        .iter()
        .map(|row| (row.body.as_str(), row.kind == MessageKind::Retracted))
        .collect();
    assert_eq!(
        first,
        [
            ("text t1", false),
            ("third", false),
            ("", true),
            ("text t4", false),
            ("between 0", false),
        ]
    );
    let versions = ours.engine.versions(rows[1].id).await.unwrap();
    let texts: Vec<_> = versions.iter().map(|one| one.body.as_str()).collect();
    assert_eq!(texts, ["text t2", "second", "third"]);
    let answer = rows.last().unwrap();
    assert_eq!(answer.reply.as_ref().unwrap().target, Some(rows[3].id));
    assert_eq!(rows.len(), 405);
}
