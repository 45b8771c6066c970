//! First start and signing in.
//!
//! What was typed is never lost: a failure shows above the fields, and the
//! field it concerns gets the keyboard. While the server is tried everything
//! stays readable, and Escape gives up.

pub mod form;

use relm4::adw::prelude::*;
use relm4::gtk::{gdk, glib};
use relm4::{Component, ComponentParts, ComponentSender, adw, gtk};

use self::form::{Form, FormError};
use super::errors::{self, Field, Trouble};
use super::i18n::{fill, gettext};
use super::security;
use super::widgets::voice;
use crate::engine::api::Engine;
use crate::engine::error::SignInError;
use crate::engine::model::{AccountId, ConnectionProblem, Secret};

/// The pages' state.
pub struct AccountSetup {
    engine: Engine,
    /// The running try; another number means that it was given up.
    attempt: u32,
    giving_up: Option<tokio::sync::oneshot::Sender<()>>,
    is_busy: bool,
    trouble: Option<Trouble>,
    /// Why the server was not good enough, when that is the trouble.
    problem: Option<ConnectionProblem>,
    tried_address: String,
    tried_host: Option<String>,
    asks_consent: bool,
}

/// What the pages are told.
#[derive(Debug)]
pub enum AccountSetupMsg {
    /// Show the sign-in page.
    ShowSignIn,
    /// Fill the form and sign in.
    SignInWith(Box<Form>),
    /// The form is sent.
    SignIn,
    /// Give the running try up.
    GiveUp,
    /// Say more about why signing in failed.
    Explain,
    /// Something was typed: the old failure no longer fits.
    Typed,
}

