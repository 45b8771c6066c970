//! Strangers, and people who are kept away.

use minidom::Element;
use stonechat::engine::api::{Command, Event};
use stonechat::engine::model::*;
use stonechat::engine::testing::Dialled;

use crate::stage::*;

const BLOCKING: &str = "urn:xmpp:blocking";

fn by(who: &str, id: &str, inside: &str) -> String {
    format!(
        "<message xmlns='jabber:client' type='chat' id='{id}' from='{who}/bot' \
         to='romeo@example.org'>{inside}</message>"
    )
}

fn presence(kind: &str, from: &str) -> String {
    format!("<presence xmlns='jabber:client' type='{kind}' from='{from}' to='romeo@example.org'/>")
}

async fn requests(stage: &Stage) -> Vec<ConversationRow> {
    let chats = stage.engine.conversations().await.unwrap();
    chats.into_iter().filter(|row| row.is_request).collect()
}

/// What leaves before the next text to Juliet: all that was caused before.
async fn sent_meanwhile(stage: &Stage, link: &mut Dialled) -> Vec<Element> {
    stage.says("fence").await;
    let mut sent = Vec::new();
    loop {
        let stanza = link.sent().await;
        if body(&stanza).as_deref() == Some("fence") {
            return sent;
        }
        sent.push(stanza);
    }
}

/// One request of Tybalt, a message and a wish to see Romeo.
async fn tybalt_asks(stage: &Stage, link: &Dialled) -> ConversationId {
    link.brings(&presence("subscribe", "tybalt@example.org"))
        .await;
    link.brings(&by("tybalt@example.org", "t1", "<body>Turn thee.</body>"))
        .await;
    stage
        .until("Tybalt's request", || async {
            requests(stage)
                .await
                .iter()
                .any(|row| row.asks_for_presence && row.unread == 1)
        })
        .await;
    requests(stage).await[0].id
}

#[tokio::test]
async fn a18_two_hundred_strangers_get_no_stanza_back_and_nobody_is_told() {
    let (stage, mut link) = romeo_online().await;
    let mut events = stage.engine.subscribe();
    let sealed = "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='7'>\
        <key rid='8' prekey='true'>AAAA</key><iv>AAAA</iv></header><payload>AAAA</payload>\
        </encrypted><store xmlns='urn:xmpp:hints'/>";
    let devices = "<event xmlns='http://jabber.org/protocol/pubsub#event'>\
        <items node='eu.siacs.conversations.axolotl.devicelist'><retract id='current'/></items></event>";
    for n in 0..200 {
        let who = format!("bot{n}@spam.example");
        link.brings(&presence("subscribe", &who)).await;
        link.brings(&by(
            &who,
            "spam",
            "<body>Buy potions</body><request xmlns='urn:xmpp:receipts'/>\
             <markable xmlns='urn:xmpp:chat-markers:0'/>\
             <composing xmlns='http://jabber.org/protocol/chatstates'/>",
        ))
        .await;
        link.brings(&by(&who, "sealed", sealed)).await;
        link.brings(&format!(
            "<message xmlns='jabber:client' type='headline' from='{who}'>{devices}</message>"
        ))
        .await;
        link.brings(&by(
            &who,
            "call",
            "<propose xmlns='urn:xmpp:jingle-message:0' id='c1'>\
             <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/></propose>",
        ))
        .await;
        // Nothing is sent meanwhile.
        link.handles_more(5).await;
    }
    stage
        .until("all requests", || async {
            let requests = requests(&stage).await;
            requests.len() == 200 && requests.iter().all(|row| row.unread == 3)
        })
        .await;
    // The user looks at one, and begins to write.
    let first = requests(&stage).await[0].id;
    let up_to = stage.messages(first).await.last().unwrap().id;
    stage.engine.command(Command::MarkRead {
        conversation: first,
        up_to,
    });
    stage.engine.command(Command::Prepare(first));
    stage.engine.command(Command::Typing {
        conversation: first,
        is_composing: true,
    });

    let sent = sent_meanwhile(&stage, &mut link).await;

    assert!(sent.is_empty(), "{sent:?}");
    while let Ok(event) = events.try_recv() {
        assert!(!matches!(event, Event::Notify { .. }), "{event:?}");
    }
}

