//! Catching up with a real server's archive, from inside: messages a second,
//! from signed in to nothing missing. The server keeps its archive in memory:
//! in its files a page takes it longer the more came before that page (half a
//! minute for 5,000 messages), and what it measured would be that.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use stonechat::engine::Options;
use stonechat::engine::api::{Engine, Event, SignIn};
use stonechat::engine::model::{ConnectionState, Secret};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::time::timeout;

use crate::prosody::Prosody;
use crate::tell;

const MESSAGES: i64 = 5_000;
/// More than an event takes when nothing is wrong.
const PATIENCE: Duration = Duration::from_secs(30);
const PASSWORD: &str = "a password";

pub fn measure() {
    let server = Prosody::start(&["--fast"]);
    server.account("romeo", PASSWORD, &["juliet"]);
    server.account("juliet", PASSWORD, &["romeo"]);
    let (romeo, juliet) = ["romeo", "juliet"]
        .map(|name| format!("{name}@{}", server.domain))
        .into();
    let folder = tempfile::tempdir().unwrap();
    let options = Options::new(folder.path().join("data"))
        .with_extra_ca(Some(server.ca.clone()))
        .with_secrets_in_memory();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let start = i64::try_from(now.as_secs()).unwrap() - MESSAGES - 60;
    let history: Vec<_> = (0..MESSAGES)
        .map(|number| {
            let (from, to) = if number % 3 == 0 {
                (&romeo, &juliet)
            } else {
                (&juliet, &romeo)
            };
            let text = format!("{number}: Good night, good night. I shall keep saying it.");
            (from.clone(), to.clone(), text, start + number)
        })
        .collect();

    runtime.block_on(async {
        let engine = Engine::start(options.clone()).unwrap();
        let form = SignIn {
            address: romeo.clone(),
            password: Secret::new(PASSWORD),
            host: Some("127.0.0.1".to_owned()),
            port: Some(server.port),
            allows_plain: false,
            proxy: String::new(),
        };
        let mut events = engine.subscribe();
        engine.sign_in(form).await.unwrap();
        reach(&mut events, &ConnectionState::Online).await;
        engine.stop().await;
        drop(engine);

        server.history(&history);
        let began = cpu_ms();
        let engine = Engine::start(options).unwrap();
        let mut events = engine.subscribe();
        reach(&mut events, &ConnectionState::CatchingUp).await;
        let started = Instant::now();
        reach(&mut events, &ConnectionState::Online).await;
        let took = started.elapsed().as_secs_f64();
        let ours = cpu_ms() - began;

        let chat = engine.conversations().await.unwrap()[0].id;
        let here = engine.message_ids(chat).await.unwrap().len();
        tell("catch-up, messages", here as f64);
        tell("catch-up, messages a second", here as f64 / took);
        tell(
            "catch-up, our CPU for 1,000 messages",
            ours / here as f64 * 1e3,
        );
        engine.stop().await;
    });
}

/// Waits for a state. Each is told once, so one that passes is not missed.
async fn reach(events: &mut broadcast::Receiver<Event>, wanted: &ConnectionState) {
    loop {
        match timeout(PATIENCE, events.recv()).await.unwrap() {
            Ok(Event::Connection { state, .. }) if state == *wanted => return,
            // Lagging behind: what passed were changes, far more than states.
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => panic!("the engine ended"),
        }
    }
}

/// Returns the processor time of this process in milliseconds.
fn cpu_ms() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}
