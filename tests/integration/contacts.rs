//! The contact list as the user changes it, on a real server.

use stonechat::engine::api::Command;
use stonechat::engine::model::Subscription;

use crate::support::accounts::people;
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