#[tokio::test]
async fn an_accepted_stranger_may_see_us_and_is_like_anybody() {
    let (stage, mut link) = romeo_online().await;
    let tybalt = tybalt_asks(&stage, &link).await;

    stage.engine.command(Command::AcceptRequest(tybalt));

    let granted = link.sent().await;
    assert_eq!(granted.attr("type"), Some("subscribed"));
    assert_eq!(granted.attr("to"), Some("tybalt@example.org"));
    let asked = link.sent().await;
    assert_eq!(asked.attr("type"), Some("subscribe"));
    let row = stage.engine.conversation(tybalt).await.unwrap().unwrap();
    assert!(!row.is_request && !row.asks_for_presence);
    let mut events = stage.engine.subscribe();
    link.brings(&by("tybalt@example.org", "t2", "<body>Thanks.</body>"))
        .await;
    while !matches!(
        events.recv().await.unwrap(),
        Event::Notify { conversation, .. } if conversation == tybalt
    ) {}
}

#[tokio::test]
async fn declined_strangers_are_gone_and_their_wish_is_refused() {
    let (stage, mut link) = romeo_online().await;
    let tybalt = tybalt_asks(&stage, &link).await;
    link.brings(&by("paris@example.org", "p1", "<body>Hello.</body>"))
        .await;
    stage
        .until("both requests", || async {
            requests(&stage).await.len() == 2
        })
        .await;
    let all: Vec<_> = requests(&stage).await.iter().map(|row| row.id).collect();
    assert!(all.contains(&tybalt));

    stage.engine.command(Command::DeclineRequests(all));

    let refused = link.sent().await;
    assert_eq!(refused.attr("type"), Some("unsubscribed"));
    assert_eq!(refused.attr("to"), Some("tybalt@example.org"));
    assert!(requests(&stage).await.is_empty());
    assert!(sent_meanwhile(&stage, &mut link).await.is_empty());
    // The next message is a request again.
    link.brings(&by("paris@example.org", "p2", "<body>Again.</body>"))
        .await;
    stage
        .until("the second request", || async {
            requests(&stage).await.len() == 1
        })
        .await;
}

#[tokio::test]
async fn who_is_written_to_is_no_stranger() {
    let (stage, mut link) = romeo_online().await;
    let tybalt = tybalt_asks(&stage, &link).await;

    stage.engine.command(Command::SendText {
        conversation: tybalt,
        body: "I do protest.".into(),
        reply_to: None,
    });

    assert_eq!(body(&link.sent().await).as_deref(), Some("I do protest."));
    assert!(requests(&stage).await.is_empty());
    // What was asked is still open.
    let row = stage.engine.conversation(tybalt).await.unwrap().unwrap();
    assert!(row.asks_for_presence);
}

/// Answers the question what the server can do.
async fn is_asked_for_features(link: &mut Dialled, features: &str) {
    let question = link.sent().await;
    assert_eq!(question.attr("to"), Some("example.org"));
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='result' id='{}' from='example.org'>\
         <query xmlns='http://jabber.org/protocol/disco#info'>{features}</query></iq>",
        id(&question)
    ))
    .await;
}

#[tokio::test]
async fn where_the_server_takes_no_reports_they_are_blocked_and_the_user_is_told() {
    let (stage, mut link) = romeo_online().await;
    let mut events = stage.engine.subscribe();
    for address in ["tybalt@example.org", "paris@example.org"] {
        stage.engine.command(Command::Block {
            account: stage.account,
            address: address.into(),
            report: Some(ReportReason::Spam),
        });
    }

    is_asked_for_features(&mut link, "<feature var='urn:xmpp:blocking'/>").await;

    // Asked once for both, and neither is told what it does not know.
    for _ in 0..2 {
        let blocked = link.sent().await;
        assert!(blocked.has_child("block", BLOCKING), "{blocked:?}");
        assert!(!String::from(&blocked).contains("urn:xmpp:reporting"));
    }
    let mut told = Vec::new();
    while told.len() < 2 {
        if let Event::NotReported { address, .. } = events.recv().await.unwrap() {
            told.push(address);
        }
    }
    told.sort_unstable();
    assert_eq!(told, ["paris@example.org", "tybalt@example.org"]);
}

