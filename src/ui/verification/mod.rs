//! Verifying somebody: the user's own code at the left, the way to the other
//! one at the right, and what comes of comparing them.
//!
//! A code comes from the camera, a picture, the clipboard, a drop or a link;
//! all of them end in `Verification::take`, which asks the engine and shows
//! one of two pages: everything is well, or an alarm. The keys may also be
//! compared by eye. The same dialog verifies the user's own other devices.

mod alarm;
mod arrival;
mod by_eye;
pub mod camera;
mod code_view;
mod hear;
mod message;
mod outcome;
mod shell;
mod watching;
mod words;

use relm4::adw::prelude::*;
use relm4::{Component, ComponentParts, ComponentSender, adw};

use self::alarm::Alarm;
use self::arrival::{Arrival, NoArrival, arrive, choose};
use self::by_eye::ByEye;
use self::camera::{Camera, Source};
use self::hear::{listen, told};
pub use self::message::{Read, VerificationMsg};
use self::outcome::Outcome;
pub use self::shell::Widgets;
use self::words::Other;
pub use self::words::link_fault;
use crate::engine::api::{Command, Engine};
use crate::engine::codes;
use crate::engine::error::VerifyError;
use crate::engine::model::{AccountId, Device, Fingerprint, Trust, Verified};
use crate::engine::text::VerificationLink;
use crate::ui::errors;
use crate::ui::i18n::gettext;

/// What the dialog is made with.
pub struct Init {
    /// The engine.
    pub engine: Engine,
    /// The user's account.
    pub account: AccountId,
    /// Its address.
    pub own_address: String,
    /// Who is verified; the account's own address for the user's own devices.
    pub address: String,
    /// What they are called.
    pub name: String,
    /// A code the user has already said yes to: its outcome is shown at once.
    pub link: Option<VerificationLink>,
    /// Where pictures of a camera come from.
    pub camera: Source,
}

/// The dialog's state.
pub struct Verification {
    init: Init,
    other: Other,
    /// The user's own code, as a link; `None`: there is none, or not yet.
    own_link: Option<String>,
    /// The user's own devices.
    own: Vec<Device>,
    /// The other side's.
    devices: Vec<Device>,
    camera: Option<Camera>,
    has_camera: bool,
    /// A code is being looked at, or its outcome is shown.
    is_decided: bool,
    outcome: Option<(Outcome, adw::NavigationPage)>,
    by_eye: ByEye,
}

impl Component for Verification {
    type Init = Init;
    type Input = VerificationMsg;
    type Output = ();
    type CommandOutput = Read;
    type Root = adw::Dialog;
    type Widgets = Widgets;

    fn init_root() -> adw::Dialog {
        adw::Dialog::builder()
            .width_request(340)
            .height_request(280)
            .content_width(760)
            .content_height(600)
            .css_classes(["verification"])
            .build()
    }

    fn init(init: Init, root: adw::Dialog, sender: ComponentSender<Self>) -> ComponentParts<Self> {
        let other = Other {
            name: init.name.clone(),
            is_own: init.address == init.own_address,
        };
        let input = sender.input_sender();
        let widgets = Widgets::new(&root, &other, input);
        let by_eye = ByEye::new(&other, input);
        widgets.pages.add(&by_eye.page);
        root.set_focus(Some(&widgets.open_picture));
        widgets.show_own(None, "");
        widgets.show_ways(&other.bring_theirs(false), false);
        // A camera that nobody sees is switched off.
        let stop = input.clone();
        root.connect_closed(move |_| drop(stop.send(VerificationMsg::StopCamera)));
        listen(&init, &sender);
        let model = Self {
            other,
            own_link: None,
            own: Vec::new(),
            devices: Vec::new(),
            camera: None,
            has_camera: false,
            is_decided: false,
            outcome: None,
            by_eye,
            init,
        };
        model.read(&sender);
        let source = model.init.camera.clone();
        sender.oneshot_command(async move { Read::HasCamera(camera::is_there(&source).await) });
        let mut parts = ComponentParts { model, widgets };
        if let Some(link) = parts.model.init.link.take() {
            parts.model.verify(link, &sender);
        }
        parts
    }

