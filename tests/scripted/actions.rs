//! What the user does with messages: on the wire, once, whatever happens.

use minidom::Element;
use stonechat::engine::api::Command;
use stonechat::engine::model::*;

use crate::stage::*;

const REPLY: &str = "urn:xmpp:reply:0";
const FALLBACK: &str = "urn:xmpp:fallback:0";

/// Returns the row with a text, once it is there.
async fn row(stage: &Stage, text: &str) -> MessageRow {
    let juliet = stage.juliet().await;
    let find = async || {
        let rows = stage.messages(juliet).await;
        rows.into_iter().find(|row| row.body == text)
    };
    stage.until(text, || async { find().await.is_some() }).await;
    find().await.unwrap()
}

async fn id_of(stage: &Stage, text: &str) -> MessageId {
    row(stage, text).await.id
}

fn payload<'a>(stanza: &'a Element, name: &str, namespace: &str) -> &'a Element {
    stanza
        .get_child(name, namespace)
        .unwrap_or_else(|| panic!("no {name} in {}", String::from(stanza)))
}

fn reactions(stanza: &Element) -> (String, Vec<String>) {
    let reactions = payload(stanza, "reactions", "urn:xmpp:reactions:0");
    let emoji = reactions.children().map(Element::text).collect();
    (id(reactions).to_owned(), emoji)
}

fn corrected(stanza: &Element) -> &str {
    id(payload(stanza, "replace", "urn:xmpp:message-correct:0"))
}

fn retracted(stanza: &Element) -> &str {
    id(payload(stanza, "retract", "urn:xmpp:message-retract:1"))
}

fn react(stage: &Stage, message: MessageId, emoji: &[&str]) {
    stage.engine.command(Command::React {
        message,
        emoji: emoji.iter().map(ToString::to_string).collect(),
    });
}

fn correct(stage: &Stage, message: MessageId, body: &str) {
    stage.engine.command(Command::Correct {
        message,
        body: body.into(),
    });
}

async fn until_emoji(stage: &Stage, text: &str, emoji: &str) {
    stage
        .until(emoji, || async {
            let reactions = row(stage, text).await.reactions;
            reactions.iter().any(|one| one.emoji == emoji && one.by_me)
        })
        .await;
}

/// Romeo online; Juliet has said "Hark" as `j1`, and he has said "Ay" since.
async fn after_two_words() -> (Stage, stonechat::engine::testing::Dialled, String) {
    let (stage, mut link) = romeo_online().await;
    link.brings(&by_juliet("j1", "<body>Hark\nwho goes?</body>"))
        .await;
    row(&stage, "Hark\nwho goes?").await;
    stage.says("Ay").await;
    let sent = link.sent().await;
    assert_eq!(body(&sent).as_deref(), Some("Ay"));
    let id = id(&sent).to_owned();
    (stage, link, id)
}

