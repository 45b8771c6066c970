//! A chat in a file of its own, for people (text) and for programs (JSON).
//!
//! The JSON holds all that the history shows, in one object:
//! `{"format": "stonechat-chat", "version": 1, "account": …, "address": …,
//! "name": …, "messages": [{"id": …, "time": …, "from": …, "kind": …,
//! "body": …, "delivery": …, "encrypted": …}, …]}`. Times are RFC 3339 in UTC,
//! with milliseconds. Keys of encrypted files are left out (attack A35).

use std::fmt::Write as _;

use chrono::{DateTime, Local, SecondsFormat};

use super::model::{Delivery, Direction, MessageKind, MessageRow, Protection, Timestamp};

/// What a file of a chat looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lines for people.
    Text,
    /// For programs.
    Json,
}

/// What stands above the messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Address of the user's account.
    pub account: String,
    /// Address of the other side.
    pub address: String,
    /// What the other side is called.
    pub name: String,
}

/// Writes what stands above the messages.
pub(in crate::engine) fn write_heading(text: &mut String, format: Format, heading: &Heading) {
    let Heading {
        account,
        address,
        name,
    } = heading;
    match format {
        Format::Text => {
            line(text, &format!("{name} ({address})\n{account}\n"));
        }
        Format::Json => {
            text.push_str("{\n\"format\": \"stonechat-chat\",\n\"version\": 1,\n");
            for (key, value) in [("account", account), ("address", address), ("name", name)] {
                line(text, &format!("\"{key}\": {},", quoted(value)));
            }
            text.push_str("\"messages\": [");
        }
    }
}

/// Writes one message.
pub(in crate::engine) fn write_message(
    text: &mut String,
    format: Format,
    heading: &Heading,
    message: &MessageRow,
    is_first: bool,
) {
    let from = match message.direction {
        Direction::Incoming => &heading.address,
        Direction::Outgoing => &heading.account,
    };
    match format {
        Format::Text => {
            let time = moment(message.time).with_timezone(&Local);
            let body = match said(&message.kind) {
                "text" => message.body.clone(),
                kind => format!("[{kind}] {}", message.body),
            };
            // More lines than one are told from the next message by a gap.
            let body = body.trim_end().replace('\n', "\n    ");
            line(
                text,
                &format!("[{}] {from}: {body}", time.format("%Y-%m-%d %H:%M:%S")),
            );
        }
        Format::Json => {
            text.push_str(if is_first { "\n" } else { ",\n" });
            let time = moment(message.time).to_rfc3339_opts(SecondsFormat::Millis, true);
            let encrypted = matches!(message.protection, Protection::Omemo { .. });
            let mut object = format!(
                "{{\"id\": {}, \"time\": \"{time}\", \"from\": {}, \"kind\": \"{}\", \"body\": {}, \
                 \"delivery\": \"{}\", \"encrypted\": {encrypted}",
                message.id.0,
                quoted(from),
                said(&message.kind),
                quoted(&message.body),
                delivered(message.delivery),
            );
            if let MessageKind::File { url } = &message.kind {
                object.push_str(", \"url\": ");
                object.push_str(&quoted(url));
            }
            object.push('}');
            text.push_str(&object);
        }
    }
}

/// What stands below the messages.
pub(in crate::engine) fn ending(format: Format) -> &'static str {
    match format {
        Format::Text => "",
        Format::Json => "\n]\n}\n",
    }
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn moment(time: Timestamp) -> DateTime<chrono::Utc> {
    DateTime::from_timestamp_millis(time).unwrap_or_default()
}

/// What a message is, in a word that stays the same.
fn said(kind: &MessageKind) -> &'static str {
    match kind {
        MessageKind::Text => "text",
        MessageKind::Unreadable { .. } => "unreadable",
        MessageKind::EncryptedFile => "encrypted-file",
        MessageKind::File { .. } => "file",
        MessageKind::GroupInvitation { .. } => "invitation",
        MessageKind::MissedCall => "missed-call",
        MessageKind::TooLarge { .. } => "too-large",
        MessageKind::Retracted => "taken-back",
    }
}

fn delivered(delivery: Delivery) -> &'static str {
    match delivery {
        Delivery::Pending => "pending",
        Delivery::Sending => "sending",
        Delivery::Sent => "sent",
        Delivery::Delivered => "delivered",
        Delivery::Displayed => "displayed",
        Delivery::Failed(_) => "failed",
    }
}

/// Returns a text as a string of JSON (RFC 8259 §7).
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            // Lines end here for some programs.
            control if control < ' ' || matches!(control, '\u{7f}' | '\u{2028}' | '\u{2029}') => {
                // Writing to a string does not fail.
                let _ = write!(quoted, "\\u{:04x}", u32::from(control));
            }
            character => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}
