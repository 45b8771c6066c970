//! An archive that a new device reads backwards: what was done with a message
//! comes pages before the message, and before anything else of its chat.

use minidom::Element;
use stonechat::engine::api::Command;
use stonechat::engine::model::*;
use stonechat::engine::testing::Dialled;

use crate::stage::*;

fn of(from: &str, to: &str, id: &str, inside: &str) -> String {
    format!(
        "<message xmlns='jabber:client' type='chat' id='{id}' from='{from}' to='{to}'>{inside}</message>"
    )
}

fn by_romeo(id: &str, inside: &str) -> String {
    of("romeo@example.org/phone", "juliet@example.org", id, inside)
}

fn reacts(to: &str, emoji: &str) -> String {
    format!(
        "<reactions xmlns='urn:xmpp:reactions:0' id='{to}'><reaction>{emoji}</reaction></reactions>"
    )
}

fn takes_back(what: &str) -> String {
    format!("<retract xmlns='urn:xmpp:message-retract:1' id='{what}'/>")
}

/// Brings a page of what the archive holds, its ids and seconds counted from `first`.
async fn page(link: &mut Dialled, first: usize, messages: &[String], attributes: &str) -> Element {
    let page = link.sent().await;
    for (n, message) in messages.iter().enumerate() {
        let n = first + n;
        let stamp = format!("2026-11-21T10:00:{n:02}Z");
        archived(link, &page, &format!("a{n}"), &stamp, message).await;
    }
    let last = first + messages.len() - 1;
    let set = format!("<first>a{first}</first><last>a{last}</last>");
    page_ends(link, &page, attributes, &set).await;
    page
}

#[tokio::test]
async fn what_was_done_waits_for_a_chat_that_only_an_older_page_brings() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;

    let newest = [
        by_juliet("j3", &reacts("r1", "🐢")),
        by_romeo("r3", &reacts("j1", "👍")),
        by_juliet("j4", &takes_back("j2")),
        // Not theirs to take back (attack A7).
        by_juliet("j5", &takes_back("r1")),
    ];
    page(&mut link, 20, &newest, "").await;
    let between = [of(
        "nurse@example.org/home",
        "romeo@example.org",
        "n1",
        "<body>Peter!</body>",
    )];
    page(&mut link, 10, &between, "").await;
    let oldest = [
        by_juliet("j1", "<body>Romeo?</body>"),
        by_romeo("r1", "<body>Ay</body>"),
        by_juliet("j2", "<body>Begone</body>"),
    ];
    page(&mut link, 0, &oldest, "complete='true'").await;
    stage.until_online().await;

    let juliet = stage.juliet().await;
    let rows = stage.messages(juliet).await;
    let shown: Vec<_> = rows
        .iter()
        .map(|row| {
            let emoji: Vec<_> = row.reactions.iter().map(|one| one.emoji.as_str()).collect();
            (row.body.as_str(), row.kind.clone(), emoji)
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("Romeo?", MessageKind::Text, vec!["👍"]),
            ("Ay", MessageKind::Text, vec!["🐢"]),
            ("", MessageKind::Retracted, vec![]),
        ]
    );
    assert!(rows[0].reactions[0].by_me && !rows[1].reactions[0].by_me);
}

#[tokio::test]
async fn a56_what_a_stranger_does_with_nothing_leaves_no_chat() {
    let (stage, link) = romeo_online().await;
    for n in 0..100 {
        let from = format!("s{n}@spam.example/x");
        let stranger = of(&from, "romeo@example.org", "s1", &reacts("r1", "👍"));
        link.brings(&stranger).await;
    }
    link.brings(&by_juliet("j1", "<body>Hark</body>")).await;
    let juliet = stage.juliet().await;
    stage
        .until("what came after it", || async {
            !stage.messages(juliet).await.is_empty()
        })
        .await;

    let chats = stage.engine.conversations().await.unwrap();
    assert_eq!(chats.len(), 1);
}

fn left_of_it(inside: &str) -> String {
    format!(
        "<retracted stamp='2026-11-21T11:00:00Z' id='gone' xmlns='urn:xmpp:message-retract:1'>{inside}</retracted>"
    )
}

#[tokio::test]
async fn what_an_archive_leaves_of_a_message_stands_at_its_place() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    let moderated = "<moderated xmlns='urn:xmpp:message-moderate:1' by='room@muc.example.org/x'/>";
    let all = [
        by_juliet("j1", "<body>Romeo?</body>"),
        by_juliet("j2", &left_of_it("")),
        by_romeo("r1", &left_of_it("")),
        by_juliet("j3", &left_of_it(moderated)),
        by_juliet("j4", "<body>Hark</body>"),
        by_juliet("j5", &takes_back("j2")),
        by_juliet("j6", &reacts("j2", "👍")),
    ];
    page(&mut link, 0, &all, "complete='true'").await;
    stage.until_online().await;

    let juliet = stage.juliet().await;
    let rows = stage.messages(juliet).await;
    let shown: Vec<_> = rows
        .iter()
        .map(|row| (row.body.as_str(), row.kind.clone(), row.direction))
        .collect();
    let (theirs, ours) = (Direction::Incoming, Direction::Outgoing);
    assert_eq!(
        shown,
        [
            ("Romeo?", MessageKind::Text, theirs),
            ("", MessageKind::Retracted, theirs),
            ("", MessageKind::Retracted, ours),
            ("", MessageKind::Retracted, theirs),
            ("Hark", MessageKind::Text, theirs),
        ]
    );
    assert!(rows.iter().all(|row| row.reactions.is_empty()));
}

#[tokio::test]
async fn a7_what_seems_left_of_a_message_takes_nothing_back_by_itself() {
    let (mut stage, link) = romeo_online().await;
    let juliet = stage.juliet().await;
    link.brings(&by_juliet("j1", "<body>Romeo?</body>")).await;
    // Nobody but an archive has anything to say about it.
    link.brings(&by_juliet("j1", &left_of_it(""))).await;
    link.brings(&by_juliet("j2", &left_of_it(""))).await;
    let with_words = format!("<body>Hark</body>{}", left_of_it(""));
    link.brings(&by_juliet("j3", &with_words)).await;
    stage
        .until("what came last", || async {
            stage.bodies().await == ["Romeo?", "Hark"]
        })
        .await;

    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "again").await;
    begins(&mut link, true).await;
    page(
        &mut link,
        0,
        &[
            by_juliet("j1", &left_of_it("")),
            by_juliet("j3", &with_words),
        ],
        "complete='true'",
    )
    .await;
    stage.until_online().await;
    assert_eq!(stage.bodies().await, ["Romeo?", "Hark"]);

    // Who wrote it does.
    link.brings(&by_juliet("j4", &takes_back("j1"))).await;
    stage
        .until("it was taken back", || async {
            stage.messages(juliet).await[0].kind == MessageKind::Retracted
        })
        .await;
    assert_eq!(stage.bodies().await, ["", "Hark"]);
}
