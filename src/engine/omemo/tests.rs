//! Two people and their devices, each with a store of their own.
#![allow(clippy::unwrap_used)]

mod attacks;
mod chats;
mod mutations;
mod rules;

use std::fmt::Write;

use jid::BareJid;
use rand::rngs::StdRng;
use rusqlite::{Connection, Transaction};

use super::bundles::ListChange;
use super::encrypt::Sealed;
use super::*;
use crate::engine::model::{AccountId, CannotRead, Timestamp, Trust};
use crate::engine::store::accounts::{self, NewAccount};
use crate::engine::store::devices;
use crate::engine::store::tests::in_memory;
use crate::engine::store::{Changes, ratchet as keys};
use crate::engine::xmpp::omemo_wire::{Bundle, DeviceList, Encrypted, ListedDevice};

const NOW: Timestamp = 1_700_000_000_000;
const DAY: Timestamp = 24 * 60 * 60 * 1_000;

/// One device of somebody.
struct Side {
    connection: Connection,
    account: AccountId,
    address: String,
    id: u32,
}

/// What was read: a text or none, how far its writer is trusted, what they wait for.
type Read = Result<(Option<String>, Trust, Answer), Refusal>;

fn side(name: &str) -> Side {
    let address = format!("{name}@example.org");
    let mut connection = in_memory();
    let tx = connection.transaction().unwrap();
    let account = NewAccount {
        address: address.clone(),
        host: None,
        port: None,
        allows_plain: false,
        proxy: String::new(),
    };
    let changes = &mut Changes::default();
    let account = accounts::insert(&tx, changes, &account).unwrap().unwrap();
    let identity = ensure_identity(&tx, changes, account, &[], NOW).unwrap();
    tx.commit().unwrap();
    Side {
        connection,
        account,
        address,
        id: identity.device,
    }
}

impl Side {
    fn write<T>(&mut self, job: impl FnOnce(&Transaction<'_>, &mut Changes) -> T) -> T {
        let tx = self.connection.transaction().unwrap();
        let done = job(&tx, &mut Changes::default());
        tx.commit().unwrap();
        done
    }

    fn bundle(&mut self) -> Bundle {
        let account = self.account;
        self.write(|tx, _| own_bundle(tx, account))
            .unwrap()
            .unwrap()
    }

    fn hears_list(&mut self, address: &str, ids: &[u32]) -> ListChange {
        let account = self.account;
        let device = |id: &u32| ListedDevice {
            id: *id,
            label: None,
        };
        let list = DeviceList {
            devices: ids.iter().map(device).collect(),
            is_cut: false,
        };
        self.write(|tx, changes| take_list(tx, changes, (account, address), &list, NOW))
            .unwrap()
    }

    fn takes_bundle(&mut self, address: &str, id: u32, bundle: &Bundle) -> Option<Trust> {
        let account = self.account;
        self.write(|tx, changes| take_bundle(tx, changes, (account, address, id), bundle, NOW))
            .unwrap()
    }

    /// Learns of a device as programs do: by its list, then by its keys.
    fn meets(&mut self, other: &mut Self) -> Option<Trust> {
        let (address, id) = (other.address.clone(), other.id);
        self.hears_list(&address, &[id]);
        self.takes_bundle(&address, id, &other.bundle())
    }

    fn seals(&mut self, to: &str, text: Option<&str>) -> Result<Sealed, SealTrouble> {
        let account = self.account;
        let to = [BareJid::new(to).unwrap()];
        self.write(|tx, _| seal(tx, account, &to, text))
    }

    fn writes(&mut self, to: &Side, text: &str) -> Encrypted {
        self.seals(&to.address, Some(text)).unwrap().encrypted
    }

    fn opens_letter(&mut self, letter: Letter<'_>) -> Read {
        let account = self.account;
        self.write(|tx, changes| open(tx, changes, account, letter, NOW))
            .map(|opened| (opened.text, opened.trust, opened.answer))
    }

    fn opens_from(&mut self, sender: &str, encrypted: &Encrypted, origin: Origin) -> Read {
        self.opens_letter(Letter {
            sender,
            encrypted,
            origin,
            written_at: NOW,
        })
    }

    fn opens(&mut self, from: &Side, encrypted: &Encrypted) -> Read {
        self.opens_from(&from.address, encrypted, Origin::Live)
    }

    /// Reads what has to be readable.
    fn reads(&mut self, from: &Side, encrypted: &Encrypted) -> String {
        self.opens(from, encrypted).unwrap().0.unwrap()
    }

    fn device(&self, other: &Side) -> devices::Known {
        devices::get(&self.connection, self.account, &other.address, other.id)
            .unwrap()
            .unwrap()
    }

    fn answers(&mut self, other: &Side) -> Encrypted {
        let (account, row) = (self.account, self.device(other).row);
        self.write(|tx, _| seal_for(tx, account, row))
            .unwrap()
            .unwrap()
    }

    fn unused_keys(&self) -> usize {
        keys::pre_keys(&self.connection, self.account)
            .unwrap()
            .len()
    }

    /// All that encryption keeps, to see that nothing of it changed.
    fn state(&self) -> String {
        let tables = [
            "identities",
            "signed_pre_keys",
            "pre_keys",
            "device_lists",
            "devices",
            "key_trust",
            "ratchet_sessions",
        ];
        let mut state = String::new();
        for table in tables {
            let mut query = self
                .connection
                .prepare(&format!("SELECT * FROM {table}"))
                .unwrap();
            let columns = query.column_count();
            let mut rows = query.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                for column in 0..columns {
                    write!(state, "{:?} ", row.get_ref(column).unwrap()).unwrap();
                }
            }
        }
        state
    }
}

