//! What this version cannot do is shown, not dropped.

use minidom::Element;
use stonechat::engine::model::*;
use stonechat::engine::testing::Dialled;

use crate::stage::*;

const UNREADABLE: MessageKind = MessageKind::Unreadable {
    why: CannotRead::BeforeThisDevice,
};

const OMEMO: &str = "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='7'>\
    <key rid='8'>AAA=</key><iv>AAA=</iv></header><payload>c2VjcmV0</payload></encrypted>\
    <body>I sent you an OMEMO encrypted message but your client doesn’t seem to support that.</body>\
    <encryption xmlns='urn:xmpp:eme:0' namespace='eu.siacs.conversations.axolotl' name='OMEMO'/>\
    <request xmlns='urn:xmpp:receipts'/><markable xmlns='urn:xmpp:chat-markers:0'/>";

fn own_copy(id: &str, inside: &str) -> String {
    let message = format!(
        "<message xmlns='jabber:client' type='chat' id='{id}' from='romeo@example.org/phone' \
         to='juliet@example.org'>{inside}</message>"
    );
    copy("sent", &message)
}

fn copy(way: &str, message: &str) -> String {
    format!(
        "<message xmlns='jabber:client' from='romeo@example.org' to='romeo@example.org/orchard'>\
         <{way} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{message}\
         </forwarded></{way}></message>"
    )
}

fn call(id: &str, sign: &str, inside: &str) -> String {
    format!("<{sign} xmlns='urn:xmpp:jingle-message:0' id='{id}'>{inside}</{sign}>")
}

fn offer(id: &str) -> String {
    call(
        id,
        "propose",
        "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>",
    )
}

/// Lets something come in that must be answered, and returns its answer: what
/// came before it has taken effect by then, without an answer of its own.
async fn fence(link: &mut Dialled) {
    link.brings(
        "<iq xmlns='jabber:client' type='get' id='fence' from='juliet@example.org/balcony'>\
         <ping xmlns='urn:xmpp:ping'/></iq>",
    )
    .await;
    let answer = link.sent().await;
    assert_eq!(answer.attr("id"), Some("fence"), "{answer:?}");
}

impl Stage {
    async fn kinds(&self, address: &str) -> Vec<MessageKind> {
        let chat = self.chat(address).await;
        let messages = self.messages(chat).await;
        messages.into_iter().map(|message| message.kind).collect()
    }

    async fn addresses(&self) -> Vec<String> {
        let chats = self.engine.conversations().await.unwrap();
        chats.into_iter().map(|chat| chat.address).collect()
    }
}

#[tokio::test]
async fn an_encrypted_message_is_one_row_without_the_senders_words() {
    let (stage, mut link) = romeo_online().await;

    link.brings(&by_juliet("j1", OMEMO)).await;
    link.brings(&copy("received", &by_juliet("j1", OMEMO)))
        .await;
    link.brings(&own_copy("r1", OMEMO)).await;
    link.brings(&own_copy("r1", OMEMO)).await;
    // No receipt goes out for what was not read.
    fence(&mut link).await;

    let juliet = stage.juliet().await;
    let rows: Vec<_> = stage
        .messages(juliet)
        .await
        .into_iter()
        .map(|row| (row.direction, row.kind, row.body))
        .collect();
    assert_eq!(
        rows,
        [
            (Direction::Incoming, UNREADABLE, String::new()),
            (Direction::Outgoing, UNREADABLE, String::new()),
        ]
    );
    let line = stage.engine.conversation(juliet).await.unwrap().unwrap();
    assert_eq!(line.last_kind, UNREADABLE);
}

#[tokio::test]
async fn two_encrypted_messages_of_one_id_are_two_rows() {
    let (stage, mut link) = romeo_online().await;

    link.brings(&by_juliet("1", OMEMO)).await;
    link.brings(&by_juliet("1", &OMEMO.replace("c2VjcmV0", "b3RoZXI=")))
        .await;
    fence(&mut link).await;

    assert_eq!(stage.kinds("juliet@example.org").await.len(), 2);
}

#[tokio::test]
async fn keys_without_a_message_leave_no_row_and_no_chat() {
    let (stage, mut link) = romeo_online().await;

    link.brings(&by_juliet(
        "j1",
        "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='7'><key rid='8'>AAA=</key>\
         </header></encrypted><store xmlns='urn:xmpp:hints'/>",
    ))
    .await;
    fence(&mut link).await;

    assert_eq!(stage.addresses().await, [""; 0]);
}