#[tokio::test]
async fn each_action_says_what_the_xeps_ask_for() {
    let (stage, mut link, ours) = after_two_words().await;
    let hers = id_of(&stage, "Hark\nwho goes?").await;
    let conversation = stage.juliet().await;

    stage.engine.command(Command::SendText {
        conversation,
        body: "A friend".into(),
        reply_to: Some(hers),
    });
    let reply = link.sent().await;
    assert_eq!(
        body(&reply).as_deref(),
        Some("> Hark\n> who goes?\nA friend")
    );
    let answered = payload(&reply, "reply", REPLY);
    assert_eq!(id(answered), "j1");
    assert_eq!(answered.attr("to"), Some("juliet@example.org"));
    let fallback = payload(&reply, "fallback", FALLBACK);
    assert_eq!(fallback.attr("for"), Some(REPLY));
    let part = payload(fallback, "body", FALLBACK);
    assert_eq!(
        (part.attr("start"), part.attr("end")),
        (Some("0"), Some("19"))
    );
    let shown = row(&stage, "A friend").await;
    assert_eq!(shown.reply.unwrap().target, Some(hers));

    react(&stage, hers, &["👍", "no", "👍", "🐢"]);
    let sent = link.sent().await;
    assert_eq!(
        reactions(&sent),
        ("j1".into(), vec!["👍".into(), "🐢".into()])
    );
    assert!(sent.has_child("store", "urn:xmpp:hints") && body(&sent).is_none());
    react(&stage, hers, &[]);
    assert_eq!(reactions(&link.sent().await), ("j1".into(), vec![]));

    let mine = id_of(&stage, "Ay").await;
    correct(&stage, mine, "Aye");
    let sent = link.sent().await;
    assert_eq!(
        (body(&sent).as_deref(), corrected(&sent)),
        (Some("Aye"), ours.as_str())
    );
    assert_ne!(id(&sent), ours);
    correct(&stage, mine, "Aye!");
    assert_eq!(corrected(&link.sent().await), ours);
    let versions = stage.engine.versions(mine).await.unwrap();
    let texts: Vec<_> = versions.iter().map(|one| one.body.as_str()).collect();
    assert_eq!(texts, ["Ay", "Aye", "Aye!"]);

    // A corrected reply is still one.
    let friend = id_of(&stage, "A friend").await;
    correct(&stage, friend, "A foe");
    let sent = link.sent().await;
    assert_eq!(body(&sent).as_deref(), Some("> Hark\n> who goes?\nA foe"));
    assert_eq!(id(payload(&sent, "reply", REPLY)), "j1");

    stage.engine.command(Command::Retract(mine));
    let sent = link.sent().await;
    assert_eq!(retracted(&sent), ours);
    assert!(body(&sent).is_some() && sent.has_child("store", "urn:xmpp:hints"));
    let whole = payload(&sent, "fallback", FALLBACK);
    assert_eq!(whole.attr("for"), Some("urn:xmpp:message-retract:1"));
    let rows = stage.messages(conversation).await;
    let gone = rows.iter().find(|row| row.id == mine).unwrap();
    assert_eq!(
        (&gone.kind, gone.body.as_str()),
        (&MessageKind::Retracted, "")
    );
}

#[tokio::test]
async fn what_is_done_offline_survives_a_kill_and_leaves_once() {
    let (stage, link, ours) = after_two_words().await;
    link.confirms(6).await;
    stage.until_delivery("Ay", Delivery::Sent).await;
    let hers = id_of(&stage, "Hark\nwho goes?").await;
    let mine = id_of(&stage, "Ay").await;
    link.breaks(ConnectionProblem::ConnectionLost).await;

    react(&stage, hers, &["👍"]);
    react(&stage, hers, &["🐢"]);
    correct(&stage, mine, "Aye");
    correct(&stage, mine, "Aye!");
    row(&stage, "Aye!").await;
    until_emoji(&stage, "Hark\nwho goes?", "🐢").await;

    let mut stage = stage.as_if_killed();
    stage.engine.command(Command::Password {
        account: stage.account,
        password: Secret::new("wherefore"),
    });
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "two").await;
    begins(&mut link, false).await;

    assert_eq!(reactions(&link.sent().await).1, ["🐢"]);
    let sent = link.sent().await;
    assert_eq!(
        (body(&sent).as_deref(), corrected(&sent)),
        (Some("Aye!"), ours.as_str())
    );
    // Nobody has seen what was between.
    assert_eq!(stage.engine.versions(mine).await.unwrap().len(), 2);
    stage.says("fence").await;
    assert_eq!(body(&link.sent().await).as_deref(), Some("fence"));
}

#[tokio::test]
async fn a_resumed_stream_repeats_actions_with_their_ids() {
    let (mut stage, mut link, _) = after_two_words().await;
    let hers = id_of(&stage, "Hark\nwho goes?").await;
    let mine = id_of(&stage, "Ay").await;
    react(&stage, hers, &["👍"]);
    let reaction = link.sent().await;
    stage.engine.command(Command::Retract(mine));
    let retraction = link.sent().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);

    let mut link = stage.script.dialled().await;
    link.resumes(6).await;

    assert_eq!(link.sent().await, reaction);
    assert_eq!(link.sent().await, retraction);
    link.confirms(8).await;
    stage.says("fence").await;
    assert_eq!(body(&link.sent().await).as_deref(), Some("fence"));
}