    fn update_with_view(
        &mut self,
        widgets: &mut Widgets,
        message: VerificationMsg,
        sender: ComponentSender<Self>,
        root: &adw::Dialog,
    ) {
        match message {
            VerificationMsg::CopyLink => {
                if let Some(link) = &self.own_link {
                    root.clipboard().set_text(link);
                    widgets
                        .toasts
                        .add_toast(adw::Toast::new(&gettext("Link copied")));
                }
            }
            VerificationMsg::OpenPicture => choose(root, &sender),
            VerificationMsg::Chosen(file) => {
                arrive(&sender, async move { arrival::file_content(&file).await });
            }
            VerificationMsg::Dropped(text) => self.take(&text, widgets, &sender),
            VerificationMsg::Paste => arrive(&sender, arrival::pasted(root.clipboard())),
            VerificationMsg::Arrived(arrived) => self.arrived(arrived, widgets, &sender),
            VerificationMsg::StartCamera => self.ask_for_camera(widgets, &sender),
            VerificationMsg::StopCamera => self.stop_camera(widgets),
            VerificationMsg::Saw(seen) => self.saw(seen, widgets, &sender),
            VerificationMsg::ByEye => {
                self.stop_camera(widgets);
                self.by_eye.show(self.this(), &self.devices);
                widgets.pages.push(&self.by_eye.page);
            }
            VerificationMsg::Compared(device, true) => {
                if let Some(key) = device.fingerprint {
                    self.trust(key, Trust::Verified);
                    let words = gettext("The key is verified");
                    widgets.toasts.add_toast(adw::Toast::new(&words));
                }
            }
            VerificationMsg::Compared(device, false) => {
                self.show(
                    Outcome::Alarm(Alarm::SeenToDiffer(device)),
                    widgets,
                    &sender,
                );
            }
            VerificationMsg::Trust(key, trust) => self.trust(key, trust),
            VerificationMsg::Again => {
                self.is_decided = false;
                self.outcome = None;
                widgets.show_trouble(None);
                widgets.show_codes();
                widgets.open_picture.grab_focus();
            }
            VerificationMsg::Done => drop(root.close()),
        }
    }

    fn update_cmd_with_view(
        &mut self,
        widgets: &mut Widgets,
        read: Read,
        sender: ComponentSender<Self>,
        _root: &adw::Dialog,
    ) {
        match read {
            Read::OwnCode(Ok(link)) => self.show_own(link, widgets),
            Read::Devices(Ok((own, devices))) => self.show_devices(own, devices, widgets, &sender),
            Read::OwnCode(Err(error)) | Read::Devices(Err(error)) => {
                widgets.show_trouble(Some(&errors::store(&error).title));
            }
            Read::Picture(looked_at) => {
                widgets.show_busy(false);
                match looked_at {
                    Ok(text) => self.take(&text, widgets, &sender),
                    Err(fault) => widgets.show_trouble(Some(&words::picture_fault(fault))),
                }
            }
            Read::Verified(link, answer) => self.decided(&link, answer, widgets, &sender),
            Read::HasCamera(has_camera) => {
                self.has_camera = has_camera;
                widgets.show_ways(&self.other.bring_theirs(has_camera), has_camera);
            }
            Read::Camera(Ok(remote)) => {
                let camera = Camera::of_portal(remote, told(&sender));
                self.switched(camera, widgets);
            }
            Read::Camera(Err(trouble)) => self.switched(Err(trouble), widgets),
            Read::Changed => self.read(&sender),
        }
    }
}

impl Verification {
    fn read(&self, sender: &ComponentSender<Self>) {
        let account = self.init.account;
        let engine = self.init.engine.clone();
        sender.oneshot_command(async move { Read::OwnCode(engine.own_code(account).await) });
        let engine = self.init.engine.clone();
        let (own, theirs) = (self.init.own_address.clone(), self.init.address.clone());
        sender.oneshot_command(async move {
            let own = engine.devices(account, &own).await;
            let theirs = engine.devices(account, &theirs).await;
            Read::Devices(own.and_then(|own| Ok((own, theirs?))))
        });
    }

    fn this(&self) -> Option<&Device> {
        self.own.iter().find(|device| device.is_this)
    }

    fn show_own(&mut self, link: Option<String>, widgets: &Widgets) {
        let count = link
            .as_deref()
            .and_then(|link| VerificationLink::read(link).ok())
            .map_or(0, |link| link.devices.len() as u32);
        let code = link.as_deref().and_then(codes::code);
        let words = if code.is_some() {
            self.other.show_yours(count)
        } else {
            gettext("This account has no keys yet. They are made when it is online.")
        };
        widgets.show_own(code.as_ref(), &words);
        self.own_link = link;
    }

