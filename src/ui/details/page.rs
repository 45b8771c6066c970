//! The widgets of the details, and how they show what is known.

use relm4::adw::prelude::*;
use relm4::gtk::{self, pango};
use relm4::{Sender, adw};

use super::DetailsMsg;
use super::encryption::Encryption;
use crate::engine::model::{Account, Around, Contact, ConversationRow, Device, Presence, Trust};
use crate::engine::text::{address, isolated, mixes_alphabets, name};
use crate::ui::conversation::chat_menu::{self, ChatWish};
use crate::ui::encryption::device_row;
use crate::ui::encryption::words::device::Chip;
use crate::ui::i18n::{fill, gettext, pgettext};
use crate::ui::widgets::avatar;

/// The content of the dialog.
pub struct Page {
    /// Everything, to be scrolled.
    pub widget: gtk::Box,
    /// The first action; the keyboard starts here.
    pub mute: gtk::MenuButton,
    avatar: adw::Avatar,
    name: gtk::Label,
    address: gtk::Button,
    address_text: gtk::Label,
    mixed: gtk::Label,
    presence: gtk::Label,
    stranger: gtk::Label,
    mute_words: gtk::Label,
    verified: gtk::Box,
    encryption: Encryption,
    notifications: adw::ActionRow,
    markers: adw::ActionRow,
    labels: adw::ActionRow,
    account: adw::ActionRow,
    contact_group: adw::PreferencesGroup,
    add: adw::ButtonRow,
    edit: adw::ButtonRow,
    remove: adw::ButtonRow,
    block: adw::ButtonRow,
    unblock: adw::ButtonRow,
    blocked: gtk::Label,
    /// Where the settings of the chat stand, once they are known.
    pub settings: gtk::Box,
}

