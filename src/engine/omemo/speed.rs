//! What the benchmarks measure: two people and a crowd, each with a store in
//! memory. Only with the feature `testing`, never in a release.
#![allow(clippy::expect_used, clippy::missing_panics_doc)]

use jid::BareJid;
use rusqlite::{Connection, Transaction};

use super::encrypt::ends;
use super::ratchet::{Ends, RatchetError, Received, decrypt_bare, decrypt_stepwise};
use super::{
    Letter, Origin, ensure_identity, open, own_bundle, seal, seal_for, take_bundle, take_list,
};
use crate::engine::model::{AccountId, Timestamp};
use crate::engine::store::accounts::{self, NewAccount};
use crate::engine::store::messages::{self, End, MessageIds, NewMessage};
use crate::engine::store::{Changes, conversations, devices, new_in_memory, ratchet as keys};
use crate::engine::xmpp::omemo_wire::{DeviceList, Encrypted, ListedDevice};

const NOW: Timestamp = 1_700_000_000_000;

struct Side {
    connection: Connection,
    account: AccountId,
    address: String,
    device: u32,
}

impl Side {
    fn new(name: &str) -> Self {
        let address = format!("{name}@example.org");
        let mut connection = new_in_memory();
        let (account, device) = write(&mut connection, |tx, changes| {
            let new = NewAccount {
                address: address.clone(),
                host: None,
                port: None,
                allows_plain: false,
                proxy: String::new(),
            };
            let account = accounts::insert(tx, changes, &new)
                .expect("an account can be added")
                .expect("the address is new");
            let identity =
                ensure_identity(tx, changes, account, &[], NOW).expect("keys can be made");
            (account, identity.device)
        });
        Self {
            connection,
            account,
            address,
            device,
        }
    }

    fn meet(&mut self, address: &str, others: &mut [Side]) {
        let account = self.account;
        let list = DeviceList {
            devices: others
                .iter()
                .map(|other| ListedDevice {
                    id: other.device,
                    label: None,
                })
                .collect(),
            is_cut: false,
        };
        for other in others {
            let id = other.account;
            let bundle = write(&mut other.connection, |tx, _| own_bundle(tx, id))
                .expect("keys can be read")
                .expect("there are keys");
            let device = other.device;
            write(&mut self.connection, |tx, changes| {
                take_list(tx, changes, (account, address), &list, NOW)?;
                take_bundle(tx, changes, (account, address, device), &bundle, NOW)
            })
            .expect("keys can be taken");
        }
    }

    fn write_to(&mut self, address: &str, text: &str) -> Encrypted {
        let account = self.account;
        let to = [BareJid::new(address).expect("an address")];
        write(&mut self.connection, |tx, _| {
            seal(tx, account, &to, Some(text))
        })
        .expect("it can be encrypted")
        .encrypted
    }
}

