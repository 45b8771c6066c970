//! Two accounts at once: the trouble of one is not the other's.

use stonechat::engine::api::{Command, SignIn};
use stonechat::engine::model::*;
use stonechat::engine::testing::Dialled;

use crate::stage::*;

/// One of the accounts: its chat with Juliet, and its connection.
struct Side {
    account: AccountId,
    chat: ConversationId,
    link: Dialled,
}

/// Romeo and Mercutio online, each at a server of their own.
async fn romeo_and_mercutio() -> (Stage, Side, Side) {
    let (mut stage, link) = romeo_online().await;
    let (account, chat) = (stage.account, stage.juliet().await);
    let romeo = Side {
        account,
        chat,
        link,
    };
    let form = SignIn {
        address: "mercutio@example.net".into(),
        ..sign_in_form()
    };
    let script = &mut stage.script;
    let (account, mut link) = tokio::join!(stage.engine.sign_in(form), async {
        let link = script.dialled().await;
        link.lets_in("mercutio").await;
        link
    });
    let account = account.unwrap();
    stage.engine.command(Command::EncryptByDefault {
        account,
        is_on: false,
    });
    begins(&mut link, false).await;
    let opening = stage
        .engine
        .open_chat(account, "juliet@example.org".into())
        .await;
    let mercutio = Side {
        account,
        chat: opening.unwrap(),
        link,
    };
    mercutio
        .until_state(&stage, "online", |state| *state == ConnectionState::Online)
        .await;
    (stage, romeo, mercutio)
}

impl Side {
    async fn until_state(
        &self,
        stage: &Stage,
        what: &str,
        is_it: impl Fn(&ConnectionState) -> bool,
    ) {
        stage
            .until(what, || async {
                let states = stage.engine.connections();
                states.get(&self.account).is_some_and(&is_it)
            })
            .await;
    }

    fn says(&self, stage: &Stage, body: &str) {
        stage.engine.command(Command::SendText {
            conversation: self.chat,
            body: body.into(),
            reply_to: None,
        });
    }

    async fn has(&self, stage: &Stage, body: &str) -> bool {
        let messages = stage.messages(self.chat).await;
        messages.iter().any(|message| message.body == body)
    }

    async fn is_brought(&self, stage: &Stage, id: &str, inside: &str) {
        let message =
            by_juliet(id, inside).replace("romeo@example.org", self.link.address.as_str());
        self.link.brings(&message).await;
        if inside.starts_with("<body>") {
            stage
                .until(id, || async { self.has(stage, id).await })
                .await;
        }
    }

    /// Sends and receives, and still is on the connection it was on.
    async fn goes_on(&mut self, stage: &Stage, about: &str) {
        let (said, heard) = (format!("Hark, {about}"), format!("Hush, {about}"));

        self.says(stage, &said);
        assert_eq!(body(&self.link.sent().await), Some(said));
        self.is_brought(stage, &heard, &format!("<body>{heard}</body>"))
            .await;

        let states = stage.engine.connections();
        assert_eq!(states[&self.account], ConnectionState::Online);
    }
}

#[tokio::test]
async fn what_stops_one_account_does_not_touch_the_other() {
    let (mut stage, mut romeo, mut mercutio) = romeo_and_mercutio().await;
    let problems = [
        ConnectionProblem::WrongPassword,
        ConnectionProblem::CertificateOtherName,
        ConnectionProblem::ServerNotGenuine,
        ConnectionProblem::ClientCertificateRefused,
        ConnectionProblem::SignedInElsewhere,
    ];
    for problem in problems {
        mercutio.link.breaks(problem.clone()).await;
        let stopped = ConnectionState::Stopped(problem.clone());
        mercutio
            .until_state(&stage, "stopped", |state| *state == stopped)
            .await;
        mercutio.says(&stage, "later");

        romeo.goes_on(&stage, &format!("{problem:?}")).await;

        assert!(!stage.script.has_dialled());
        stage.engine.command(Command::TryNow);
        mercutio.link = stage.script.dialled().await;
        assert_eq!(mercutio.link.address.as_str(), "mercutio@example.net");
    }
}

#[tokio::test]
async fn an_account_that_panics_until_it_is_given_up_does_not_touch_the_other() {
    let (mut stage, mut romeo, mut mercutio) = romeo_and_mercutio().await;
    stage.script.panics(3);
    mercutio
        .link
        .breaks(ConnectionProblem::ConnectionLost)
        .await;
    mercutio
        .until_state(&stage, "waiting", |state| {
            matches!(state, ConnectionState::Waiting { .. })
        })
        .await;
    stage.engine.command(Command::TryNow);
    mercutio
        .until_state(&stage, "given up", |state| {
            *state == ConnectionState::Offline
        })
        .await;

    romeo.goes_on(&stage, "given up").await;
    // Nobody is there any more to hear what this account is to do.
    mercutio.says(&stage, "later");
    stage.engine.command(Command::Typing {
        conversation: mercutio.chat,
        is_composing: true,
    });
    romeo.goes_on(&stage, "wished").await;

    assert!(!stage.script.has_dialled());
    stage.engine.command(Command::TryNow);
    mercutio.link = stage.script.dialled().await;
    mercutio.link.lets_in("two").await;
    begins(&mut mercutio.link, false).await;
    let later = mercutio.link.sent().await;
    assert_eq!(body(&later).as_deref(), Some("later"));
}

