//! Verifying somebody over the window, also by a link that came from outside.

use relm4::adw::prelude::*;
use relm4::{Component, ComponentController, ComponentSender, Sender, adw};

use super::App;
use super::link::AccountChoice;
use super::message::{AppMsg, AppRead};
use crate::engine::model::{Account, AccountId};
use crate::engine::text::{VerificationLink, name as shown_name};
use crate::ui::i18n::{count, fill, gettext};
use crate::ui::link_words::shortened;
use crate::ui::verification::camera::Source;
use crate::ui::verification::{Init, Verification};

impl App {
    /// Verifies somebody's devices.
    pub(super) fn verify(&mut self, account: AccountId, address: String, name: String) {
        self.show_verification(account, address, name, None);
    }

    /// Verifies an account's own other devices.
    pub(super) fn verify_own(&mut self, account: AccountId) {
        let address = self.own_address(account);
        self.verify(account, address.clone(), address);
    }

    /// Shows codes and keys of somebody; `link` is one the user said yes to.
    fn show_verification(
        &mut self,
        account: AccountId,
        address: String,
        name: String,
        link: Option<VerificationLink>,
    ) {
        let (Some(parts), Some(own)) = (&self.parts, self.account(account)) else {
            return;
        };
        let init = Init {
            engine: parts.engine.clone(),
            account,
            own_address: own.address.clone(),
            address,
            name,
            link,
            camera: Source::Portal,
        };
        let verification = Verification::builder().launch(init).detach();
        verification.widget().present(Some(&self.window));
        if let Some(old) = self.verification.replace(verification) {
            old.widget().force_close();
        }
    }

    /// The user said yes to a link with keys: looks up what its owner is called.
    pub(super) fn verify_link(
        &self,
        account: AccountId,
        link: VerificationLink,
        sender: &ComponentSender<Self>,
    ) {
        let Some(parts) = &self.parts else { return };
        let engine = parts.engine.clone();
        sender.oneshot_command(async move {
            let contact = engine.contact(account, &link.address).await;
            AppRead::Verify(
                account,
                Box::new(link),
                contact.map(|contact| contact.map(|contact| contact.name)),
            )
        });
    }

    /// It is known what the owner of a link's keys is called, or that they are
    /// no contact.
    pub(super) fn verify_named(
        &mut self,
        account: AccountId,
        link: VerificationLink,
        name: Option<String>,
    ) {
        let name = name
            .map(|name| shown_name(&name))
            .filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| link.address.clone());
        self.show_verification(account, link.address.clone(), name, Some(link));
    }
}

/// Asks whether the keys of a link are to be taken (attack A34): a link can
/// come from anybody, so where it came from is the whole question.
pub(super) fn question(
    link: VerificationLink,
    accounts: &[Account],
    from: Option<AccountId>,
    app: &Sender<AppMsg>,
) -> adw::AlertDialog {
    let is_own = accounts
        .iter()
        .find(|account| account.address == link.address);
    let choice = match is_own {
        Some(own) => AccountChoice::only(own.id),
        None => AccountChoice::new(accounts, from),
    };
    let (title, text) = words(&link, is_own.is_some());
    let dialog = adw::AlertDialog::new(Some(&title), Some(&text));
    dialog.set_heading_use_markup(false);
    dialog.set_body_use_markup(false);
    dialog.set_extra_child(choice.widget("").as_ref());
    dialog.add_responses(&[
        ("cancel", &gettext("_Cancel")),
        ("verify", &gettext("_Verify")),
    ]);
    // Whoever presses Enter without having read changes nothing.
    dialog.set_default_response(Some("cancel"));
    dialog.set_close_response("cancel");
    let app = app.clone();
    dialog.connect_response(Some("verify"), move |_, _| {
        if let Some(account) = choice.chosen() {
            app.emit(AppMsg::VerifyLink(account, Box::new(link.clone())));
        }
    });
    dialog
}

fn words(link: &VerificationLink, is_own: bool) -> (String, String) {
    let address = shortened(&link.address);
    let say = |sentence: &str| fill(sentence, &[("address", &address)]);
    let holds = count(
        "It holds the key of {count} device.",
        "It holds the keys of {count} devices.",
        link.devices.len() as u32,
    );
    let (title, text) = if is_own {
        (
            gettext("Verify your own devices with this link?"),
            gettext(
                "A link can come from anybody, also from somebody who wants to use your account and read along. Go on only if you took it from the screen of your other device yourself.",
            ),
        )
    } else {
        (
            say(&gettext("Verify {address} with this link?")),
            say(&gettext(
                "A link can come from anybody, also from somebody who wants to read along. Go on only if {address} gave it to you in person, or in a call where you know the voice; not if it came in a message or from a page that anybody can change.",
            )),
        )
    };
    (title, format!("{text}\n\n{holds}"))
}
