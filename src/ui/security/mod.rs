//! What protects an account: server, encryption, certificate, sign-in.
//!
//! A page of its own wherever there is a navigation view: in the preferences,
//! or in a dialog over the window when the banner leads here. It listens to
//! the engine by itself. When signing in was refused because the server offers
//! less than before, a card says so, and accepting that takes a second, plain
//! question; for an open password, or an altered offer, there is none.

mod certificate;
mod explain;
mod explanation;
pub mod facts;
mod report;
mod rows;
mod shell;
mod trust;

use relm4::adw::prelude::*;
use relm4::{Component, ComponentController, ComponentParts, ComponentSender, Controller, Sender};
use relm4::{adw, gtk};
use tokio::sync::broadcast::error::RecvError;

pub use self::shell::Widgets;
use crate::engine::api::{Command, Engine, Event};
use crate::engine::model::{Account, ConnectionProblem, ConnectionState, SecurityReport};
use crate::ui::i18n::gettext;
use crate::ui::widgets::voice;
use crate::ui::widgets::way::leads_on;
use crate::ui::{errors, format};

/// What the page begins with.
pub struct Init {
    /// The engine.
    pub engine: Engine,
    /// Whose it is.
    pub account: Account,
}

/// The page's state.
pub struct Security {
    engine: Engine,
    account: Account,
    shown: Option<(ConnectionState, Option<SecurityReport>)>,
}

/// What the page is told.
#[derive(Debug)]
pub enum SecurityMsg {
    /// Copy the report.
    CopyReport,
    /// Show the certificates.
    Certificate,
    /// Say more about the problem.
    Explain,
    /// Leave everything as it is.
    StayOffline,
    /// Connect again.
    TryAgain,
    /// Ask whether to accept what the server offers now.
    AskToTrust,
    /// The user was asked twice, and accepts it.
    Trust,
}

/// The connection changed, or what protects it.
#[derive(Debug)]
pub struct News;

impl Component for Security {
    type Init = Init;
    type Input = SecurityMsg;
    type Output = ();
    type CommandOutput = News;
    type Root = adw::NavigationPage;
    type Widgets = Widgets;

    fn init_root() -> adw::NavigationPage {
        adw::NavigationPage::builder()
            .title(gettext("Security"))
            .build()
    }

    fn init(
        init: Init,
        root: adw::NavigationPage,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        listen(&init, &sender);
        let widgets = shell::build(&root, &init.account, sender.input_sender());
        let mut model = Self {
            engine: init.engine,
            account: init.account,
            shown: None,
        };
        model.show(&widgets, sender.input_sender());
        ComponentParts { model, widgets }
    }

    fn update_with_view(
        &mut self,
        widgets: &mut Widgets,
        message: SecurityMsg,
        sender: ComponentSender<Self>,
        root: &adw::NavigationPage,
    ) {
        match message {
            SecurityMsg::CopyReport => self.copy_report(widgets),
            SecurityMsg::Certificate => {
                if let Some((_, Some(report))) = &self.shown {
                    push(root, &certificate::page(report));
                }
            }
            SecurityMsg::Explain => self.explain(root, sender.input_sender()),
            SecurityMsg::StayOffline => leave(root),
            SecurityMsg::TryAgain => self.engine.command(Command::TryNow),
            SecurityMsg::AskToTrust => {
                trust::ask(root, domain(&self.account.address), sender.input_sender());
            }
            SecurityMsg::Trust => self.engine.command(Command::TrustAnew(self.account.id)),
        }
    }

    fn update_cmd_with_view(
        &mut self,
        widgets: &mut Widgets,
        _: News,
        sender: ComponentSender<Self>,
        _: &adw::NavigationPage,
    ) {
        self.show(widgets, sender.input_sender());
    }
}

/// Shows the page in a dialog of its own. It lives as long as what is returned.
pub fn open(window: &impl IsA<gtk::Widget>, init: Init) -> Controller<Security> {
    let page = Security::builder().launch(init).detach();
    let view = adw::NavigationView::new();
    view.add(page.widget());
    let dialog = adw::Dialog::builder()
        .title(gettext("Security"))
        .content_width(520)
        .content_height(700)
        .width_request(280)
        .height_request(200)
        .child(&view)
        .build();
    dialog.present(Some(window));
    page
}

