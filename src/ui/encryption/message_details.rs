//! The details of one message: when, how far it got, how it was protected, and
//! for which devices; which were left out, and why.

use std::collections::BTreeMap;

use relm4::adw::prelude::*;
use relm4::gtk::{self, glib};
use relm4::{Component, ComponentParts, ComponentSender, adw};

use super::device_row;
use super::words::{Words, device, message as words};
use crate::engine::api::Engine;
use crate::engine::error::StoreError;
use crate::engine::model::{
    AccountId, Delivery, Device, Direction, LeftOut, MessageKind, MessageProtection, MessageRow,
    Protection, Trust, Version,
};
use crate::ui::errors;
use crate::ui::format;
use crate::ui::i18n::{fill, gettext};
use crate::ui::timeline::{delivery, notice, versions};
use crate::ui::widgets::page;

/// What the dialog begins with.
pub struct Init {
    /// The engine.
    pub engine: Engine,
    /// The message.
    pub message: MessageRow,
    /// The account it came to, or left from.
    pub account: AccountId,
    /// The account's bare address.
    pub own_address: String,
    /// Bare address of the other side.
    pub address: String,
    /// Name of the other side.
    pub name: String,
}

/// The dialog's state.
pub struct MessageDetails {
    init: Init,
}

/// What is read for the dialog: the message's protection, and the devices of
/// both sides, to name those that were left out.
type Read = Result<About, StoreError>;

/// All of what is read.
#[derive(Debug)]
pub struct About {
    protection: MessageProtection,
    devices: BTreeMap<String, Vec<Device>>,
    versions: Vec<Version>,
    is_archived: bool,
}

/// What stands still in it.
pub struct Widgets {
    content: gtk::Box,
}

impl Component for MessageDetails {
    type Init = Init;
    type Input = ();
    type Output = ();
    type CommandOutput = Read;
    type Root = adw::Dialog;
    type Widgets = Widgets;

    fn init_root() -> adw::Dialog {
        adw::Dialog::builder()
            .title(gettext("Message Details"))
            .content_width(480)
            .content_height(560)
            .width_request(280)
            .height_request(200)
            .css_classes(["message-details"])
            .build()
    }

    fn init(init: Init, root: adw::Dialog, sender: ComponentSender<Self>) -> ComponentParts<Self> {
        let content = page::column();
        let view = page::framed(&adw::HeaderBar::new(), &page::scrolled(&content, 600));
        root.set_child(Some(&view));
        content.append(&facts(&init));
        let (engine, message, account) = (init.engine.clone(), init.message.id, init.account);
        let sides = [init.own_address.clone(), init.address.clone()];
        sender.oneshot_command(async move {
            let protection = engine.message_protection(message).await?;
            let mut devices = BTreeMap::new();
            for address in sides {
                let known = engine.devices(account, &address).await?;
                devices.insert(address, known);
            }
            let versions = engine.versions(message).await?;
            let is_archived = engine.is_archived(message).await?;
            Ok(About {
                protection,
                devices,
                versions,
                is_archived,
            })
        });
        ComponentParts {
            model: Self { init },
            widgets: Widgets { content },
        }
    }

    fn update_cmd_with_view(
        &mut self,
        widgets: &mut Widgets,
        read: Read,
        _sender: ComponentSender<Self>,
        _root: &adw::Dialog,
    ) {
        match read {
            Ok(about) => {
                let kept = group("");
                kept.add(&if about.is_archived {
                    fact(
                        &gettext("In your archive"),
                        &gettext("Your server keeps this message for your other devices."),
                    )
                } else {
                    fact(
                        &gettext("Not known to be in your archive"),
                        &gettext(
                            "Your server has not said that it keeps this message for your other devices.",
                        ),
                    )
                });
                widgets.content.append(&kept);
                self.show(&about.protection, &about.devices, &widgets.content);
                if !about.versions.is_empty() {
                    let group = group(&gettext("Texts"));
                    group.add(&versions::list(&about.versions));
                    widgets.content.append(&group);
                }
            }
            Err(error) => tracing::warn!(%error, "how a message was protected cannot be read"),
        }
    }
}

