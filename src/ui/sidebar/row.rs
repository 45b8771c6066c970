//! A line of the chat list: avatar, name, time, last words, count.

use std::cell::{OnceCell, RefCell};

use relm4::adw;
use relm4::gtk::{self, glib, pango, prelude::*, subclass::prelude::*};

use super::item::{ConversationItem, Line};
use super::requests;
use crate::engine::model::{ConversationRow, Delivery, Direction, Presence};
use crate::engine::text::{action, preview};
use crate::ui::conversation::chat_menu::now;
use crate::ui::format;
use crate::ui::i18n::{count, fill, gettext};
use crate::ui::timeline::{delivery, notice};
use crate::ui::widgets::{account_mark, avatar};

struct Widgets {
    avatar: adw::Avatar,
    presence: gtk::Box,
    name: gtk::Label,
    time: gtk::Label,
    state: gtk::Image,
    draft: gtk::Label,
    preview: gtk::Label,
    account: gtk::Box,
    unread: gtk::Label,
    muted: gtk::Image,
    pinned: gtk::Image,
}

mod imp {
    use super::*;

    #[derive(Default)]
    pub struct SidebarRow {
        pub(super) widgets: OnceCell<Widgets>,
        /// The chat whose changes are heard.
        pub(super) followed: RefCell<Option<(ConversationItem, glib::SignalHandlerId)>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for SidebarRow {
        const NAME: &'static str = "StonechatSidebarRow";
        type Type = super::SidebarRow;
        type ParentType = gtk::Box;
    }

    impl ObjectImpl for SidebarRow {
        fn constructed(&self) {
            self.parent_constructed();
            self.widgets.get_or_init(|| build(&self.obj()));
        }
    }

    impl WidgetImpl for SidebarRow {}
    impl BoxImpl for SidebarRow {}
}

glib::wrapper! {
    /// A recyclable line of the chat list.
    pub struct SidebarRow(ObjectSubclass<imp::SidebarRow>)
        @extends gtk::Box, gtk::Widget,
        @implements gtk::Accessible, gtk::Buildable, gtk::ConstraintTarget, gtk::Orientable;
}

impl Default for SidebarRow {
    fn default() -> Self {
        glib::Object::new()
    }
}

impl SidebarRow {
    /// Calls `heard` when this chat changes, until it is let go.
    pub fn follow(&self, item: &ConversationItem, heard: impl Fn(&ConversationItem) + 'static) {
        self.let_go();
        let handler = item.connect_changed(heard);
        self.imp().followed.replace(Some((item.clone(), handler)));
    }

    /// Follows no chat any more.
    pub fn let_go(&self) {
        if let Some((item, handler)) = self.imp().followed.take() {
            item.disconnect(handler);
        }
    }

    /// Returns the chat that is shown.
    pub fn item(&self) -> Option<ConversationItem> {
        let followed = self.imp().followed.borrow();
        followed.as_ref().map(|(item, _)| item.clone())
    }