/// Returns whether there is more to say about a problem than its sentence.
pub fn is_explained(problem: &ConnectionProblem) -> bool {
    explain::explain(problem, "").is_some()
}

/// Returns a page that says more about why signing in with `address` failed;
/// `None` where its sentence says it all.
pub fn explanation(problem: &ConnectionProblem, address: &str) -> Option<adw::NavigationPage> {
    let words = explain::explain(problem, domain(address))?;
    let now = format::now().to_unix() * 1000;
    let report = report::failure(address, problem, now);
    let copy = rows::deed(&gettext("Copy Report"));
    copy.connect_clicked(move |copy| {
        copy.clipboard().set_text(&report);
        copy.set_label(&gettext("Report Copied"));
    });
    let title = errors::connection(problem, address).title;
    Some(explanation::page(&title, &words, &copy))
}

impl Security {
    /// Shows how things are, if that changed.
    fn show(&mut self, widgets: &Widgets, input: &Sender<SecurityMsg>) {
        let id = self.account.id;
        let state = self.engine.connections().remove(&id);
        let state = state.unwrap_or(ConnectionState::Offline);
        let now = (state, self.engine.security(id));
        if self.shown.as_ref() == Some(&now) {
            return;
        }
        let old: Vec<gtk::Widget> = children(&widgets.content);
        let (state, report) = &now;
        let is_stopped = matches!(state, ConnectionState::Stopped(_));
        widgets.copy.set_visible(!is_stopped);
        if let ConnectionState::Stopped(problem) = state {
            self.show_trouble(&widgets.content, problem, input);
        }
        if let Some(verdict) = facts::verdict(report.as_ref(), state) {
            widgets.content.append(&rows::verdict(&verdict));
        }
        if let Some(report) = report {
            show_report(&widgets.content, report, is_stopped, input);
        }
        replace(&widgets.content, &old);
        self.shown = Some(now);
    }

    fn show_trouble(
        &self,
        content: &gtk::Box,
        problem: &ConnectionProblem,
        input: &Sender<SecurityMsg>,
    ) {
        let button = |words: String, message: fn() -> SecurityMsg| {
            let button = rows::deed(&words);
            let input = input.clone();
            button.connect_clicked(move |_| input.emit(message()));
            button
        };
        let is_weaker = matches!(problem, ConnectionProblem::WeakerThanBefore(_));
        let mut deeds = Vec::new();
        if is_weaker {
            deeds.push(button(gettext("Stay Offline"), || SecurityMsg::StayOffline));
        } else {
            deeds.push(button(gettext("Try Again"), || SecurityMsg::TryAgain));
        }
        deeds.push(button(gettext("Copy Report"), || SecurityMsg::CopyReport));
        if is_explained(problem) {
            deeds.push(button(gettext("What This Means"), || SecurityMsg::Explain));
        }
        if explain::may_be_trusted_anew(problem) {
            deeds.push(button(gettext("Trust Anew…"), || SecurityMsg::AskToTrust));
        }
        let trouble = errors::connection(problem, &self.account.address);
        content.append(&rows::trouble(&trouble, &deeds));
        voice::say(
            content,
            &format!("{}. {}", trouble.title, trouble.text),
            true,
        );
        let weaker = facts::weaker(problem);
        if !weaker.is_empty() {
            let group = group(&gettext("Sign-in"));
            for fact in &weaker {
                group.add(&rows::fact(fact));
            }
            content.append(&group);
        }
        if is_weaker {
            let group = adw::PreferencesGroup::new();
            group.add(&rows::operator());
            content.append(&group);
        }
    }

    fn copy_report(&self, widgets: &Widgets) {
        let Some((state, report)) = &self.shown else {
            return;
        };
        let now = format::now().to_unix() * 1000;
        let text = report::text(&self.account, state, report.as_ref(), now);
        widgets.content.clipboard().set_text(&text);
        let toast = adw::Toast::builder()
            .title(gettext("Report copied. It holds no password"))
            .build();
        widgets.toasts.add_toast(toast);
    }

