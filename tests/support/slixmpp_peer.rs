//! Drives `slixmpp_peer.py`: python3-slixmpp as the other side of a chat, or
//! `slixmpp_omemo_peer.py`, which encrypts.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::accounts::Person;
use super::heard::{Deed, Heard, Order};
use super::peers::{PATIENCE, Peer};
use super::prosody::{Prosody, project};

/// Signs `person` in with slixmpp, through one of the scripts beside this file,
/// and with its keys in this file. It ends when the returned peer is dropped.
pub async fn sign_in(script: &str, person: &Person, server: &Prosody, keys: Option<&Path>) -> Peer {
    let mut child = Command::new("python3")
        .arg(project().join("tests/support").join(script))
        .args([&person.address, "127.0.0.1", &server.port.to_string()])
        .arg(&server.ca)
        .env("PEER_PASSWORD", &person.password)
        .env("PEER_KEYS", keys.unwrap_or(Path::new("")))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 starts (inside build-aux/dev-root)");
    let (order_sender, orders) = mpsc::unbounded_channel();
    let (heard_sender, heard) = mpsc::unbounded_channel();
    write_orders(&mut child, orders);
    let stdout = child.stdout.take().expect("it is piped");
    let child = Arc::new(Mutex::new(child));
    let killed = Arc::clone(&child);
    let (online_sender, mut online) = mpsc::unbounded_channel();
    read_events(child, stdout, online_sender, heard_sender);
    // One with OMEMO makes its keys first, in Python.
    let address = timeout(3 * PATIENCE, online.recv())
        .await
        .unwrap_or_else(|_| panic!("slixmpp did not sign in as {} in time", person.address))
        .unwrap_or_else(|| panic!("slixmpp could not sign in as {}; see above", person.address));
    let kill = move || {
        let mut child = killed.lock().expect("nobody panicked with it");
        child.kill().expect("it can be killed");
    };
    Peer::new(address, order_sender, heard).killed_by(Box::new(kill))
}

/// Writes each order as a line; closing stdin at the end ends the program.
fn write_orders(child: &mut Child, mut orders: mpsc::UnboundedReceiver<Order>) {
    let mut stdin = child.stdin.take().expect("it is piped");
    std::thread::spawn(move || {
        while let Some(order) = orders.blocking_recv() {
            if writeln!(stdin, "{}", line(order)).is_err() {
                return; // it has ended, which the reader tells
            }
        }
    });
}

fn line(order: Order) -> Value {
    match order {
        Order::Send {
            to,
            body,
            id,
            markable,
        } => {
            json!({ "do": "send", "to": to, "body": body, "id": id, "markable": markable })
        }
        Order::SendEncrypted { to, body, id, hold } => {
            json!({ "do": "send_encrypted", "to": to, "body": body, "id": id, "hold": hold })
        }
        Order::Do {
            to,
            id,
            target,
            deed,
            body,
            is_sealed,
        } => {
            let (kind, quoted, emoji) = match deed {
                Deed::Answer { quoted } => ("answer", quoted, vec![]),
                Deed::React(emoji) => ("react", String::new(), emoji),
                Deed::Correct => ("correct", String::new(), vec![]),
                Deed::Retract => ("retract", String::new(), vec![]),
            };
            json!({
                "do": if is_sealed { "send_encrypted" } else { "deed" },
                "kind": kind, "to": to, "id": id, "target": target, "body": body,
                "quoted": quoted, "emoji": emoji,
            })
        }
        Order::Release { ids } => json!({ "do": "release", "ids": ids }),
        Order::Damage { id } => json!({ "do": "damage", "id": id }),
        Order::ForgetSessions => json!({ "do": "forget_sessions" }),
        Order::ForgetIdentity => json!({ "do": "forget_identity" }),
        Order::Devices { of } => json!({ "do": "devices", "to": of }),
        Order::Bundle { of, device } => json!({ "do": "bundle", "to": of, "device": device }),
        Order::Receipt { to, id } => json!({ "do": "receipt", "to": to, "id": id }),
        Order::Displayed { to, id } => json!({ "do": "displayed", "to": to, "id": id }),
        Order::Typing { to, state } => json!({ "do": "typing", "to": to, "state": state }),
        Order::Carbons => json!({ "do": "carbons" }),
        Order::PublishPicture { bytes } => {
            json!({ "do": "publish_picture", "bytes": STANDARD.encode(bytes) })
        }
        Order::PublishNickname { name } => json!({ "do": "publish_nickname", "name": name }),
        Order::Raw(xml) => json!({ "do": "raw", "xml": xml }),
        Order::Leave => json!({ "do": "leave" }),
    }
}

