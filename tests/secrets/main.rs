//! Passwords in a real keyring, and in keyrings that misbehave.
//!
//! Each test has a bus of its own without any service that starts by itself,
//! and a home of its own. gnome-keyring is the real one; [`fake`] plays those
//! that never answer, or ask the person.
#![allow(clippy::unwrap_used)]

mod asking;
mod bus;
mod fake;
mod matrix;

use std::time::{Duration, Instant};

use bus::Bus;
use fake::{Fake, Manner};
use stonechat::engine::Options;
use stonechat::engine::api::{Command, Engine};
use stonechat::engine::model::{
    AccountId, ConnectionProblem, ConnectionState, PasswordPlace, PasswordTrouble, Secret,
};
use stonechat::engine::testing::{Secrets, SecretsProblem};

const ROMEO: &str = "romeo@example.org";
const KEYRING: PasswordPlace = PasswordPlace::Keyring;
const PATIENCE: Duration = Duration::from_secs(5);

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_found_again_by_the_next_run() {
    let bus = Bus::start();
    let _keyring = bus.gnome_keyring("the login password").await;
    let password = Secret::new("Wherefore? ♥");

    Secrets::on_bus(&bus.address, PATIENCE)
        .store(ROMEO, KEYRING, &password)
        .await
        .unwrap();

    let next_run = Secrets::on_bus(&bus.address, PATIENCE);
    assert_eq!(next_run.password(ROMEO, KEYRING).await, Ok(Some(password)));
    assert_eq!(
        next_run.password("juliet@example.org", KEYRING).await,
        Ok(None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_replaces_the_old_one_and_can_be_forgotten() {
    let bus = Bus::start();
    let _keyring = bus.gnome_keyring("the login password").await;
    let first_run = Secrets::on_bus(&bus.address, PATIENCE);
    first_run
        .store(ROMEO, KEYRING, &Secret::new("old"))
        .await
        .unwrap();
    first_run
        .store(ROMEO, KEYRING, &Secret::new("new"))
        .await
        .unwrap();

    let next_run = Secrets::on_bus(&bus.address, PATIENCE);
    assert_eq!(
        next_run.password(ROMEO, KEYRING).await,
        Ok(Some(Secret::new("new")))
    );
    next_run.forget(ROMEO, KEYRING).await.unwrap();

    let last_run = Secrets::on_bus(&bus.address, PATIENCE);
    assert_eq!(last_run.password(ROMEO, KEYRING).await, Ok(None));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_survives_a_restart_of_the_keyring_and_is_not_on_disk_in_the_open() {
    let bus = Bus::start();
    let keyring = bus.gnome_keyring("the login password").await;
    let secrets = Secrets::on_bus(&bus.address, PATIENCE);
    secrets
        .store(ROMEO, KEYRING, &Secret::new("wherefore art thou"))
        .await
        .unwrap();
    bus.stop(keyring).await;

    let _keyring = bus.gnome_keyring("the login password").await;

    let next_run = Secrets::on_bus(&bus.address, PATIENCE);
    assert_eq!(
        next_run.password(ROMEO, KEYRING).await,
        Ok(Some(Secret::new("wherefore art thou")))
    );
    let files = bus.home_files();
    assert!(!files.is_empty());
    for file in files {
        let content = std::fs::read(&file).unwrap();
        let is_open = content.windows(9).any(|part| part == b"wherefore");
        assert!(!is_open, "{}", file.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_keyring_that_nobody_unlocks_is_told_and_the_password_kept_for_this_run() {
    let bus = Bus::start();
    let _keyring = bus.gnome_keyring("the login password").await;
    let first_run = Secrets::on_bus(&bus.address, PATIENCE);
    first_run
        .store(ROMEO, KEYRING, &Secret::new("wherefore"))
        .await
        .unwrap();
    bus.lock_keyring().await;

    // Nothing on this bus can show the keyring's question, so it is dismissed.
    let next_run = Secrets::on_bus(&bus.address, PATIENCE);
    assert_eq!(
        next_run.password(ROMEO, KEYRING).await,
        Err(SecretsProblem::Locked)
    );
    let stored = next_run.store(ROMEO, KEYRING, &Secret::new("typed")).await;

    assert_eq!(stored, Err(SecretsProblem::Locked));
    assert_eq!(
        next_run.password(ROMEO, KEYRING).await,
        Ok(Some(Secret::new("typed")))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_was_never_set_up_keeps_nothing_unless_the_person_agrees() {
    let bus = Bus::start();
    let _keyring = bus.gnome_keyring_without_login().await;
    let secrets = Secrets::on_bus(&bus.address, PATIENCE);

    assert_eq!(secrets.password(ROMEO, KEYRING).await, Ok(None));
    // It asks for a password for the new collection, which nobody can see here.
    let stored = secrets.store(ROMEO, KEYRING, &Secret::new("typed")).await;

    assert_eq!(stored, Err(SecretsProblem::Locked));
    assert_eq!(
        secrets.password(ROMEO, KEYRING).await,
        Ok(Some(Secret::new("typed")))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_without_a_keyring_is_told_at_once() {
    let bus = Bus::start();
    let secrets = Secrets::on_bus(&bus.address, PATIENCE);
    let began = Instant::now();

    assert_eq!(
        secrets.password(ROMEO, KEYRING).await,
        Err(SecretsProblem::Missing)
    );
    assert_eq!(
        secrets.store(ROMEO, KEYRING, &Secret::new("typed")).await,
        Err(SecretsProblem::Missing)
    );

    assert!(began.elapsed() < Duration::from_secs(2));
    assert_eq!(
        secrets.password(ROMEO, KEYRING).await,
        Ok(Some(Secret::new("typed")))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_without_a_bus_is_told_at_once() {
    let secrets = Secrets::on_bus("unix:path=/nowhere/bus", PATIENCE);

    assert_eq!(
        secrets.password(ROMEO, KEYRING).await,
        Err(SecretsProblem::Missing)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_never_answers_is_left_after_five_seconds() {
    let bus = Bus::start();
    let _fake = Fake::on(&bus, Manner::NeverAnswers).await;
    let secrets = Secrets::on_bus(&bus.address, PATIENCE);
    let began = Instant::now();

    assert_eq!(
        secrets.password(ROMEO, KEYRING).await,
        Err(SecretsProblem::TimedOut)
    );

    assert!(began.elapsed() >= PATIENCE);
    assert!(began.elapsed() < PATIENCE + Duration::from_secs(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_may_take_longer_than_a_keyring() {
    let patience = Duration::from_millis(200);
    let bus = Bus::start();
    let fake = Fake::on(&bus, Manner::AsksThePerson).await;
    let secrets = Secrets::on_bus(&bus.address, patience);

    let asked = tokio::spawn(async move { secrets.password(ROMEO, KEYRING).await });
    fake.prompt_opens().await;
    // The person's own time, which is what this test is about.
    tokio::time::sleep(patience * 4).await;
    assert!(!asked.is_finished());
    fake.answer_prompt(true).await;

    assert_eq!(asked.await.unwrap(), Ok(Some(Secret::new("from the fake"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dismissed_prompt_is_not_shown_again_in_this_run() {
    let bus = Bus::start();
    let fake = Fake::on(&bus, Manner::AsksThePerson).await;
    let secrets = Secrets::on_bus(&bus.address, PATIENCE);
    let asking = secrets.clone();

    let asked = tokio::spawn(async move { asking.password(ROMEO, KEYRING).await });
    fake.prompt_opens().await;
    fake.answer_prompt(false).await;

    assert_eq!(asked.await.unwrap(), Err(SecretsProblem::Locked));
    assert_eq!(
        secrets.password(ROMEO, KEYRING).await,
        Err(SecretsProblem::Locked)
    );
    assert_eq!(fake.prompts_shown(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_ends_while_it_asks_does_not_leave_us_waiting() {
    let bus = Bus::start();
    let fake = Fake::on(&bus, Manner::AsksThePerson).await;
    let secrets = Secrets::on_bus(&bus.address, PATIENCE);

    let asked = tokio::spawn(async move { secrets.password(ROMEO, KEYRING).await });
    fake.prompt_opens().await;
    fake.leave().await;

    let told = tokio::time::timeout(Duration::from_secs(5), asked)
        .await
        .unwrap();
    assert_eq!(told.unwrap(), Err(SecretsProblem::Missing));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_that_ends_while_the_keyring_asks_does_not_leave_us_waiting() {
    let bus = Bus::start();
    let fake = Fake::on(&bus, Manner::AsksThePerson).await;
    let secrets = Secrets::on_bus(&bus.address, PATIENCE);

    let asked = tokio::spawn(async move { secrets.password(ROMEO, KEYRING).await });
    fake.prompt_opens().await;
    drop(bus);

    let told = tokio::time::timeout(Duration::from_secs(5), asked)
        .await
        .unwrap();
    assert_eq!(told.unwrap(), Err(SecretsProblem::Missing));
}

/// Starts the real engine with one account, whose password is in a keyring.
async fn engine_with_account(folder: &std::path::Path, secrets: Secrets) -> Engine {
    let options = Options::new(folder.to_owned()).with_secrets(secrets);
    let first_run = Engine::start(options.clone()).unwrap();
    first_run.stop().await;
    drop(first_run);
    rusqlite::Connection::open(folder.join("history.db"))
        .unwrap()
        .execute(
            "INSERT INTO accounts (id, address, host, port) VALUES (1, ?1, '127.0.0.1', 9)",
            [ROMEO],
        )
        .unwrap();
    Engine::start(options).unwrap()
}

/// Looks again after each event.
async fn wait_until(engine: &Engine, what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let mut events = engine.subscribe();
    let waited = async {
        while !is_so().await {
            events.recv().await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(5), waited)
        .await
        .unwrap_or_else(|_| panic!("not within five seconds: {what}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_can_be_removed_while_the_keyring_asks() {
    let bus = Bus::start();
    let fake = Fake::on(&bus, Manner::AsksThePerson).await;
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_with_account(folder.path(), Secrets::on_bus(&bus.address, PATIENCE)).await;
    fake.prompt_opens().await;

    engine.command(Command::RemoveAccount {
        account: AccountId(1),
        keeps_history: false,
    });

    wait_until(&engine, "the account is gone", async || {
        engine.accounts().await.unwrap().is_empty()
    })
    .await;
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_a_token_can_be_removed_while_the_keyring_asks() {
    let bus = Bus::start();
    let fake = Fake::on(&bus, Manner::AsksThePerson).await;
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_with_account(folder.path(), Secrets::on_bus(&bus.address, PATIENCE)).await;
    fake.prompt_opens().await;
    rusqlite::Connection::open(folder.path().join("history.db"))
        .unwrap()
        .execute(
            "INSERT INTO sign_ins (account_id, token_mechanism, token_expiry)
             VALUES (1, 'HT-SHA-256-NONE', 9000000000000)",
            [],
        )
        .unwrap();

    engine.command(Command::RemoveAccount {
        account: AccountId(1),
        keeps_history: false,
    });

    wait_until(&engine, "the account is gone", async || {
        engine.accounts().await.unwrap().is_empty()
    })
    .await;
    engine.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_password_nobody_gives_stops_and_says_so() {
    let bus = Bus::start();
    let folder = tempfile::tempdir().unwrap();

    let engine = engine_with_account(folder.path(), Secrets::on_bus(&bus.address, PATIENCE)).await;

    let missing = ConnectionState::Stopped(ConnectionProblem::PasswordMissing(
        PasswordTrouble::NoKeyring,
    ));
    wait_until(&engine, "the password is asked for", async || {
        engine.connections().get(&AccountId(1)) == Some(&missing)
    })
    .await;
    engine.stop().await;
}
