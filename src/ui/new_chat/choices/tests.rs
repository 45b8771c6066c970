//! Tests of what a text may mean.

use super::*;
use crate::engine::model::{
    Account, Blocked, Contact, ConversationId, ConversationRow, MessageKind, PasswordPlace,
    Subscription,
};

/// An account that is switched on.
pub fn account(id: i64) -> Account {
    Account {
        nickname: String::new(),
        picture: String::new(),
        id: AccountId(id),
        address: format!("romeo{id}@example.org"),
        is_enabled: true,
        host: None,
        port: None,
        allows_plain: false,
        label: String::new(),
        colour: 0,
        password_place: PasswordPlace::Keyring,
        proxy: String::new(),
        pinned_key: String::new(),
        client_certificate: String::new(),
        encrypts_by_default: true,
        keeps_days: 0,
    }
}

fn contact(address: &str, name: &str) -> Contact {
    Contact {
        nickname: String::new(),
        picture: String::new(),
        account: AccountId(1),
        address: address.to_owned(),
        name: name.to_owned(),
        subscription: Subscription::Both,
        labels: Vec::new(),
    }
}

fn chat(address: &str) -> ConversationRow {
    ConversationRow {
        picture: String::new(),
        id: ConversationId(1),
        account: AccountId(1),
        address: address.to_owned(),
        name: address.to_owned(),
        own_name: "romeo".to_owned(),
        last_kind: MessageKind::Text,
        last_body: String::new(),
        last_time: 0,
        last_direction: None,
        last_delivery: None,
        unread: 0,
        first_unread: None,
        is_history_complete: true,
        draft: String::new(),
        muted_until: 0,
        is_pinned: false,
        is_archived: false,
        is_marked_unread: false,
        is_request: false,
        asks_for_presence: false,
    }
}

fn people(accounts: &[i64], contacts: &[(&str, &str)], chats: &[&str]) -> People {
    People {
        accounts: accounts.iter().map(|id| account(*id)).collect(),
        contacts: contacts
            .iter()
            .map(|(address, name)| contact(address, name))
            .collect(),
        blocked: Vec::new(),
        chats: chats.iter().map(|address| chat(address)).collect(),
    }
}

fn deeds(typed: &str, people: &People) -> Vec<Deed> {
    let choices = choices(typed, people);
    choices.into_iter().map(|choice| choice.deed).collect()
}

fn open() -> Deed {
    Deed::Open(String::new())
}

fn write() -> Deed {
    Deed::Write(String::new())
}

fn write_to_stranger() -> Deed {
    Deed::WriteToStranger(String::new())
}

fn add() -> Deed {
    Deed::Add(Invitation::default())
}

#[test]
fn contacts_match_by_name_or_address() {
    let people = people(
        &[1],
        &[
            ("rosaline@example.org", "Rosaline"),
            ("t@ros.example", ""),
            ("b@example.org", "Benvolio"),
        ],
        &[],
    );

    let found = choices("ROS", &people);

    let names: Vec<&str> = found.iter().map(|choice| choice.name.as_str()).collect();
    assert_eq!(names, ["Rosaline", "t@ros.example"]);
    assert!(found.iter().all(|choice| choice.deed == write()));
}

#[test]
fn an_unknown_address_can_be_written_to_and_added_from_each_account() {
    let found = choices("Ros@Example.org", &people(&[1, 2], &[], &[]));

    let deeds: Vec<Deed> = found.iter().map(|choice| choice.deed.clone()).collect();
    assert_eq!(
        deeds,
        [write_to_stranger(), write_to_stranger(), add(), add()]
    );
    assert!(
        found
            .iter()
            .all(|choice| choice.address == "ros@example.org")
    );
}

#[test]
fn somebody_in_two_lists_is_first_offered_from_the_first_account() {
    let mut people = people(&[2, 1, 3], &[("rosaline@example.org", "Rosaline")], &[]);
    let from_other = Contact {
        account: AccountId(2),
        ..people.contacts[0].clone()
    };
    people.contacts.push(from_other);

    let from: Vec<i64> = choices("ros", &people)
        .iter()
        .map(|choice| choice.account.0)
        .collect();

    assert_eq!(from, [2, 1]);
}