fn read_events(
    child: Arc<Mutex<Child>>,
    stdout: ChildStdout,
    online: mpsc::UnboundedSender<String>,
    heard: mpsc::UnboundedSender<Heard>,
) {
    let stdout = BufReader::new(stdout);
    std::thread::spawn(move || {
        for line in stdout.lines().map_while(Result::ok) {
            let event: Value = serde_json::from_str(&line).expect("slixmpp_peer.py speaks JSON");
            if event["event"] == "online" {
                // Nobody waits for it any more after a reconnect.
                let _ = online.send(text(&event, "address"));
            } else if event["event"] == "failed" {
                eprintln!("slixmpp: {}", text(&event, "why"));
            } else if let Some(event) = heard_from(&event) {
                let _ = heard.send(event); // the peer may have been dropped
            }
        }
        let mut child = child.lock().expect("nobody panicked with it");
        child.wait().expect("slixmpp ends");
    });
}

fn heard_from(event: &Value) -> Option<Heard> {
    let (from, id) = (text(event, "from"), text(event, "id"));
    let is_copy = event["carbon"]
        .as_str()
        .is_some_and(|kind| !kind.is_empty());
    match event["event"].as_str()? {
        "message" => Some(Heard::Message {
            from,
            id,
            body: text(event, "body"),
            wants_receipt: event["wants_receipt"] == true,
            markable: event["markable"] == true,
            is_copy,
        }),
        "deed" => Some(Heard::Did {
            id,
            target: text(event, "target"),
            deed: match event["kind"].as_str()? {
                "answer" => Deed::Answer {
                    quoted: text(event, "quoted"),
                },
                "react" => {
                    let emoji = event["emoji"].as_array()?.iter();
                    let emoji = emoji.filter_map(Value::as_str).map(str::to_owned);
                    Deed::React(emoji.collect())
                }
                "correct" => Deed::Correct,
                _ => Deed::Retract,
            },
            body: text(event, "body"),
        }),
        "unreadable" => Some(Heard::Unreadable {
            id,
            why: text(event, "why"),
        }),
        "keys" => Some(Heard::Keys { from }),
        "counter" => Some(Heard::Counter {
            id,
            number: number(&event["number"]),
            is_exchange: event["exchange"] == true,
        }),
        "devices" => Some(Heard::Devices {
            of: text(event, "of"),
            devices: event["devices"].as_array()?.iter().map(number).collect(),
        }),
        "bundle" => Some(Heard::Bundle {
            device: number(&event["device"]),
            pre_keys: number(&event["pre_keys"]) as usize,
            signed: number(&event["signed"]),
            identity: text(event, "identity"),
        }),
        "no_bundle" => Some(Heard::NoBundle {
            device: number(&event["device"]),
        }),
        "receipt" if !is_copy => Some(Heard::Receipt { from, id }),
        "marker" if !is_copy && event["name"] == "displayed" => Some(Heard::Displayed { from, id }),
        "typing" => Some(Heard::Typing {
            from,
            state: text(event, "state"),
        }),
        "presence" => Some(text(event, "type"))
            .filter(|kind| kind == "available" || kind.contains("subscribe"))
            .map(|kind| Heard::Presence { from, kind }),
        "error" => Some(Heard::Error {
            id,
            condition: text(event, "condition"),
        }),
        "carbons" => Some(Heard::Carbons),
        "picture" => Some(Heard::Picture {
            of: text(event, "of"),
            hash: text(event, "hash"),
            bytes: STANDARD.decode(text(event, "bytes")).ok()?,
        }),
        "nickname" => Some(Heard::Nickname {
            of: text(event, "of"),
            name: text(event, "name"),
        }),
        "published" => Some(Heard::Published),
        "offline" => Some(Heard::Offline),
        _ => None,
    }
}

fn text(event: &Value, name: &str) -> String {
    event[name].as_str().unwrap_or_default().to_owned()
}

fn number(value: &Value) -> u32 {
    value
        .as_u64()
        .and_then(|number| number.try_into().ok())
        .expect("slixmpp_omemo_peer.py gives numbers")
}
