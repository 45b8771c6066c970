//! From the form to the first page of history.

use stonechat::engine::api::{Command, Engine, Event, SignIn};
use stonechat::engine::error::{OpenChatError, SignInError, StartError};
use stonechat::engine::model::*;
use stonechat::engine::testing::scripted;

use crate::stage::*;

async fn refused(address: &str) -> SignInError {
    let folder = tempfile::tempdir().unwrap();
    let (engine, _script) = scripted(&folder.path().join("data"), NOW);
    let form = SignIn {
        address: address.into(),
        ..sign_in_form()
    };
    let error = engine.sign_in(form).await.unwrap_err();
    assert!(engine.accounts().await.unwrap().is_empty());
    error
}

#[tokio::test]
async fn an_address_that_is_none_is_told_apart_before_anything_is_dialled() {
    assert!(matches!(
        refused("romeo").await,
        SignInError::AddressWithoutDomain
    ));
    assert!(matches!(
        refused("romeo@").await,
        SignInError::AddressWithoutDomain
    ));
    assert!(matches!(
        refused("ro meo@exa mple").await,
        SignInError::AddressInvalid
    ));
    assert!(matches!(
        refused("romeo@example.org/orchard").await,
        SignInError::AddressNotAPerson
    ));
}

#[tokio::test]
async fn a_refused_sign_in_keeps_nothing_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, mut script) = scripted(&folder.path().join("data"), NOW);

    let (answer, ()) = tokio::join!(engine.sign_in(sign_in_form()), async {
        let link = script.dialled().await;
        link.breaks(ConnectionProblem::WrongPassword).await;
    });

    assert!(matches!(
        answer,
        Err(SignInError::Connection(ConnectionProblem::WrongPassword))
    ));
    assert!(engine.accounts().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_same_account_is_not_added_twice() {
    let (stage, _link) = romeo_online().await;

    let again = stage.engine.sign_in(sign_in_form()).await;

    assert!(matches!(again, Err(SignInError::AlreadyAdded)));
}

#[tokio::test]
async fn signing_in_goes_on_with_the_connection_that_was_tried() {
    let (mut stage, _link) = romeo_online().await;

    assert!(!stage.script.has_dialled());
    let contacts = stage.engine.contacts().await.unwrap();
    assert_eq!(contacts[0].name, "Juliet");
}

#[tokio::test]
async fn an_account_whose_password_is_not_at_hand_asks_for_it() {
    let (stage, _link) = romeo_online().await;
    let mut stage = stage.restarts().await;
    let stopped = ConnectionState::Stopped(ConnectionProblem::PasswordMissing(
        PasswordTrouble::NotThere,
    ));
    stage
        .until("the question", || async {
            stage.engine.connections().get(&stage.account) == Some(&stopped)
        })
        .await;

    stage.engine.command(Command::Password {
        account: stage.account,
        password: Secret::new("wherefore"),
    });

    stage.script.dialled().await;
}

#[tokio::test]
async fn a_wrong_password_stops_the_account_and_a_lost_network_does_not() {
    let (mut stage, link) = romeo_online().await;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage
        .until("waiting", || async {
            matches!(
                stage.engine.connections().get(&stage.account),
                Some(ConnectionState::Waiting { .. })
            )
        })
        .await;

    stage.engine.command(Command::TryNow);
    let link = stage.script.dialled().await;
    link.breaks(ConnectionProblem::WrongPassword).await;

    let stopped = ConnectionState::Stopped(ConnectionProblem::WrongPassword);
    stage
        .until("stopped", || async {
            stage.engine.connections().get(&stage.account) == Some(&stopped)
        })
        .await;
    assert!(!stage.script.has_dialled());
}

#[tokio::test]
async fn a_second_program_on_the_same_data_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (_engine, _script) = scripted(&data, NOW);

    let second = Engine::start(stonechat::engine::Options::new(data));

    assert!(matches!(second, Err(StartError::AlreadyRunning)));
}

#[tokio::test]
async fn a_chat_needs_an_address() {
    let (stage, _link) = romeo_online().await;

    let open = |address: &str| stage.engine.open_chat(stage.account, address.into());

    assert!(matches!(
        open("juliet").await,
        Err(OpenChatError::AddressWithoutDomain)
    ));
    assert!(matches!(
        open("ju liet@exa mple").await,
        Err(OpenChatError::AddressInvalid)
    ));
    assert_eq!(
        open(" Juliet@Example.org/balcony ").await.unwrap(),
        stage.juliet().await
    );
}

