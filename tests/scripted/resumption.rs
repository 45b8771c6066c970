//! A stream outlives the program: what the next process does with one that
//! was left without a farewell.

use stonechat::engine::api::Command;
use stonechat::engine::model::*;
use stonechat::engine::testing::Dialled;

use crate::stage::*;

const BALCONY: &str = "<presence xmlns='jabber:client' from='juliet@example.org/balcony'/>";

/// Romeo online with nothing left to ask for; what came so far is counted.
async fn romeo_settled() -> (Stage, Dialled) {
    let (stage, mut link) = romeo_online().await;
    // Contact list, copies, features, the end of a page.
    link.has_handled(4).await;
    stage
        .until_history("SELECT is_settled FROM streams", 1)
        .await;
    (stage, link)
}

/// Kills the program, starts the next one and returns its first connection.
async fn next_process(stage: &Stage) -> (Stage, Dialled) {
    let mut next = stage.as_if_killed();
    next.engine.command(Command::Password {
        account: next.account,
        password: Secret::new("wherefore"),
    });
    let link = next.script.dialled().await;
    (next, link)
}

#[tokio::test]
async fn the_next_process_takes_the_stream_up_and_sends_only_what_did_not_arrive() {
    let (stage, mut link) = romeo_settled().await;
    let mut ids = Vec::new();
    for text in ["one", "two", "three"] {
        stage.says(text).await;
        ids.push(id(&link.sent().await).to_owned());
    }
    let (next, mut link) = next_process(&stage).await;
    assert_eq!(link.resume, Some(("one".to_owned(), 4)));

    // Five stanzas came before the first message.
    link.resumes(6).await;

    let again = link.sent().await;
    assert_eq!(
        (body(&again).as_deref(), id(&again)),
        (Some("two"), &*ids[1])
    );
    let again = link.sent().await;
    assert_eq!(
        (body(&again).as_deref(), id(&again)),
        (Some("three"), &*ids[2])
    );
    next.until_delivery("one", Delivery::Sent).await;
    assert_eq!(next.delivery("two").await, Some(Delivery::Sending));
    next.until_online().await;
    // They have new numbers now: 7 and 8.
    link.confirms(7).await;
    next.until_delivery("two", Delivery::Sent).await;
    assert_eq!(next.delivery("three").await, Some(Delivery::Sending));
}

#[tokio::test]
async fn a_third_process_counts_on_from_the_second() {
    let (stage, mut link) = romeo_settled().await;
    for text in ["one", "two"] {
        stage.says(text).await;
        link.sent().await;
    }
    let (second, mut link) = next_process(&stage).await;
    link.resumes(5).await;
    for text in ["one", "two"] {
        assert_eq!(body(&link.sent().await).as_deref(), Some(text));
    }

    let (third, mut link) = next_process(&second).await;
    link.resumes(6).await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("two"));
    third.until_delivery("one", Delivery::Sent).await;
    drop(stage);
}

#[tokio::test]
async fn what_took_effect_is_counted_with_it() {
    let (stage, link) = romeo_settled().await;
    for n in 1..=5 {
        link.brings(&by_juliet(&format!("j{n}"), &format!("<body>{n}</body>")))
            .await;
    }
    stage
        .until("five are here", || async {
            stage.bodies().await.len() == 5
        })
        .await;

    let (_next, link) = next_process(&stage).await;

    assert_eq!(link.resume, Some(("one".to_owned(), 9)));
}

#[tokio::test]
async fn what_was_received_and_not_confirmed_comes_again_and_is_there_once() {
    let (stage, link) = romeo_settled().await;
    // No id of any kind: only its number tells that it came.
    let nameless = "<message xmlns='jabber:client' type='chat' from='juliet@example.org/b'>\
                    <body>Hark</body></message>";
    link.brings(nameless).await;
    stage
        .until("it is here", || async { stage.bodies().await.len() == 1 })
        .await;

    let (next, link) = next_process(&stage).await;
    let (_, h) = link.resume.clone().unwrap();
    link.resumes(5).await;
    if h < 5 {
        link.brings(nameless).await;
    }
    link.brings(&by_juliet("j1", "<body>end</body>")).await;
    next.until("the end", || async { next.bodies().await.len() > 1 })
        .await;

    assert_eq!(next.bodies().await, ["Hark", "end"]);
}