impl Page {
    /// Makes the page; it is empty until it is shown something.
    pub fn new(details: &Sender<DetailsMsg>) -> Self {
        let avatar = avatar::new(80);
        let name = centred(["title-2"]);
        let address_text = centred(["dimmed"]);
        address_text.set_wrap_mode(pango::WrapMode::Char);
        // A hyphen at the end of a line would be read as a part of the address.
        let whole = pango::AttrList::new();
        whole.insert(pango::AttrInt::new_insert_hyphens(false));
        address_text.set_attributes(Some(&whole));
        let address = gtk::Button::builder()
            .child(&address_text)
            .halign(gtk::Align::Center)
            .css_classes(["flat", "address"])
            .tooltip_text(gettext("Copy Address"))
            .build();
        let mixed = centred(["caption"]);
        mixed.add_css_class("warning");
        mixed.set_label(&alphabets());
        let input = details.clone();
        address.connect_clicked(move |_| input.emit(DetailsMsg::Copy));

        let presence = centred(["chip"]);
        let stranger = centred(["chip"]);
        stranger.set_label(&gettext("Not in your contacts"));
        let chips = adw::WrapBox::builder()
            .child_spacing(8)
            .line_spacing(6)
            .align(0.5)
            .build();
        chips.append(&presence);
        chips.append(&stranger);
        let blocked = centred(["chip"]);
        // Translators: of a person.
        blocked.set_label(&pgettext("contact", "Blocked"));
        blocked.set_visible(false);
        chips.append(&blocked);
        let verified = device_row::chip(&Chip {
            word: pgettext("contact", "Verified"),
            icon: Some("device-verified-symbolic"),
            class: Some("success"),
        });
        verified.set_visible(false);
        chips.append(&verified);

        let (mute_content, mute_words) = deed("chat-muted-symbolic");
        let mute = gtk::MenuButton::builder()
            .child(&mute_content)
            .css_classes(["deed"])
            .build();
        let (delete_content, delete_words) = deed("user-trash-symbolic");
        delete_words.set_label(&gettext("Delete Chat…"));
        let delete = gtk::Button::builder()
            .child(&delete_content)
            .css_classes(["deed"])
            .action_name("chat.delete")
            .build();
        let deeds = gtk::Box::builder()
            .spacing(8)
            .homogeneous(true)
            .halign(gtk::Align::Center)
            .margin_top(6)
            .build();
        deeds.append(&mute);
        deeds.append(&delete);

        let encryption = Encryption::new(details);
        let notifications = row(&gettext("Notifications"));
        let markers = row(&gettext("Read Markers"));
        let chat_group = adw::PreferencesGroup::builder()
            .title(gettext("This Chat"))
            .build();
        chat_group.add(&notifications);
        chat_group.add(&markers);
        let labels = row(&gettext("Labels"));
        let account = row(&gettext("Your Account"));
        let contact_group = adw::PreferencesGroup::builder()
            .title(gettext("Contact"))
            .build();
        contact_group.add(&labels);
        contact_group.add(&account);
        let change = |title: &str, message: fn() -> DetailsMsg| {
            let row = adw::ButtonRow::builder()
                .title(title)
                .visible(false)
                .build();
            let input = details.clone();
            row.connect_activated(move |_| input.emit(message()));
            contact_group.add(&row);
            row
        };
        let add = change(&gettext("Add to Contacts…"), || DetailsMsg::EditContact);
        let edit = change(&gettext("Edit Name and Labels…"), || {
            DetailsMsg::EditContact
        });
        let remove = change(&gettext("Remove from Contacts…"), || {
            DetailsMsg::RemoveContact
        });
        remove.add_css_class("destructive-action");
        let block = change(&gettext("Block…"), || DetailsMsg::Wish(ChatWish::Block));
        block.add_css_class("destructive-action");
        let unblock = change(&gettext("Unblock"), || DetailsMsg::Unblock);

        let widget = gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .spacing(6)
            .margin_start(20)
            .margin_end(20)
            .margin_bottom(24)
            .build();
        widget.append(&avatar);
        widget.append(&name);
        widget.append(&address);
        widget.append(&mixed);
        widget.append(&chips);
        widget.append(&deeds);
        for group in [&encryption.group, &chat_group, &contact_group] {
            group.set_margin_top(18);
            widget.append(group);
        }
        let settings = gtk::Box::builder().margin_top(18).build();
        widget.insert_child_after(&settings, Some(&chat_group));
        // Nothing is claimed before it is known.
        for unknown in [&presence, &stranger] {
            unknown.set_visible(false);
        }
        for unknown in [&markers, &labels, &account] {
            unknown.set_visible(false);
        }
        Self {
            widget,
            mute,
            avatar,
            name,
            address,
            address_text,
            mixed,
            presence,
            stranger,
            mute_words,
            verified,
            encryption,
            notifications,
            markers,
            labels,
            account,
            contact_group,
            add,
            edit,
            remove,
            block,
            unblock,
            blocked,
            settings,
        }
    }

    /// Shows the chat, and the user's account when there are several.
    pub fn show_row(&self, row: &ConversationRow, account: Option<&Account>) {
        avatar::show(&self.avatar, &row.name, &row.address, &row.picture);
        let shown = address(&row.address);
        self.name.set_label(&row.name);
        self.name.set_visible(row.name != shown);
        self.address_text.set_label(&shown);
        self.mixed.set_visible(mixes_alphabets(&row.address));
        let spoken = fill(&gettext("Copy {address}"), &[("address", &shown)]);
        self.address
            .update_property(&[gtk::accessible::Property::Label(&spoken)]);

        let is_muted = row.is_muted(chat_menu::now());
        self.notifications.set_subtitle(&if is_muted {
            chat_menu::until(row.muted_until)
        } else {
            gettext("All messages")
        });
        self.mute_words.set_label(&if is_muted {
            gettext("Unmute")
        } else {
            gettext("Mute")
        });
        let menu = if is_muted {
            chat_menu::end_of_mute()
        } else {
            chat_menu::durations()
        };
        self.mute.set_menu_model(Some(&menu));

        self.account.set_visible(account.is_some());
        if let Some(account) = account {
            self.account.set_subtitle(&match account.label.as_str() {
                "" => account.address.clone(),
                label => format!("{label} ({})", account.address),
            });
        }
    }