#[tokio::test]
async fn an_encrypted_message_in_the_archive_is_the_one_that_came_live() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    let live = by_juliet(
        "j1",
        &format!("{OMEMO}<stanza-id xmlns='urn:xmpp:sid:0' by='romeo@example.org' id='a1'/>"),
    );

    link.brings(&live).await;
    archived(
        &link,
        &page,
        "a1",
        "2026-01-01T00:00:00Z",
        &by_juliet("j1", OMEMO),
    )
    .await;
    archived(
        &link,
        &page,
        "a2",
        "2026-01-01T00:00:01Z",
        &by_juliet("j2", OMEMO),
    )
    .await;
    page_ends(
        &link,
        &page,
        "complete='true'",
        "<first>a1</first><last>a2</last>",
    )
    .await;
    stage.until_online().await;

    assert_eq!(
        stage.kinds("juliet@example.org").await,
        [UNREADABLE, UNREADABLE]
    );
}

#[tokio::test]
async fn a35_the_key_of_an_encrypted_file_leaves_the_store_nowhere() {
    let (stage, mut link) = romeo_online().await;
    let body = "aesgcm://upload.example.org/8f/a.jpg#00112233445566778899aabbccddeeff\n\
                data:image/jpeg,/9j/4AAQ";

    link.brings(&by_juliet("j1", &format!("<body>{body}</body>")))
        .await;
    fence(&mut link).await;

    let juliet = stage.juliet().await;
    let rows = stage.messages(juliet).await;
    let line = stage.engine.conversation(juliet).await.unwrap().unwrap();
    assert_eq!(rows[0].kind, MessageKind::EncryptedFile);
    for told in [format!("{rows:?}"), format!("{line:?}")] {
        assert!(
            !told.contains("00112233") && !told.contains("aesgcm"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a35_the_key_of_a_link_among_words_leaves_the_store_nowhere() {
    let (stage, mut link) = romeo_online().await;
    let body =
        "Look: AesGcm://upload.example.org/8f/a.jpg#00112233445566778899aabbccddeeff the balcony";

    link.brings(&by_juliet("j1", &format!("<body>{body}</body>")))
        .await;
    fence(&mut link).await;

    let juliet = stage.juliet().await;
    let rows = stage.messages(juliet).await;
    let line = stage.engine.conversation(juliet).await.unwrap().unwrap();
    let shown = "Look: AesGcm://upload.example.org/8f/a.jpg the balcony";
    assert_eq!(rows[0].kind, MessageKind::Text);
    assert_eq!(rows[0].body, shown);
    assert_eq!(line.last_body, shown);
}

#[tokio::test]
async fn a_shared_link_is_a_file_and_a_text_with_a_link_is_a_text() {
    let (stage, mut link) = romeo_online().await;
    let url = "https://upload.example.org/8f/sonnets.pdf";
    let shared = format!("<x xmlns='jabber:x:oob'><url>{url}</url></x>");

    link.brings(&by_juliet("j1", &format!("<body>{url}</body>{shared}")))
        .await;
    link.brings(&by_juliet("j2", &format!("<body>See {url}</body>{shared}")))
        .await;
    link.brings(&by_juliet("j3", &format!("<body>{url}</body>")))
        .await;
    fence(&mut link).await;

    assert_eq!(
        stage.kinds("juliet@example.org").await,
        [
            MessageKind::File { url: url.into() },
            MessageKind::Text,
            MessageKind::Text
        ]
    );
    assert_eq!(stage.bodies().await[0], url);
}

#[tokio::test]
async fn a16_invitations_are_shown_once_and_nothing_is_joined() {
    let (stage, mut link) = romeo_online().await;
    let direct = "<x xmlns='jabber:x:conference' jid='ball@rooms.example.org' reason='Come!' password='rose'/>";
    let by_group = |inviter: &str| {
        format!(
            "<message xmlns='jabber:client' from='ball@rooms.example.org' to='romeo@example.org'>\
             <x xmlns='http://jabber.org/protocol/muc#user'><invite from='{inviter}'><reason>Masks</reason>\
             </invite><password>rose</password></x>\
             <x xmlns='jabber:x:conference' jid='trap@rooms.example.org'/></message>"
        )
    };

    link.brings(&by_juliet("j1", direct)).await;
    link.brings(&by_juliet("j2", direct)).await;
    link.brings(&by_group("juliet@example.org/balcony")).await;
    link.brings(&by_group("tybalt@example.org")).await;
    link.brings(
        "<message xmlns='jabber:client' from='tybalt@example.net/sword' to='romeo@example.org'>\
         <x xmlns='jabber:x:conference' jid='duel@rooms.example.org'/></message>",
    )
    .await;
    // Nothing was sent meanwhile: nothing is fetched, joined or answered.
    fence(&mut link).await;

    let invitation = |group: &str, inviter: &str| MessageKind::GroupInvitation {
        address: group.into(),
        inviter: inviter.into(),
    };
    assert_eq!(
        stage.kinds("juliet@example.org").await,
        [invitation("ball@rooms.example.org", "")]
    );
    // What a group says about Juliet stands in the group's own chat.
    assert_eq!(
        stage.kinds("ball@rooms.example.org").await,
        [invitation("ball@rooms.example.org", "juliet@example.org")]
    );
    assert_eq!(
        stage.kinds("tybalt@example.net").await,
        [invitation("duel@rooms.example.org", "")]
    );
    assert_eq!(stage.bodies().await, ["Come!"]);
}

#[tokio::test]
async fn a_call_is_declined_and_leaves_one_row() {
    let (stage, mut link) = romeo_online().await;

    link.brings(&by_juliet("j1", &offer("c1"))).await;
    let answer = link.sent().await;
    link.brings(&by_juliet("j2", &offer("c1"))).await;
    link.brings(&by_juliet("j3", &call("c1", "retract", "")))
        .await;
    fence(&mut link).await;

    assert_eq!(answer.attr("to"), Some("juliet@example.org"));
    let reject = answer
        .get_child("reject", "urn:xmpp:jingle-message:0")
        .unwrap();
    assert_eq!(reject.attr("id"), Some("c1"));
    assert!(reject.has_child("reason", "urn:xmpp:jingle:1"));
    assert_eq!(
        stage.kinds("juliet@example.org").await,
        [MessageKind::MissedCall]
    );
}

#[tokio::test]
async fn a18_a_stranger_who_calls_gets_no_answer_but_a_row() {
    let (stage, mut link) = romeo_online().await;
    let tybalt = by_juliet("t1", &offer("c1")).replace("juliet@", "tybalt@");

    link.brings(&tybalt).await;
    fence(&mut link).await;

    assert_eq!(
        stage.kinds("tybalt@example.org").await,
        [MessageKind::MissedCall]
    );
}

#[tokio::test]
async fn a_call_is_left_to_another_device_that_is_there() {
    let (stage, mut link) = romeo_online().await;
    link.brings("<presence xmlns='jabber:client' from='romeo@example.org/phone'/>")
        .await;
    link.brings("<presence xmlns='jabber:client' from='romeo@example.org/orchard'/>")
        .await;

    link.brings(&by_juliet("j1", &offer("taken"))).await;
    link.brings(&by_juliet("j2", &offer("declined"))).await;
    link.brings(&by_juliet("j3", &offer("missed"))).await;
    fence(&mut link).await;
    assert_eq!(stage.kinds("juliet@example.org").await.len(), 3);
    link.brings(&own_copy("r1", &call("taken", "proceed", "")))
        .await;
    link.brings(&own_copy("r2", &call("declined", "reject", "")))
        .await;
    link.brings(&by_juliet("j4", &call("missed", "accept", "")))
        .await;
    fence(&mut link).await;

    assert_eq!(
        stage.kinds("juliet@example.org").await,
        [MessageKind::MissedCall]
    );
}

#[tokio::test]
async fn calls_in_the_archive_are_missed_at_their_time_and_not_answered() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    let by_us = |inside: &str| {
        format!(
            "<message xmlns='jabber:client' type='chat' from='romeo@example.org/phone' \
             to='juliet@example.org'>{inside}</message>"
        )
    };
    let unable = "<reason xmlns='urn:xmpp:jingle:1'><unsupported-applications/></reason>";

    for (id, message) in [
        ("a1", by_juliet("j1", &offer("taken"))),
        ("a2", by_us(&call("taken", "proceed", ""))),
        ("a3", by_juliet("j2", &offer("missed"))),
        // A program without calls answered, not a person.
        ("a4", by_us(&call("missed", "reject", unable))),
    ] {
        archived(&link, &page, id, "2026-01-01T00:00:00Z", &message).await;
    }
    page_ends(
        &link,
        &page,
        "complete='true'",
        "<first>a1</first><last>a4</last>",
    )
    .await;
    stage.until_online().await;
    // An offer that the server kept for a while rings no more.
    link.brings(&by_juliet(
        "j3",
        &format!(
            "{}<delay xmlns='urn:xmpp:delay' from='example.org' stamp='2026-01-01T01:00:00Z'/>",
            offer("late")
        ),
    ))
    .await;
    fence(&mut link).await;

    let juliet = stage.juliet().await;
    let rows = stage.messages(juliet).await;
    let calls: Vec<_> = rows.into_iter().map(|row| (row.kind, row.time)).collect();
    assert_eq!(
        calls,
        [
            (MessageKind::MissedCall, 1_767_225_600_000),
            (MessageKind::MissedCall, 1_767_229_200_000)
        ]
    );
}

#[tokio::test]
async fn a_call_by_request_is_refused_as_by_a_program_without_calls() {
    let (_stage, mut link) = romeo_online().await;

    link.brings(
        "<iq xmlns='jabber:client' type='set' id='i1' from='juliet@example.org/balcony'>\
         <jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='c1'/></iq>",
    )
    .await;

    let answer = link.sent().await;
    assert_eq!(answer.attr("type"), Some("error"));
    let error = answer.get_child("error", "jabber:client").unwrap();
    assert!(error.has_child("service-unavailable", "urn:ietf:params:xml:ns:xmpp-stanzas"));
}

#[tokio::test]
async fn a12_what_is_said_in_groups_is_kept_and_shows_nothing() {
    let (stage, mut link) = romeo().await;
    begins(&mut link, true).await;
    let page = link.sent().await;
    let said = |from: &str, inside: &str| {
        format!(
            "<message xmlns='jabber:client' type='groupchat' id='g1' from='ball@rooms.example.org/{from}' \
             to='romeo@example.org'>{inside}</message>"
        )
    };
    let private = "<message xmlns='jabber:client' type='chat' from='ball@rooms.example.org/tybalt' \
                   to='romeo@example.org'><body>Villain</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>";

    archived(
        &link,
        &page,
        "a1",
        "2026-01-01T00:00:00Z",
        &said("juliet", "<body>Hark</body>"),
    )
    .await;
    archived(&link, &page, "a2", "2026-01-01T00:00:01Z", private).await;
    page_ends(
        &link,
        &page,
        "complete='true'",
        "<first>a1</first><last>a2</last>",
    )
    .await;
    stage.until_online().await;
    link.brings(private).await;
    link.brings(&copy("received", private)).await;
    link.brings(&said("paris", &"x".repeat(70_000))).await;
    fence(&mut link).await;

    assert_eq!(stage.addresses().await, [""; 0]);
    let kept = stage.kept();
    let archive_ids: Vec<_> = kept.iter().map(|(id, _)| id.as_str()).collect();
    assert_eq!(archive_ids, ["a1", "a2", "", ""]);
    let first: Element = kept[0].1.parse().unwrap();
    assert_eq!(body(&first).as_deref(), Some("Hark"));
}

#[tokio::test]
async fn labels_come_with_the_contact_list_and_change_with_it() {
    let (stage, mut link) = romeo_online().await;
    let push = |groups: &str| {
        format!(
            "<iq xmlns='jabber:client' type='set' id='push'><query xmlns='jabber:iq:roster' ver='2'>\
             <item jid='juliet@example.org' name='Juliet' subscription='both'>{groups}</item></query></iq>"
        )
    };

    link.brings(&push("<group>Verona</group><group>Family</group>"))
        .await;
    link.sent().await;
    let juliet = stage.contact("juliet@example.org").await;
    assert_eq!(juliet.labels, ["Family", "Verona"]);

    link.brings(&push("<group>Secret</group>")).await;
    link.sent().await;
    let juliet = stage.contact("juliet@example.org").await;
    assert_eq!(juliet.labels, ["Secret"]);
}

#[tokio::test]
async fn a_message_too_large_to_read_leaves_a_row_with_its_size() {
    let (stage, mut link) = romeo_online().await;

    link.skips_message("juliet@example.org/balcony", "j1", 5_000_000)
        .await;
    link.skips_message("juliet@example.org/balcony", "j1", 5_000_000)
        .await;
    // Around a page of the archive, or a copy: whose it was is not known any more.
    link.skips_message("romeo@example.org", "r1", 5_000_000)
        .await;
    fence(&mut link).await;

    assert_eq!(
        stage.kinds("juliet@example.org").await,
        [MessageKind::TooLarge { bytes: 5_000_000 }]
    );
    assert_eq!(stage.addresses().await, ["juliet@example.org"]);
}

#[tokio::test]
async fn a27_a_message_of_odd_shape_leaves_no_row() {
    let (stage, mut link) = romeo_online().await;

    link.skips_message_of_odd_shape("juliet@example.org/balcony", "j1")
        .await;
    fence(&mut link).await;

    assert_eq!(stage.addresses().await, [""; 0]);
}