#[tokio::test]
async fn after_a_restart_it_is_known_who_is_there_and_not_shown_before() {
    let (stage, mut link) = romeo_settled().await;
    link.brings(BALCONY).await;
    link.brings("<presence xmlns='jabber:client' from='juliet@example.org/garden'><show>away</show></presence>")
        .await;
    link.brings("<presence xmlns='jabber:client' from='nurse@example.org/hall'/>")
        .await;
    link.brings(
        "<presence xmlns='jabber:client' type='unavailable' from='nurse@example.org/hall'/>",
    )
    .await;
    link.has_handled(8).await;

    let (next, link) = next_process(&stage).await;
    let how = |stage: &Stage, who: &str| stage.engine.presence(stage.account, who);
    assert_eq!(how(&next, "juliet@example.org"), Presence::Offline);
    link.resumes(5).await;

    next.until("she is there", || async {
        how(&next, "juliet@example.org") == Presence::Here
    })
    .await;
    assert_eq!(how(&next, "nurse@example.org"), Presence::Offline);
    // One of her programs goes; the other is still known.
    link.brings(
        "<presence xmlns='jabber:client' type='unavailable' from='juliet@example.org/balcony'/>",
    )
    .await;
    next.until("she is away", || async {
        how(&next, "juliet@example.org") == Presence::Away
    })
    .await;
}

#[tokio::test]
async fn what_a_killed_process_had_asked_for_is_asked_again() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    let _page_nobody_reads = link.sent().await;
    link.has_handled(3).await;

    let (next, mut link) = next_process(&stage).await;
    assert_eq!(link.resume, Some(("one".to_owned(), 3)));
    next.says("Hark").await;
    link.resumes(5).await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    assert_eq!(
        next.engine.connections().get(&next.account),
        Some(&ConnectionState::CatchingUp)
    );
    page_ends(&link, &page, "complete='true'", "").await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("Hark"));
    next.until_online().await;
}

#[tokio::test]
async fn a_stream_that_is_gone_is_settled_by_what_the_server_still_knows() {
    let (stage, mut link) = romeo_settled().await;
    for text in ["one", "two"] {
        stage.says(text).await;
        link.sent().await;
    }

    let (next, mut link) = next_process(&stage).await;
    link.refuses_to_resume(Some(6), "two").await;
    begins(&mut link, false).await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("two"));
    next.until_delivery("one", Delivery::Sent).await;
}

#[tokio::test]
async fn d3_a_stream_that_is_gone_without_a_word_leads_to_the_archive_first() {
    let (stage, mut link) = romeo_settled().await;
    let mut ids = Vec::new();
    for text in ["arrived", "lost"] {
        stage.says(text).await;
        ids.push(id(&link.sent().await).to_owned());
    }

    let (next, mut link) = next_process(&stage).await;
    link.refuses_to_resume(None, "two").await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    let ours = format!(
        "<message xmlns='jabber:client' type='chat' id='{0}' from='romeo@example.org/orchard' to='juliet@example.org'>\
         <body>arrived</body><origin-id xmlns='urn:xmpp:sid:0' id='{0}'/></message>",
        ids[0]
    );
    archived(&link, &page, "a1", "2026-11-21T10:00:00Z", &ours).await;
    page_ends(
        &link,
        &page,
        "complete='true'",
        "<first>a1</first><last>a1</last>",
    )
    .await;

    let again = link.sent().await;
    assert_eq!(
        (body(&again).as_deref(), id(&again)),
        (Some("lost"), &*ids[1])
    );
    next.until_delivery("arrived", Delivery::Sent).await;
}

#[tokio::test]
async fn a26_a_resumption_after_a_restart_that_cannot_be_true_leads_to_a_fresh_stream() {
    // Far more than was ever sent; less than was confirmed before.
    for h in [5_000, 3] {
        let (stage, mut link) = romeo_settled().await;
        stage.says("before").await;
        link.sent().await;
        link.confirms(6).await;
        stage.until_delivery("before", Delivery::Sent).await;
        stage.says("Hark").await;
        let sent = link.sent().await;
        stage.until_delivery("Hark", Delivery::Sending).await;

        let (mut next, link) = next_process(&stage).await;
        link.resumes(h).await;
        next.until("it is given up", || async {
            matches!(
                next.engine.connections().get(&next.account),
                Some(ConnectionState::Waiting { .. })
            )
        })
        .await;
        next.engine.command(Command::TryNow);

        let mut link = next.script.dialled().await;
        assert_eq!(link.resume, None);
        link.lets_in("two").await;
        begins(&mut link, false).await;
        assert_eq!(id(&link.sent().await), id(&sent));
    }
}

#[tokio::test]
async fn numbers_that_begin_anew_after_two_to_the_thirty_second_survive_a_restart() {
    let (stage, mut link) = romeo_settled().await;
    for text in ["one", "two", "three"] {
        stage.says(text).await;
        link.sent().await;
    }
    stage.until_delivery("three", Delivery::Sending).await;
    // The same, 2^32 - 7 stanzas later: "one" is the last before the turn.
    stage.change_history(
        "UPDATE outbox SET sequence = (sequence + 4294967289) & 4294967295;
         UPDATE streams SET acknowledged = 4294967290, handled = 4294967295,
                            sent = (sent + 4294967289) & 4294967295;",
    );

    let (next, mut link) = next_process(&stage).await;
    assert_eq!(link.resume, Some(("one".to_owned(), u32::MAX)));
    link.resumes(0).await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("three"));
    next.until_delivery("two", Delivery::Sent).await;
    link.brings(&by_juliet("j1", "<body>Hark</body>")).await;
    next.until_history("SELECT handled = 0 FROM streams", 1)
        .await;
    link.confirms(1).await;
    next.until_delivery("three", Delivery::Sent).await;
}