/// What the pages tell.
#[derive(Debug)]
pub enum AccountSetupOutput {
    /// This account is there now.
    Added(AccountId),
    /// The sign-in page was left without signing in.
    Left,
}

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for AccountSetup {
    type Init = Engine;
    type Input = AccountSetupMsg;
    type Output = AccountSetupOutput;
    type CommandOutput = (u32, Option<Result<AccountId, SignInError>>);

    view! {
        #[name(pages)]
        adw::NavigationView {
            // While a server is tried, Escape gives that up and nothing else.
            #[watch]
            set_pop_on_escape: !model.is_busy,
            connect_popped[sender] => move |_, page| {
                if page.tag().as_deref() == Some("sign-in") {
                    // Nobody listens while the window closes.
                    let _ = sender.output(AccountSetupOutput::Left);
                }
            },
            add = &adw::NavigationPage {
                set_title: "Stonechat",
                set_tag: Some("welcome"),

                #[wrap(Some)]
                set_child = &adw::ToolbarView {
                    add_top_bar = &adw::HeaderBar {
                        set_show_title: false,
                        pack_start = &gtk::MenuButton {
                            set_icon_name: "open-menu-symbolic",
                            set_tooltip_text: Some(&gettext("Main Menu")),
                            set_menu_model: Some(&super::app::menu()),
                            set_primary: true,
                        },
                    },
                    #[wrap(Some)]
                    set_content = &adw::StatusPage {
                        set_icon_name: Some("im.stonechat.Stonechat"),
                        set_title: "Stonechat",
                        set_description: Some(&gettext("Messages that arrive,\non a network nobody owns.")),
                        #[wrap(Some)]
                        set_child = &gtk::Button {
                            set_label: &gettext("Sign In"),
                            set_css_classes: &["pill", "suggested-action"],
                            set_halign: gtk::Align::Center,
                            set_width_request: 284,
                            connect_clicked => AccountSetupMsg::ShowSignIn,
                            // Otherwise the menu, being first, has the keyboard.
                            connect_map => |button| {
                                button.grab_focus();
                            },
                        },
                    },
                },
            },
            add = &adw::NavigationPage {
                set_title: &gettext("Sign In"),
                set_tag: Some("sign-in"),

                #[wrap(Some)]
                set_child = &adw::ToolbarView {
                    add_top_bar = &adw::HeaderBar {},
                    #[wrap(Some)]
                    set_content = &gtk::ScrolledWindow {
                        set_hscrollbar_policy: gtk::PolicyType::Never,

                        adw::Clamp {
                            set_maximum_size: 440,
                            set_margin_start: 24,
                            set_margin_end: 24,
                            set_margin_top: 18,
                            set_margin_bottom: 24,

                            gtk::Box {
                                set_orientation: gtk::Orientation::Vertical,
                                set_spacing: 18,

                                #[name(card)]
                                gtk::Box {
                                    set_css_classes: &["trouble"],
                                    set_spacing: 12,
                                    set_accessible_role: gtk::AccessibleRole::Alert,
                                    #[watch]
                                    set_visible: model.trouble.is_some(),

                                    gtk::Image {
                                        set_icon_name: Some("message-failed-symbolic"),
                                        set_pixel_size: 20,
                                        set_valign: gtk::Align::Start,
                                        set_accessible_role: gtk::AccessibleRole::Presentation,
                                    },
                                    gtk::Box {
                                        set_orientation: gtk::Orientation::Vertical,
                                        set_spacing: 4,

                                        gtk::Label {
                                            set_css_classes: &["heading"],
                                            set_wrap: true,
                                            set_wrap_mode: gtk::pango::WrapMode::WordChar,
                                            set_xalign: 0.0,
                                            #[watch]
                                            set_label: model.trouble.as_ref().map_or("", |trouble| &trouble.title),
                                        },
                                        gtk::Label {
                                            set_wrap: true,
                                            set_wrap_mode: gtk::pango::WrapMode::WordChar,
                                            set_attributes: Some(&without_hyphens()),
                                            set_xalign: 0.0,
                                            #[watch]
                                            set_label: model.trouble.as_ref().map_or("", |trouble| &trouble.text),
                                        },
                                        gtk::Button {
                                            set_label: &gettext("What This Means"),
                                            set_css_classes: &["deed"],
                                            set_halign: gtk::Align::Start,
                                            set_margin_top: 6,
                                            #[watch]
                                            set_visible: model.problem.as_ref().is_some_and(security::is_explained),
                                            connect_clicked => AccountSetupMsg::Explain,
                                        },
                                    },
                                },

                                gtk::ListBox {
                                    set_css_classes: &["boxed-list"],
                                    set_selection_mode: gtk::SelectionMode::None,

                                    #[name(address)]
                                    adw::EntryRow {
                                        set_title: &gettext("Address"),
                                        set_input_purpose: gtk::InputPurpose::Email,
                                        #[watch]
                                        set_editable: !model.is_busy,
                                        connect_changed => AccountSetupMsg::Typed,
                                        connect_entry_activated[password] => move |_| {
                                            password.grab_focus();
                                        },
                                    },
                                    #[name(password)]
                                    adw::PasswordEntryRow {
                                        set_title: &gettext("Password"),
                                        #[watch]
                                        set_editable: !model.is_busy,
                                        connect_changed => AccountSetupMsg::Typed,
                                        connect_entry_activated => AccountSetupMsg::SignIn,
                                    },
                                },

                                gtk::ListBox {
                                    set_css_classes: &["boxed-list"],
                                    set_selection_mode: gtk::SelectionMode::None,
                                    #[watch]
                                    set_visible: model.asks_consent,

                                    #[name(consent)]
                                    adw::SwitchRow {
                                        #[watch]
                                        set_title: &model.consent_title(),
                                        set_subtitle: &gettext("Only over the encrypted connection, and only to this server."),
                                        set_title_lines: 0,
                                        set_subtitle_lines: 0,
                                        connect_active_notify => AccountSetupMsg::Typed,
                                    },
                                },

                                gtk::ListBox {
                                    set_css_classes: &["boxed-list"],
                                    set_selection_mode: gtk::SelectionMode::None,

                                    #[name(settings)]
                                    adw::ExpanderRow {
                                        set_title: &gettext("Server Settings"),
                                        set_subtitle: &gettext("Only if your provider says so"),

                                        #[name(host)]
                                        add_row = &adw::EntryRow {
                                            set_title: &gettext("Host"),
                                            #[watch]
                                            set_editable: !model.is_busy,
                                            connect_changed => AccountSetupMsg::Typed,
                                        },
                                        #[name(port)]
                                        add_row = &adw::EntryRow {
                                            set_title: &gettext("Port"),
                                            set_input_purpose: gtk::InputPurpose::Digits,
                                            #[watch]
                                            set_editable: !model.is_busy,
                                            connect_changed => AccountSetupMsg::Typed,
                                            connect_entry_activated => AccountSetupMsg::SignIn,
                                        },
                                        #[name(proxy)]
                                        add_row = &adw::EntryRow {
                                            // Translators: SOCKS5 is the kind of proxy; the row holds host:port.
                                            set_title: &gettext("SOCKS5 Proxy"),
                                            #[watch]
                                            set_editable: !model.is_busy,
                                            connect_changed => AccountSetupMsg::Typed,
                                            connect_entry_activated => AccountSetupMsg::SignIn,
                                        },
                                    },
                                },

                                #[name(submit)]
                                gtk::Button {
                                    set_css_classes: &["pill", "suggested-action"],
                                    set_halign: gtk::Align::Center,
                                    set_width_request: 284,
                                    #[watch]
                                    set_sensitive: !model.is_busy,
                                    connect_clicked => AccountSetupMsg::SignIn,
                                    #[watch]
                                    update_property: &[gtk::accessible::Property::Label(&model.submit_words())],

                                    gtk::Box {
                                        set_halign: gtk::Align::Center,
                                        set_spacing: 8,
                                        adw::Spinner {
                                            #[watch]
                                            set_visible: model.is_busy,
                                        },
                                        gtk::Label {
                                            #[watch]
                                            set_label: &model.submit_words(),
                                        },
                                    },
                                },
                                gtk::Button {
                                    set_label: &gettext("Cancel"),
                                    set_css_classes: &["pill"],
                                    set_halign: gtk::Align::Center,
                                    set_width_request: 284,
                                    #[watch]
                                    set_visible: model.is_busy,
                                    connect_clicked => AccountSetupMsg::GiveUp,
                                },
                            },
                        },
                    },
                },
            },
        }
    }

    fn init(
        engine: Engine,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let model = Self {
            engine,
            attempt: 0,
            giving_up: None,
            is_busy: false,
            trouble: None,
            problem: None,
            tried_address: String::new(),
            tried_host: None,
            asks_consent: false,
        };
        let widgets = view_output!();
        // The row itself has no name otherwise, only the line within it.
        let settings: &gtk::Widget = widgets.settings.upcast_ref();
        settings.update_property(&[gtk::accessible::Property::Label(&gettext(
            "Server Settings",
        ))]);
        give_up_by_escape(&root, &sender);
        ComponentParts { model, widgets }
    }

    fn update_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        message: AccountSetupMsg,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        match message {
            AccountSetupMsg::ShowSignIn => {
                widgets.pages.push_by_tag("sign-in");
                widgets.address.grab_focus();
            }
            AccountSetupMsg::SignInWith(form) => {
                widgets.pages.push_by_tag("sign-in");
                widgets.address.set_text(&form.address);
                widgets.password.set_text(form.password.reveal());
                widgets.host.set_text(&form.host);
                widgets.port.set_text(&form.port);
                widgets.proxy.set_text(&form.proxy);
                let is_ordinary = form.host.is_empty() && form.proxy.is_empty();
                widgets.settings.set_expanded(!is_ordinary);
                // After the "Typed" of these fields.
                sender.input(AccountSetupMsg::SignIn);
            }
            AccountSetupMsg::SignIn => self.sign_in(widgets, &sender),
            AccountSetupMsg::GiveUp => self.give_up(widgets),
            AccountSetupMsg::Explain => {
                let page = self
                    .problem
                    .as_ref()
                    .and_then(|problem| security::explanation(problem, &self.tried_address));
                if let Some(page) = page {
                    widgets.pages.push(&page);
                }
            }
            AccountSetupMsg::Typed => {
                for (row, _) in fields(widgets) {
                    row.remove_css_class("error");
                }
            }
        }
        self.update_view(widgets, sender);
    }

    fn update_cmd_with_view(
        &mut self,
        widgets: &mut Self::Widgets,
        (attempt, answer): Self::CommandOutput,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        if attempt != self.attempt {
            return;
        }
        self.is_busy = false;
        self.giving_up = None;
        match answer {
            Some(Ok(account)) => {
                self.trouble = None;
                self.asks_consent = false;
                // The next account begins with an empty form.
                for (row, _) in fields(widgets) {
                    if let Ok(row) = row.downcast::<adw::EntryRow>() {
                        row.set_text("");
                    }
                }
                widgets.consent.set_active(false);
                widgets.settings.set_expanded(false);
                // Nobody listens while the window closes.
                let _ = sender.output(AccountSetupOutput::Added(account));
                widgets.pages.pop_to_tag("welcome");
            }
            Some(Err(error)) => {
                if let SignInError::Connection(ConnectionProblem::NeedsPlainConsent) = error {
                    self.asks_consent = true;
                }
                let trouble =
                    errors::sign_in(&error, &self.tried_address, self.tried_host.as_deref());
                self.fail(widgets, trouble);
                if let SignInError::Connection(problem) = error {
                    self.problem = Some(problem);
                }
            }
            None => {}
        }
        self.update_view(widgets, sender);
    }
}

