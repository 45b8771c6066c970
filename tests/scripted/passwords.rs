//! Where a password is after somebody changed their mind, or the account went.

use std::time::Duration;

use stonechat::engine::api::Command;
use stonechat::engine::model::*;

use crate::stage::*;

fn moves(stage: &Stage, place: PasswordPlace) {
    stage.engine.command(Command::PasswordPlace {
        account: stage.account,
        place,
    });
}

async fn place(stage: &Stage) -> PasswordPlace {
    stage.engine.accounts().await.unwrap()[0].password_place
}

#[tokio::test]
async fn the_last_place_that_was_chosen_is_where_a_password_stays() {
    let (stage, _link) = romeo_online().await;

    moves(&stage, PasswordPlace::File);
    moves(&stage, PasswordPlace::AskEachTime);
    moves(&stage, PasswordPlace::File);
    moves(&stage, PasswordPlace::Keyring);
    stage.engine.stop().await;

    assert!(!stage.has_file_of_passwords());
    let stage = stage.restarts().await;
    assert_eq!(place(&stage).await, PasswordPlace::Keyring);

    moves(&stage, PasswordPlace::AskEachTime);
    moves(&stage, PasswordPlace::File);
    stage.engine.command(Command::Password {
        account: stage.account,
        password: Secret::new("wherefore"),
    });
    stage.engine.stop().await;

    assert!(stage.has_file_of_passwords());
    let stage = stage.restarts().await;
    assert_eq!(place(&stage).await, PasswordPlace::File);
}

#[tokio::test]
async fn an_account_removed_while_its_password_moves_leaves_none_behind() {
    for keeps_history in [false, true] {
        let (stage, mut link) = romeo_online().await;
        let account = stage.account;
        // Nobody is waited for, so that the two follow each other closely.
        stage.engine.command(Command::EnableAccount {
            account,
            is_enabled: false,
        });
        link.says_farewell().await;

        moves(&stage, PasswordPlace::File);
        stage.engine.command(Command::RemoveAccount {
            account,
            keeps_history,
        });
        stage
            .until("it is gone", || async {
                stage.engine.accounts().await.unwrap().is_empty()
            })
            .await;
        stage.engine.stop().await;

        assert!(!stage.has_file_of_passwords());
    }
}

/// Tokens as they stand in the file.
const ROSEBUD: &str = "romeo@example.org (token) cm9zZWJ1ZA==";
const THORN: &str = "romeo@example.org (token) dGhvcm4=";

/// Waits until the file of passwords holds this line, or is gone.
async fn until_in_file(stage: &Stage, line: Option<&str>) {
    let is_so = || {
        let file = stage.file_of_passwords();
        match line {
            Some(line) => file.is_some_and(|file| file.lines().any(|one| one == line)),
            None => file.is_none(),
        }
    };
    // Nobody tells when a file changes.
    let until = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(10), until).await;
    assert!(waited.is_ok(), "not so in the file: {line:?}");
}

#[tokio::test]
async fn a_token_goes_where_the_password_goes() {
    let (mut stage, link) = romeo_signs_in(|link| link.gives_a_token("rosebud")).await;
    moves(&stage, PasswordPlace::File);
    until_in_file(&stage, Some(ROSEBUD)).await;

    // A new one too, of the session that began before the move.
    link.breaks(ConnectionProblem::ConnectionLost).await;
    stage.engine.command(Command::TryNow);
    let mut link = stage.script.dialled().await;
    link.gives_a_token("thorn");
    link.lets_in("two").await;
    until_in_file(&stage, Some(THORN)).await;

    moves(&stage, PasswordPlace::AskEachTime);
    until_in_file(&stage, None).await;
}

#[tokio::test]
async fn an_account_that_is_removed_leaves_no_token_behind() {
    let (stage, _link) = romeo_signs_in(|link| link.gives_a_token("rosebud")).await;
    moves(&stage, PasswordPlace::File);
    until_in_file(&stage, Some(ROSEBUD)).await;

    stage.engine.command(Command::RemoveAccount {
        account: stage.account,
        keeps_history: false,
    });

    until_in_file(&stage, None).await;
}
