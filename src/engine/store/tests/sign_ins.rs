//! What is remembered of sign-ins, and what makes it forgotten.

use super::*;
use crate::engine::model::{AccountEdit, AccountId};
use crate::engine::store::accounts::{self, NewAccount};
use crate::engine::store::sign_ins::{self, SignInRow};

/// An account that agreed to the open password and once signed in in a way.
fn after(mechanism: &str) -> (Connection, AccountId) {
    let mut connection = in_memory();
    let account = NewAccount {
        address: "romeo@example.org".to_owned(),
        host: None,
        port: None,
        allows_plain: true,
        proxy: String::new(),
    };
    let tx = connection.transaction().unwrap();
    let id = accounts::insert(&tx, &mut Changes::default(), &account)
        .unwrap()
        .unwrap();
    let row = SignInRow {
        best_mechanism: mechanism.to_owned(),
        best_time: 7,
        ..SignInRow::default()
    };
    sign_ins::learn(&tx, id, &row).unwrap();
    tx.commit().unwrap();
    (connection, id)
}

/// Returns what the next sign-in is held to, and whether the password itself
/// may be sent.
fn held_to(connection: &Connection, id: AccountId) -> (String, bool) {
    let row = sign_ins::recall(connection, id).unwrap();
    let account = accounts::by_id(connection, id).unwrap().unwrap();
    (row.best_mechanism, account.allows_plain)
}

fn set_certificate(connection: &mut Connection, id: AccountId, path: &str) {
    let tx = connection.transaction().unwrap();
    let edit = AccountEdit {
        client_certificate: path.to_owned(),
        ..AccountEdit::default()
    };
    accounts::edit(&tx, &mut Changes::default(), id, &edit).unwrap();
    tx.commit().unwrap();
}

#[test]
fn a23_after_any_scram_the_user_is_asked_again_before_the_password_is_sent() {
    let (scram, romeo) = after("SCRAM-SHA-1");
    let (plain, juliet) = after("PLAIN");

    assert_eq!(held_to(&scram, romeo), ("SCRAM-SHA-1".to_owned(), false));
    assert_eq!(held_to(&plain, juliet), ("PLAIN".to_owned(), true));
}

#[test]
fn a23_trusting_anew_is_no_consent_to_send_the_password() {
    let (mut connection, id) = after("EXTERNAL");
    assert!(held_to(&connection, id).1);

    let tx = connection.transaction().unwrap();
    sign_ins::trust_anew(&tx, id).unwrap();
    tx.commit().unwrap();

    assert_eq!(held_to(&connection, id), (String::new(), false));
}

#[test]
fn a23_only_a_certificate_that_the_user_sets_takes_the_place_of_the_password() {
    let (mut connection, id) = after("SCRAM-SHA-256");
    let label = AccountEdit {
        label: "Verona".to_owned(),
        ..AccountEdit::default()
    };
    let tx = connection.transaction().unwrap();
    accounts::edit(&tx, &mut Changes::default(), id, &label).unwrap();
    tx.commit().unwrap();
    assert_eq!(held_to(&connection, id).0, "SCRAM-SHA-256");

    set_certificate(&mut connection, id, "/home/romeo/romeo.pem");
    assert_eq!(held_to(&connection, id), (String::new(), false));

    let (mut connection, id) = after("SCRAM-SHA-256");
    connection
        .execute("UPDATE accounts SET client_certificate = 'romeo.pem'", [])
        .unwrap();
    set_certificate(&mut connection, id, "");
    assert_eq!(held_to(&connection, id).0, "SCRAM-SHA-256");
}
