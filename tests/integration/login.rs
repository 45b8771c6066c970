//! Signing in, and what is there afterwards.

use stonechat::engine::error::SignInError;
use stonechat::engine::model::{ConnectionProblem, ConnectionState, Secret, Subscription};

use crate::support::accounts::{Person, romeo_and_juliet};
use crate::support::ours::{Ours, form, try_to_sign_in};
use crate::support::prosody::Prosody;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_signing_in_the_contacts_are_there() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);

    let mut ours = Ours::sign_in(&romeo, &server).await;

    let contact = ours
        .wait_for("a contact", async |engine| {
            engine.contacts().await.unwrap().pop()
        })
        .await;
    assert_eq!(contact.address, juliet.address);
    assert_eq!(contact.name, juliet.name);
    assert_eq!(contact.subscription, Subscription::Both);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_prepared_before_it_is_used() {
    // RFC 4013: "№" and "No" are the same password.
    let server = Prosody::shared();
    let (romeo, _) = romeo_and_juliet(&server);
    server.account(&romeo.name, "Sonnet No18", &[]);
    let mut sign_in = form(&romeo, server.port);
    sign_in.password = Secret::new("Sonnet №18");

    try_to_sign_in(sign_in, &server.ca).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_password_is_called_that_and_nothing_is_kept() {
    let server = Prosody::shared();
    let (romeo, _) = romeo_and_juliet(&server);
    let mut sign_in = form(&romeo, server.port);
    sign_in.password = Secret::new("Rosaline");

    let result = try_to_sign_in(sign_in, &server.ca).await;

    assert!(
        matches!(
            result,
            Err(SignInError::Connection(ConnectionProblem::WrongPassword))
        ),
        "{result:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_does_not_exist_is_refused() {
    let server = Prosody::shared();
    let nobody = Person {
        name: "nobody".into(),
        address: format!("nobody@{}", server.domain),
        password: "nothing".into(),
    };

    let result = try_to_sign_in(form(&nobody, server.port), &server.ca).await;

    // Servers do not tell strangers which accounts exist.
    assert!(
        matches!(
            result,
            Err(SignInError::Connection(
                ConnectionProblem::WrongPassword | ConnectionProblem::NoSuchAccount
            ))
        ),
        "{result:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_without_a_domain_never_reaches_the_network() {
    let server = Prosody::shared();
    let (romeo, _) = romeo_and_juliet(&server);
    let mut sign_in = form(&romeo, server.port);
    sign_in.address = "romeo".into();

    let result = try_to_sign_in(sign_in, &server.ca).await;

    assert!(
        matches!(result, Err(SignInError::AddressWithoutDomain)),
        "{result:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_cannot_be_added_twice() {
    let server = Prosody::shared();
    let (romeo, _) = romeo_and_juliet(&server);
    let ours = Ours::sign_in(&romeo, &server).await;

    let mut again = form(&romeo, server.port);
    again.address = again.address.to_uppercase();
    let result = ours.engine.sign_in(again).await;

    assert!(
        matches!(result, Err(SignInError::AlreadyAdded)),
        "{result:?}"
    );
    assert_eq!(ours.engine.accounts().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_the_account_signs_in_by_itself() {
    let server = Prosody::shared();
    let (romeo, _) = romeo_and_juliet(&server);
    let ours = Ours::sign_in(&romeo, &server).await;

    let mut ours = ours.restart().await;

    ours.wait_until_online().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_accounts_live_side_by_side() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = Ours::sign_in(&romeo, &server).await;

    let second = ours
        .engine
        .sign_in(form(&juliet, server.port))
        .await
        .unwrap();

    let both = [ours.account, second];
    ours.wait_for("both to be online", async |engine| {
        let connections = engine.connections();
        both.iter()
            .all(|account| connections.get(account) == Some(&ConnectionState::Online))
            .then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_given_by_hand_may_speak_tls_at_once_on_any_port() {
    let server = Prosody::shared();
    let (romeo, _) = romeo_and_juliet(&server);

    try_to_sign_in(form(&romeo, server.tls_port), &server.ca)
        .await
        .unwrap();
}