    /// Shows what the contact list says, nothing about a stranger, and whether
    /// the user wants read markers to be sent.
    pub fn show_contact(
        &self,
        row: &ConversationRow,
        contact: Option<&Contact>,
        sends_markers: bool,
    ) {
        self.stranger.set_visible(contact.is_none());
        let labels = contact.map_or(&[][..], |contact| &contact.labels);
        let labels: Vec<String> = labels
            .iter()
            .map(|label| name(label))
            .map(|label| isolated(&label, ", ").into_owned())
            .collect();
        self.labels.set_visible(!labels.is_empty());
        self.labels.set_subtitle(&labels.join(", "));
        self.add.set_visible(contact.is_none());
        self.edit.set_visible(contact.is_some());
        self.remove.set_visible(contact.is_some());
        let sees_me = contact.is_some_and(|contact| contact.subscription.shows_us());
        self.markers.set_visible(true);
        let sentence = if sends_markers && sees_me {
            gettext("{name} sees how far you have read.")
        } else {
            gettext("{name} does not see how far you have read.")
        };
        self.markers
            .set_subtitle(&fill(&sentence, &[("name", &row.name)]));
    }

    /// Shows whether the server keeps them away. It learns of a change as soon
    /// as there is a connection.
    pub fn show_blocked(&self, row: &ConversationRow, is_blocked: bool) {
        self.blocked.set_visible(is_blocked);
        self.block.set_visible(!is_blocked);
        self.unblock.set_visible(is_blocked);
        let shown = address(&row.address);
        for (button, spoken) in [
            (&self.block, gettext("Block {address}…")),
            (&self.unblock, gettext("Unblock {address}")),
        ] {
            let spoken = fill(&spoken, &[("address", &shown)]);
            button
                .upcast_ref::<gtk::Widget>()
                .update_property(&[gtk::accessible::Property::Label(&spoken)]);
        }
    }

    /// The contact list is kept by the server: it is changed while online.
    pub fn show_online(&self, is_online: bool) {
        for row in [&self.add, &self.edit, &self.remove] {
            row.set_sensitive(is_online);
        }
        let hint = (!is_online).then(|| gettext("To change this, be online."));
        self.contact_group.set_description(hint.as_deref());
    }

    /// Shows how far the devices of the other side are known.
    pub fn show_devices(&self, row: &ConversationRow, devices: &[Device]) {
        let active: Vec<&Device> = devices.iter().filter(|device| device.is_active).collect();
        let is_verified =
            !active.is_empty() && active.iter().all(|device| device.trust == Trust::Verified);
        self.verified.set_visible(is_verified);
        self.encryption.show(row, devices);
    }

    /// Shows whether the other side is around; no words: it is not known.
    pub fn show_presence(&self, around: Around, words: &str) {
        self.presence.set_visible(!words.is_empty());
        self.presence.set_label(words);
        self.presence.set_css_classes(
            if around.presence == Presence::Here && around.idle_since.is_none() {
                &["chip", "here"]
            } else {
                &["chip"]
            },
        );
    }
}

fn alphabets() -> String {
    gettext(
        "This address mixes letters of several alphabets. It may be made to look like another one.",
    )
}

fn centred(classes: [&str; 1]) -> gtk::Label {
    gtk::Label::builder()
        .css_classes(classes)
        .wrap(true)
        .wrap_mode(pango::WrapMode::WordChar)
        .justify(gtk::Justification::Center)
        .halign(gtk::Align::Center)
        .build()
}

fn row(title: &str) -> adw::ActionRow {
    adw::ActionRow::builder()
        .title(title)
        .css_classes(["property"])
        .use_markup(false)
        .subtitle_selectable(false)
        .build()
}

/// Returns the content of an action, an icon over a word, and the word.
fn deed(icon: &str) -> (gtk::Box, gtk::Label) {
    let content = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(4)
        .build();
    let image = gtk::Image::from_icon_name(icon);
    let words = gtk::Label::builder().wrap(true).build();
    content.append(&image);
    content.append(&words);
    (content, words)
}
