//! Streams as they come: in pieces, hostile, and too large.
#![allow(clippy::unwrap_used, clippy::format_collect)]

use proptest::prelude::*;

use super::*;

const OPEN: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>";

/// Reads a stream that consists of `body`, in pieces of `step` bytes.
fn read_in_steps(body: &[u8], limits: &Limits, step: usize) -> Result<Vec<Item>, XmlProblem> {
    let mut parser = Parser::new(limits);
    let mut items = vec![];
    for piece in OPEN.as_bytes().chunks(step).chain(body.chunks(step)) {
        let mut rest = piece;
        while let Some(item) = parser.feed(&mut rest)? {
            items.push(item);
        }
        assert!(rest.is_empty());
    }
    assert!(matches!(items.remove(0), Item::Header(_)));
    Ok(items)
}

fn read(body: &str) -> Result<Vec<Item>, XmlProblem> {
    read_in_steps(body.as_bytes(), &Limits::default(), 4096)
}

fn only_element(body: &str) -> Element {
    let mut items = read(body).unwrap();
    assert_eq!(items.len(), 1, "{items:?}");
    match items.remove(0) {
        Item::Element(element) => element,
        other => panic!("{other:?}"),
    }
}

/// Asserts that `bad` is skipped for `reason` and that what follows arrives.
fn assert_skipped(bad: &str, reason: SkipReason) -> Skipped {
    let mut items = read(&format!("{bad}<message id='next'/>")).unwrap();
    assert_eq!(items.len(), 2);
    let Some(Item::Element(next)) = items.pop() else {
        panic!("the next stanza is missing");
    };
    assert_eq!(next.attr("id"), Some("next"));
    assert!(next.has_ns(CLIENT));
    let Some(Item::Skipped(skipped)) = items.pop() else {
        panic!("not skipped");
    };
    assert_eq!(skipped.reason, Some(reason));
    skipped
}

#[test]
fn a_stanza_comes_out_as_one_element() {
    let message = only_element(
        "<message from='juliet@example.org/balcony' xml:lang='it'>\
         <body>Ciao &amp; &lt;buonanotte&gt;</body><x:active xmlns:x='urn:chat'/></message>",
    );

    assert!(message.is("message", CLIENT));
    assert_eq!(message.attr("from"), Some("juliet@example.org/balcony"));
    assert_eq!(message.attr_ns(rxml::XMLNS_XML, "lang"), Some("it"));
    let body = message.get_child("body", CLIENT).unwrap();
    assert_eq!(body.text(), "Ciao & <buonanotte>");
    assert_eq!(body.nodes().count(), 1);
    assert!(message.has_child("active", "urn:chat"));
}

#[test]
fn bytes_that_arrive_one_by_one_make_the_same_elements() {
    let body = "<message><body>grüße 🐦 &#x1F426; <![CDATA[<b>]]></body></message> <iq/>";

    let whole = read_in_steps(body.as_bytes(), &Limits::default(), 4096).unwrap();
    let single = read_in_steps(body.as_bytes(), &Limits::default(), 1).unwrap();

    assert_eq!(whole, single);
    assert_eq!(whole.len(), 2);
}

#[test]
fn the_end_of_the_stream_is_told() {
    assert_eq!(read("</stream:stream>").unwrap(), vec![Item::End]);
}

#[test]
fn white_space_and_stray_text_between_stanzas_are_ignored() {
    let items = read("\n <message/>\n hello <iq/> ").unwrap();

    assert_eq!(items.len(), 2);
}

#[test]
fn an_unknown_attribute_on_the_stream_header_does_no_harm() {
    let mut parser = Parser::new(&Limits::default());
    let mut bytes =
        &b"\n<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' \
        xmlns:db='jabber:server:dialback' color='blue' version='1.0'>"[..];

    let item = parser.feed(&mut bytes).unwrap();

    assert!(matches!(item, Some(Item::Header(header)) if header.version.as_deref() == Some("1.0")));
}

#[test]
fn something_that_is_no_stream_is_refused() {
    let mut parser = Parser::new(&Limits::default());
    let mut page = &b"<html><head/></html>"[..];

    assert!(parser.feed(&mut page).is_err());
}

