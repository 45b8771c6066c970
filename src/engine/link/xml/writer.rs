//! Writes elements as they stand inside a stream.
//!
//! A stanza inherits `jabber:client` from the stream, so it carries no `xmlns`
//! of its own. Characters that XML cannot carry are left out: one of them, say
//! from the clipboard, would make the server end the stream, and again after
//! each reconnection, because the stanza would be sent again.

use minidom::{Element, Node};

use super::{CLIENT, STREAM};

/// Returns the start of a stream to `domain`.
///
/// `from` only goes out once the connection is safe (RFC 6120 §4.7.1).
pub(in crate::engine::link) fn stream_header(domain: &str, from: Option<&str>) -> String {
    let mut text = String::from("<?xml version='1.0'?><stream:stream");
    attribute(&mut text, "xmlns", CLIENT);
    attribute(&mut text, "xmlns:stream", STREAM);
    attribute(&mut text, "version", "1.0");
    attribute(&mut text, "to", domain);
    if let Some(from) = from {
        attribute(&mut text, "from", from);
    }
    text.push('>');
    text
}

/// Returns an element as it is written directly below the stream.
pub(in crate::engine::link) fn element_text(element: &Element) -> String {
    let mut text = String::new();
    // The open elements with what is left to write of them; no recursion,
    // because what we send may quote what was sent to us.
    let mut open = vec![];
    if start(&mut text, element, CLIENT) {
        open.push((element, element.nodes()));
    }
    while let Some((parent, nodes)) = open.last_mut() {
        match nodes.next() {
            Some(Node::Text(piece)) => escape(&mut text, piece),
            Some(Node::Element(child)) => {
                if start(&mut text, child, &parent.ns()) {
                    open.push((child, child.nodes()));
                }
            }
            None => {
                text.push_str("</");
                text.push_str(parent.name());
                text.push('>');
                open.pop();
            }
        }
    }
    text
}

/// Writes a start tag; returns false when it was an empty element's.
fn start(text: &mut String, element: &Element, inherited: &str) -> bool {
    text.push('<');
    text.push_str(element.name());
    let namespace = element.ns();
    if namespace != inherited {
        attribute(text, "xmlns", &namespace);
    }
    let mut prefixes = 0;
    for ((namespace, name), value) in element.attrs() {
        if namespace.is_none() {
            attribute(text, name, value);
        } else if *namespace == rxml::XMLNS_XML {
            attribute(text, &format!("xml:{name}"), value);
        } else {
            attribute(text, &format!("xmlns:a{prefixes}"), namespace);
            attribute(text, &format!("a{prefixes}:{name}"), value);
            prefixes += 1;
        }
    }
    let is_open = element.nodes().next().is_some();
    text.push_str(if is_open { ">" } else { "/>" });
    is_open
}

fn attribute(text: &mut String, name: &str, value: &str) {
    text.push(' ');
    text.push_str(name);
    text.push_str("='");
    escape(text, value);
    text.push('\'');
}

fn escape(text: &mut String, raw: &str) {
    for character in raw.chars() {
        match character {
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '&' => text.push_str("&amp;"),
            '\'' => text.push_str("&apos;"),
            '"' => text.push_str("&quot;"),
            // Unescaped, a parser turns it into a line feed (XML 1.0 §2.11).
            '\r' => text.push_str("&#13;"),
            '\t' | '\n' => text.push(character),
            character if character < ' ' || matches!(character, '\u{fffe}' | '\u{ffff}') => {}
            character => text.push(character),
        }
    }
}
