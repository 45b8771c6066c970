//! Where a password is after somebody changed their mind, or the account went.

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
