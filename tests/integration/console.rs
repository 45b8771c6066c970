//! The XML console on a real server: everything is seen, no secret is.

use stonechat::engine::api::Command;
use stonechat::engine::model::{ConnectionState, ConsoleLine, ConsoleWay};

use crate::support::accounts::romeo_and_juliet;
use crate::support::ours::Ours;
use crate::support::prosody::Prosody;

/// What begins a SCRAM exchange, as it is on the wire, with and without
/// channel binding.
const FIRST_STEPS: [&str; 3] = ["biws", "eSws", "cD10bHMt"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a55_the_console_shows_a_sign_in_without_its_secrets() {
    for (options, wish, masked) in [
        (&[][..], "<auth ", "…</auth>"),
        (
            &["--sasl2"][..],
            "<authenticate ",
            "<initial-response>…</initial-response>",
        ),
    ] {
        let server = Prosody::start(options);
        let (romeo, _) = romeo_and_juliet(&server);
        let mut ours = Ours::sign_in(&romeo, &server).await;
        ours.wait_until_online().await;
        let account = ours.account;
        let mut passing = ours.engine.console(account).await.unwrap();

        let enable = |is_enabled| {
            ours.engine.command(Command::EnableAccount {
                account,
                is_enabled,
            });
        };
        enable(false);
        enable(true);
        let mut lines: Vec<ConsoleLine> = Vec::new();
        while !lines.iter().any(|line| line.text.starts_with("<presence")) {
            lines.push(passing.recv().await.unwrap());
        }

        let all: Vec<&str> = lines.iter().map(|line| line.text.as_str()).collect();
        let all = all.join("\n");
        assert!(all.contains(wish), "{all}");
        assert!(all.contains(masked), "{all}");
        assert!(all.contains("<?xml version='1.0'?><stream:stream"), "{all}");
        assert!(all.contains("jabber:iq:roster"), "{all}");
        for secret in FIRST_STEPS {
            assert!(!all.contains(secret), "{all}");
        }
        assert!(!all.contains(&romeo.password), "{all}");
        for line in lines {
            if line.text.contains("<token ") {
                assert!(line.text.contains("token='…'"), "{}", line.text);
            }
            if line.way == ConsoleWay::Received && line.text.starts_with("<challenge") {
                assert!(line.text.ends_with(">…</challenge>"), "{}", line.text);
            }
        }
        ours.wait_for_connection("online", |state| *state == ConnectionState::Online)
            .await;
    }
}