    /// Shows a chat.
    pub fn show(&self, line: &Line) {
        let Some(widgets) = self.imp().widgets.get() else {
            return;
        };
        let row = &line.row;
        let is_requests = row.id == requests::ROW;
        avatar::show(&widgets.avatar, &row.name, &row.address, &row.picture);
        widgets.avatar.set_show_initials(!is_requests);
        widgets
            .avatar
            .set_icon_name(is_requests.then_some("contact-new-symbolic"));
        set_class(&widgets.avatar, "requests", is_requests);
        show_presence(&widgets.presence, line.presence);
        widgets.name.set_label(&row.name);
        let has_unread = row.unread > 0;
        // The row of requests is never bold, nor has it a colour.
        set_class(&widgets.name, "unread", row.is_unread() && !is_requests);
        let is_muted = row.is_muted(now()) || is_requests;
        set_class(&widgets.time, "unread", has_unread && !is_muted);
        widgets.muted.set_visible(is_muted && !is_requests);
        widgets.time.set_label(&format::short(
            &format::local(row.last_time),
            &format::now(),
        ));

        let has_draft = shows_draft(line);
        let own_state = row
            .last_delivery
            .filter(|_| row.last_direction == Some(Direction::Outgoing));
        widgets
            .state
            .set_visible(own_state.is_some() && !line.is_typing && !has_draft);
        widgets.draft.set_visible(has_draft);
        if let Some(state) = own_state {
            let mark = delivery::mark(state);
            widgets.state.set_icon_name(Some(mark.icon));
            widgets
                .state
                .set_css_classes(&["state", mark.class.unwrap_or("")]);
        }
        let words = if line.is_typing {
            gettext("typing…")
        } else if has_draft {
            preview(&row.draft, false)
        } else {
            last_words(row)
        };
        widgets.preview.set_label(&words);
        set_class(&widgets.preview, "typing", line.is_typing);
        account_mark::show(&widgets.account, line.account.as_ref());
        // Marked by the user, it counts nothing.
        let is_marked = row.is_marked_unread && !has_unread;
        widgets.unread.set_visible(has_unread || is_marked);
        set_class(&widgets.unread, "marked", is_marked);
        widgets.pinned.set_visible(row.is_pinned);
        set_class(&widgets.unread, "muted", is_muted);
        widgets.unread.set_label(&if is_marked {
            String::new()
        } else if row.unread > 999 {
            "999+".to_owned()
        } else {
            row.unread.to_string()
        });
        set_class(self, "open", line.is_open);
    }
}

/// Returns what is heard of a line: "Juliet, 4 unread, here now: The small one, 20:58".
pub fn spoken(line: &Line) -> String {
    let row = &line.row;
    let mut parts = vec![row.name.clone()];
    if row.id == requests::ROW {
        parts.push(count("{count} person", "{count} people", row.unread));
    } else if row.unread > 0 {
        parts.push(count("{count} unread", "{count} unread", row.unread));
    }
    if row.is_marked_unread && row.unread == 0 {
        parts.push(gettext("marked as unread"));
    }
    if row.is_pinned {
        parts.push(gettext("pinned"));
    }
    if row.is_archived {
        parts.push(gettext("archived"));
    }
    match line.presence {
        Presence::Offline => {}
        Presence::Here => parts.push(gettext("here now")),
        Presence::Away | Presence::LongAway => parts.push(gettext("away")),
        Presence::Busy => parts.push(gettext("busy")),
    }
    if row.is_muted(now()) {
        parts.push(gettext("muted"));
    }
    let words = last_words(row);
    if line.is_typing {
        parts.push(gettext("typing"));
    } else if shows_draft(line) {
        // Translators: what was written and not sent, for a screen reader.
        let sentence = gettext("draft: {text}");
        parts.push(fill(&sentence, &[("text", &preview(&row.draft, false))]));
    } else if !words.is_empty() {
        let sentence = match row.last_direction {
            // Translators: the user's own last message, for a screen reader.
            Some(Direction::Outgoing) => fill(&gettext("you: {text}"), &[("text", &words)]),
            _ => words,
        };
        parts.push(sentence);
    }
    if let (
        Some(Direction::Outgoing),
        Some(state @ (Delivery::Pending | Delivery::Sending | Delivery::Failed(_))),
    ) = (row.last_direction, row.last_delivery)
    {
        parts.push(delivery::mark(state).word);
    }
    parts.push(format::short(&format::local(row.last_time), &format::now()));
    if let Some(account) = &line.account {
        parts.push(account.name.clone());
    }
    parts.join(", ")
}

/// What is written in the open chat stands in its field already.
fn shows_draft(line: &Line) -> bool {
    !line.row.draft.is_empty() && !line.is_open && !line.is_typing
}

fn last_words(row: &ConversationRow) -> String {
    if let Some(words) = notice::preview(&row.last_kind) {
        return words;
    }
    let who = match row.last_direction {
        Some(Direction::Outgoing) => &row.own_name,
        _ => &row.name,
    };
    // The signs in it were left out by the engine.
    let words = preview(&row.last_body, false);
    action(&words, who).unwrap_or(words)
}

fn show_presence(dot: &gtk::Box, presence: Presence) {
    let classes: &[&str] = match presence {
        Presence::Offline => &[],
        Presence::Here => &["presence"],
        Presence::Away | Presence::LongAway => &["presence", "away"],
        Presence::Busy => &["presence", "busy"],
    };
    dot.set_css_classes(classes);
    dot.set_visible(presence != Presence::Offline);
}

fn set_class(widget: &impl IsA<gtk::Widget>, class: &str, is_set: bool) {
    if is_set {
        widget.add_css_class(class);
    } else {
        widget.remove_css_class(class);
    }
}

fn build(row: &SidebarRow) -> Widgets {
    row.set_spacing(10);
    row.add_css_class("chat");
    let avatar = avatar::new(44);
    let presence = gtk::Box::builder()
        .halign(gtk::Align::End)
        .valign(gtk::Align::End)
        .can_target(false)
        .visible(false)
        .build();
    let picture = gtk::Overlay::builder()
        .child(&avatar)
        .valign(gtk::Align::Center)
        .build();
    picture.add_overlay(&presence);
    row.append(&picture);

    let name = line_label("name");
    name.set_hexpand(true);
    let time = gtk::Label::builder()
        .css_classes(["time", "numeric"])
        .build();
    let first = gtk::Box::builder().spacing(6).build();
    let muted = gtk::Image::builder()
        .icon_name("chat-muted-symbolic")
        .css_classes(["state"])
        .accessible_role(gtk::AccessibleRole::Presentation)
        .build();
    first.append(&name);
    first.append(&muted);
    first.append(&time);

    let state = gtk::Image::builder()
        .accessible_role(gtk::AccessibleRole::Presentation)
        .build();
    let draft = gtk::Label::builder()
        // Translators: stands before a text that was written and not sent.
        .label(gettext("Draft"))
        .css_classes(["draft"])
        .build();
    let preview = line_label("preview");
    preview.set_hexpand(true);
    let unread = gtk::Label::builder()
        .css_classes(["badge", "numeric"])
        .valign(gtk::Align::Center)
        .build();
    let pinned = gtk::Image::builder()
        .icon_name("chat-pinned-symbolic")
        .css_classes(["state"])
        .accessible_role(gtk::AccessibleRole::Presentation)
        .build();
    let second = gtk::Box::builder().spacing(4).build();
    second.append(&state);
    second.append(&draft);
    second.append(&preview);
    let account = account_mark::new();
    second.append(&account);
    second.append(&pinned);
    second.append(&unread);

    let lines = gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .valign(gtk::Align::Center)
        .spacing(2)
        .build();
    lines.append(&first);
    lines.append(&second);
    row.append(&lines);
    Widgets {
        avatar,
        presence,
        name,
        time,
        state,
        draft,
        preview,
        account,
        unread,
        muted,
        pinned,
    }
}

fn line_label(class: &str) -> gtk::Label {
    gtk::Label::builder()
        .css_classes([class])
        .xalign(0.0)
        .ellipsize(pango::EllipsizeMode::End)
        .single_line_mode(true)
        .build()
}
