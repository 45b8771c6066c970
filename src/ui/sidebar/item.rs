//! One chat in the list, as an object a list view can hold.

use std::cell::RefCell;

use relm4::gtk::{glib, prelude::*, subclass::prelude::*};

use crate::engine::model::{ConversationId, ConversationRow, Presence};
use crate::ui::widgets::account_mark::AccountMark;

/// What a line of the chat list shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// From the store.
    pub row: ConversationRow,
    /// The other side writes.
    pub is_typing: bool,
    /// Whether the other side is around.
    pub presence: Presence,
    /// This chat is the open one.
    pub is_open: bool,
    /// Whose it is, where there are several accounts.
    pub account: Option<AccountMark>,
}

mod imp {
    use super::*;

    #[derive(Default)]
    pub struct ConversationItem {
        pub(super) line: RefCell<Option<Line>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for ConversationItem {
        const NAME: &'static str = "StonechatConversationItem";
        type Type = super::ConversationItem;
    }

    impl ObjectImpl for ConversationItem {
        fn signals() -> &'static [glib::subclass::Signal] {
            static SIGNALS: std::sync::OnceLock<Vec<glib::subclass::Signal>> =
                std::sync::OnceLock::new();
            SIGNALS.get_or_init(|| vec![glib::subclass::Signal::builder("changed").build()])
        }
    }
}

glib::wrapper! {
    /// A chat in the list.
    pub struct ConversationItem(ObjectSubclass<imp::ConversationItem>);
}

impl ConversationItem {
    /// Makes an item.
    pub fn new(line: Line) -> Self {
        let item: Self = glib::Object::new();
        item.imp().line.replace(Some(line));
        item
    }

    /// Returns what is shown.
    ///
    /// # Panics
    ///
    /// Never: [`ConversationItem::new`] is the only way to make one.
    pub fn line(&self) -> Line {
        self.imp()
            .line
            .borrow()
            .clone()
            .expect("an item is made with its line")
    }

    /// Returns which chat this is.
    pub fn id(&self) -> ConversationId {
        self.line().row.id
    }

    /// Changes what is shown; says "changed" when it is something else.
    pub fn change(&self, change: impl FnOnce(&mut Line)) {
        let mut line = self.line();
        change(&mut line);
        let old = self.imp().line.replace(Some(line));
        if old != *self.imp().line.borrow() {
            self.emit_by_name::<()>("changed", &[]);
        }
    }

    /// Calls `heard` whenever the line shows something else.
    pub fn connect_changed(&self, heard: impl Fn(&Self) + 'static) -> glib::SignalHandlerId {
        self.connect_closure(
            "changed",
            false,
            glib::closure_local!(move |item: &Self| heard(item)),
        )
    }
}