fn write<T>(
    connection: &mut Connection,
    job: impl FnOnce(&Transaction<'_>, &mut Changes) -> T,
) -> T {
    let tx = connection.transaction().expect("a transaction begins");
    let done = job(&tx, &mut Changes::default());
    tx.commit().expect("it can be kept");
    done
}

/// Many messages of one session, and who can read them.
pub struct Ten {
    reader: Side,
    writer: String,
    sent: Vec<Encrypted>,
}

impl Ten {
    /// Writes `count` messages.
    pub fn thousand(count: usize) -> Self {
        let (mut reader, mut writer) = (Side::new("juliet"), Side::new("romeo"));
        let (his, hers) = (writer.address.clone(), reader.address.clone());
        writer.meet(&hers, std::slice::from_mut(&mut reader));
        let hello = writer.write_to(&hers, "Hello");
        // Her answer ends the exchange of keys: what follows is the ratchet alone.
        let account = reader.account;
        let empty = write(&mut reader.connection, |tx, changes| {
            let letter = letter(&his, &hello);
            let opened = open(tx, changes, account, letter, NOW).expect("it can be read");
            seal_for(tx, account, opened.device).expect("it can be answered")
        })
        .expect("there is a session");
        let account = writer.account;
        write(&mut writer.connection, |tx, changes| {
            open(tx, changes, account, letter(&hers, &empty), NOW).expect("it can be read");
        });
        let sent = (0..count)
            .map(|number| writer.write_to(&hers, &format!("Message {number} of a long night")))
            .collect();
        Self {
            reader,
            writer: his,
            sent,
        }
    }

    /// Decrypts all keys by the ratchet alone, its record in memory all the
    /// while; returns how many bytes they had.
    pub fn read_bare(&self) -> usize {
        self.read_with(decrypt_bare)
    }

    /// Decrypts all keys by the ratchet alone, its record read and written
    /// for each, as for whoever keeps every step; returns how many bytes they had.
    pub fn read_stepwise(&self) -> usize {
        self.read_with(decrypt_stepwise)
    }

    fn read_with(
        &self,
        decrypt: impl Fn(Ends<'_>, &[u8], &[Received]) -> Result<usize, RatchetError>,
    ) -> usize {
        let reader = &self.reader;
        let sender = self.sent[0].sender;
        let known = devices::get(&reader.connection, reader.account, &self.writer, sender)
            .expect("devices can be read")
            .expect("the device is known");
        let session = keys::session(&reader.connection, known.row)
            .expect("sessions can be read")
            .expect("there is a session");
        let identity = keys::identity(&reader.connection, reader.account)
            .expect("keys can be read")
            .expect("there are keys");
        let received: Vec<Received> = self
            .sent
            .iter()
            .map(|message| &message.keys[0])
            .map(|key| Received::read(&key.data, key.is_pre_key).expect("a message"))
            .collect();
        let ends = ends(&identity, &self.writer, sender);
        decrypt(ends, &session.record, &received).expect("all can be read")
    }

    /// Reads all messages as they come from the archive, `page` of them in one
    /// transaction, and keeps a row for each; returns how many.
    pub fn read_and_keep(&mut self, page: usize) -> usize {
        let account = self.reader.account;
        let writer = &self.writer;
        let mut read = 0;
        for (number, page) in self.sent.chunks(page).enumerate() {
            write(&mut self.reader.connection, |tx, changes| {
                let chat = conversations::ensure(tx, changes, account, writer, NOW)
                    .expect("a chat can be made");
                for (place, encrypted) in page.iter().enumerate() {
                    let letter = Letter {
                        origin: Origin::Archive,
                        ..letter(writer, encrypted)
                    };
                    let opened = open(tx, changes, account, letter, NOW).expect("it can be read");
                    let id = format!("{number}-{place}");
                    let new = row(opened.text.unwrap_or_default(), id, opened.trust);
                    messages::insert(tx, changes, chat, &new, End::New).expect("it can be kept");
                    read += 1;
                }
            });
        }
        read
    }
}

fn letter<'a>(sender: &'a str, encrypted: &'a Encrypted) -> Letter<'a> {
    Letter {
        sender,
        encrypted,
        origin: Origin::Live,
        written_at: NOW,
    }
}

fn row(body: String, id: String, trust: crate::engine::model::Trust) -> NewMessage {
    use crate::engine::model::{Delivery, Direction, MessageKind, Protection};
    NewMessage {
        direction: Direction::Incoming,
        kind: MessageKind::Text,
        body,
        hidden: String::new(),
        time: NOW,
        delivery: Delivery::Delivered,
        ids: MessageIds {
            archive: id,
            ..MessageIds::default()
        },
        is_markable: false,
        protection: Protection::Omemo { trust },
        is_unstyled: false,
        reply: None,
        replaces: String::new(),
    }
}

/// Somebody with many devices, and who writes to them.
pub struct Crowd {
    writer: Side,
    address: String,
}

impl Crowd {
    /// Makes somebody with `count` devices.
    pub fn of(count: usize) -> Self {
        let mut writer = Side::new("romeo");
        let mut devices: Vec<Side> = (0..count).map(|_| Side::new("juliet")).collect();
        let address = devices[0].address.clone();
        writer.meet(&address, &mut devices);
        Self { writer, address }
    }

    /// Writes one message; returns to how many devices.
    pub fn write(&mut self) -> usize {
        self.writer
            .write_to(&self.address, "To all of you")
            .keys
            .len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_measured_works() {
        let mut ten = Ten::thousand(30);

        assert_eq!(ten.read_bare(), 30 * 32);
        assert_eq!(ten.read_and_keep(8), 30);
        assert_eq!(Crowd::of(3).write(), 3);
    }
}