#[tokio::test]
async fn what_the_server_lacks_is_told() {
    let (stage, mut link) = romeo_online().await;
    assert!(!stage.engine.server_lacks(stage.account).is_anything());
    let mut stage = stage;
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    link = stage.script.dialled().await;
    link.lets_in_without_management().await;
    begins(&mut link, false).await;
    stage.until_online().await;

    let lacks = stage.engine.server_lacks(stage.account);

    assert_eq!(
        lacks,
        ServerLacks {
            stream_management: true,
            archive: true,
            copies: false
        }
    );
}

#[tokio::test]
async fn what_protects_the_connection_is_told_and_says_whether_it_was_resumed() {
    let (mut stage, link) = romeo_online().await;
    let fresh = stage.engine.security(stage.account).unwrap();
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let link = stage.script.dialled().await;
    let mut events = stage.engine.subscribe();

    link.resumes(0).await;
    let told = Event::Security {
        account: stage.account,
    };
    while events.recv().await.unwrap() != told {}

    let resumed = stage.engine.security(stage.account).unwrap();
    assert_eq!(fresh.mechanism, "SCRAM-SHA-256-PLUS");
    assert!(!fresh.is_resumed);
    assert!(resumed.is_resumed);
}

#[tokio::test]
async fn a23_what_once_protected_an_account_is_held_to_until_the_user_trusts_anew() {
    let (stage, link) = romeo_online().await;
    let mut stage = stage;
    assert_eq!(link.strongest, None);
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);

    let link = stage.script.dialled().await;
    assert_eq!(link.strongest.as_deref(), Some("SCRAM-SHA-256-PLUS"));
    let weaker = ConnectionProblem::WeakerThanBefore(Weaker::ListAltered);
    link.breaks(weaker.clone()).await;
    let stopped = ConnectionState::Stopped(weaker);
    stage
        .until("the account is stopped", async || {
            stage.engine.connections().get(&stage.account) == Some(&stopped)
        })
        .await;
    assert!(!stage.script.has_dialled());

    stage.engine.command(Command::TrustAnew(stage.account));
    assert_eq!(stage.script.dialled().await.strongest, None);
}

#[tokio::test]
async fn a23_the_consent_to_the_open_password_ends_with_the_first_better_sign_in() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, mut script) = scripted(&folder.path().join("data"), NOW);
    let form = SignIn {
        allows_plain: true,
        ..sign_in_form()
    };
    let (account, mut link) = tokio::join!(engine.sign_in(form), async {
        let link = script.dialled().await;
        assert!(link.allows_plain);
        link.lets_in("one").await;
        link
    });
    account.unwrap();
    begins(&mut link, true).await;

    link.breaks(ConnectionProblem::ConnectionLost).await;
    engine.command(Command::TryNow);

    assert!(!script.dialled().await.allows_plain);
}

#[tokio::test]
async fn a_session_that_panics_is_started_again_but_not_for_ever() {
    let (mut stage, link) = romeo_online().await;
    stage.script.panics(1);
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let link = stage.script.dialled().await;

    stage.script.panics(2);
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    stage
        .until("given up", || async {
            stage.engine.connections().get(&stage.account) == Some(&ConnectionState::Offline)
        })
        .await;
    assert!(!stage.script.has_dialled());

    stage.engine.command(Command::TryNow);
    stage.script.dialled().await;
}

#[tokio::test]
async fn a_proxy_is_used_from_the_first_try_on_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, mut script) = scripted(&folder.path().join("data"), NOW);
    let form = SignIn {
        proxy: " 127.0.0.1:9050 ".into(),
        ..sign_in_form()
    };
    let tor = Some(("127.0.0.1".to_owned(), 9050));

    let (account, first) = tokio::join!(engine.sign_in(form), async {
        let link = script.dialled().await;
        link.lets_in("s1").await;
        link
    });
    assert_eq!(first.proxy, tor);
    assert_eq!(engine.accounts().await.unwrap()[0].proxy, "127.0.0.1:9050");
    first.breaks(ConnectionProblem::ConnectionLost).await;
    engine.command(Command::TryNow);
    assert_eq!(script.dialled().await.proxy, tor);

    let mut edit = engine.accounts().await.unwrap()[0].unchanged();
    edit.proxy = String::new();
    let account = account.unwrap();
    engine.command(Command::EditAccount { account, edit });
    assert_eq!(script.dialled().await.proxy, None);
}

#[tokio::test]
async fn a_proxy_that_cannot_be_read_is_not_gone_around() {
    let folder = tempfile::tempdir().unwrap();
    let (engine, mut script) = scripted(&folder.path().join("data"), NOW);
    let form = SignIn {
        proxy: "localhost".into(),
        ..sign_in_form()
    };

    let answer = engine.sign_in(form).await;

    assert!(matches!(
        answer,
        Err(SignInError::Connection(
            ConnectionProblem::ProxyFailed { .. }
        ))
    ));
    assert!(!script.has_dialled());
}
