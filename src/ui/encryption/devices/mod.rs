//! Somebody's devices: what each is called, when it wrote last, its key, how
//! far it is trusted, and what the user decides about it.
//!
//! A page wherever there is a navigation view: in the details of a contact, in
//! the preferences for the user's own account, or in a dialog over the window.
//! It listens to the engine by itself.

mod rows;
mod shell;

use std::collections::BTreeSet;

use relm4::adw::prelude::*;
use relm4::{Component, ComponentController, ComponentParts, ComponentSender, Controller};
use relm4::{adw, gtk};
use tokio::sync::broadcast::error::RecvError;

pub use self::shell::Widgets;
use super::identity;
use super::words::device as words;
use crate::engine::api::{Change, Command, Engine, Event};
use crate::engine::error::StoreError;
use crate::engine::model::{AccountId, Device, Fingerprint, Timestamp, Trust};
use crate::ui::format;
use crate::ui::i18n::gettext;

/// An own device that was not heard of for so long counts as unused: other
/// programs take such a device off their list by themselves.
const UNUSED_MS: Timestamp = 42 * 24 * 60 * 60 * 1000;

/// What the page begins with.
#[derive(Clone)]
pub struct Init {
    /// The engine.
    pub engine: Engine,
    /// By which account they are known.
    pub account: AccountId,
    /// Whose they are: a bare address; the account's own for own devices.
    pub address: String,
    /// What their owner is called; of no use for own devices.
    pub name: String,
    /// They are the user's own.
    pub is_own: bool,
}

/// The page's state.
pub struct Devices {
    init: Init,
    known: Option<Vec<Device>>,
    /// The rows that are open.
    open: BTreeSet<u32>,
}

/// What the page is told.
#[derive(Clone, Debug)]
pub enum DevicesMsg {
    /// Trust a key this far.
    Trust(Fingerprint, Trust),
    /// A row was opened or closed.
    Open(u32, bool),
    /// Compare the keys.
    Verify,
    /// Ask whether to take this own device off the list.
    Remove(u32),
    /// Ask whether to take every unused one off the list.
    RemoveUnused,
    /// Ask whether to make new keys.
    NewIdentity,
}

/// What the page tells.
#[derive(Debug)]
pub enum DevicesOutput {
    /// Compare the keys of this address.
    Verify,
}

/// The devices were read.
type Read = Result<Vec<Device>, StoreError>;

impl Component for Devices {
    type Init = Init;
    type Input = DevicesMsg;
    type Output = DevicesOutput;
    type CommandOutput = Read;
    type Root = adw::NavigationPage;
    type Widgets = Widgets;

    fn init_root() -> adw::NavigationPage {
        adw::NavigationPage::builder()
            .title(gettext("Devices"))
            .build()
    }

    fn init(
        init: Init,
        root: adw::NavigationPage,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        listen(&init, &sender);
        let widgets = shell::build(
            &root,
            if init.is_own {
                &init.address
            } else {
                &init.name
            },
        );
        let model = Self {
            init,
            known: None,
            open: BTreeSet::new(),
        };
        ComponentParts { model, widgets }
    }

    fn update_with_view(
        &mut self,
        _widgets: &mut Widgets,
        message: DevicesMsg,
        sender: ComponentSender<Self>,
        root: &adw::NavigationPage,
    ) {
        let Init {
            engine, account, ..
        } = &self.init;
        match message {
            DevicesMsg::Trust(fingerprint, trust) => engine.command(Command::SetTrust {
                account: *account,
                address: self.init.address.clone(),
                fingerprint,
                trust,
            }),
            DevicesMsg::Open(device, true) => drop(self.open.insert(device)),
            DevicesMsg::Open(device, false) => drop(self.open.remove(&device)),
            // Nobody listens while the window closes.
            DevicesMsg::Verify => drop(sender.output(DevicesOutput::Verify)),
            DevicesMsg::Remove(device) => {
                let removed = self.named(|known| known.id == device);
                identity::ask_to_remove(root, engine, *account, removed);
            }
            DevicesMsg::RemoveUnused => {
                let now = now();
                let removed = self.named(|known| is_unused(known, now));
                identity::ask_to_remove(root, engine, *account, removed);
            }
            DevicesMsg::NewIdentity => identity::ask(root, engine, *account),
        }
    }

