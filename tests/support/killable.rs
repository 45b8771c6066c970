//! Our program without a window, to be killed: drives `headless.rs`.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::accounts::Person;

/// A running program on a data folder.
pub struct Killable {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
}

impl Killable {
    /// Starts it and waits until its history is open.
    pub fn start(folder: &Path, ca: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_stonechat-headless"))
            .args([folder, ca])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("our program starts");
        let to = child.stdin.take().expect("it is piped");
        let from = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut program = Self { child, to, from };
        program.answer("start");
        program
    }

    /// Signs in for the first time.
    pub fn sign_in(&mut self, person: &Person, port: u16) {
        self.order(&format!(
            "sign-in {} {port} {}",
            person.address, person.password
        ));
    }

    /// Gives an order and waits until it is done.
    pub fn order(&mut self, order: &str) {
        writeln!(self.to, "{order}").expect("our program listens");
        self.answer(order);
    }

    /// Gives an order without waiting for anything.
    pub fn tell(&mut self, order: &str) {
        writeln!(self.to, "{order}").expect("our program listens");
    }

    /// Kills it at once (SIGKILL), and waits until it is dead.
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it dies");
    }

    fn answer(&mut self, order: &str) {
        let mut line = String::new();
        self.from.read_line(&mut line).expect("our program answers");
        assert_eq!(line.trim_end(), "ok", "{order}");
    }
}

impl Drop for Killable {
    fn drop(&mut self) {
        // Dead already after `kill`; a test that failed must leave nothing running.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