    fn explain(&self, root: &adw::NavigationPage, input: &Sender<SecurityMsg>) {
        let Some((ConnectionState::Stopped(problem), _)) = &self.shown else {
            return;
        };
        let Some(words) = explain::explain(problem, domain(&self.account.address)) else {
            return;
        };
        let copy = rows::deed(&gettext("Copy Report"));
        let input = input.clone();
        copy.connect_clicked(move |_| {
            // The page behind may be gone.
            let _ = input.send(SecurityMsg::CopyReport);
        });
        let title = errors::connection(problem, &self.account.address).title;
        push(root, &explanation::page(&title, &words, &copy));
    }
}

fn children(content: &gtk::Box) -> Vec<gtk::Widget> {
    std::iter::successors(content.first_child(), gtk::Widget::next_sibling).collect()
}

/// Takes the old parts away. The keyboard goes to the new ones before: once
/// it is nowhere, nothing can be reached.
fn replace(content: &gtk::Box, old: &[gtk::Widget]) {
    if content.focus_child().is_some() {
        children(content)
            .iter()
            .skip(old.len())
            .any(|part| part.child_focus(gtk::DirectionType::TabForward));
    }
    for part in old {
        content.remove(part);
    }
}

fn domain(address: &str) -> &str {
    address
        .rsplit_once('@')
        .map_or(address, |(_, domain)| domain)
}

/// Hears of changes of this account for as long as the page is there.
fn listen(init: &Init, sender: &ComponentSender<Security>) {
    let mut events = init.engine.subscribe();
    let id = init.account.id;
    sender.command(move |out, shutdown| {
        let hear = async move {
            loop {
                let is_ours = match events.recv().await {
                    Ok(Event::Security { account } | Event::Connection { account, .. }) => {
                        account == id
                    }
                    Ok(_) => false,
                    Err(RecvError::Lagged(_)) => true,
                    Err(RecvError::Closed) => return,
                };
                if is_ours && out.send(News).is_err() {
                    return;
                }
            }
        };
        shutdown.register(hear).drop_on_shutdown()
    });
}

fn show_report(
    content: &gtk::Box,
    report: &SecurityReport,
    is_past: bool,
    input: &Sender<SecurityMsg>,
) {
    let now = format::now().to_unix() * 1000;
    let connection = group(&if is_past {
        gettext("Connection at the Last Sign-in")
    } else {
        gettext("Connection")
    });
    for fact in facts::connection(report) {
        connection.add(&rows::fact(&fact));
    }
    let certificate = rows::fact(&facts::certificate(report, now));
    if !report.certificates.is_empty() {
        certificate.set_activatable(true);
        // What can be selected cannot be clicked.
        certificate.set_subtitle_selectable(false);
        leads_on(&certificate);
        let input = input.clone();
        certificate.connect_activated(move |_| input.emit(SecurityMsg::Certificate));
    }
    connection.add(&certificate);
    content.append(&connection);
    let sign_in = group(&if is_past {
        gettext("Last Sign-in")
    } else {
        gettext("Sign-in")
    });
    for fact in facts::sign_in(report, now) {
        sign_in.add(&rows::fact(&fact));
    }
    content.append(&sign_in);
}

fn group(title: &str) -> adw::PreferencesGroup {
    adw::PreferencesGroup::builder().title(title).build()
}

fn push(root: &adw::NavigationPage, page: &adw::NavigationPage) {
    let view = root
        .ancestor(adw::NavigationView::static_type())
        .and_downcast::<adw::NavigationView>();
    if let Some(view) = view {
        view.push(page);
    }
}

/// Goes back, or closes the dialog when this is its first page.
fn leave(root: &adw::NavigationPage) {
    let view = root
        .ancestor(adw::NavigationView::static_type())
        .and_downcast::<adw::NavigationView>();
    if view.is_some_and(|view| view.pop()) {
        return;
    }
    if let Some(dialog) = root
        .ancestor(adw::Dialog::static_type())
        .and_downcast::<adw::Dialog>()
    {
        dialog.close();
    }
}