#[tokio::test]
async fn what_the_archive_has_is_not_done_again() {
    let (mut stage, mut link, ours) = after_two_words().await;
    let hers = id_of(&stage, "Hark\nwho goes?").await;
    let mine = id_of(&stage, "Ay").await;
    correct(&stage, mine, "Aye");
    let arrived = link.sent().await;
    react(&stage, hers, &["👍"]);
    let lost = link.sent().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);

    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "two").await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    let from = "type='chat' from='romeo@example.org/orchard' to='juliet@example.org'";
    let first =
        format!("<message xmlns='jabber:client' {from} id='{ours}'><body>Ay</body></message>");
    let second = format!(
        "<message xmlns='jabber:client' {from} id='{}'><body>Aye</body>\
         <replace xmlns='urn:xmpp:message-correct:0' id='{ours}'/></message>",
        id(&arrived)
    );
    archived(&link, &page, "a1", "2026-11-21T10:00:00Z", &first).await;
    archived(&link, &page, "a2", "2026-11-21T10:00:01Z", &second).await;
    page_ends(
        &link,
        &page,
        "complete='true'",
        "<first>a1</first><last>a2</last>",
    )
    .await;

    let again = link.sent().await;
    assert_eq!(id(&again), id(&lost));
    assert_eq!(reactions(&again).1, ["👍"]);
    stage.says("fence").await;
    assert_eq!(body(&link.sent().await).as_deref(), Some("fence"));
    assert_eq!(stage.bodies().await, ["Hark\nwho goes?", "Aye", "fence"]);
}

