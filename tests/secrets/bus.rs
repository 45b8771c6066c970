//! A message bus and a real keyring of a test's own.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use futures_util::StreamExt;
use tempfile::TempDir;
use zbus::fdo::DBusProxy;
use zbus::zvariant::OwnedObjectPath;
use zbus::{Connection, connection};

pub const KEYRING_NAME: &str = "org.freedesktop.secrets";

/// A bus on which no service starts by itself.
pub struct Bus {
    pub address: String,
    home: TempDir,
    daemon: Child,
    _output: BufReader<ChildStdout>,
}

impl Bus {
    pub fn start() -> Self {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("bus.conf");
        fs::write(
            &config,
            format!(
                r#"<busconfig>
                     <type>session</type>
                     <listen>unix:path={}</listen>
                     <auth>EXTERNAL</auth>
                     <policy context="default">
                       <allow send_destination="*" eavesdrop="true"/>
                       <allow eavesdrop="true"/>
                       <allow own="*"/>
                     </policy>
                   </busconfig>"#,
                home.path().join("bus").display()
            ),
        )
        .unwrap();
        let mut daemon = Command::new("dbus-daemon")
            .arg("--nofork")
            .arg("--print-address=1")
            .arg(format!("--config-file={}", config.display()))
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is installed; run this inside build-aux/dev-root");
        let mut output = BufReader::new(daemon.stdout.take().unwrap());
        let mut address = String::new();
        output.read_line(&mut address).unwrap();
        Self {
            address: address.trim().to_owned(),
            home,
            daemon,
            _output: output,
        }
    }

    pub async fn connect(&self) -> Connection {
        let builder = connection::Builder::address(self.address.as_str()).unwrap();
        builder.build().await.unwrap()
    }

    /// Starts gnome-keyring with its login collection unlocked.
    pub async fn gnome_keyring(&self, login_password: &str) -> Daemon {
        self.start_keyring(Some(login_password)).await
    }

    /// Starts gnome-keyring as it is before anybody has logged in with it.
    pub async fn gnome_keyring_without_login(&self) -> Daemon {
        self.start_keyring(None).await
    }

    async fn start_keyring(&self, login_password: Option<&str>) -> Daemon {
        let home = self.home.path();
        let mut command = Command::new("gnome-keyring-daemon");
        command
            .args(["--foreground", "--components=secrets"])
            .args(login_password.map(|_| "--unlock"))
            .arg(format!(
                "--control-directory={}",
                home.join("control").display()
            ))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut daemon = command
            .spawn()
            .expect("gnome-keyring is installed; run this inside build-aux/dev-root");
        let mut input = daemon.stdin.take().unwrap();
        input
            .write_all(login_password.unwrap_or_default().as_bytes())
            .unwrap();
        drop(input);
        self.wait_for_keyring(true).await;
        Daemon(daemon)
    }

    /// Ends the keyring and waits until its name is free.
    pub async fn stop(&self, daemon: Daemon) {
        drop(daemon);
        self.wait_for_keyring(false).await;
    }

    /// Locks the collection that passwords are kept in.
    pub async fn lock_keyring(&self) {
        let connection = self.connect().await;
        let service = zbus::Proxy::new(
            &connection,
            KEYRING_NAME,
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service",
        )
        .await
        .unwrap();
        let collection: OwnedObjectPath = service.call("ReadAlias", &("default",)).await.unwrap();
        let (locked, _prompt): (Vec<OwnedObjectPath>, OwnedObjectPath) =
            service.call("Lock", &(vec![&collection],)).await.unwrap();
        assert_eq!(locked, [collection]);
    }

    /// All files that the keyring keeps.
    pub fn home_files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        collect(&self.home.path().join(".local"), &mut files);
        files
    }

    async fn wait_for_keyring(&self, is_there: bool) {
        let connection = self.connect().await;
        let bus = DBusProxy::new(&connection).await.unwrap();
        let mut changes = bus
            .receive_name_owner_changed_with_args(&[(0, KEYRING_NAME)])
            .await
            .unwrap();
        let changed = async {
            while bus
                .name_has_owner(KEYRING_NAME.try_into().unwrap())
                .await
                .unwrap()
                != is_there
            {
                changes.next().await.unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(5), changed)
            .await
            .expect("the keyring comes and goes within five seconds");
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        end(&mut self.daemon);
    }
}

/// A program that ends with the test.
pub struct Daemon(Child);

impl Drop for Daemon {
    fn drop(&mut self) {
        end(&mut self.0);
    }
}

fn end(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
