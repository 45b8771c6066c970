//! How the open chat is encrypted: the lock in its composer and the bar above.
//!
//! One component without domain data of its own: it reads the chat's state from
//! the engine whenever devices or the line of the chat change. What the state
//! forbids it tells the composer, which then keeps the text instead of sending.

use relm4::adw::prelude::*;
use relm4::{Component, ComponentParts, ComponentSender, adw, gtk};

use super::bar::{About, Bar};
use super::lock::Lock;
use super::words;
use crate::engine::api::{Command, Engine};
use crate::engine::error::StoreError;
use crate::engine::model::{
    AccountId, ChatEncryption, ConversationId, EncryptionChoice, Readiness, Trust,
};
use crate::ui::i18n::{fill, gettext};

/// What the component begins with.
pub struct Init {
    /// The engine.
    pub engine: Engine,
    /// The lock, whose button is in the composer.
    pub lock: Lock,
}

/// The chat that is open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenChat {
    /// Which.
    pub id: ConversationId,
    /// By which account.
    pub account: AccountId,
    /// The account's own bare address.
    pub own_address: String,
    /// Bare address of the other side.
    pub address: String,
    /// Its name.
    pub name: String,
}

/// The state of the open chat's encryption.
pub struct EncryptionOfChat {
    engine: Engine,
    lock: Lock,
    bar: Bar,
    open: Option<OpenChat>,
    state: Option<ChatEncryption>,
    /// The user chose to wait, as long as this stands in the way.
    waits_for: Option<Readiness>,
    /// The user tried to send, and it was stopped.
    was_stopped: bool,
    /// Something is written that could be sent.
    has_text: bool,
}

/// What the component is told.
#[derive(Debug)]
pub enum ChatEncryptionMsg {
    /// This chat is open, or none.
    Open(Option<OpenChat>),
    /// Devices changed, or the chat's line.
    Changed,
    /// The user chose to encrypt the chat, or not to.
    Choose(bool),
    /// The composer wanted to send and did not.
    Stopped,
    /// Something is written in the composer, or nothing.
    HasText(bool),
    /// Put the notice about new devices away.
    Ignore,
    /// Use the new devices.
    Trust,
    /// Verify the other side.
    Verify,
    /// Show the devices of the other side.
    TheirDevices,
    /// Put the bar away until something changes.
    KeepWaiting,
    /// Ask whether to send without encryption.
    AskToSendPlain,
    /// The user was asked, and wants it.
    Plain(Plain),
}

/// How far the user goes without encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// Only what is in the field now.
    Once,
    /// From now on, in this chat.
    Always,
}

/// What the component tells.
#[derive(Debug)]
pub enum ChatEncryptionOutput {
    /// Nothing may be sent now, or it may again.
    Blocked(bool),
    /// Every device that can read the chat is verified, or not.
    Verified(bool),
    /// Verify the other side.
    Verify,
    /// Show the devices of the other side.
    Devices,
    /// Send what is in the field unencrypted, this once.
    SendPlain,
}

