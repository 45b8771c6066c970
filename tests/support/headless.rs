//! Stonechat without a window, told what to do by lines: a program that a test
//! can kill as a power cut would.
//!
//! ```text
//! stonechat-headless DATA_FOLDER CA_FILE
//!   sign-in ADDRESS PORT PASSWORD…   first start: tries for real
//!   password PASSWORD…               later starts: gives the account its password
//!   open ADDRESS                     chooses the chat
//!   encrypt                          encrypts the chat, and waits until that works
//!   write FROM TO                    writes "FROM", "FROM+1", …, "TO"
//!   draft TEXT…                      leaves it unsent in the chat
//!   offline                          as if the network had gone
//!   online                           as if it were back: tries at once
//!   state                            answers `ok` when online, else the state
//!   until-online                     waits until every account is online
//! ```
//!
//! Each line is answered by `ok` once what it asked for is on disk, or by what
//! went wrong. It is built for the tests only.

use std::io::BufRead;
use std::path::PathBuf;

use stonechat::engine::api::{Command, Engine, SignIn};
use stonechat::engine::model::{
    AccountId, ConnectionState, ConversationId, Direction, EncryptionChoice, Readiness, Secret,
};
use stonechat::engine::{self, Options};

/// What went wrong, in words.
type Problem = Box<dyn std::error::Error>;

struct Headless {
    engine: Engine,
    account: Option<AccountId>,
    chat: Option<ConversationId>,
}

fn main() -> Result<(), Problem> {
    engine::keep_memory_private();
    // Subscribers come with the window's features.
    #[cfg(feature = "ui")]
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("STONECHAT_LOG"))
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().ok_or("no data folder")?;
    let options = Options::new(folder)
        .with_extra_ca(arguments.next())
        .with_secrets_in_memory();
    let engine = Engine::start(options)?;
    // The engine has a runtime of its own; this one only waits for answers.
    let waiting = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let account = waiting
        .block_on(engine.accounts())?
        .first()
        .map(|account| account.id);
    let mut headless = Headless {
        engine,
        account,
        chat: None,
    };
    println!("ok");
    for line in std::io::stdin().lock().lines() {
        match waiting.block_on(headless.obey(&line?)) {
            Ok(()) => println!("ok"),
            Err(problem) => println!("{problem}"),
        }
    }
    waiting.block_on(headless.engine.stop());
    Ok(())
}

impl Headless {
    async fn obey(&mut self, line: &str) -> Result<(), Problem> {
        let (order, rest) = line.split_once(' ').unwrap_or((line, ""));
        match order {
            "sign-in" => self.sign_in(rest).await,
            "password" => {
                let account = self.account.ok_or("no account")?;
                self.engine.command(Command::Password {
                    account,
                    password: Secret::new(rest),
                });
                Ok(())
            }
            "encrypt" => self.encrypt().await,
            "open" => {
                let account = self.account.ok_or("no account")?;
                self.chat = Some(self.engine.open_chat(account, rest.to_owned()).await?);
                Ok(())
            }
            "write" => self.write(rest).await,
            "draft" => self.draft(rest).await,
            "offline" => {
                self.engine.command(Command::Network { is_up: false });
                Ok(())
            }
            "online" => {
                self.engine.command(Command::Network { is_up: true });
                Ok(())
            }
            "state" => {
                let account = self.account.ok_or("no account")?;
                match self.engine.connections().get(&account) {
                    Some(ConnectionState::Online) => Ok(()),
                    other => Err(format!("{other:?}").into()),
                }
            }
            "until-online" => self.until_online().await,
            other => Err(format!("unknown order {other}").into()),
        }
    }

    async fn sign_in(&mut self, rest: &str) -> Result<(), Problem> {
        let [address, port, password] = *rest.splitn(3, ' ').collect::<Vec<_>>() else {
            return Err("three words".into());
        };
        let sign_in = SignIn {
            address: address.to_owned(),
            password: Secret::new(password),
            host: Some("127.0.0.1".to_owned()),
            port: Some(port.parse()?),
            allows_plain: false,
            proxy: String::new(),
        };
        let account = self.engine.sign_in(sign_in).await?;
        self.account = Some(account);
        // Most clients in the tests cannot read what is encrypted.
        self.engine.command(Command::EncryptByDefault {
            account,
            is_on: false,
        });
        Ok(())
    }

    async fn encrypt(&self) -> Result<(), Problem> {
        let conversation = self.chat.ok_or("no chat")?;
        let mut events = self.engine.subscribe();
        self.engine.command(Command::Encrypt {
            conversation,
            choice: EncryptionChoice::On,
        });
        self.engine.command(Command::Prepare(conversation));
        loop {
            let encryption = self.engine.chat_encryption(conversation).await?;
            if encryption.is_some_and(|encryption| encryption.readiness == Readiness::Ready) {
                return Ok(());
            }
            if let Err(tokio::sync::broadcast::error::RecvError::Closed) = events.recv().await {
                return Err("the engine has ended".into());
            }
            // The other side may have published its keys just now.
            self.engine.command(Command::Prepare(conversation));
        }
    }

    async fn until_online(&self) -> Result<(), Problem> {
        let mut events = self.engine.subscribe();
        let is_online = |state: &ConnectionState| *state == ConnectionState::Online;
        while !self.engine.connections().values().all(is_online) {
            if let Err(tokio::sync::broadcast::error::RecvError::Closed) = events.recv().await {
                return Err("the engine has ended".into());
            }
        }
        Ok(())
    }

    async fn write(&mut self, rest: &str) -> Result<(), Problem> {
        let (from, to) = rest.split_once(' ').ok_or("two numbers")?;
        let (from, to): (u32, u32) = (from.parse()?, to.parse()?);
        let conversation = self.chat.ok_or("no chat")?;
        let mut events = self.engine.subscribe();
        for number in from..=to {
            self.engine.command(Command::SendText {
                conversation,
                body: number.to_string(),
                reply_to: None,
            });
        }
        while !self.has(conversation, to).await? {
            // Lagging only means that much has changed.
            if let Err(tokio::sync::broadcast::error::RecvError::Closed) = events.recv().await {
                return Err("the engine has ended".into());
            }
        }
        Ok(())
    }

    async fn draft(&mut self, text: &str) -> Result<(), Problem> {
        let conversation = self.chat.ok_or("no chat")?;
        let mut events = self.engine.subscribe();
        self.engine.command(Command::SaveDraft {
            conversation,
            text: text.to_owned(),
        });
        while self.engine.draft(conversation).await? != text {
            if let Err(tokio::sync::broadcast::error::RecvError::Closed) = events.recv().await {
                return Err("the engine has ended".into());
            }
        }
        Ok(())
    }

    async fn has(&self, conversation: ConversationId, number: u32) -> Result<bool, Problem> {
        // Not the very newest alone: the other side may write at the same time.
        let newest = self.engine.latest_messages(conversation, 50).await?;
        Ok(newest
            .iter()
            .any(|row| row.direction == Direction::Outgoing && row.body == number.to_string()))
    }
}