impl MessageDetails {
    fn show(
        &self,
        protection: &MessageProtection,
        devices: &BTreeMap<String, Vec<Device>>,
        content: &gtk::Box,
    ) {
        let now = format::now().to_unix() * 1000;
        if let Some(sender) = &protection.sender {
            let group = group(&gettext("Written With"));
            group.add(&device_row::row(sender, now, None));
            content.append(&group);
        }
        for (address, title) in [
            (
                &self.init.address,
                fill(
                    &gettext("Encrypted for {name}"),
                    &[("name", &self.init.name)],
                ),
            ),
            (
                &self.init.own_address,
                gettext("Encrypted for Your Other Devices"),
            ),
        ] {
            let to = protection.to.iter().filter(|(whose, _)| whose == address);
            let group = group(&glib::markup_escape_text(&title));
            let mut is_empty = true;
            for (_, device) in to {
                group.add(&device_row::row(device, now, None));
                is_empty = false;
            }
            if !is_empty {
                content.append(&group);
            }
        }
        if !protection.left_out.is_empty() {
            let group = group(&gettext("Left Out"));
            for (address, number, why) in &protection.left_out {
                let known = devices.get(address).into_iter().flatten();
                let device = known.into_iter().find(|device| device.id == *number);
                group.add(&self.left_out_row(address, device, *why));
            }
            content.append(&group);
        }
    }

    fn left_out_row(&self, address: &str, known: Option<&Device>, why: LeftOut) -> adw::ActionRow {
        let name = known.map_or_else(|| gettext("A device"), device::name);
        let owner = if address == self.init.own_address {
            gettext("yours")
        } else {
            self.init.name.clone()
        };
        let row = adw::ActionRow::builder()
            // Translators: a device and whose it is, such as "Phone (Juliet)".
            .title(glib::markup_escape_text(&fill(
                &gettext("{device} ({owner})"),
                &[("device", &name), ("owner", &owner)],
            )))
            .subtitle(words::left_out(why))
            .title_lines(0)
            .subtitle_lines(0)
            .build();
        row.add_prefix(
            &gtk::Image::builder()
                .icon_name("dialog-warning-symbolic")
                .accessible_role(gtk::AccessibleRole::Presentation)
                .build(),
        );
        row
    }
}

/// What is known without asking the store.
fn facts(init: &Init) -> adw::PreferencesGroup {
    let message = &init.message;
    let is_own = message.direction == Direction::Outgoing;
    let (time, now) = (format::local(message.time), format::now());
    let group = adw::PreferencesGroup::new();
    let (icon, protected) = match notice::words(message, &init.name) {
        Some(words) if words.why.is_some() => (
            words.icon,
            Words {
                title: words.title,
                text: words.sentence,
            },
        ),
        _ => (
            icon(message.protection),
            words::protection(message.protection, is_own),
        ),
    };
    let row = fact(&protected.title, &protected.text);
    row.add_prefix(
        &gtk::Image::builder()
            .icon_name(icon)
            .accessible_role(gtk::AccessibleRole::Presentation)
            .build(),
    );
    group.add(&row);
    let whole = format::whole(&time, &now);
    let said = if is_own {
        fill(&gettext("You, {time}"), &[("time", &whole)])
    } else {
        fill(
            // Translators: name is who wrote a message.
            &gettext("{name}, {time}"),
            &[("name", &init.name), ("time", &whole)],
        )
    };
    let state = match message.delivery {
        _ if !is_own => String::new(),
        Delivery::Failed(failure) => errors::send_failure(failure),
        other => delivery::mark(other).word,
    };
    group.add(&fact(&said, &state));
    if message.kind != MessageKind::Retracted
        && let Some(edited) = message.edited
    {
        let time = format::whole(&format::local(edited), &now);
        // Translators: in the details of a message; time is when it got its last text.
        let sentence = fill(&gettext("Edited, {time}"), &[("time", &time)]);
        group.add(&fact(&sentence, ""));
    }
    group
}

fn icon(protection: Protection) -> &'static str {
    match protection {
        Protection::None | Protection::PlainAmongEncrypted => "message-unlocked-symbolic",
        Protection::Omemo {
            trust: Trust::Verified,
        } => "device-verified-symbolic",
        Protection::Omemo {
            trust: Trust::Blind,
        } => "message-locked-symbolic",
        Protection::Omemo {
            trust: Trust::Undecided | Trust::Distrusted,
        } => "dialog-warning-symbolic",
    }
}

fn fact(title: &str, subtitle: &str) -> adw::ActionRow {
    adw::ActionRow::builder()
        .title(glib::markup_escape_text(title))
        .subtitle(glib::markup_escape_text(subtitle))
        .title_lines(0)
        .subtitle_lines(0)
        .build()
}

fn group(title: &str) -> adw::PreferencesGroup {
    adw::PreferencesGroup::builder().title(title).build()
}
