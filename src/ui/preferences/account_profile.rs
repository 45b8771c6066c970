//! What contacts see of an account: its picture and its name.

use std::cell::RefCell;

use relm4::adw::prelude::*;
use relm4::gtk::glib;
use relm4::{adw, gtk};

use crate::engine::api::{Command, Engine};
use crate::engine::model::Account;
use crate::ui::i18n::gettext;
use crate::ui::widgets::{account_mark, avatar, picture_file};

/// Picture and name of an account, as its contacts see them.
pub struct Profile {
    /// The rows.
    pub group: adw::PreferencesGroup,
    picture: adw::Avatar,
    choose: gtk::Button,
    remove: gtk::Button,
    name: adw::EntryRow,
    /// What is published, to see what changed elsewhere.
    published: RefCell<String>,
}

impl Profile {
    /// Builds the rows of an account.
    pub fn new(account: &Account, engine: &Engine) -> Self {
        let group = adw::PreferencesGroup::builder()
            .title(gettext("What Contacts See"))
            .build();
        let picture = avatar::new(64);
        let choose = gtk::Button::builder()
            .label(gettext("Choose Picture…"))
            .can_shrink(true)
            .valign(gtk::Align::Center)
            .build();
        let remove = gtk::Button::builder()
            .icon_name("user-trash-symbolic")
            .tooltip_text(gettext("Remove Picture"))
            .css_classes(["flat"])
            .valign(gtk::Align::Center)
            .build();
        let buttons = adw::WrapBox::builder()
            .child_spacing(6)
            .line_spacing(6)
            .valign(gtk::Align::Center)
            .hexpand(true)
            .build();
        buttons.append(&choose);
        buttons.append(&remove);
        let content = gtk::Box::builder()
            .spacing(12)
            .margin_top(12)
            .margin_bottom(12)
            .margin_start(12)
            .margin_end(12)
            .build();
        content.append(&picture);
        content.append(&buttons);
        let row = adw::PreferencesRow::builder()
            .title(gettext("Picture"))
            .activatable(false)
            .focusable(false)
            .child(&content)
            .build();
        row.upcast_ref::<gtk::Widget>()
            .update_property(&[gtk::accessible::Property::Label(&gettext("Picture"))]);
        group.add(&row);
        let name = adw::EntryRow::builder()
            .title(gettext("Name"))
            .text(&account.nickname)
            .show_apply_button(true)
            .build();
        group.add(&name);

        let id = account.id;
        let to = engine.clone();
        choose.connect_clicked(move |button| {
            let (engine, window) = (to.clone(), button.root().and_downcast::<gtk::Window>());
            glib::spawn_future_local(async move {
                if let Some(file) = chosen(window.as_ref()).await {
                    let file = Some(file);
                    engine.command(Command::PublishPicture { account: id, file });
                }
            });
        });
        let to = engine.clone();
        remove.connect_clicked(move |_| {
            to.command(Command::PublishPicture {
                account: id,
                file: None,
            });
        });
        let to = engine.clone();
        name.connect_apply(move |row| {
            to.command(Command::PublishNickname {
                account: id,
                nickname: row.text().trim().to_owned(),
            });
        });
        Self {
            group,
            picture,
            choose,
            remove,
            name,
            published: account.nickname.clone().into(),
        }
    }

    /// Shows what is published; it can be changed while the account is online.
    pub fn show(&self, account: &Account, is_online: bool) {
        let name = account_mark::name(account);
        avatar::show(&self.picture, name, &account.address, &account.picture);
        self.choose.set_sensitive(is_online);
        self.remove.set_sensitive(is_online);
        self.remove.set_visible(!account.picture.is_empty());
        self.name.set_sensitive(is_online);
        let hint = if is_online {
            gettext("Your contacts’ programs fetch the picture and the name from your server.")
        } else {
            gettext("To change this, be online.")
        };
        self.group.set_description(Some(&hint));
        // What is being typed is left alone.
        if *self.published.borrow() != account.nickname {
            self.published.replace(account.nickname.clone());
            self.name.set_text(&account.nickname);
        }
    }
}

/// Lets the user choose a picture, and reads it; `None` when they chose none,
/// and nothing for one that cannot be read.
async fn chosen(window: Option<&gtk::Window>) -> Option<Vec<u8>> {
    let file = picture_file::choose(&gettext("Picture of You"), window).await?;
    let read = async {
        picture_file::read(
            file.read_future(glib::Priority::DEFAULT)
                .await?
                .upcast_ref(),
        )
        .await
    };
    // What is no picture is answered in words; so is one that cannot be read.
    Some(read.await.unwrap_or_else(|error| {
        tracing::debug!(%error, "a picture cannot be read");
        Vec::new()
    }))
}