impl AccountSetup {
    fn sign_in(&mut self, widgets: &AccountSetupWidgets, sender: &ComponentSender<Self>) {
        if self.is_busy {
            return;
        }
        let form = Form {
            address: widgets.address.text().into(),
            password: Secret::new(widgets.password.text()),
            host: widgets.host.text().into(),
            port: widgets.port.text().into(),
            proxy: widgets.proxy.text().into(),
            allows_plain: self.asks_consent && widgets.consent.is_active(),
        };
        let sign_in = match form.checked() {
            Ok(sign_in) => sign_in,
            Err(error) => {
                let trouble = form_trouble(&error, &form.address);
                self.fail(widgets, trouble);
                return;
            }
        };
        self.tried_address.clone_from(&sign_in.address);
        self.tried_host.clone_from(&sign_in.host);
        self.attempt += 1;
        self.is_busy = true;
        self.trouble = None;
        self.problem = None;
        let (giving_up, given_up) = tokio::sync::oneshot::channel();
        self.giving_up = Some(giving_up);
        let (engine, attempt) = (self.engine.clone(), self.attempt);
        sender.oneshot_command(async move {
            // Dropping the try makes the engine hang up.
            let answer = tokio::select! {
                answer = engine.sign_in(sign_in) => Some(answer),
                _ = given_up => None,
            };
            (attempt, answer)
        });
    }