    fn show_devices(
        &mut self,
        own: Vec<Device>,
        devices: Vec<Device>,
        widgets: &Widgets,
        sender: &ComponentSender<Self>,
    ) {
        (self.own, self.devices) = (own, devices);
        self.by_eye.show(self.this(), &self.devices);
        // What one does on the page of the outcome shows there.
        if let Some((outcome, old)) = self.outcome.take() {
            let is_seen = widgets.pages.visible_page().as_ref() == Some(&old);
            if is_seen {
                self.show(outcome::newest(outcome, &self.devices), widgets, sender);
            } else {
                self.outcome = Some((outcome, old));
            }
        }
    }

    fn arrived(
        &mut self,
        arrived: Result<Arrival, NoArrival>,
        widgets: &Widgets,
        sender: &ComponentSender<Self>,
    ) {
        widgets.show_trouble(None);
        match arrived {
            Ok(Arrival::Text(text)) => self.take(&text, widgets, sender),
            Ok(Arrival::Picture(bytes)) => {
                widgets.show_busy(true);
                sender.spawn_oneshot_command(move || Read::Picture(codes::read_picture(&bytes)));
            }
            Err(why) => widgets.show_trouble(Some(&words::no_arrival(why))),
        }
    }

    /// Takes the text of a code, wherever it came from.
    fn take(&mut self, text: &str, widgets: &Widgets, sender: &ComponentSender<Self>) {
        if self.is_decided {
            return;
        }
        let link = match VerificationLink::read(text) {
            Ok(link) => link,
            Err(fault) => return widgets.show_trouble(Some(&link_fault(fault))),
        };
        if self.is_own_code(&link) {
            return widgets.show_trouble(Some(&self.other.your_own()));
        }
        widgets.show_trouble(None);
        self.verify(link, sender);
    }

    /// Returns whether this is what is shown at the left: an easy mistake, and
    /// no alarm.
    fn is_own_code(&self, link: &VerificationLink) -> bool {
        let this = self.this().and_then(|this| this.fingerprint);
        let first = link.devices.first().map(|(_, key)| *key);
        link.address == self.init.own_address && (!self.other.is_own || this == first)
    }

    fn verify(&mut self, link: VerificationLink, sender: &ComponentSender<Self>) {
        self.is_decided = true;
        let engine = self.init.engine.clone();
        let (account, address) = (self.init.account, self.init.address.clone());
        sender.oneshot_command(async move {
            let verify = async {
                let verified = engine.verify(account, &address, link.clone()).await?;
                Ok((verified, engine.devices(account, &address).await?))
            };
            let answer = verify.await;
            Read::Verified(Box::new(link), answer)
        });
    }

    fn decided(
        &mut self,
        link: &VerificationLink,
        answer: Result<(Verified, Vec<Device>), VerifyError>,
        widgets: &Widgets,
        sender: &ComponentSender<Self>,
    ) {
        let outcome = match answer {
            Ok((verified, devices)) => {
                let outcome = outcome::of_code(verified, &devices, link);
                self.devices = devices;
                outcome
            }
            Err(VerifyError::OtherAddress { address }) => {
                Outcome::Alarm(Alarm::OtherAddress(address))
            }
            Err(VerifyError::DifferentKey {
                device,
                known,
                shown,
            }) => Outcome::Alarm(Alarm::DifferentKey {
                device,
                known,
                shown,
            }),
            Err(error @ (VerifyError::Nothing | VerifyError::Store(_))) => {
                tracing::warn!(%error, "a code could not be compared");
                self.is_decided = false;
                let words = gettext("The code could not be compared. Nothing was changed.");
                return widgets.show_trouble(Some(&words));
            }
        };
        self.stop_camera(widgets);
        self.show(outcome, widgets, sender);
    }

    fn show(&mut self, outcome: Outcome, widgets: &Widgets, sender: &ComponentSender<Self>) {
        self.is_decided = true;
        let input = sender.input_sender();
        let page = outcome::page(&outcome, &self.other, &self.devices, input);
        let below = widgets
            .pages
            .navigation_stack()
            .item(0)
            .and_downcast::<adw::NavigationPage>();
        let mut stack: Vec<adw::NavigationPage> = below.into_iter().collect();
        if matches!(outcome, Outcome::Alarm(Alarm::SeenToDiffer(_))) {
            stack.push(self.by_eye.page.clone());
        }
        stack.push(page.clone());
        widgets.pages.replace(&stack);
        self.outcome = Some((outcome, page));
    }

    fn trust(&self, fingerprint: Fingerprint, trust: Trust) {
        self.init.engine.command(Command::SetTrust {
            account: self.init.account,
            address: self.init.address.clone(),
            fingerprint,
            trust,
        });
    }
}
