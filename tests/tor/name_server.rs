//! Whoever asks for a name on this machine asks here, and is counted.

use std::net::{TcpListener, UdpSocket};
use std::sync::{Arc, Mutex};

/// A name server on port 53 that knows nothing.
pub struct NameServer {
    asked: Arc<Mutex<Vec<String>>>,
}

impl NameServer {
    /// Listens from now on, until the program ends.
    pub fn start() -> Self {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let socket = UdpSocket::bind("127.0.0.1:53").expect("port 53 of a machine that is alone");
        let hears = Arc::clone(&asked);
        std::thread::spawn(move || {
            let mut packet = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut packet) {
                let (name, end) = question(&packet[..length]);
                hears.lock().unwrap().push(name);
                let mut answer = packet[..end].to_vec();
                // An answer, and there is no such name; one question, no records.
                answer[2..4].copy_from_slice(&[0x81, 0x83]);
                answer[4..12].copy_from_slice(&[0, 1, 0, 0, 0, 0, 0, 0]);
                // Who asked may be gone.
                let _ = socket.send_to(&answer, from);
            }
        });
        let listener =
            TcpListener::bind("127.0.0.1:53").expect("port 53 of a machine that is alone");
        let hears = Arc::clone(&asked);
        std::thread::spawn(move || {
            while listener.accept().is_ok() {
                hears.lock().unwrap().push("something, by TCP".to_owned());
            }
        });
        Self { asked }
    }

    /// Returns the names that were asked for.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Returns the name a packet asks for, and where the question ends.
fn question(packet: &[u8]) -> (String, usize) {
    let mut labels = Vec::new();
    let mut at = 12;
    while packet[at] != 0 {
        let length = usize::from(packet[at]);
        let label = &packet[at + 1..=at + length];
        labels.push(String::from_utf8_lossy(label).to_lowercase());
        at += length + 1;
    }
    (labels.join("."), at + 5)
}
