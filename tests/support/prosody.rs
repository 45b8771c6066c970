//! A private server for the tests, driven by its lines: `build-aux/prosody`, or
//! `build-aux/ejabberd` for what may differ there.
//!
//! Most tests share one server and stay apart by fresh accounts. A test that
//! stops its server, or needs one with a fault, starts its own. The server
//! and its folder go with its last owner; when the test program is killed, the
//! script sees its stdin end and stops the server.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, Weak};

use serde_json::{Value, json};

/// A running server, on ports that stay the same across restarts.
pub struct Prosody {
    /// Domain of its accounts.
    pub domain: String,
    /// Port on 127.0.0.1, with STARTTLS.
    pub port: u16,
    /// Port on 127.0.0.1, with direct TLS.
    pub tls_port: u16,
    /// Authority that signed its certificate, to be trusted by clients.
    pub ca: PathBuf,
    lines: Mutex<Lines>,
    script: Child,
    log: PathBuf,
}

struct Lines {
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Prosody {
    /// Starts a server of one's own. `options` are those of `build-aux/prosody`.
    pub fn start(options: &[&str]) -> Self {
        Self::start_by("build-aux/prosody", options)
    }

    /// Starts another server than Prosody. `options` are those of `build-aux/ejabberd`.
    pub fn ejabberd(options: &[&str]) -> Self {
        Self::start_by("build-aux/ejabberd", options)
    }

    fn start_by(script: &str, options: &[&str]) -> Self {
        // Removed by the script, which outlives this program by a moment.
        let folder = tempfile::tempdir().expect("a folder for the server").keep();
        let mut script = Command::new(project().join(script))
            .arg(&folder)
            .arg("--temporary")
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server's script starts (inside build-aux/dev-root)");
        let mut from = BufReader::new(script.stdout.take().expect("it is piped"));
        let mut line = String::new();
        from.read_line(&mut line).expect("the server's first line");
        let ready: Value =
            serde_json::from_str(&line).expect("the server must start; its messages stand above");
        let text = |name: &str| ready[name].as_str().expect(name).to_owned();
        let port = |name: &str| u16::try_from(ready[name].as_u64().expect(name)).expect(name);
        Self {
            domain: text("domain"),
            port: port("port"),
            tls_port: port("tls_port"),
            ca: PathBuf::from(text("ca")),
            lines: Mutex::new(Lines {
                to: script.stdin.take(),
                from,
            }),
            script,
            log: PathBuf::from(text("log")),
        }
    }

    /// Returns the server that running tests share, starting it where none
    /// runs. Nobody stops it by hand; it goes with the last test that has it.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Prosody>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().expect("starting it did not panic before");
        shared.upgrade().unwrap_or_else(|| {
            let server = Arc::new(Self::start(&[]));
            *shared = Arc::downgrade(&server);
            server
        })
    }

    /// Makes an account whose contact list holds `contacts`, as bare names.
    pub fn account(&self, name: &str, password: &str, contacts: &[&str]) {
        let contacts: serde_json::Map<_, _> = contacts
            .iter()
            .map(|name| ((*name).to_owned(), json!(name)))
            .collect();
        self.order(
            &json!({ "do": "account", "name": name, "password": password, "contacts": contacts }),
        );
    }

    /// Puts messages into the archives of both sides, oldest first:
    /// (from, to, body, seconds since 1970).
    pub fn history(&self, messages: &[(String, String, String, i64)]) {
        let messages: Vec<_> = messages
            .iter()
            .enumerate()
            .map(|(number, (from, to, body, time))| {
                json!({ "from": from, "to": to, "body": body, "time": time,
                        "id": format!("history-{time}-{number}") })
            })
            .collect();
        self.order(&json!({ "do": "history", "messages": messages }));
    }

    /// Makes the server forget the tokens that sign in without a password.
    pub fn forget_tokens(&self) {
        self.order(&json!({ "do": "forget-tokens" }));
    }

    /// Shuts the server down properly: it says goodbye to every stream.
    pub fn stop(&self) {
        self.order(&json!({ "do": "stop" }));
    }

    /// Takes the server's life without a warning.
    pub fn kill(&self) {
        self.order(&json!({ "do": "kill" }));
    }

    /// Starts the server again, with its data and its ports.
    pub fn start_again(&self) {
        self.order(&json!({ "do": "start" }));
    }

    /// Returns what the server logged, to look for what it saw.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).expect("Prosody's log")
    }

    fn order(&self, order: &Value) {
        let mut lines = self.lines.lock().expect("no order panicked");
        let Lines { to, from } = &mut *lines;
        writeln!(to.as_mut().expect("open until dropped"), "{order}")
            .expect("Prosody's script listens");
        let mut line = String::new();
        from.read_line(&mut line).expect("Prosody's script answers");
        let answer: Value = serde_json::from_str(&line).expect("Prosody's script answers in JSON");
        assert_eq!(answer, json!({ "ok": true }), "{order}");
    }
}

impl Drop for Prosody {
    fn drop(&mut self) {
        // The end of its stdin tells the script to stop the server and go.
        if let Ok(lines) = self.lines.get_mut() {
            lines.to = None;
        }
        if let Err(problem) = self.script.wait() {
            eprintln!("Prosody's script could not be waited for: {problem}");
        }
    }
}

/// Returns the project's folder.
pub fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
