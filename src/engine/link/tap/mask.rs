//! Takes secrets out of what is shown of the wire.
//!
//! Masked is what would let somebody sign in or take something: passwords,
//! proofs and challenges of signing in, tokens, and what a server hands out to
//! upload or call with. Why signing in failed stays visible.
//!
//! # Source
//! RFC 6120 §6.4 and XEP-0388 §2 (exchanges), XEP-0484 §3 (tokens), XEP-0077
//! and XEP-0078 (passwords), XEP-0004 §3.3 (`text-private`), XEP-0215 §3
//! (credentials), XEP-0363 §4 (upload headers).

use minidom::{Element, Node};
use rxml::{Namespace, NcName};

/// What stands for a secret.
const MASK: &str = "…";

/// Namespaces in which all text is part of an exchange.
const EXCHANGES: [&str; 4] = [
    "urn:ietf:params:xml:ns:xmpp-sasl",
    "urn:xmpp:sasl:2",
    "urn:xmpp:fast:0",
    "urn:xmpp:ibr-token:0",
];
/// Elements of those that hold names and numbers.
const PLAIN_WORDS: [&str; 12] = [
    "mechanism",
    "authorization-identifier",
    "authorization-identity",
    "text",
    "software",
    "device",
    "hash-function",
    "task",
    "failure",
    "user-agent",
    "mechanisms",
    "authentication",
];
/// Elements that hold a secret wherever they stand.
const SECRET_ELEMENTS: [&str; 4] = ["password", "digest", "secret", "token"];
/// What namespaces of uploads begin with.
const UPLOAD: &str = "urn:xmpp:http:upload";
/// Attributes that do.
const SECRET_ATTRIBUTES: [&str; 4] = ["password", "token", "secret", "credentials"];

/// Returns a copy without secrets.
pub(super) fn masked(element: &Element) -> Element {
    let mut copy = element.clone();
    // No recursion: what is shown may have come from anybody.
    let mut open = vec![&mut copy];
    while let Some(element) = open.pop() {
        mask_attributes(element);
        if is_secret(element) {
            mask_text(element);
        }
        open.extend(element.children_mut());
    }
    copy
}

fn is_secret(element: &Element) -> bool {
    let namespace = element.ns();
    let name = element.name();
    if EXCHANGES.contains(&namespace.as_str()) {
        return !PLAIN_WORDS.contains(&name);
    }
    match name {
        // Servers of the old kind say the place to upload to as text.
        "header" | "put" => namespace.starts_with(UPLOAD),
        // The value of a field of a form that hides it.
        "field" => {
            element.attr("type") == Some("text-private")
                || element
                    .attr("var")
                    .is_some_and(|var| var.contains("secret") || var.contains("password"))
        }
        name => SECRET_ELEMENTS.contains(&name),
    }
}

/// Masks the text of an element and of what is directly below a field.
fn mask_text(element: &mut Element) {
    if element.name() == "field" {
        element.children_mut().for_each(mask_text);
        return;
    }
    let has_text = element
        .nodes()
        .any(|node| matches!(node, Node::Text(text) if !text.trim().is_empty()));
    if !has_text {
        return;
    }
    let children: Vec<Element> = element.children().cloned().collect();
    element.take_nodes();
    for child in children {
        element.append_child(child);
    }
    element.append_text(MASK);
}

fn mask_attributes(element: &mut Element) {
    for name in SECRET_ATTRIBUTES {
        if element.attr(name).is_some() {
            let name = NcName::try_from(name).expect("a constant, and a valid name");
            element.set_attr(Namespace::NONE, name, MASK);
        }
    }
    // Who knows the place to upload to may upload there.
    if element.name() == "put"
        && element.ns().starts_with(UPLOAD)
        && let Some(url) = element.attr("url")
    {
        let shown = format!("{}{MASK}", up_to_host(url));
        let name = NcName::try_from("url").expect("a constant, and a valid name");
        element.set_attr(Namespace::NONE, name, shown);
    }
}