#[test]
fn d1_a27_a_hundred_thousand_levels_are_skipped_in_reasonable_time() {
    let levels = 100_000;
    let bad = format!(
        "<message from='mallory@example.org'>{}{}</message>",
        "<a>".repeat(levels),
        "</a>".repeat(levels)
    );
    let started = std::time::Instant::now();

    let skipped = assert_skipped(&bad, SkipReason::Depth);

    assert_eq!(skipped.name, "message");
    assert_eq!(skipped.from.as_deref(), Some("mallory@example.org"));
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

#[test]
fn the_deepest_allowed_level_is_delivered_and_the_next_is_not() {
    let nested = |levels: usize| format!("{}{}", "<a>".repeat(levels), "</a>".repeat(levels));

    assert!(matches!(read(&nested(64)).unwrap()[..], [Item::Element(_)]));
    assert!(matches!(read(&nested(65)).unwrap()[..], [Item::Skipped(_)]));
}

#[test]
fn a27_nesting_without_end_ends_the_stream() {
    let bad = "<a>".repeat(OPEN_AT_MOST + 1);

    assert_eq!(read(&bad), Err(XmlProblem::TooLarge));
}

#[test]
fn d2_a27_a_long_attribute_is_delivered_and_a_far_too_long_one_skipped() {
    for length in [10_000, 100_000] {
        let message = only_element(&format!(
            "<message><x a='{}'/></message>",
            "a".repeat(length)
        ));
        let x = message.children().next().unwrap();
        assert_eq!(x.attr("a").unwrap().len(), length);
    }
    let bad = format!(
        "<message id='1'><x a='{}'/></message>",
        "a".repeat(2_000_000)
    );
    assert_skipped(&bad, SkipReason::Attributes);
}

#[test]
fn a27_a_stanza_above_the_limit_is_skipped_with_what_identifies_it() {
    let bad = format!(
        "<iq type='result' id='archive-7' from='romeo@example.org'><body>{}</body></iq>",
        "a".repeat(9_000_000)
    );

    let skipped = assert_skipped(&bad, SkipReason::Bytes);

    assert_eq!(skipped.namespace, CLIENT);
    assert_eq!(skipped.name, "iq");
    assert_eq!(skipped.id.as_deref(), Some("archive-7"));
    assert_eq!(skipped.kind.as_deref(), Some("result"));
}

#[test]
fn a27_too_many_attributes_are_skipped_on_the_stanza_itself_too() {
    let many: String = (0..5_000).map(|n| format!(" a{n}='b'")).collect();

    assert_skipped(
        &format!("<message><x{many}/></message>"),
        SkipReason::Attributes,
    );
    let skipped = assert_skipped(
        &format!("<x:message xmlns:x='jabber:client'{many} from='mallory@example.org'/>"),
        SkipReason::Attributes,
    );
    assert_eq!(skipped.namespace, CLIENT);
    assert_eq!(skipped.name, "message");
    assert_eq!(skipped.from.as_deref(), Some("mallory@example.org"));
}

#[test]
fn a27_a_million_children_are_skipped() {
    let bad = format!("<message>{}</message>", "<a/>".repeat(1_000_000));

    assert_skipped(&bad, SkipReason::Elements);
}

#[test]
fn a27_a_token_above_the_stanza_limit_ends_the_stream_as_too_large() {
    let limits = Limits {
        stanza_bytes: 50_000,
        attribute_bytes: 10_000,
        ..Limits::default()
    };
    let long = "a".repeat(100_000);

    for bad in [
        format!("<message><x a='{long}'/></message>"),
        format!("<message><x {long}='b'/></message>"),
        format!("<message><{long}/></message>"),
    ] {
        let ended = read_in_steps(bad.as_bytes(), &limits, 4096);
        assert_eq!(ended, Err(XmlProblem::TooLarge), "{}…", &bad[..20]);
    }
}

#[test]
fn a27_a_stanza_without_end_ends_the_stream_as_too_large() {
    let limits = Limits {
        stanza_bytes: 10_000,
        ..Limits::default()
    };
    let endless = format!("<message><body>{}", "a".repeat(200_000));

    let ended = read_in_steps(endless.as_bytes(), &limits, 4096);

    assert_eq!(ended, Err(XmlProblem::TooLarge));
}

#[test]
fn a27_a28_what_xmpp_forbids_in_xml_ends_the_stream() {
    for bad in [
        "<!-- comment -->",
        "<message><!-- comment --></message>",
        "<?php echo 1 ?>",
        "<message><?target data?></message>",
        "<!DOCTYPE message [<!ENTITY a 'b'>]>",
        "<message><body>&foo;</body></message>",
        "<message><body>&#0;</body></message>",
        "<message><body>\u{0}</body></message>",
        "<message><x:y/></message>",
        "<message x:y='1'/>",
        "<message a='1' a='2'/>",
        "<message xmlns='a' xmlns='b'/>",
        "<message xmlns:a='u' xmlns:b='u' a:c='1' b:c='2'/>",
        "<message xmlns:a=''/>",
        "<message><body></message></body>",
        "<message a=1/>",
        "<message a='<'/>",
        "</message>",
    ] {
        assert!(
            matches!(read(bad), Err(XmlProblem::NotWellFormed(_))),
            "{bad}: {:?}",
            read(bad)
        );
    }
}

#[test]
fn a28_bytes_that_are_not_utf8_end_the_stream() {
    for bad in [
        &b"<message><body>\xff</body></message>"[..],
        b"<message><body>\xc0\xbc</body></message>",
        b"<message><body>\xed\xa0\x80</body></message>",
        b"<message><body>\xf5\x80\x80\x80</body></message>",
        b"<message a='\xc3'/>",
    ] {
        for step in [1, 4096] {
            let ended = read_in_steps(bad, &Limits::default(), step);
            assert!(
                matches!(ended, Err(XmlProblem::NotWellFormed(_))),
                "{bad:?}"
            );
        }
    }
}

#[test]
fn a28_text_that_looks_like_a_stanza_stays_text() {
    let message = only_element(
        "<message><body><![CDATA[</body></message><message from='romeo@example.org'>]]>\
         &lt;/message&gt;</body></message>",
    );

    assert_eq!(message.children().count(), 1);
    assert!(
        message
            .children()
            .next()
            .unwrap()
            .text()
            .starts_with("</body>")
    );
}

#[test]
fn namespaces_of_a_skipped_stanza_do_not_reach_the_next() {
    let bad = format!(
        "<message xmlns='urn:other' xmlns:x='urn:x'>{}{}</message>",
        "<a>".repeat(70),
        "</a>".repeat(70)
    );
    assert_skipped(&bad, SkipReason::Depth);
    assert!(read(&format!("{bad}<x:iq/>")).is_err());
}

#[test]
fn many_references_are_read_in_reasonable_time() {
    let body = "&amp;".repeat(400_000);
    let started = std::time::Instant::now();

    let message = only_element(&format!("<message><body>{body}</body></message>"));

    assert_eq!(message.children().next().unwrap().text().len(), 400_000);
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

#[test]
fn a_stanza_is_written_without_the_namespace_of_the_stream() {
    let element: Element = "<message xmlns='jabber:client' to='a'><body>1 &lt; 2</body>\
        <active xmlns='urn:chat'><inner/></active></message>"
        .parse()
        .unwrap();

    assert_eq!(
        element_text(&element),
        "<message to='a'><body>1 &lt; 2</body><active xmlns='urn:chat'><inner/></active></message>"
    );
}

#[test]
fn characters_that_xml_cannot_carry_are_left_out() {
    let mut element = Element::bare("body", CLIENT);
    element.append_text("a\u{0}b\u{b}c\u{ffff}d\te");

    assert_eq!(element_text(&element), "<body>abcd\te</body>");
}

#[test]
fn the_address_goes_out_only_where_it_is_given() {
    assert!(!stream_header("example.org", None).contains("from="));
    assert!(stream_header("example.org", Some("o'neil@example.org")).contains("o&apos;neil@"));
}

/// Any tree of a few levels, with names and texts that are not harmless.
fn any_element() -> impl Strategy<Value = Element> {
    let leaf = ("[a-z]{1,4}", "[a-c]{0,2}", "\\PC{0,12}|[\r\n\t<>&'\"]{1,4}").prop_map(
        |(name, namespace, text)| {
            let mut element = Element::bare(name, namespace);
            element.set_attr(rxml::Namespace::NONE, "a".try_into().unwrap(), text.clone());
            element.set_attr(
                rxml::Namespace::from("urn:n".to_owned()),
                "b".try_into().unwrap(),
                text.replace(['\r', '\n', '\t'], " "),
            );
            if !text.is_empty() {
                element.append_text(text);
            }
            element
        },
    );
    leaf.prop_recursive(4, 24, 4, |inner| {
        (inner.clone(), proptest::collection::vec(inner, 0..4)).prop_map(
            |(mut parent, children)| {
                for child in children {
                    parent.append_child(child);
                }
                parent
            },
        )
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_the_same(mut element in any_element()) {
        // Attribute values lose their kind of white space in XML, and
        // unassigned control characters are not carried at all.
        normalise(&mut element);

        let back = only_element(&element_text(&element));

        prop_assert_eq!(back, element);
    }

    #[test]
    fn no_bytes_make_the_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = read_in_steps(&bytes, &Limits::default(), 7);
    }

    #[test]
    fn no_markup_makes_the_parser_panic(text in "[<>/a-c:='\" &;#!?\\[\\]xmlns-]{0,80}") {
        let _ = read_in_steps(text.as_bytes(), &Limits::default(), 5);
    }
}

fn normalise(element: &mut Element) {
    for value in element.attrs_mut().values_mut() {
        *value = value.replace(['\n', '\t'], " ");
    }
    for child in element.children_mut() {
        normalise(child);
    }
}