#[tokio::test]
async fn a_stream_that_was_closed_is_not_taken_up() {
    let (stage, mut link) = romeo_settled().await;
    let restarting = stage.restarts();
    let farewell = async {
        link.closes().await;
    };
    let (mut stage, ()) = tokio::join!(restarting, farewell);

    stage.engine.command(Command::Password {
        account: stage.account,
        password: Secret::new("wherefore"),
    });

    assert_eq!(stage.script.dialled().await.resume, None);
}

#[tokio::test]
async fn a_stream_whose_farewell_nobody_heard_is_taken_up() {
    let (stage, mut link) = romeo_settled().await;
    let restarting = stage.restarts();
    let (mut stage, ()) = tokio::join!(restarting, link.says_farewell());

    stage.engine.command(Command::Password {
        account: stage.account,
        password: Secret::new("wherefore"),
    });

    let resume = stage.script.dialled().await.resume;
    assert_eq!(resume, Some(("one".to_owned(), 4)));
}

#[tokio::test]
async fn d4_a_session_that_another_program_took_is_not_fought_for() {
    let (mut stage, link) = romeo_settled().await;

    link.breaks(ConnectionProblem::SignedInElsewhere).await;

    stage
        .until("it stops", || async {
            stage.engine.connections().get(&stage.account)
                == Some(&ConnectionState::Stopped(
                    ConnectionProblem::SignedInElsewhere,
                ))
        })
        .await;
    assert!(!stage.script.has_dialled());
    stage.engine.command(Command::TryNow);
    assert_eq!(stage.script.dialled().await.resume, None);
}

#[tokio::test]
async fn d2_a_stanza_that_can_never_take_effect_is_skipped_and_holds_up_nothing() {
    let (mut stage, mut link) = romeo_settled().await;
    stage.change_history(
        "CREATE TRIGGER poison BEFORE INSERT ON messages
         WHEN NEW.body = 'poison'
         BEGIN SELECT RAISE(ABORT, 'no'); END;",
    );
    let poison = by_juliet("j1", "<body>poison</body>");
    for _ in 0..2 {
        link.brings(&poison).await;
        link.is_given_up().await;
        stage
            .until("it is tried again", || async {
                matches!(
                    stage.engine.connections().get(&stage.account),
                    Some(ConnectionState::Waiting { .. })
                )
            })
            .await;
        stage.engine.command(Command::TryNow);
        link = stage.script.dialled().await;
        assert_eq!(link.resume, Some(("one".to_owned(), 4)));
        link.resumes(5).await;
    }

    link.brings(&poison).await;
    link.brings(&by_juliet("j2", "<body>Hark</body>")).await;

    link.has_handled(6).await;
    assert_eq!(stage.bodies().await, ["Hark"]);
}

#[tokio::test]
async fn a_confirmation_that_could_not_be_written_down_is_not_lost() {
    let (mut stage, mut link) = romeo_settled().await;
    for text in ["one", "two"] {
        stage.says(text).await;
        link.sent().await;
    }
    stage.change_history(
        "CREATE TRIGGER no BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'no'); END;",
    );
    link.confirms(6).await;
    stage.until_waiting().await;
    stage.change_history("DROP TRIGGER no;");
    stage.engine.command(Command::TryNow);

    let mut link = stage.script.dialled().await;
    link.resumes(6).await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("two"));
    stage.until_delivery("one", Delivery::Sent).await;
    link.confirms(7).await;
    stage.until_delivery("two", Delivery::Sent).await;
}

#[tokio::test]
async fn a_row_behind_what_was_confirmed_is_not_sent_by_the_next_process() {
    let (stage, mut link) = romeo_settled().await;
    for text in ["one", "two", "three"] {
        stage.says(text).await;
        link.sent().await;
    }
    stage.until_delivery("three", Delivery::Sending).await;
    // "one" was number 6, "two" number 7.
    stage.change_history("UPDATE streams SET acknowledged = 7;");

    let (next, mut link) = next_process(&stage).await;
    link.resumes(7).await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("three"));
    next.until_delivery("one", Delivery::Sent).await;
}

#[tokio::test]
async fn a_connection_without_a_network_is_given_up_and_its_stream_taken_up() {
    let (mut stage, mut link) = romeo_settled().await;

    stage.engine.command(Command::Network { is_up: false });
    link.is_given_up().await;
    stage.engine.command(Command::Network { is_up: true });

    let resume = stage.script.dialled().await.resume;
    assert_eq!(resume, Some(("one".to_owned(), 4)));
}
