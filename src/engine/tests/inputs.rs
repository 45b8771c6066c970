//! Sixty-one inputs that broke other programs, one test each, `h01` to `h61`.
//!
//! Each is put into a living stream (or the sign-in) of the whole engine. What
//! can be read is read, what cannot is left out, and the ordinary message that
//! comes after it is shown. Where the stream has to end, it ends with a typed
//! reason, and the next connection goes on. Nothing loops; see `loops`.

use minidom::Element;

use super::stage::{Stage, shutdown, stream_error};
use crate::engine::link::tests::friendly::HEADER;
use crate::engine::model::{ConnectionProblem, MessageKind};

const SM: &str = "urn:xmpp:sm:3";
const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
const FROM: &str = "from='juliet@example.org/balcony' to='romeo@example.org/orchard'";

/// The stream lives: after `input` comes a message, on the same connection.
/// Returns the texts that are shown.
async fn survives(input: impl Into<Vec<u8>>) -> Vec<String> {
    let mut stage = Stage::new().await;

    stage.server.says(input);
    stage.brings("after");

    let texts = stage.shows("after").await;
    assert_eq!(stage.server.state().connections, 1, "the stream was cut");
    texts
}

/// The stream lives, and the input shows nothing.
async fn is_left_out(input: &str) {
    assert_eq!(survives(input).await, ["after"], "{input}");
}

/// The stream lives, and the input is shown as this text.
async fn is_shown(input: &str, text: &str) {
    assert_eq!(survives(input).await, [text, "after"], "{input}");
}

/// The stream ends by `input`, and the next connection goes on. Returns why.
async fn ends(input: impl Into<Vec<u8>>) -> ConnectionProblem {
    let mut stage = Stage::new().await;

    stage.server.says(input);

    let problem = stage.ended().await;
    stage.until_ready(2).await;
    stage.brings("after");
    assert_eq!(stage.shows("after").await, ["after"]);
    assert_eq!(stage.server.state().connections, 2, "it tried too often");
    problem
}

fn is_not_understood(problem: &ConnectionProblem) -> bool {
    matches!(problem, ConnectionProblem::NotUnderstood { .. })
}

/// The odd answer `{id}` to the question what the server can do is an answer:
/// the account gets online.
async fn is_answered(answer: &'static str) {
    let mut stage = Stage::answering(move |_, said| {
        let is_asked = said.has_child("query", "http://jabber.org/protocol/disco#info")
            && said.attr("type") == Some("get");
        is_asked.then(|| answer.replace("{id}", said.attr("id").unwrap_or_default()))
    })
    .await;

    stage.until_online().await;
    stage.brings("after");
    assert_eq!(stage.shows("after").await, ["after"]);
    assert_eq!(stage.server.state().connections, 1);
}

/// Answers so on the second connection, which fails; returns why. Unless that
/// stops the account, the third connection goes on.
async fn second_time(
    answer: impl Fn(&Element) -> Option<String> + Send + Sync + 'static,
) -> ConnectionProblem {
    let mut stage =
        Stage::answering(move |connection, said| (connection == 2).then(|| answer(said)).flatten())
            .await;

    stage.server.says(shutdown());
    stage.ended().await;
    let problem = stage.ended().await;
    if problem.is_fatal() {
        assert_eq!(stage.server.state().connections, 2);
    } else {
        stage.until_ready(2).await;
        assert_eq!(stage.server.state().connections, 3);
    }
    problem
}

