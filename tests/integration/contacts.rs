//! The contact list as the user changes it, on a real server.

use stonechat::engine::api::Command;
use stonechat::engine::model::{ConversationId, ConversationRow, Subscription};

use crate::support::accounts::{Person, people, romeo_and_juliet};
use crate::support::heard::{Heard, Order};
use crate::support::ours::Ours;
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_contact_is_added_named_and_removed() {
    let server = Prosody::shared();
    let [romeo] = people(&server, ["romeo"]);
    let [tybalt] = people(&server, ["tybalt"]);
    let mut ours = Ours::sign_in(&romeo, &server).await;
    let mut peer = Peer::sign_in(Client::Slixmpp, &tybalt, &server).await;
    ours.wait_until_online().await;
    let account = ours.engine.accounts().await.unwrap()[0].id;
    let put = |name: &str, labels: &[&str]| Command::PutContact {
        account,
        address: tybalt.address.clone(),
        name: name.into(),
        labels: labels.iter().map(|label| (*label).to_owned()).collect(),
        token: String::new(),
        lets_see: false,
    };

    ours.engine.command(put("Tybalt", &["Capulets"]));

    let contact = ours
        .wait_for("Tybalt among the contacts", async |engine| {
            engine.contact(account, &tybalt.address).await.unwrap()
        })
        .await;
    assert_eq!(
        (contact.name.as_str(), contact.labels),
        ("Tybalt", vec!["Capulets".to_owned()])
    );
    peer.hears("the question", |heard| {
        matches!(heard, Heard::Presence { from, kind } if *from == romeo.address && kind == "subscribe")
            .then_some(())
    })
    .await;
    peer.order(Order::Raw(format!(
        "<presence type='subscribed' to='{}'/>",
        romeo.address
    )));
    ours.wait_for("that he agreed", async |engine| {
        let contact = engine.contact(account, &tybalt.address).await.unwrap();
        contact.filter(|contact| contact.subscription == Subscription::To)
    })
    .await;

    ours.engine.command(put("Prince of Cats", &[]));
    ours.wait_for("his other name", async |engine| {
        let contact = engine.contact(account, &tybalt.address).await.unwrap();
        contact.filter(|contact| contact.name == "Prince of Cats" && contact.labels.is_empty())
    })
    .await;

    ours.engine.command(Command::RemoveContact {
        account,
        address: tybalt.address.clone(),
    });
    ours.wait_for("no contact", async |engine| {
        let contact = engine.contact(account, &tybalt.address).await.unwrap();
        contact.is_none().then_some(())
    })
    .await;
    peer.hears("that he is seen no more", |heard| {
        matches!(heard, Heard::Presence { from, kind } if *from == romeo.address && kind == "unsubscribe")
            .then_some(())
    })
    .await;
}

async fn online(person: &Person, server: &Prosody) -> Ours {
    let mut ours = Ours::sign_in(person, server).await;
    ours.wait_until_online().await;
    ours
}

/// Waits for somebody who asks to see when the user is around.
async fn wish_of(ours: &mut Ours, person: &Person) -> ConversationId {
    ours.wait_for("the wish", async |engine| {
        let chats = engine.conversations().await.unwrap();
        let asking =
            |row: &&ConversationRow| row.asks_for_presence && row.address == person.address;
        chats.iter().find(asking).map(|row| row.id)
    })
    .await
}

async fn until_both(ours: &mut Ours, person: &Person) {
    let account = ours.account;
    ours.wait_for("both to see each other", async |engine| {
        let contact = engine.contact(account, &person.address).await.unwrap();
        contact.filter(|contact| contact.subscription == Subscription::Both)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_added_with_leave_is_not_asked_about_when_they_accept() {
    let server = Prosody::shared();
    let [romeo] = people(&server, ["romeo"]);
    let [juliet] = people(&server, ["juliet"]);
    let mut romeos = online(&romeo, &server).await;
    let mut juliets = online(&juliet, &server).await;

    romeos.engine.command(Command::PutContact {
        account: romeos.account,
        address: juliet.address.clone(),
        name: "Juliet".into(),
        labels: Vec::new(),
        token: "t0ken".into(),
        lets_see: true,
    });
    let wish = wish_of(&mut juliets, &romeo).await;
    juliets.engine.command(Command::AcceptRequest(wish));

    until_both(&mut romeos, &juliet).await;
    until_both(&mut juliets, &romeo).await;
    let chats = romeos.engine.conversations().await.unwrap();
    assert!(!chats.iter().any(|row| row.asks_for_presence));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wish_is_decided_on_one_device_for_all() {
    let server = Prosody::shared();
    let [romeo] = people(&server, ["romeo"]);
    let [tybalt, paris] = people(&server, ["tybalt", "paris"]);
    let mut desk = online(&romeo, &server).await;
    let mut lap = online(&romeo, &server).await;
    for person in [&tybalt, &paris] {
        let peer = Peer::sign_in(Client::Slixmpp, person, &server).await;
        peer.order(Order::Raw(format!(
            "<presence type='subscribe' to='{}'/>",
            romeo.address
        )));
        wish_of(&mut lap, person).await;
    }
    let away = lap.leave().await;
    let declined = wish_of(&mut desk, &tybalt).await;
    wish_of(&mut desk, &paris).await;

    desk.engine
        .command(Command::DeclineRequests(vec![declined]));
    desk.wait_for("nobody but Paris", async |engine| {
        let chats = engine.conversations().await.unwrap();
        let asking = chats.iter().filter(|row| row.asks_for_presence).count();
        (asking == 1).then_some(())
    })
    .await;
    let mut lap = away.come_back();

    lap.wait_for("nobody but Paris there, too", async |engine| {
        let chats = engine.conversations().await.unwrap();
        let mut asking = chats.iter().filter(|row| row.asks_for_presence);
        let first = asking.next()?;
        (first.address == paris.address && asking.next().is_none()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn since_when_a_contact_is_idle_is_known() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut ours = online(&romeo, &server).await;
    let peer = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;
    let since = chrono::Utc::now() - chrono::Duration::minutes(5);

    peer.order(Order::Raw(format!(
        "<presence><show>away</show><idle xmlns='urn:xmpp:idle:1' since='{}'/></presence>",
        since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    )));

    let account = ours.account;
    let known = ours
        .wait_for("her idle time", async |engine| {
            engine.around(account, &juliet.address).idle_since
        })
        .await;
    assert_eq!(known, since.timestamp() * 1_000);
}