#[tokio::test]
async fn what_has_not_left_is_changed_itself() {
    let (mut stage, link) = romeo_online().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage
        .until("that the connection is known to be lost", || async {
            let connections = stage.engine.connections();
            !connections[&stage.account].is_online()
        })
        .await;
    for text in ["Good nihgt", "a mistake", "to be removed"] {
        stage.says(text).await;
    }
    let first = id_of(&stage, "Good nihgt").await;
    correct(&stage, first, "Good night");
    let mistake = id_of(&stage, "a mistake").await;
    stage.engine.command(Command::Retract(mistake));
    let removed = id_of(&stage, "to be removed").await;
    stage.engine.command(Command::DeleteMessages(vec![removed]));
    stage
        .until("they are gone", || async {
            stage.bodies().await == ["Good night"]
        })
        .await;

    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "two").await;
    begins(&mut link, false).await;

    let sent = link.sent().await;
    assert_eq!(body(&sent).as_deref(), Some("Good night"));
    assert!(!sent.has_child("replace", "urn:xmpp:message-correct:0"));
    stage.says("fence").await;
    assert_eq!(body(&link.sent().await).as_deref(), Some("fence"));
    let row = row(&stage, "Good night").await;
    assert_eq!(row.edited, None);
    assert!(stage.engine.versions(row.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_failed_message_is_edited_and_tried_again() {
    let (stage, mut link, ours) = after_two_words().await;
    let refused = by_juliet(
        &ours,
        "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
    );
    link.brings(&refused.replace("type='chat'", "type='error'"))
        .await;
    let failed = Delivery::Failed(SendFailure::NoSuchAddress);
    stage.until_delivery("Ay", failed).await;

    let mine = id_of(&stage, "Ay").await;
    correct(&stage, mine, "Aye");

    let sent = link.sent().await;
    assert_eq!(body(&sent).as_deref(), Some("Aye"));
    assert!(!sent.has_child("replace", "urn:xmpp:message-correct:0"));
}

#[tokio::test]
async fn a_failed_correction_is_tried_again_or_given_up() {
    let (stage, mut link, _) = after_two_words().await;
    let mine = id_of(&stage, "Ay").await;
    let fails = async |link: &stonechat::engine::testing::Dialled, id: &str| {
        let refused = by_juliet(
            id,
            "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
        );
        link.brings(&refused.replace("type='chat'", "type='error'"))
            .await;
        let failed = Delivery::Failed(SendFailure::NoSuchAddress);
        stage.until_delivery("Aye", failed).await;
    };
    correct(&stage, mine, "Aye");
    let sent = link.sent().await;
    fails(&link, id(&sent)).await;

    stage.engine.command(Command::Retry(mine));
    let again = link.sent().await;
    assert_eq!(id(&again), id(&sent));
    assert_eq!(corrected(&again), corrected(&sent));
    stage.until_delivery("Aye", Delivery::Sent).await;
    fails(&link, id(&again)).await;

    stage.engine.command(Command::Discard(mine));
    stage.until_delivery("Ay", Delivery::Sent).await;
    assert_eq!(row(&stage, "Ay").await.edited, None);
}

#[tokio::test]
async fn forwarded_messages_leave_as_new_ones_in_their_order() {
    let (stage, mut link, _) = after_two_words().await;
    let hers = id_of(&stage, "Hark\nwho goes?").await;
    let mine = id_of(&stage, "Ay").await;
    let nurse = stage.chat("nurse@example.org").await;

    stage.engine.command(Command::Forward {
        messages: vec![mine, hers, MessageId(999)],
        to: vec![nurse],
    });

    for text in ["Hark\nwho goes?", "Ay"] {
        let sent = link.sent().await;
        assert_eq!(body(&sent).as_deref(), Some(text));
        assert_eq!(sent.attr("to"), Some("nurse@example.org"));
    }
}

#[tokio::test]
async fn a7_what_is_not_the_users_own_or_of_another_chat_is_left_alone() {
    let (stage, mut link, _) = after_two_words().await;
    let hers = id_of(&stage, "Hark\nwho goes?").await;
    let nurse = stage.chat("nurse@example.org").await;

    correct(&stage, hers, "I never said it");
    stage.engine.command(Command::Retract(hers));
    react(&stage, MessageId(999), &["👍"]);
    react(&stage, hers, &["words", ""]);
    stage.engine.command(Command::SendText {
        conversation: nurse,
        body: "Good nurse".into(),
        reply_to: Some(hers),
    });

    let sent = link.sent().await;
    assert_eq!(body(&sent).as_deref(), Some("Good nurse"));
    assert!(!sent.has_child("reply", REPLY));
    assert_eq!(stage.bodies().await, ["Hark\nwho goes?", "Ay"]);
}

#[tokio::test]
async fn a_reaction_chosen_here_outlives_an_older_one_from_another_device() {
    let (mut stage, link, _) = after_two_words().await;
    let hers = id_of(&stage, "Hark\nwho goes?").await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    react(&stage, hers, &["🐢"]);
    until_emoji(&stage, "Hark\nwho goes?", "🐢").await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.refuses_to_resume(None, "two").await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    let phone = "<message xmlns='jabber:client' type='chat' id='p1' \
         from='romeo@example.org/phone' to='juliet@example.org'>\
         <reactions xmlns='urn:xmpp:reactions:0' id='j1'><reaction>👎</reaction></reactions></message>";
    archived(&link, &page, "a1", "2027-01-15T10:00:00Z", phone).await;
    page_ends(
        &link,
        &page,
        "complete='true'",
        "<first>a1</first><last>a1</last>",
    )
    .await;

    // "Ay" is in doubt and leaves first.
    assert_eq!(body(&link.sent().await).as_deref(), Some("Ay"));
    assert_eq!(reactions(&link.sent().await).1, ["🐢"]);
    let emoji = row(&stage, "Hark\nwho goes?").await.reactions;
    assert_eq!(emoji.len(), 1);
    assert_eq!(emoji[0].emoji, "🐢");
}