#[tokio::test]
async fn block_and_report_names_the_messages_and_hides_the_chat() {
    let (stage, mut link) = romeo_online().await;
    let stanza_id = "<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='a-1'/>";
    link.brings(&by(
        "tybalt@example.org",
        "t1",
        &format!("<body>Villain</body>{stanza_id}"),
    ))
    .await;
    stage
        .until("Tybalt's request", || async {
            requests(&stage).await.len() == 1
        })
        .await;

    stage.engine.command(Command::Block {
        account: stage.account,
        address: "tybalt@example.org".into(),
        report: Some(ReportReason::Abuse),
    });

    is_asked_for_features(&mut link, "<feature var='urn:xmpp:reporting:1'/>").await;
    let blocked = link.sent().await;
    let report = String::from(&blocked);
    assert!(
        report.contains("urn:xmpp:reporting:abuse") && report.contains("a-1"),
        "{report}"
    );
    assert!(stage.engine.conversations().await.unwrap().is_empty());
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='result' id='{}'/>",
        id(&blocked)
    ))
    .await;
    stage.engine.command(Command::Unblock {
        account: stage.account,
        address: "tybalt@example.org".into(),
    });
    let unblocked = link.sent().await;
    assert!(unblocked.has_child("unblock", BLOCKING), "{unblocked:?}");
    assert_eq!(stage.engine.conversations().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_block_while_offline_is_told_as_soon_as_there_is_a_stream() {
    let (mut stage, link) = romeo_online().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.until_waiting().await;

    stage.engine.command(Command::Block {
        account: stage.account,
        address: "spam.example".into(),
        report: None,
    });
    stage
        .until("the block", || async {
            stage.engine.blocked().await.unwrap().len() == 1
        })
        .await;
    stage.engine.command(Command::TryNow);

    let mut link = stage.script.dialled().await;
    link.resumes(4).await;
    loop {
        let sent = link.sent().await;
        if let Some(block) = sent.get_child("block", BLOCKING) {
            assert_eq!(
                block.children().next().unwrap().attr("jid"),
                Some("spam.example")
            );
            return;
        }
    }
}

#[tokio::test]
async fn a1_only_our_own_server_changes_who_is_blocked() {
    let (stage, mut link) = romeo_online().await;
    for (from, kind) in [
        ("from='juliet@example.org/balcony'", "error"),
        ("from='evil.example'", "error"),
        ("from='romeo@example.org/other'", "error"),
        ("", "result"),
    ] {
        link.brings(&format!(
            "<iq xmlns='jabber:client' type='set' id='p' {from}><block xmlns='{BLOCKING}'>\
             <item jid='tybalt@example.org'/></block></iq>"
        ))
        .await;
        assert_eq!(link.sent().await.attr("type"), Some(kind), "{from}");
    }

    let blocked = stage.engine.blocked().await.unwrap();
    assert_eq!(blocked.len(), 1);
    link.brings(&format!(
        "<iq xmlns='jabber:client' type='set' id='p' from='romeo@example.org'>\
         <unblock xmlns='{BLOCKING}'/></iq>"
    ))
    .await;
    assert_eq!(link.sent().await.attr("type"), Some("result"));
    assert!(stage.engine.blocked().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_server_that_does_not_block_is_not_believed_to() {
    let (stage, mut link) = romeo_online().await;
    let mut events = stage.engine.subscribe();
    stage.engine.command(Command::Block {
        account: stage.account,
        address: "tybalt@example.org".into(),
        report: None,
    });

    let asked = link.sent().await;
    refuses(&link, &asked, "service-unavailable").await;

    while !matches!(events.recv().await.unwrap(), Event::NotBlocked { .. }) {}
    assert!(stage.engine.blocked().await.unwrap().is_empty());
}

#[tokio::test]
async fn a57_since_when_a_contact_is_idle_is_believed_within_reason() {
    let (stage, link) = romeo_online().await;
    let around = || stage.engine.around(stage.account, "juliet@example.org");
    for (since, known) in [
        ("2027-01-15T07:55:00Z", Some(NOW - 300_000)),
        ("2099-01-01T00:00:00Z", None),
        ("2027-01-15T07:58:00Z", Some(NOW - 120_000)),
        ("1969-07-21T02:56:15Z", None),
    ] {
        link.brings(&format!(
            "<presence xmlns='jabber:client' from='juliet@example.org/balcony' \
             to='romeo@example.org'><show>away</show>\
             <idle xmlns='urn:xmpp:idle:1' since='{since}'/></presence>"
        ))
        .await;

        stage
            .until(since, || async {
                let around = around();
                around.presence == Presence::Away && around.idle_since == known
            })
            .await;
    }
}
