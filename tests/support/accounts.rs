//! People with fresh accounts, so that tests on one server never meet.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::prosody::Prosody;

/// Somebody with an account.
#[derive(Clone, Debug)]
pub struct Person {
    /// First part of the address.
    pub name: String,
    /// Bare XMPP address.
    pub address: String,
    /// Password.
    pub password: String,
}

/// Makes accounts for Romeo and Juliet, who are in each other's contact lists.
pub fn romeo_and_juliet(server: &Prosody) -> (Person, Person) {
    let [romeo, juliet] = people(server, ["romeo", "juliet"]);
    (romeo, juliet)
}

/// Makes accounts for people who all know each other.
pub fn people<const N: usize>(server: &Prosody, names: [&str; N]) -> [Person; N] {
    static COUNT: AtomicUsize = AtomicUsize::new(1);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let people = names.map(|name| Person {
        name: format!("{name}{number}"),
        address: format!("{name}{number}@{}", server.domain),
        // ASCII: tokio-xmpp does not prepare passwords (RFC 4013).
        password: format!("the password of {name} {number}"),
    });
    for person in &people {
        let others: Vec<&str> = people
            .iter()
            .map(|other| other.name.as_str())
            .filter(|name| *name != person.name)
            .collect();
        server.account(&person.name, &person.password, &others);
    }
    people
}