    fn update_cmd_with_view(
        &mut self,
        widgets: &mut Widgets,
        read: Read,
        sender: ComponentSender<Self>,
        _root: &adw::NavigationPage,
    ) {
        match read {
            Ok(devices) => self.show(devices, widgets, &sender),
            Err(error) => tracing::warn!(%error, "devices cannot be read"),
        }
    }
}

/// Shows the page in a dialog of its own; `told` hears what it tells. It lives
/// as long as what is returned.
pub fn open(
    window: &impl IsA<gtk::Widget>,
    init: Init,
    told: impl Fn(DevicesOutput) + 'static,
) -> Controller<Devices> {
    let page = Devices::builder()
        .launch(init)
        .connect_receiver(move |_, output| told(output));
    let view = adw::NavigationView::new();
    view.add(page.widget());
    let dialog = adw::Dialog::builder()
        .title(gettext("Devices"))
        .content_width(520)
        .content_height(640)
        .width_request(280)
        .height_request(200)
        .child(&view)
        .build();
    dialog.present(Some(window));
    page
}

impl Devices {
    fn show(&mut self, devices: Vec<Device>, widgets: &Widgets, sender: &ComponentSender<Self>) {
        if self.known.as_ref() == Some(&devices) {
            return;
        }
        // What wants a decision is open from the start, and only then.
        let known = self.known.take().unwrap_or_default();
        let is_new = |device: &Device| known.iter().all(|known| known.id != device.id);
        let waits = devices
            .iter()
            .filter(|device| is_new(device) && waits(device))
            .map(|device| device.id);
        self.open.extend(waits);
        let page = rows::Page {
            init: &self.init,
            open: &self.open,
            now: now(),
            input: sender.input_sender(),
        };
        shell::replace(&widgets.content, &page.parts(&devices));
        self.known = Some(devices);
    }

    /// The numbers and names of the user's other devices that `fit`.
    fn named(&self, fit: impl Fn(&Device) -> bool) -> Vec<(u32, String)> {
        let devices = self.known.iter().flatten();
        devices
            .filter(|device| !device.is_this && fit(device))
            .map(|device| (device.id, words::name(device)))
            .collect()
    }
}

/// Returns whether a device wants the user's decision.
fn waits(device: &Device) -> bool {
    device.is_active && !device.is_this && device.trust == Trust::Undecided
}

/// Returns whether an own device was not heard of for long.
fn is_unused(device: &Device, now: Timestamp) -> bool {
    device.is_active
        && !device.is_this
        && now - device.last_seen.unwrap_or(device.first_seen) > UNUSED_MS
}

fn now() -> Timestamp {
    format::now().to_unix() * 1000
}

/// Reads the devices now and whenever they change, as long as the page is there.
fn listen(init: &Init, sender: &ComponentSender<Devices>) {
    let mut events = init.engine.subscribe();
    let Init {
        engine,
        account,
        address,
        ..
    } = init.clone();
    sender.command(move |out, shutdown| {
        let hear = async move {
            loop {
                if out.send(engine.devices(account, &address).await).is_err() {
                    return;
                }
                loop {
                    match events.recv().await {
                        Ok(event) if concerns(&event, account, &address) => break,
                        Ok(_) => {}
                        Err(RecvError::Lagged(_)) => break,
                        Err(RecvError::Closed) => return,
                    }
                }
            }
        };
        shutdown.register(hear).drop_on_shutdown()
    });
}

fn concerns(event: &Event, account: AccountId, address: &str) -> bool {
    match event {
        Event::Changed(changes) => changes.iter().any(|change| match change {
            Change::Devices {
                account: whose,
                address: of,
            } => *whose == account && of == address,
            Change::Everything => true,
            _ => false,
        }),
        Event::NewIdentity { account: whose, .. } => *whose == account,
        _ => false,
    }
}
