//! The test surroundings themselves: if these fail, the others say nothing.

use crate::support::accounts::romeo_and_juliet;
use crate::support::heard::{Heard, Order};
use crate::support::link_cutter::{LinkCutter, Way};
use crate::support::peers::{Client, Peer};
use crate::support::prosody::Prosody;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_clients_that_are_not_ours_understand_each_other() {
    let server = Prosody::shared();
    let (romeo, juliet) = romeo_and_juliet(&server);
    let mut romeo = Peer::sign_in(Client::TokioXmpp, &romeo, &server).await;
    let mut juliet = Peer::sign_in(Client::Slixmpp, &juliet, &server).await;

    romeo.send(&juliet.address, "But soft!", "soft");

    let (from, id) = juliet.hears_text("But soft!").await;
    assert_eq!(
        (from.as_str(), id.as_str()),
        (romeo.address.as_str(), "soft")
    );
    juliet.order(Order::Receipt {
        to: from.clone(),
        id: id.clone(),
    });
    juliet.order(Order::Displayed {
        to: from.clone(),
        id,
    });
    juliet.order(Order::Typing {
        to: from.clone(),
        state: "composing".into(),
    });
    juliet.send(&from, "Ay me.", "ay");
    romeo.hears_receipt("soft").await;
    romeo.hears_displayed("soft").await;
    romeo
        .hears("that Juliet writes", |heard| {
            matches!(heard, Heard::Typing { state, .. } if state == "composing").then_some(())
        })
        .await;
    romeo.hears_text("Ay me.").await;
    juliet.leave().await;
    romeo.leave().await;
}

#[tokio::test]
async fn a_line_is_cut_after_so_many_bytes_and_not_before() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let cutter = LinkCutter::start(listener.local_addr().unwrap().port()).await;
    let mut client = tokio::net::TcpStream::connect(("127.0.0.1", cutter.port))
        .await
        .unwrap();
    let (mut server, _) = listener.accept().await.unwrap();

    cutter.cut_after(5, Way::ToServer);
    client.write_all(b"But soft!").await.unwrap();

    let mut heard = [0; 5];
    server.read_exact(&mut heard).await.unwrap();
    assert_eq!(&heard, b"But s");
    assert!(
        matches!(server.read(&mut heard).await, Ok(0) | Err(_)),
        "the line is cut"
    );
    assert!(
        matches!(client.read(&mut heard).await, Ok(0) | Err(_)),
        "on both sides"
    );
    assert_eq!(cutter.connections(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_comes_back_on_its_port_with_its_accounts() {
    let server = Prosody::start(&["--without", "smacks"]);
    let (romeo, _) = romeo_and_juliet(&server);
    Peer::sign_in(Client::Slixmpp, &romeo, &server)
        .await
        .leave()
        .await;

    server.kill();
    server.start_again();

    Peer::sign_in(Client::TokioXmpp, &romeo, &server)
        .await
        .leave()
        .await;
}
