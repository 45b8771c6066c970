//! A name server that knows a few names.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;

pub const A: u16 = 1;
pub const AAAA: u16 = 28;
pub const SRV: u16 = 33;

/// What is asked for: a name and a kind of record.
type Question = (String, u16);

/// Names and their records.
#[derive(Default)]
pub struct Names {
    records: BTreeMap<Question, Vec<Vec<u8>>>,
    asked: Arc<Mutex<Vec<u16>>>,
}

impl Names {
    /// Returns what kinds of records are asked for from now on.
    pub fn asked(&self) -> Arc<Mutex<Vec<u16>>> {
        Arc::clone(&self.asked)
    }

    /// Adds the address of a host.
    pub fn address(mut self, name: &str, address: Ipv4Addr) -> Self {
        let records = self.records.entry((name.to_owned(), A)).or_default();
        records.push(address.octets().to_vec());
        self
    }

    /// Adds a service.
    pub fn service(mut self, name: &str, priority: u16, port: u16, target: &str) -> Self {
        let mut record = vec![];
        for number in [priority, 0, port] {
            record.extend(number.to_be_bytes());
        }
        for label in target.split('.').filter(|label| !label.is_empty()) {
            record.push(u8::try_from(label.len()).unwrap());
            record.extend(label.as_bytes());
        }
        record.push(0);
        self.records
            .entry((name.to_owned(), SRV))
            .or_default()
            .push(record);
        self
    }

    /// Answers from now on; returns where.
    pub async fn serve(self) -> SocketAddr {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut packet = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut packet).await {
                let answer = self.answer(&packet[..length]);
                socket.send_to(&answer, from).await.unwrap();
            }
        });
        address
    }

    fn answer(&self, query: &[u8]) -> Vec<u8> {
        let mut labels = vec![];
        let mut at = 12;
        while query[at] != 0 {
            let length = usize::from(query[at]);
            labels.push(String::from_utf8_lossy(&query[at + 1..=at + length]).to_lowercase());
            at += length + 1;
        }
        let question_end = at + 5;
        let kind = u16::from_be_bytes([query[at + 1], query[at + 2]]);
        self.asked.lock().unwrap().push(kind);
        let name = labels.join(".");
        let records = self
            .records
            .get(&(name.clone(), kind))
            .cloned()
            .unwrap_or_default();
        let is_known = self.records.keys().any(|(known, _)| *known == name);

        let mut answer = query[..2].to_vec();
        // A response, recursion wished and available; 3 is "no such name".
        answer.extend([0x81, if is_known { 0x80 } else { 0x83 }]);
        let count = u16::try_from(records.len()).unwrap();
        for number in [1, count, 0, 0] {
            answer.extend(u16::to_be_bytes(number));
        }
        answer.extend(&query[12..question_end]);
        for record in records {
            // The name is the one of the question.
            answer.extend([0xc0, 12]);
            answer.extend(kind.to_be_bytes());
            answer.extend([0, 1, 0, 0, 0, 60]);
            answer.extend(u16::try_from(record.len()).unwrap().to_be_bytes());
            answer.extend(record);
        }
        answer
    }
}