/// Romeo and Juliet, after a word each way.
fn acquainted() -> (Side, Side) {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    romeo.meets(&mut juliet);
    let hello = romeo.writes(&juliet, "Hello");
    juliet.reads(&romeo, &hello);
    juliet.hears_list(&romeo.address, &[romeo.id]);
    let answer = juliet.writes(&romeo, "Good day");
    romeo.reads(&juliet, &answer);
    (romeo, juliet)
}

fn why(read: Read) -> CannotRead {
    match read.unwrap_err() {
        Refusal::Unreadable { why, .. } => why,
        other => panic!("{other}"),
    }
}

fn place(encrypted: &Encrypted) -> u32 {
    let key = &encrypted.keys[0];
    let received = ratchet::Received::read(&key.data, key.is_pre_key).unwrap();
    received.place().1
}

fn random(seed: u64) -> StdRng {
    use rand::SeedableRng;
    StdRng::seed_from_u64(seed)
}

#[test]
fn the_first_word_is_encrypted_and_read_without_a_question() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    assert_eq!(romeo.meets(&mut juliet), Some(Trust::Blind));

    let hello = romeo.writes(&juliet, "Hello");
    let (text, trust, answer) = juliet.opens(&romeo, &hello).unwrap();

    assert_eq!(text.as_deref(), Some("Hello"));
    assert_eq!(trust, Trust::Blind);
    assert_eq!(answer, Answer::KeyTransport);
    assert!(hello.keys[0].is_pre_key);
    assert_eq!(juliet.unused_keys(), 99);
}

#[test]
fn sessions_are_opened_until_the_first_answer_and_not_after() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    romeo.meets(&mut juliet);
    let before: Vec<_> = ["One", "Two", "Three"]
        .map(|text| romeo.writes(&juliet, text))
        .into();
    assert!(before.iter().all(|message| message.keys[0].is_pre_key));

    for (place, text) in [(2, "Three"), (0, "One"), (1, "Two")] {
        assert_eq!(juliet.reads(&romeo, &before[place]), text);
    }
    let empty = juliet.answers(&romeo);
    let read = romeo.opens(&juliet, &empty).unwrap();

    assert_eq!(read.0, None, "an empty message shows nothing");
    assert!(!romeo.writes(&juliet, "Four").keys[0].is_pre_key);
    assert_eq!(juliet.unused_keys(), 99, "one key for all three");
}