/// Returns the beginning of an address, with its host; nothing where it is not
/// plain where that ends.
fn up_to_host(url: &str) -> &str {
    let Some((scheme, rest)) = url.split_once("://") else {
        return "";
    };
    let host = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    if host.contains('@') {
        return "";
    }
    &url[..scheme.len() + "://".len() + host.len()]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::super::xml::element_text;
    use super::*;

    fn shown(xml: &str) -> String {
        let element: Element = xml.parse().unwrap();
        element_text(&masked(&element))
    }

    #[test]
    fn a55_passwords_and_proofs_are_masked() {
        for name in ["auth", "response", "challenge", "success"] {
            let namespace = EXCHANGES[0];
            let xml = format!("<{name} xmlns='{namespace}'>AHJvbWVvAHNlY3JldA==</{name}>");

            assert_eq!(
                shown(&xml),
                format!("<{name} xmlns='{namespace}'>…</{name}>")
            );
        }
    }

    #[test]
    fn a55_the_exchange_of_newer_servers_is_masked_too() {
        let text = shown(
            "<authenticate xmlns='urn:xmpp:sasl:2' mechanism='HT-SHA-256-EXPR'>\
             <initial-response>c2VjcmV0</initial-response>\
             <user-agent id='7'><software>Stonechat</software></user-agent>\
             <fast xmlns='urn:xmpp:fast:0' count='3'/></authenticate>",
        );

        assert!(!text.contains("c2VjcmV0"), "{text}");
        assert!(text.contains("HT-SHA-256-EXPR"), "{text}");
        assert!(
            text.contains("Stonechat") && text.contains("count='3'"),
            "{text}"
        );

        let text = shown(
            "<success xmlns='urn:xmpp:sasl:2'><additional-data>dj1zZWNyZXQ=</additional-data>\
             <authorization-identifier>romeo@example.org</authorization-identifier>\
             <token xmlns='urn:xmpp:fast:0' expiry='2026-12-01T00:00:00Z' token='s3cr3t'/>\
             </success>",
        );
        assert!(!text.contains("s3cr3t") && !text.contains("dj1z"), "{text}");
        assert!(text.contains("romeo@example.org"), "{text}");
        assert!(text.contains("2026-12-01"), "{text}");
    }

    #[test]
    fn a55_passwords_in_forms_queries_and_credentials_are_masked() {
        for xml in [
            "<iq xmlns='jabber:client'><query xmlns='jabber:iq:register'><username>romeo</username><password>s3cr3t</password></query></iq>",
            "<iq xmlns='jabber:client'><query xmlns='jabber:iq:auth'><digest>s3cr3t</digest></query></iq>",
            "<x xmlns='jabber:x:data'><field var='a' type='text-private'><value>s3cr3t</value></field></x>",
            "<x xmlns='jabber:x:data'><field var='muc#roomconfig_roomsecret'><value>s3cr3t</value></field></x>",
            "<x xmlns='http://jabber.org/protocol/muc'><password>s3cr3t</password></x>",
            "<services xmlns='urn:xmpp:extdisco:2'><service host='turn.example.org' username='1' password='s3cr3t'/></services>",
            "<slot xmlns='urn:xmpp:http:upload:0'><put url='https://example.org/1'><header name='Authorization'>Basic s3cr3t</header></put></slot>",
        ] {
            let text = shown(xml);
            assert!(!text.contains("s3cr3t"), "{text}");
            assert!(text.contains('…'), "{text}");
        }
    }

    #[test]
    fn a55_where_to_upload_is_shown_by_its_host_only() {
        for (url, host) in [
            (
                "https://up.example.org/s3cr3t/a.png",
                "https://up.example.org…",
            ),
            (
                "https://up.example.org:5281?v=s3cr3t",
                "https://up.example.org:5281…",
            ),
            ("https://romeo:s3cr3t@up.example.org/1", "'…'"),
            ("s3cr3t", "'…'"),
        ] {
            let text = shown(&format!(
                "<slot xmlns='urn:xmpp:http:upload:0'><put url='{url}'/>\
                 <get url='https://example.org/a.png'/></slot>"
            ));
            assert!(!text.contains("s3cr3t") && text.contains(host), "{text}");
            assert!(text.contains("https://example.org/a.png"), "{text}");
        }

        let text = shown("<slot xmlns='urn:xmpp:http:upload'><put>https://a/s3cr3t</put></slot>");
        assert!(!text.contains("s3cr3t"), "{text}");
    }

    #[test]
    fn what_people_write_and_why_signing_in_failed_stay_visible() {
        let text =
            shown("<message xmlns='jabber:client'><body>The password is balcony</body></message>");
        assert!(text.contains("The password is balcony"));

        let text = shown(
            "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/>\
             <text>Try again</text></failure>",
        );
        assert!(
            text.contains("not-authorized") && text.contains("Try again"),
            "{text}"
        );
    }

    #[test]
    fn a_very_deep_element_is_masked_without_recursion() {
        let mut deep = Element::bare("x", "jabber:client");
        for _ in 0..60 {
            let mut around = Element::bare("x", "jabber:client");
            around.append_child(deep);
            deep = around;
        }

        assert_eq!(element_text(&masked(&deep)), element_text(&deep));
    }
}
