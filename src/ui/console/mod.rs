//! The XML console: what passes over an account's connection, live.
//!
//! A window of its own, so that one can watch while using the other. Secrets
//! are masked before anything comes here, and nothing is recorded while no
//! console is open: the engine writes lines only for somebody who listens.
//! What comes faster than it can be shown is left out, and that is said.

mod indent;
mod lines;
mod shell;

use relm4::gtk::glib;
use relm4::{Component, ComponentParts, ComponentSender, Sender, adw};
use tokio::sync::broadcast::error::{RecvError, TryRecvError};

use self::lines::Lines;
pub use self::shell::Widgets;
use crate::engine::api::Engine;
use crate::engine::error::NotSent;
use crate::engine::model::{Account, AccountId, ConsoleLine};
use crate::ui::i18n::gettext;
use crate::ui::widgets::voice;

/// How many lines are taken at a time, so that the window stays awake.
const AT_ONCE: usize = 64;

/// What the console begins with.
pub struct Init {
    /// The engine.
    pub engine: Engine,
    /// The user's accounts; the first one is watched.
    pub accounts: Vec<Account>,
}

/// The console's state.
pub struct Console {
    engine: Engine,
    accounts: Vec<AccountId>,
    account: Option<AccountId>,
    lines: Lines,
    is_paused: bool,
    listening: Option<glib::JoinHandle<()>>,
}

/// What the console is told.
#[derive(Debug)]
pub enum ConsoleMsg {
    /// These lines passed, and so many were missed before them.
    Lines(Vec<ConsoleLine>, u64),
    /// Watch the account at this place.
    Account(u32),
    /// Show only lines with these words.
    Filter(String),
    /// Stand still, or go on.
    Pause(bool),
    /// Forget what was shown.
    Clear,
    /// Send what was typed.
    Send,
    /// What was typed changed.
    Typed,
    /// The window was closed.
    Close,
}

/// What the console tells.
#[derive(Debug)]
pub enum ConsoleOutput {
    /// It was closed.
    Closed,
}

impl Component for Console {
    type Init = Init;
    type Input = ConsoleMsg;
    type Output = ConsoleOutput;
    type CommandOutput = ();
    type Root = adw::Window;
    type Widgets = Widgets;

    fn init_root() -> adw::Window {
        adw::Window::builder()
            .title(gettext("XML Console"))
            .default_width(760)
            .default_height(600)
            .width_request(320)
            .height_request(294)
            .build()
    }

    fn init(init: Init, root: adw::Window, sender: ComponentSender<Self>) -> ComponentParts<Self> {
        let widgets = shell::build(&root, &init.accounts, sender.input_sender());
        let mut model = Self {
            engine: init.engine,
            accounts: init.accounts.iter().map(|account| account.id).collect(),
            account: None,
            lines: Lines::default(),
            is_paused: false,
            listening: None,
        };
        model.watch(0, sender.input_sender());
        widgets.show(&model.lines);
        ComponentParts { model, widgets }
    }

    fn update_with_view(
        &mut self,
        widgets: &mut Widgets,
        message: ConsoleMsg,
        sender: ComponentSender<Self>,
        _: &adw::Window,
    ) {
        match message {
            ConsoleMsg::Lines(lines, missed) => {
                if missed > 0 {
                    self.lines.missed(missed);
                }
                for line in &lines {
                    self.lines.add(line);
                }
                if !self.is_paused {
                    widgets.show(&self.lines);
                }
            }
            ConsoleMsg::Account(place) => {
                self.watch(place as usize, sender.input_sender());
                widgets.show(&self.lines);
            }
            ConsoleMsg::Filter(words) => {
                self.lines.set_filter(&words);
                widgets.show(&self.lines);
            }
            ConsoleMsg::Pause(is_paused) => {
                self.is_paused = is_paused;
                if !is_paused {
                    widgets.show(&self.lines);
                }
            }
            ConsoleMsg::Clear => {
                self.lines.clear();
                widgets.show(&self.lines);
            }
            ConsoleMsg::Send => self.send(widgets),
            ConsoleMsg::Typed => widgets.show_trouble(None),
            ConsoleMsg::Close => {
                self.stop();
                // Nobody listens while the program ends.
                let _ = sender.output(ConsoleOutput::Closed);
            }
        }
    }
}

impl Console {
    fn watch(&mut self, place: usize, input: &Sender<ConsoleMsg>) {
        let account = self.accounts.get(place).copied();
        if self.account == account {
            return;
        }
        self.stop();
        self.account = account;
        self.lines.clear();
        self.listening = account.map(|id| listen(self.engine.clone(), id, input.clone()));
    }

    /// Stops listening; from here on nothing is written down.
    fn stop(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
        }
    }

    fn send(&self, widgets: &Widgets) {
        let Some(account) = self.account else { return };
        let typed = widgets.typed();
        if typed.trim().is_empty() {
            return;
        }
        match self.engine.send_xml(account, &typed) {
            Ok(()) => widgets.sent(),
            Err(refusal) => {
                let words = not_sent(&refusal);
                voice::say(&widgets.trouble, &words, true);
                widgets.show_trouble(Some(&words));
            }
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Explains why what was typed was not sent.
fn not_sent(refusal: &NotSent) -> String {
    match refusal {
        NotSent::NotWellFormed => {
            gettext("Not sent. This is not well-formed XML: look at tags and quotes.")
        }
        NotSent::NotOne => gettext("Not sent. Send one element at a time."),
        NotSent::NoStanza => {
            gettext("Not sent. This must not be sent: the connection itself belongs to Stonechat.")
        }
        NotSent::TooLarge => gettext("Not sent. It is too large, or too deep."),
        NotSent::Offline => gettext("Not sent. The account is offline."),
    }
}

/// Passes on what passes, in batches, on GTK's main loop: who falls behind is
/// told how much was missed, and nothing piles up.
fn listen(engine: Engine, account: AccountId, input: Sender<ConsoleMsg>) -> glib::JoinHandle<()> {
    glib::spawn_future_local(async move {
        let Some(mut passing) = engine.console(account).await else {
            return;
        };
        loop {
            let (mut lines, mut missed) = (Vec::new(), 0);
            match passing.recv().await {
                Ok(line) => lines.push(line),
                Err(RecvError::Lagged(count)) => missed += count,
                Err(RecvError::Closed) => return,
            }
            while lines.len() < AT_ONCE {
                match passing.try_recv() {
                    Ok(line) => lines.push(line),
                    Err(TryRecvError::Lagged(count)) => missed += count,
                    Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                }
            }
            if input.send(ConsoleMsg::Lines(lines, missed)).is_err() {
                return;
            }
            // The window draws before more is taken.
            glib::timeout_future(std::time::Duration::from_millis(50)).await;
        }
    })
}