#[test]
fn both_may_open_a_session_at_once() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    romeo.meets(&mut juliet);
    juliet.meets(&mut romeo);
    let his = romeo.writes(&juliet, "Romeo first");
    let hers = juliet.writes(&romeo, "Juliet first");

    assert_eq!(juliet.reads(&romeo, &his), "Romeo first");
    assert_eq!(romeo.reads(&juliet, &hers), "Juliet first");
    for round in 0..3 {
        let (his, hers) = (format!("his {round}"), format!("hers {round}"));
        let from_him = romeo.writes(&juliet, &his);
        let from_her = juliet.writes(&romeo, &hers);
        assert_eq!(juliet.reads(&romeo, &from_him), his);
        assert_eq!(romeo.reads(&juliet, &from_her), hers);
    }
}

#[test]
fn fifty_each_way_out_of_order_and_with_losses() {
    use rand::seq::SliceRandom;
    let (mut romeo, mut juliet) = acquainted();
    let mut random = random(5);
    for round in 0..2 {
        let (from, to) = if round == 0 {
            (&mut romeo, &mut juliet)
        } else {
            (&mut juliet, &mut romeo)
        };
        let mut sent: Vec<_> = (0..50)
            .map(|number| (number.to_string(), from.writes(to, &number.to_string())))
            .collect();
        sent.shuffle(&mut random);
        for (text, encrypted) in &sent[..46] {
            assert_eq!(to.reads(from, encrypted), *text);
        }
    }
}

#[test]
fn two_hundred_ahead_can_be_read_from_the_end() {
    let (mut romeo, mut juliet) = acquainted();
    let sent: Vec<_> = (0..200)
        .map(|number| romeo.writes(&juliet, &number.to_string()))
        .collect();

    for number in [199, 0, 77, 198] {
        assert_eq!(juliet.reads(&romeo, &sent[number]), number.to_string());
    }
    assert!(matches!(
        juliet.opens(&romeo, &sent[77]),
        Err(Refusal::Duplicate)
    ));
}

#[test]
fn own_other_devices_read_what_is_written_and_this_one_is_left_out() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    let mut phone = side("romeo");
    romeo.meets(&mut juliet);
    let own = romeo.address.clone();
    romeo.hears_list(&own, &[romeo.id, phone.id]);
    romeo.takes_bundle(&own, phone.id, &phone.bundle());
    phone.hears_list(&own, &[romeo.id, phone.id]);

    let sealed = romeo.seals(&juliet.address, Some("Hello")).unwrap();

    let ids: Vec<u32> = sealed.encrypted.keys.iter().map(|key| key.device).collect();
    assert_eq!(ids, [juliet.id, phone.id]);
    assert_eq!(phone.reads(&romeo, &sealed.encrypted), "Hello");
    assert_eq!(juliet.reads(&romeo, &sealed.encrypted), "Hello");
}

#[test]
fn a_long_monologue_is_answered_once() {
    let (mut romeo, mut juliet) = acquainted();
    let mut asked = Vec::new();
    for number in 0..60 {
        let message = romeo.writes(&juliet, "On and on");
        let (_, _, answer) = juliet.opens(&romeo, &message).unwrap();
        if answer == Answer::Heartbeat {
            asked.push(number);
            let empty = juliet.answers(&romeo);
            romeo.opens(&juliet, &empty).unwrap();
        }
    }

    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(place(&romeo.writes(&juliet, "Anew")), 60 - asked[0] - 1);
}

#[test]
fn a_peer_that_lost_its_sessions_is_mended() {
    let (mut romeo, mut juliet) = acquainted();
    // Juliet has her identity still, and no session.
    let row = juliet.device(&romeo).row;
    let forgotten = "DELETE FROM ratchet_sessions WHERE device = ?1";
    juliet.connection.execute(forgotten, [row.0]).unwrap();
    let lost = romeo.writes(&juliet, "Lost");
    let broken = CannotRead::SessionBroken { is_repaired: false };
    assert_eq!(why(juliet.opens(&romeo, &lost)), broken);

    let (account, bundle) = (juliet.account, romeo.bundle());
    let (address, id) = (romeo.address.clone(), romeo.id);
    // Servers stamp by the second: it seems older than her device.
    let lost = romeo.writes(&juliet, "Lost as well");
    let rounded = Letter {
        sender: &romeo.address,
        encrypted: &lost,
        origin: Origin::Archive,
        written_at: NOW - 1,
    };
    assert_eq!(why(juliet.opens_letter(rounded)), broken);

    let is_mended = juliet
        .write(|tx, changes| mend(tx, changes, (account, &address, id), &bundle, NOW))
        .unwrap();
    let empty = juliet.answers(&romeo);
    romeo.opens(&juliet, &empty).unwrap();

    assert!(is_mended);
    let next = romeo.writes(&juliet, "Found");
    assert_eq!(juliet.reads(&romeo, &next), "Found");
}

