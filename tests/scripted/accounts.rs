//! Accounts that are edited, switched off, removed and brought back.

use stonechat::engine::api::Command;
use stonechat::engine::model::*;

use crate::stage::*;

fn edits(stage: &Stage, host: Option<&str>, port: Option<u16>, label: &str) {
    stage.engine.command(Command::EditAccount {
        account: stage.account,
        edit: AccountEdit {
            host: host.map(str::to_owned),
            port,
            label: label.to_owned(),
            colour: 3,
            ..AccountEdit::default()
        },
    });
}

fn enables(stage: &Stage, is_enabled: bool) {
    stage.engine.command(Command::EnableAccount {
        account: stage.account,
        is_enabled,
    });
}

async fn until_state(stage: &Stage, what: &str, is_it: impl Fn(&ConnectionState) -> bool) {
    stage
        .until(what, || async {
            stage
                .engine
                .connections()
                .get(&stage.account)
                .is_some_and(&is_it)
        })
        .await;
}

async fn until_offline(stage: &Stage) {
    until_state(stage, "offline", |state| *state == ConnectionState::Offline).await;
}

#[tokio::test]
async fn another_host_is_connected_to_at_once_and_the_old_one_left_properly() {
    let (mut stage, mut link) = romeo_online().await;
    assert_eq!(link.host, None);

    edits(&stage, Some("chat.example.net"), Some(5223), "");
    link.says_farewell().await;

    let link = stage.script.dialled().await;
    assert_eq!(link.host, Some(("chat.example.net".into(), 5223)));
    assert_eq!(link.resume, None, "that may be another server");

    // From waiting, and from stopped, too.
    link.breaks(ConnectionProblem::TimedOut).await;
    until_state(&stage, "waiting", |state| {
        matches!(state, ConnectionState::Waiting { .. })
    })
    .await;
    edits(&stage, Some("other.example.net"), None, "");
    let link = stage.script.dialled().await;
    assert_eq!(link.host, Some(("other.example.net".into(), 5222)));

    link.breaks(ConnectionProblem::CertificateOtherName).await;
    until_state(&stage, "stopped", |state| {
        matches!(state, ConnectionState::Stopped(_))
    })
    .await;
    edits(&stage, None, None, "");
    let mut link = stage.script.dialled().await;
    assert_eq!(link.host, None);
    link.lets_in("two").await;
    begins(&mut link, false).await;
    stage.until_online().await;
}

#[tokio::test]
async fn another_host_while_dialling_gives_the_first_one_up() {
    let (mut stage, link) = romeo_online().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let _dialling = stage.script.dialled().await;

    edits(&stage, Some("chat.example.net"), None, "");

    let link = stage.script.dialled().await;
    assert_eq!(link.host, Some(("chat.example.net".into(), 5222)));
}

#[tokio::test]
async fn another_name_and_colour_leave_the_connection_alone() {
    let (mut stage, mut link) = romeo_online().await;

    edits(&stage, None, Some(5223), "Verona");
    stage
        .until("it is named", || async {
            let accounts = stage.engine.accounts().await.unwrap();
            accounts[0].label == "Verona" && accounts[0].colour == 3
        })
        .await;
    stage.says("fence").await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("fence"));
    assert!(!stage.script.has_dialled());
}

#[tokio::test]
async fn an_account_that_is_off_stays_off_and_what_is_written_waits() {
    let (stage, mut link) = romeo_online().await;
    let juliet = stage.juliet().await;

    enables(&stage, false);
    link.says_farewell().await;
    until_offline(&stage).await;
    stage.says("later").await;
    stage.until_delivery("later", Delivery::Pending).await;
    stage.engine.command(Command::TryNow);
    stage.engine.command(Command::Network { is_up: true });

    let mut stage = stage.restarts().await;
    until_offline(&stage).await;
    stage.engine.command(Command::TryNow);
    stage.says("and this").await;
    stage.until_delivery("and this", Delivery::Pending).await;
    assert!(!stage.script.has_dialled());
    assert!(!stage.engine.accounts().await.unwrap()[0].is_enabled);
    assert!(stage.engine.conversation(juliet).await.unwrap().is_some());

    // The password was in memory only, and is asked for.
    enables(&stage, true);
    until_state(&stage, "that a password is wanted", |state| {
        *state
            == ConnectionState::Stopped(ConnectionProblem::PasswordMissing(
                PasswordTrouble::NotThere,
            ))
    })
    .await;
    stage.engine.command(Command::Password {
        account: stage.account,
        password: Secret::new("wherefore"),
    });
    let mut link = stage.script.dialled().await;
    link.lets_in("two").await;
    begins(&mut link, false).await;
    assert_eq!(body(&link.sent().await).as_deref(), Some("later"));
    assert_eq!(body(&link.sent().await).as_deref(), Some("and this"));
}