#[test]
fn half_an_address_offers_nobody_new() {
    for typed in ["ros", "ros@", "@example.org", "ros @example.org"] {
        assert_eq!(choices(typed, &people(&[1], &[], &[])), [], "{typed}");
    }
}

#[test]
fn somebody_with_a_chat_is_opened_and_listed_once() {
    let known = people(
        &[1],
        &[("rosaline@example.org", "Rosaline")],
        &["rosaline@example.org", "paris@example.org"],
    );

    assert_eq!(deeds("rosaline@example.org", &known), [open()]);
    // A chat with somebody who is no contact.
    assert_eq!(deeds("paris@example.org", &known), [open(), add()]);
}

#[test]
fn a34_a_link_with_a_text_opens_a_chat_and_keeps_the_text_for_the_user() {
    let known = people(&[1], &[("rosaline@example.org", "Rosaline")], &[]);
    let text = || "Good night.".to_owned();

    assert_eq!(
        deeds(
            "xmpp:rosaline@example.org?message;body=Good%20night.",
            &known
        ),
        [Deed::Write(text())]
    );
    assert_eq!(
        deeds("xmpp:ros@example.org?message;body=Good%20night.", &known),
        [Deed::WriteToStranger(text()), add()]
    );
}

#[test]
fn an_invitation_adds_first_and_opens_the_chat_with_who_is_a_contact_already() {
    let known = people(&[1], &[("rosaline@example.org", "Rosaline")], &[]);
    let invitation = Invitation {
        name: "Ros".to_owned(),
        token: "t0ken".to_owned(),
    };

    assert_eq!(
        deeds("xmpp:ros@example.org?roster;name=Ros;preauth=t0ken", &known),
        [Deed::Add(invitation), write_to_stranger()]
    );
    assert_eq!(
        deeds("xmpp:rosaline@example.org?roster;preauth=t0ken", &known),
        [write()]
    );
}

#[test]
fn a34_a_link_that_removes_is_about_contacts_only_and_asks() {
    let known = people(&[1], &[("rosaline@example.org", "Rosaline")], &[]);

    assert_eq!(
        deeds("xmpp:rosaline@example.org?remove", &known),
        [Deed::Remove]
    );
    assert_eq!(deeds("xmpp:paris@example.org?remove", &known), []);
}

#[test]
fn a34_groups_accounts_and_what_is_unknown_offer_nothing() {
    for link in [
        "xmpp:verona@rooms.example.org?join",
        "xmpp:example.org?register;preauth=t0ken",
        "xmpp:example.org",
        "xmpp:romeo1@example.org?dance",
        "xmpp:%zz",
        "https://example.org/invite/#t0ken",
    ] {
        assert_eq!(deeds(link, &people(&[1], &[], &[])), [], "{link}");
    }
}

#[test]
fn what_may_be_a_group_is_not_added_as_a_person() {
    let found = choices("verona@conference.example.org", &people(&[1], &[], &[]));

    assert_eq!(found.len(), 1);
    assert!(found[0].may_be_group());
    assert_eq!(found[0].deed, write_to_stranger());
}

#[test]
fn nobody_adds_themselves() {
    assert_eq!(
        deeds("romeo1@example.org", &people(&[1], &[], &[])),
        [write_to_stranger()]
    );
}

#[test]
fn who_is_blocked_can_only_be_let_in_again() {
    let mut people = people(&[1], &[("tybalt@example.org", "Tybalt")], &[]);
    let block = |address: &str| Blocked {
        account: AccountId(1),
        address: address.to_owned(),
    };
    people.blocked = vec![block("tybalt@example.org"), block("spam.example")];

    assert_eq!(deeds("tyb", &people), [Deed::Unblock]);
    assert_eq!(deeds("tybalt@example.org", &people), [Deed::Unblock]);
    assert_eq!(
        deeds("xmpp:bot@spam.example?roster", &people),
        [Deed::ServerIsBlocked]
    );
}