#[tokio::test]
async fn a_server_that_floods_one_account_does_not_silence_the_other() {
    let (stage, mut romeo, mercutio) = romeo_and_mercutio().await;
    let flood = async {
        for number in 0_u64.. {
            let from = format!("thumb-{}@example.net/street", number % 200);
            let stanza = format!(
                "<message xmlns='jabber:client' type='chat' id='{number}' from='{from}' \
                 to='mercutio@example.net'><body>{number}</body></message>"
            );
            mercutio.link.brings(&stanza).await;
        }
    };
    let talk = async {
        for turn in 0..10 {
            romeo.goes_on(&stage, &turn.to_string()).await;
        }
    };

    tokio::select! {
        () = flood => unreachable!("a flood has no end"),
        () = talk => {}
    }
}

#[tokio::test]
async fn a_server_that_takes_nothing_any_more_holds_up_its_own_account_only() {
    let (stage, mut romeo, mercutio) = romeo_and_mercutio().await;
    // Sooner or later the session waits for room.
    for _ in 0..300 {
        mercutio
            .link
            .brings(
                "<iq xmlns='jabber:client' type='get' id='q' from='example.net'>\
                 <ping xmlns='urn:xmpp:ping'/></iq>",
            )
            .await;
        if mercutio.link.is_full() {
            break;
        }
    }
    assert!(mercutio.link.is_full());
    mercutio.says(&stage, "later");

    romeo.goes_on(&stage, "stuck").await;

    // Nor does the end of it, for which a farewell is waited for in vain.
    stage.engine.command(Command::EnableAccount {
        account: mercutio.account,
        is_enabled: false,
    });
    romeo.goes_on(&stage, "signed out").await;
    mercutio
        .until_state(&stage, "signed out", |state| {
            *state == ConnectionState::Offline
        })
        .await;
}

#[tokio::test]
async fn what_one_server_says_has_no_effect_in_the_other_account() {
    let (stage, mut romeo, mut mercutio) = romeo_and_mercutio().await;
    romeo.is_brought(&stage, "j1", "<body>j1</body>").await;
    romeo.says(&stage, "Hark");
    let hark = romeo.link.sent().await;
    romeo.link.confirms(6).await;
    stage.until_delivery("Hark", Delivery::Sent).await;
    let before = stage.messages(romeo.chat).await;
    let contacts = stage.engine.contacts().await.unwrap();
    let of_romeo = |contacts: Vec<Contact>| {
        let mut contacts = contacts.into_iter();
        contacts.find(|contact| contact.account == romeo.account)
    };

    // In Juliet's name, about what she and Romeo said to each other.
    for inside in [
        &format!("<received xmlns='urn:xmpp:receipts' id='{}'/>", id(&hark)),
        &format!(
            "<displayed xmlns='urn:xmpp:chat-markers:0' id='{}'/>",
            id(&hark)
        ),
        "<body>j1</body><replace xmlns='urn:xmpp:message-correct:0' id='j1'/>",
        "<retract xmlns='urn:xmpp:message-retract:1' id='j1'/>",
        &format!(
            "<reactions xmlns='urn:xmpp:reactions:0' id='{}'><reaction>👎</reaction></reactions>",
            id(&hark)
        ),
    ] {
        mercutio.is_brought(&stage, "j1", inside).await;
    }
    let undone = by_juliet(
        id(&hark),
        "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
    );
    let undone = undone.replace("type='chat'", "type='error'");
    mercutio.link.brings(&undone).await;
    // In Romeo's name, and that of his server.
    for from in ["romeo@example.org", "example.org"] {
        mercutio
            .link
            .brings(&format!(
                "<iq xmlns='jabber:client' type='set' id='p' from='{from}'>\
                 <query xmlns='jabber:iq:roster'>\
                 <item jid='juliet@example.org' subscription='remove'/></query></iq>"
            ))
            .await;
        assert_eq!(mercutio.link.sent().await.attr("type"), Some("error"));
        mercutio
            .link
            .brings(&format!(
                "<message xmlns='jabber:client' from='{from}'>\
                 <received xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>{}\
                 </forwarded></received></message>",
                by_juliet("j2", "<body>Send money</body>")
            ))
            .await;
    }
    mercutio
        .is_brought(&stage, "fence", "<body>fence</body>")
        .await;

    assert_eq!(stage.messages(romeo.chat).await, before);
    let after = stage.engine.contacts().await.unwrap();
    assert_eq!(of_romeo(after), of_romeo(contacts));
    assert!(!mercutio.has(&stage, "Send money").await);
}