    fn give_up(&mut self, widgets: &AccountSetupWidgets) {
        if !self.is_busy {
            return;
        }
        if let Some(giving_up) = self.giving_up.take() {
            // The try may have ended this moment.
            let _ = giving_up.send(());
        }
        self.attempt += 1;
        self.is_busy = false;
        // The button that gave up goes; the one that tries is next to it.
        widgets.submit.set_sensitive(true);
        widgets.submit.grab_focus();
    }

    fn fail(&mut self, widgets: &AccountSetupWidgets, trouble: Trouble) {
        if matches!(trouble.field, Field::Server | Field::Port | Field::Proxy) {
            widgets.settings.set_expanded(true);
        }
        for (row, field) in fields(widgets) {
            if field == trouble.field {
                // Consent is a question, not a mistake.
                if field != Field::Consent {
                    row.add_css_class("error");
                }
                row.grab_focus();
            } else {
                row.remove_css_class("error");
            }
        }
        if trouble.field == Field::None {
            // A button that was busy has lost the keyboard.
            widgets.submit.set_sensitive(!self.is_busy);
            widgets.submit.grab_focus();
        }
        let spoken = format!("{}. {}", trouble.title, trouble.text);
        voice::say(&widgets.card, &spoken, true);
        self.trouble = Some(trouble);
        self.problem = None;
    }

    fn submit_words(&self) -> String {
        if self.is_busy {
            gettext("Signing In…")
        } else if self.trouble.is_some() {
            gettext("Try Again")
        } else {
            gettext("Sign In")
        }
    }

    fn consent_title(&self) -> String {
        let domain = self
            .tried_address
            .rsplit_once('@')
            .map_or("", |(_, domain)| domain);
        fill(
            &gettext("Give {domain} my password as I type it"),
            &[("domain", domain)],
        )
    }
}

fn fields(widgets: &AccountSetupWidgets) -> [(gtk::Widget, Field); 6] {
    [
        (widgets.address.clone().upcast(), Field::Address),
        (widgets.password.clone().upcast(), Field::Password),
        (widgets.host.clone().upcast(), Field::Server),
        (widgets.port.clone().upcast(), Field::Port),
        (widgets.proxy.clone().upcast(), Field::Proxy),
        (widgets.consent.clone().upcast(), Field::Consent),
    ]
}

/// Explains what can be told of a form without any network.
pub fn form_trouble(error: &FormError, address: &str) -> Trouble {
    match error {
        FormError::Address(error) => errors::sign_in(error, address, None),
        FormError::NoPassword => Trouble {
            title: gettext("The password is missing"),
            text: gettext("Write the password of this account. Nothing was sent."),
            field: Field::Password,
        },
        FormError::Port => Trouble {
            title: gettext("This is not a port"),
            text: gettext(
                "A port is a number from 1 to 65535; most servers use 5222. Nothing was sent.",
            ),
            field: Field::Port,
        },
        FormError::Host => Trouble {
            title: gettext("This is not a host"),
            text: gettext(
                "A host is a name such as chat.example.org, or an IP address; a port has its own field. Nothing was sent.",
            ),
            field: Field::Server,
        },
        FormError::Proxy => Trouble {
            title: gettext("This is not a proxy"),
            text: gettext(
                "Write its host, a colon and its port; Tor’s is 127.0.0.1:9050. Nothing was sent.",
            ),
            field: Field::Proxy,
        },
        FormError::PortWithoutHost => Trouble {
            title: gettext("The host is missing"),
            text: gettext("A port needs the host it is on. Nothing was sent."),
            field: Field::Server,
        },
    }
}

/// A hyphen in the name of a server would be read as part of it.
fn without_hyphens() -> gtk::pango::AttrList {
    let attributes = gtk::pango::AttrList::new();
    attributes.insert(gtk::pango::AttrInt::new_insert_hyphens(false));
    attributes
}

fn give_up_by_escape(root: &adw::NavigationView, sender: &ComponentSender<AccountSetup>) {
    let keys = gtk::EventControllerKey::new();
    let input = sender.input_sender().clone();
    keys.connect_key_pressed(move |_, key, _, _| {
        if key == gdk::Key::Escape {
            input.emit(AccountSetupMsg::GiveUp);
        }
        glib::Propagation::Proceed
    });
    root.add_controller(keys);
}
