//! A SOCKS5 proxy that leads wherever the test says, and hears all.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// How the proxy takes a client in.
#[derive(Clone, Copy, PartialEq)]
pub enum Door {
    /// It picks names, as Tor does, and believes any.
    Names,
    /// It has no use for names.
    Open,
    /// It picks names and knows none.
    NamesItDoesNotKnow,
    /// It is a web server.
    NoProxy,
}

/// What the proxy heard.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// Each place it was asked for, as written on the wire.
    pub places: Vec<String>,
    /// Each user name.
    pub names: Vec<String>,
}

/// A listening proxy.
pub struct Proxy {
    pub port: u16,
    heard: Arc<Mutex<Heard>>,
}

impl Proxy {
    /// Leads each port of the list to a port of this machine, whatever the
    /// name; any other is refused.
    pub async fn leading(door: Door, ports: &[(u16, u16)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Heard::default()));
        let (hears, ports) = (Arc::clone(&heard), ports.to_vec());
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (hears, ports) = (Arc::clone(&hears), ports.clone());
                // Who hangs up in the middle ends only this.
                tokio::spawn(async move { serve(socket, door, &ports, &hears).await.ok() });
            }
        });
        Self { port, heard }
    }

    pub fn heard(&self) -> Heard {
        self.heard.lock().unwrap().clone()
    }
}

async fn serve(
    mut socket: TcpStream,
    door: Door,
    ports: &[(u16, u16)],
    heard: &Mutex<Heard>,
) -> std::io::Result<()> {
    let count = {
        assert_eq!(socket.read_u8().await?, 5);
        socket.read_u8().await?
    };
    let mut offered = vec![0; count.into()];
    socket.read_exact(&mut offered).await?;
    if door == Door::NoProxy {
        return socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    }
    if door != Door::Open && offered.contains(&2) {
        socket.write_all(&[5, 2]).await?;
        assert_eq!(socket.read_u8().await?, 1);
        let name = read_text(&mut socket).await?;
        let _password = read_text(&mut socket).await?;
        heard.lock().unwrap().names.push(name);
        let refused = u8::from(door == Door::NamesItDoesNotKnow);
        socket.write_all(&[1, refused]).await?;
        if refused == 1 {
            return Ok(());
        }
    } else {
        socket.write_all(&[5, 0]).await?;
    }

    let mut wish = [0; 4];
    socket.read_exact(&mut wish).await?;
    assert_eq!(wish[..3], [5, 1, 0]);
    let host = match wish[3] {
        1 => {
            let mut address = [0; 4];
            socket.read_exact(&mut address).await?;
            format!("{address:?}")
        }
        3 => read_text(&mut socket).await?,
        other => panic!("an address of kind {other}"),
    };
    let port = socket.read_u16().await?;
    heard.lock().unwrap().places.push(format!("{host}:{port}"));
    let Some((_, to)) = ports.iter().find(|(from, _)| *from == port) else {
        return socket.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]).await;
    };
    let mut there = TcpStream::connect(("127.0.0.1", *to)).await?;
    // Where it ends, told by a name: that is allowed too.
    socket.write_all(b"\x05\0\0\x03\x04exit\0\0").await?;
    copy_bidirectional(&mut socket, &mut there).await?;
    Ok(())
}

async fn read_text(socket: &mut TcpStream) -> std::io::Result<String> {
    let mut text = vec![0; socket.read_u8().await?.into()];
    socket.read_exact(&mut text).await?;
    Ok(String::from_utf8(text).unwrap())
}