/// The state of a chat was read.
type Read = (ConversationId, Result<Option<ChatEncryption>, StoreError>);

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for EncryptionOfChat {
    type Init = Init;
    type Input = ChatEncryptionMsg;
    type Output = ChatEncryptionOutput;
    type CommandOutput = Read;

    view! {
        gtk::Box {
            set_orientation: gtk::Orientation::Vertical,
            #[local_ref]
            bar -> gtk::Revealer {},
        }
    }

    fn init(init: Init, root: Self::Root, sender: ComponentSender<Self>) -> ComponentParts<Self> {
        let input = sender.input_sender();
        init.lock.connect(input);
        let model = Self {
            engine: init.engine,
            lock: init.lock,
            bar: Bar::new(input),
            open: None,
            state: None,
            waits_for: None,
            was_stopped: false,
            has_text: false,
        };
        let bar = model.bar.root.clone();
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(
        &mut self,
        message: ChatEncryptionMsg,
        sender: ComponentSender<Self>,
        root: &Self::Root,
    ) {
        match message {
            ChatEncryptionMsg::Open(open) => self.open(open, &sender),
            ChatEncryptionMsg::Changed => self.read(&sender),
            ChatEncryptionMsg::Choose(is_on) => self.choose(is_on),
            ChatEncryptionMsg::Stopped => {
                self.was_stopped = true;
                self.waits_for = None;
                self.show(&sender);
            }
            ChatEncryptionMsg::Ignore => self.ignore(&sender),
            ChatEncryptionMsg::Trust => self.trust(),
            ChatEncryptionMsg::Verify => tell(&sender, ChatEncryptionOutput::Verify),
            ChatEncryptionMsg::TheirDevices => tell(&sender, ChatEncryptionOutput::Devices),
            ChatEncryptionMsg::HasText(has_text) => self.has_text = has_text,
            ChatEncryptionMsg::KeepWaiting => {
                self.was_stopped = false;
                self.waits_for = self.state.as_ref().map(|state| state.readiness);
                self.show(&sender);
            }
            ChatEncryptionMsg::AskToSendPlain => self.ask(root, &sender),
            ChatEncryptionMsg::Plain(Plain::Once) => {
                tell(&sender, ChatEncryptionOutput::SendPlain);
            }
            ChatEncryptionMsg::Plain(Plain::Always) => self.choose(false),
        }
    }

    fn update_cmd(&mut self, (id, read): Read, sender: ComponentSender<Self>, _root: &Self::Root) {
        if self.open.as_ref().is_none_or(|open| open.id != id) {
            return;
        }
        match read {
            Ok(state) => {
                let readiness = state.as_ref().map(|state| state.readiness);
                if self.waits_for != readiness {
                    self.waits_for = None;
                }
                self.state = state;
                self.show(&sender);
            }
            Err(error) => tracing::warn!(%error, "how a chat is encrypted cannot be read"),
        }
    }
}

impl EncryptionOfChat {
    fn open(&mut self, open: Option<OpenChat>, sender: &ComponentSender<Self>) {
        let is_same = self.open.as_ref().map(|open| open.id) == open.as_ref().map(|open| open.id);
        self.open = open;
        if !is_same {
            self.state = None;
            self.waits_for = None;
            self.was_stopped = false;
            if let Some(open) = &self.open {
                self.engine.command(Command::Prepare(open.id));
            }
        }
        self.show(sender);
        self.read(sender);
    }

    fn read(&self, sender: &ComponentSender<Self>) {
        let Some(open) = &self.open else { return };
        let (engine, id) = (self.engine.clone(), open.id);
        sender.oneshot_command(async move { (id, engine.chat_encryption(id).await) });
    }

    fn show(&mut self, sender: &ComponentSender<Self>) {
        let name = self.open.as_ref().map_or("", |open| open.name.as_str());
        self.lock.show(self.state.as_ref(), name);
        let shown = self.about();
        self.bar.show(shown, name);
        let state = self.state.as_ref();
        let is_blocked = state.is_some_and(words::is_blocked);
        tell(sender, ChatEncryptionOutput::Blocked(is_blocked));
        let is_verified = state.is_some_and(|state| state.is_on && state.is_verified);
        tell(sender, ChatEncryptionOutput::Verified(is_verified));
    }

    /// What the bar is about: what stops the user first, then what is new.
    fn about(&self) -> Option<(About, words::Words)> {
        let (open, state) = (self.open.as_ref()?, self.state.as_ref()?);
        let domain = open.own_address.rsplit('@').next().unwrap_or_default();
        if state.is_on
            && let Some(mut obstacle) = words::obstacle(state, &open.name, domain)
            && self.waits_for != Some(state.readiness)
        {
            if self.was_stopped {
                obstacle.text = gettext("Nothing has been sent.");
            }
            let may_confirm = !state.unconfirmed.is_empty();
            return Some((About::Blocked { may_confirm }, obstacle));
        }
        // One that is used on trust, while none is verified, needs no answer.
        // Those of the user's own account are no matter of one chat.
        let waiting = state
            .new_devices
            .iter()
            .filter(|(address, device)| *address != open.own_address && !device.trust.is_used());
        match u32::try_from(waiting.count()).unwrap_or(u32::MAX) {
            0 => None,
            waiting => Some((About::NewDevices, words::new_devices(&open.name, waiting))),
        }
    }

    fn choose(&self, is_on: bool) {
        let Some(open) = &self.open else { return };
        let choice = if is_on {
            EncryptionChoice::On
        } else {
            EncryptionChoice::Off
        };
        self.engine.command(Command::Encrypt {
            conversation: open.id,
            choice,
        });
    }

    fn ignore(&mut self, sender: &ComponentSender<Self>) {
        let Some(open) = &self.open else { return };
        let address = open.address.clone();
        self.engine.command(Command::SeenNewDevices {
            account: open.account,
            address: address.clone(),
        });
        // Gone at once; what is read next says the same.
        if let Some(state) = &mut self.state {
            state.new_devices.retain(|(known, _)| *known != address);
        }
        self.show(sender);
    }

    /// Uses every device of the other side that waits and has a key.
    fn trust(&self) {
        let (Some(open), Some(state)) = (&self.open, &self.state) else {
            return;
        };
        let keys = state
            .unconfirmed
            .iter()
            .filter_map(|device| device.fingerprint);
        for fingerprint in keys {
            self.engine.command(Command::SetTrust {
                account: open.account,
                address: open.address.clone(),
                fingerprint,
                trust: Trust::Blind,
            });
        }
    }

    /// The second question before something is sent unencrypted. No answer is
    /// the easy one.
    fn ask(&self, root: &gtk::Box, sender: &ComponentSender<Self>) {
        let Some(open) = &self.open else { return };
        let title = fill(
            &gettext("Write to {name} without encryption?"),
            &[("name", &open.name)],
        );
        let text = gettext(
            "The servers on the way can read what you write, and may keep it. You can change it back with the lock at any time.",
        );
        let question = adw::AlertDialog::new(Some(&title), Some(&text));
        question.add_response("cancel", &gettext("_Cancel"));
        if self.has_text {
            question.add_response("once", &gettext("_Only This Message"));
        }
        // Nothing is written yet: there is no message that it could be about.
        question.add_response("always", &gettext("_All in This Chat"));
        question.set_close_response("cancel");
        question.set_prefer_wide_layout(false);
        for (response, plain) in [("once", Plain::Once), ("always", Plain::Always)] {
            let input = sender.input_sender().clone();
            question.connect_response(Some(response), move |_, _| {
                input.emit(ChatEncryptionMsg::Plain(plain));
            });
        }
        question.present(Some(root));
    }
}

fn tell(sender: &ComponentSender<EncryptionOfChat>, output: ChatEncryptionOutput) {
    // Nobody listens while the window closes.
    let _ = sender.output(output);
}