#[test]
fn a_used_key_stays_until_the_archive_was_read_and_is_then_replaced() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    romeo.meets(&mut juliet);
    let hello = romeo.writes(&juliet, "Hello");
    juliet.reads(&romeo, &hello);
    let account = juliet.account;
    let all = |juliet: &Side| -> i64 {
        let count = "SELECT count(*) FROM pre_keys";
        juliet
            .connection
            .query_row(count, [], |row| row.get(0))
            .unwrap()
    };
    assert_eq!((all(&juliet), juliet.unused_keys()), (100, 99));

    let is_changed = juliet.write(|tx, _| refill(tx, account)).unwrap();

    assert!(is_changed);
    assert_eq!((all(&juliet), juliet.unused_keys()), (100, 100));
    let numbers = juliet.bundle().pre_keys;
    assert!(numbers.iter().any(|(id, _)| *id == 101));
}

#[test]
fn the_key_of_the_month_changes_and_the_last_one_still_opens() {
    let (mut romeo, mut juliet) = (side("romeo"), side("juliet"));
    romeo.meets(&mut juliet);
    let account = juliet.account;
    let first = juliet.bundle().signed_pre_key;
    let mut rotates = |now| juliet.write(|tx, _| rotate(tx, account, now)).unwrap();
    assert!(!rotates(NOW + 29 * DAY));
    assert!(rotates(NOW + 30 * DAY));
    assert!(!rotates(NOW + 31 * DAY));

    let late = romeo.writes(&juliet, "Sent before the change");

    assert_eq!(juliet.reads(&romeo, &late), "Sent before the change");
    assert_ne!(juliet.bundle().signed_pre_key, first);
    let mut nurse = side("nurse");
    nurse.meets(&mut juliet);
    let new = nurse.writes(&juliet, "By the new one");
    assert_eq!(juliet.reads(&nurse, &new), "By the new one");
    juliet
        .write(|tx, _| rotate(tx, account, NOW + 61 * DAY))
        .unwrap();
    let kept = keys::signed_pre_keys(&juliet.connection, account).unwrap();
    assert_eq!(kept.len(), 2);
}

#[test]
fn what_is_published_is_compared_with_what_is_here() {
    let mut juliet = side("juliet");
    let account = juliet.account;
    let published = juliet.bundle();
    let mut checks = |bundle: Option<&Bundle>| {
        let fits = juliet
            .write(|tx, _| self_check(tx, account, bundle))
            .unwrap();
        let due = keys::identity(&juliet.connection, account)
            .unwrap()
            .unwrap();
        assert_eq!(due.is_bundle_due, !fits);
        fits
    };

    assert!(checks(Some(&published)));
    assert!(!checks(None));
    let mut other = published.clone();
    other.identity_key[3] ^= 1;
    assert!(!checks(Some(&other)));
    let mut short = published.clone();
    short.pre_keys.pop();
    assert!(!checks(Some(&short)));
}

#[test]
fn a_new_identity_has_another_number_and_no_sessions() {
    let (mut romeo, mut juliet) = acquainted();
    let account = romeo.account;
    let old = romeo.id;
    let identity = romeo
        .write(|tx, changes| new_identity(tx, changes, account, &[], NOW + DAY))
        .unwrap();

    let before = juliet.writes(&romeo, "To the old one");

    assert_ne!(identity.device, old);
    assert_eq!(
        why(romeo.opens(&juliet, &before)),
        CannotRead::BeforeThisDevice
    );
    assert!(!romeo.device(&juliet).has_session);
    let own = devices::of_address(&romeo.connection, account, &romeo.address).unwrap();
    let own: Vec<_> = own
        .iter()
        .map(|known| {
            (
                known.device.id == old,
                known.device.is_this,
                known.device.is_active,
            )
        })
        .collect();
    assert!(own.contains(&(true, false, false)));
    assert!(own.contains(&(false, true, true)));
}