#[tokio::test]
async fn switching_an_account_on_twice_does_not_disturb_it() {
    let (mut stage, mut link) = romeo_online().await;

    enables(&stage, true);
    stage.says("fence").await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("fence"));
    assert!(!stage.script.has_dialled());
}

#[tokio::test]
async fn a_removed_account_comes_back_with_its_chats_and_what_waited_leaves() {
    let (mut stage, mut link) = romeo_online().await;
    let juliet = stage.juliet().await;
    let account = stage.account;
    link.brings(&by_juliet(
        "j1",
        "<body>Romeo?</body><stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='a1'/>",
    ))
    .await;
    stage
        .until("it came", || async { stage.bodies().await == ["Romeo?"] })
        .await;
    enables(&stage, false);
    link.says_farewell().await;
    until_offline(&stage).await;
    stage.says("later").await;
    stage.until_delivery("later", Delivery::Pending).await;

    stage.engine.command(Command::RemoveAccount {
        account,
        keeps_history: true,
    });
    stage
        .until("it is gone", || async {
            stage.engine.accounts().await.unwrap().is_empty()
        })
        .await;
    assert_eq!(stage.engine.conversations().await.unwrap(), []);
    assert_eq!(stage.engine.contacts().await.unwrap(), []);
    assert!(stage.engine.waiting_messages().await.unwrap().is_empty());
    assert!(!stage.engine.connections().contains_key(&account));

    let script = &mut stage.script;
    let (again, mut link) = tokio::join!(stage.engine.sign_in(sign_in_form()), async {
        let link = script.dialled().await;
        link.lets_in("two").await;
        link
    });
    assert_eq!(again.unwrap(), account);
    begins(&mut link, true).await;
    let page = link.sent().await;
    assert_eq!(
        edge(&page),
        ("after".into(), "a1".into()),
        "it goes on where it was"
    );
    page_ends(&link, &page, "complete='true'", "").await;

    assert_eq!(body(&link.sent().await).as_deref(), Some("later"));
    assert_eq!(stage.bodies().await, ["Romeo?", "later"]);
    assert!(stage.engine.accounts().await.unwrap()[0].is_enabled);
    assert!(stage.engine.conversation(juliet).await.unwrap().is_some());
}

#[tokio::test]
async fn an_account_removed_with_its_history_begins_anew() {
    let (mut stage, mut link) = romeo_online().await;
    stage.juliet().await;
    let account = stage.account;

    stage.engine.command(Command::RemoveAccount {
        account,
        keeps_history: false,
    });
    link.says_farewell().await;
    stage
        .until("it is gone", || async {
            stage.engine.accounts().await.unwrap().is_empty()
        })
        .await;

    let script = &mut stage.script;
    let (again, _link) = tokio::join!(stage.engine.sign_in(sign_in_form()), async {
        let link = script.dialled().await;
        link.lets_in("two").await;
        link
    });
    assert_ne!(again.unwrap(), account);
    assert_eq!(stage.engine.conversations().await.unwrap(), []);
}

#[tokio::test]
async fn preferences_outlive_the_program() {
    let (stage, _link) = romeo_online().await;
    let wanted = Preferences {
        style: StyleChoice::Dark,
        text_size_percent: 125,
        write_from: Some(stage.account),
        ..Preferences::default()
    };

    stage.engine.command(Command::Set(vec![
        Setting::Style(StyleChoice::Dark),
        Setting::TextSize(125),
        Setting::WriteFrom(stage.account),
    ]));
    stage
        .until("they are set", || async {
            stage.engine.preferences().await.unwrap() == wanted
        })
        .await;

    let stage = stage.restarts().await;
    assert_eq!(stage.engine.preferences().await.unwrap(), wanted);
}