/// The contact list holds `item` and Juliet, and she gets into it.
async fn has_juliet(item: &'static str) {
    let mut stage = Stage::answering(move |_, said| {
        let id = said.attr("id").unwrap_or_default();
        said.has_child("query", "jabber:iq:roster").then(|| {
            format!(
                "<iq type='result' id='{id}'><query xmlns='jabber:iq:roster'>{item}\
                 <item jid='juliet@example.org' name='Juliet' subscription='both'/></query></iq>"
            )
        })
    })
    .await;

    stage.until_online().await;
    let contacts = stage.engine.contacts().await.unwrap();
    assert!(contacts.iter().any(|contact| contact.name == "Juliet"));
    assert!(contacts.iter().all(|contact| contact.address.contains('.')));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h01_an_unknown_type_of_message_is_an_ordinary_message() {
    is_shown(
        &format!("<message {FROM} type='foo'><body>odd</body></message>"),
        "odd",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h02_a_message_from_an_address_that_is_none_is_left_out() {
    is_left_out("<message from='@@@' type='chat'><body>odd</body></message>").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h03_a_message_from_an_empty_address_is_left_out() {
    is_left_out("<message from='' type='chat'><body>odd</body></message>").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h04_two_threads_are_one_too_many_and_no_trouble() {
    is_shown(&format!("<message {FROM} type='chat'><thread>a</thread><thread>b</thread><body>odd</body></message>"), "odd").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h05_stray_text_in_a_message_is_passed_over() {
    is_shown(
        &format!("<message {FROM} type='chat'>stray<body>odd</body></message>"),
        "odd",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h06_unknown_attributes_are_passed_over() {
    is_shown(
        &format!("<message {FROM} type='chat' colour='blue'><body>odd</body></message>"),
        "odd",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h07_unknown_children_are_passed_over() {
    is_shown(
        &format!(
            "<message {FROM} type='chat'><x xmlns='urn:unknown'><y/></x><body>odd</body></message>"
        ),
        "odd",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h08_of_two_bodies_in_one_language_the_first_is_shown() {
    is_shown(
        &format!("<message {FROM} type='chat'><body>odd</body><body>odder</body></message>"),
        "odd",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h09_a_body_with_an_element_inside_is_its_text() {
    is_shown(
        &format!("<message {FROM} type='chat'><body>odd<b/></body></message>"),
        "odd",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h10_an_unknown_element_of_our_own_namespace_is_passed_over() {
    is_shown(
        &format!("<message {FROM} type='chat'><unknown/><body>odd</body></message>"),
        "odd",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h11_a_presence_with_an_unknown_state_does_no_harm() {
    is_left_out(&format!("<presence {FROM}><show>bogus</show></presence>")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h12_a_presence_with_an_impossible_priority_does_no_harm() {
    is_left_out(&format!(
        "<presence {FROM}><priority>300</priority></presence>"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h13_a_presence_with_an_empty_priority_does_no_harm() {
    is_left_out(&format!("<presence {FROM}><priority/></presence>")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h14_a_presence_with_two_priorities_does_no_harm() {
    is_left_out(&format!(
        "<presence {FROM}><priority>1</priority><priority>2</priority></presence>"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h15_a_presence_of_an_unknown_type_does_no_harm() {
    is_left_out(&format!("<presence {FROM} type='unknown'/>")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h16_a_request_of_an_unknown_type_does_no_harm() {
    is_left_out(&format!("<iq {FROM} type='bogus' id='1'/>")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h17_a_request_without_an_id_does_no_harm() {
    is_left_out(&format!(
        "<iq {FROM} type='get'><ping xmlns='urn:xmpp:ping'/></iq>"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h18_an_error_that_says_nothing_is_an_answer() {
    is_answered("<iq type='error' id='{id}'/>").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h19_an_error_of_an_unknown_kind_is_an_answer() {
    is_answered("<iq type='error' id='{id}'><error type='cancel'><bogus xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h20_an_error_without_a_type_is_an_answer() {
    is_answered("<iq type='error' id='{id}'><error><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h21_an_error_of_an_unknown_type_is_an_answer() {
    is_answered("<iq type='error' id='{id}'><error type='bogus'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h22_an_error_of_the_old_kind_is_an_answer() {
    is_answered("<iq type='error' id='{id}'><error code='404'>Not Found</error></iq>").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h23_a_result_with_two_children_is_an_answer() {
    is_answered("<iq type='result' id='{id}'><query xmlns='http://jabber.org/protocol/disco#info'/><x xmlns='urn:unknown'/></iq>").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h24_an_error_with_two_conditions_of_applications_is_an_answer() {
    is_answered("<iq type='error' id='{id}'><error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><a xmlns='urn:a'/><b xmlns='urn:b'/></error></iq>").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h25_an_unknown_element_in_the_stream_is_passed_over() {
    is_left_out("<unknown xmlns='urn:unknown'/>").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h26_a_message_of_another_namespace_is_no_message() {
    is_left_out(&format!(
        "<message xmlns='jabber:server' {FROM} type='chat'><body>odd</body></message>"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h27_features_in_the_middle_of_a_stream_are_passed_over() {
    is_left_out("<stream:features><sm xmlns='urn:xmpp:sm:3'/></stream:features>").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h28_a_comment_ends_the_stream() {
    let problem = ends("<!-- a comment -->").await;

    assert!(is_not_understood(&problem), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h29_an_instruction_ends_the_stream() {
    let problem = ends("<?php evil?>").await;

    assert!(is_not_understood(&problem), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h30_stray_text_in_the_stream_is_passed_over() {
    is_left_out("stray text").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h31_an_undeclared_entity_ends_the_stream() {
    let problem = ends("<message>&foo;</message>").await;

    assert!(is_not_understood(&problem), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h32_a_character_that_xml_does_not_have_ends_the_stream() {
    let problem = ends("<message>&#0;</message>").await;

    assert!(is_not_understood(&problem), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h33_an_undeclared_prefix_ends_the_stream() {
    let problem = ends("<message><un:declared/></message>").await;

    assert!(is_not_understood(&problem), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h34_an_acknowledgement_without_a_number_ends_the_stream() {
    let problem = ends("<a xmlns='urn:xmpp:sm:3'/>").await;

    assert!(is_not_understood(&problem), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h35_an_acknowledgement_of_what_was_never_sent_ends_the_stream() {
    let problem = ends("<a xmlns='urn:xmpp:sm:3' h='4000000000'/>").await;

    assert!(is_not_understood(&problem), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h36_an_acknowledgement_above_the_largest_number_ends_the_stream() {
    let problem = ends("<a xmlns='urn:xmpp:sm:3' h='4294967296'/>").await;

    assert!(is_not_understood(&problem), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h37_an_attribute_of_ten_thousand_bytes_is_passed_over() {
    let long = "a".repeat(10_000);

    is_shown(
        &format!(
            "<message {FROM} type='chat'><x xmlns='urn:x' a='{long}'/><body>odd</body></message>"
        ),
        "odd",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h38_an_attribute_of_a_hundred_thousand_bytes_is_passed_over() {
    let long = "a".repeat(100_000);

    is_shown(
        &format!(
            "<message {FROM} type='chat'><x xmlns='urn:x' a='{long}'/><body>odd</body></message>"
        ),
        "odd",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h39_a_body_of_five_million_bytes_is_a_row_that_says_so() {
    let mut stage = Stage::new().await;
    let long = "a".repeat(5_000_000);

    stage.server.says(format!(
        "<message {FROM} type='chat' id='long'><body>{long}</body></message>"
    ));
    stage.brings("after");

    stage.shows("after").await;
    assert_eq!(stage.server.state().connections, 1);
    let chat = stage.engine.conversations().await.unwrap()[0].id;
    let rows = stage.engine.latest_messages(chat, 10).await.unwrap();
    assert!(matches!(rows[0].kind, MessageKind::TooLarge { bytes } if bytes > 5_000_000));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h40_five_thousand_attributes_are_left_out() {
    let many: String = (0..5_000).map(|n| format!(" a{n}=''")).collect();

    is_left_out(&format!(
        "<message {FROM} type='chat'><x xmlns='urn:x'{many}/><body>odd</body></message>"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h41_a_hundred_thousand_children_are_left_out() {
    let many = "<x/>".repeat(100_000);

    is_left_out(&format!(
        "<message {FROM} type='chat'>{many}<body>odd</body></message>"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h42_a_thousand_levels_are_left_out() {
    let (open, close) = ("<a>".repeat(1_000), "</a>".repeat(1_000));

    is_left_out(&format!(
        "<message {FROM} type='chat'>{open}{close}<body>odd</body></message>"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h43_four_thousand_levels_are_left_out() {
    let (open, close) = ("<a>".repeat(4_000), "</a>".repeat(4_000));

    is_left_out(&format!(
        "<message {FROM} type='chat'>{open}{close}<body>odd</body></message>"
    ))
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h44_a_conflict_stops_the_account() {
    let mut stage = Stage::new().await;

    stage.server.says(stream_error(
        "<conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>",
    ));

    assert_eq!(stage.ended().await, ConnectionProblem::SignedInElsewhere);
    assert_eq!(stage.server.state().connections, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h45_a_redirection_in_the_middle_of_a_stream_ends_it_and_is_not_followed() {
    let problem = ends(stream_error(
        "<see-other-host xmlns='urn:ietf:params:xml:ns:xmpp-streams'>evil.example</see-other-host>",
    ))
    .await;

    let condition = "see-other-host".to_owned();
    assert_eq!(problem, ConnectionProblem::ClosedByServer { condition });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h46_a_resumption_refused_without_a_number_becomes_a_fresh_stream() {
    let problem = ends(shutdown()).await;

    let condition = "system-shutdown".to_owned();
    assert_eq!(problem, ConnectionProblem::ClosedByServer { condition });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h47_stream_management_that_is_refused_is_done_without() {
    let mut stage = Stage::answering(|_, said| {
        said.is("enable", SM)
            .then(|| format!("<failed xmlns='{SM}'/>"))
    })
    .await;

    stage.brings("after");

    assert_eq!(stage.shows("after").await, ["after"]);
    assert_eq!(stage.server.state().connections, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h48_a_refused_binding_is_tried_again_later() {
    let problem = second_time(|said| {
        let is_bind = said.has_child("bind", "urn:ietf:params:xml:ns:xmpp-bind");
        let id = said.attr("id").unwrap_or_default();
        is_bind.then(|| {
            format!(
                "<iq type='error' id='{id}'><error type='wait'>\
             <resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            )
        })
    })
    .await;

    let condition = "resource-constraint".to_owned();
    assert_eq!(problem, ConnectionProblem::ClosedByServer { condition });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h49_features_without_binding_are_not_understood() {
    let problem = second_time(|said| (said.name() == "restarted").then(String::new)).await;

    assert!(is_not_understood(&problem), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h50_an_unknown_type_of_channel_binding_is_no_obstacle() {
    let stage = Stage::answering(|_, said| {
        (said.name() == "stream").then(|| {
            "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>\
             <sasl-channel-binding xmlns='urn:xmpp:sasl-cb:0'><channel-binding type='bogus'/></sasl-channel-binding>"
                .to_owned()
        })
    })
    .await;

    assert_eq!(stage.server.state().connections, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h51_an_unknown_attribute_of_the_stream_is_no_obstacle() {
    // The server of these tests writes one; see its header.
    assert!(HEADER.contains(" unknown='"));

    Stage::new().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h52_a_refusal_for_an_unknown_reason_is_a_refusal() {
    let problem = second_time(|said| {
        (said.name() == "auth").then(|| format!("<failure xmlns='{SASL}'><bogus/></failure>"))
    })
    .await;

    assert_eq!(problem, ConnectionProblem::WrongPassword);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h53_a_success_without_an_exchange_is_no_success() {
    let problem = second_time(|said| match said.name() {
        "stream" => Some(format!(
            "<mechanisms xmlns='{SASL}'><mechanism>SCRAM-SHA-256</mechanism></mechanisms>"
        )),
        _ => None,
    })
    .await;

    assert_eq!(problem, ConnectionProblem::ServerNotGenuine);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h54_a_time_without_its_zone_is_no_obstacle() {
    is_shown(&format!("<message {FROM} type='chat'><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00'/><body>odd</body></message>"), "odd").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h55_one_bad_address_in_the_contact_list_costs_one_contact() {
    has_juliet("<item jid='@@@' subscription='both'/>").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h56_one_unknown_subscription_in_the_contact_list_costs_one_contact() {
    has_juliet("<item jid='mercutio@example.org' subscription='bogus'/>").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h57_a_copy_of_an_odd_message_is_shown() {
    is_shown(
        "<message from='romeo@example.org' to='romeo@example.org/orchard' type='chat'>\
         <received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>\
         <message xmlns='jabber:client' from='juliet@example.org/balcony' to='romeo@example.org' type='foo' colour='blue'>\
         <thread>a</thread><thread>b</thread><body>odd</body></message></forwarded></received></message>",
        "odd",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h58_an_odd_message_in_the_archive_costs_nothing_but_itself() {
    let odd = |id: &str, from: &str, kind: &str, body: &str| {
        format!(
            "<message from='romeo@example.org'><result xmlns='urn:xmpp:mam:2' id='{id}' queryid='QUERY'>\
             <forwarded xmlns='urn:xmpp:forward:0'><delay xmlns='urn:xmpp:delay' stamp='2026-01-01T00:00:00Z'/>\
             <message xmlns='jabber:client' from='{from}' to='romeo@example.org' type='{kind}'>\
             <body>{body}</body></message></forwarded></result></message>"
        )
    };
    let page = [
        odd("1", "@@@", "chat", "nobody"),
        odd("2", "juliet@example.org/x", "foo", "odd"),
    ]
    .concat();
    let mut stage = Stage::answering(move |_, said| {
        let query = said.children().next()?;
        let id = said.attr("id")?;
        if query.is("query", "http://jabber.org/protocol/disco#info") {
            return Some(format!(
                "<iq type='result' id='{id}'><query xmlns='http://jabber.org/protocol/disco#info'>\
                 <feature var='urn:xmpp:mam:2'/></query></iq>"
            ));
        }
        query.is("query", "urn:xmpp:mam:2").then(|| {
            let page = page.replace("QUERY", query.attr("queryid").unwrap_or_default());
            format!(
                "{page}<iq type='result' id='{id}'><fin xmlns='urn:xmpp:mam:2' complete='true'>\
                 <set xmlns='http://jabber.org/protocol/rsm'><first>1</first><last>2</last></set></fin></iq>"
            )
        })
    })
    .await;

    assert_eq!(stage.shows("odd").await, ["odd"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h59_an_unknown_status_of_a_group_does_no_harm() {
    is_left_out("<presence from='verona@groups.example.org/mercutio'><x xmlns='http://jabber.org/protocol/muc#user'><item/><status code='99999'/><status code='bogus'/></x></presence>").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h60_a_document_type_ends_the_stream() {
    let problem = ends("<!DOCTYPE x [<!ENTITY a 'b'>]>").await;

    assert!(is_not_understood(&problem), "{problem:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn h61_bytes_that_are_no_text_end_the_stream() {
    let problem = ends(&b"<message><body>\xff\xfe</body></message>"[..]).await;

    assert!(is_not_understood(&problem), "{problem:?}");
}
