//! The bar above the composer of somebody known who asks to see when the user
//! is around. Strangers ask on the page of requests.
//!
//! It never takes the keyboard and never answers for the user.

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

use crate::engine::model::{ConversationId, ConversationRow};
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::label::sentence;
use crate::ui::widgets::voice;

/// The bar's widgets.
pub struct Asking {
    /// Slides in and out.
    pub root: gtk::Revealer,
    words: gtk::Label,
    decline: gtk::Button,
    allow: gtk::Button,
    shown: Option<ConversationId>,
}

impl Asking {
    /// Makes the bar; it is hidden. `decided` hears whether they may.
    pub fn new(decided: impl Fn(bool) + Clone + 'static) -> Self {
        let words = sentence("", &[]);
        let button = |label: &str, may: bool| {
            let button = gtk::Button::builder()
                .label(label)
                // What has the keyboard is what the user writes in.
                .focus_on_click(false)
                .build();
            let decided = decided.clone();
            button.connect_clicked(move |_| decided(may));
            button
        };
        let decline = button(&gettext("Decline"), false);
        decline.add_css_class("flat");
        // Translators: a button that lets a contact see when the user is around.
        let allow = button(&gettext("Allow"), true);
        let deeds = gtk::Box::builder().spacing(8).build();
        deeds.append(&decline);
        deeds.append(&allow);
        let content = adw::WrapBox::builder()
            .child_spacing(12)
            .line_spacing(6)
            .justify(adw::JustifyMode::Spread)
            .justify_last_line(true)
            .css_classes(["warning-bar"])
            .accessible_role(gtk::AccessibleRole::Alert)
            .build();
        content.append(&words);
        content.append(&deeds);
        let root = gtk::Revealer::builder()
            .transition_type(gtk::RevealerTransitionType::SlideUp)
            .child(&content)
            .build();
        Self {
            root,
            words,
            decline,
            allow,
            shown: None,
        }
    }

    /// Shows what the other side of the open chat asks, if anything. It is said
    /// aloud once.
    pub fn show(&mut self, open: Option<&ConversationRow>) {
        let asking = open.filter(|row| row.asks_for_presence && !row.is_request);
        self.root.set_reveal_child(asking.is_some());
        let before = std::mem::replace(&mut self.shown, asking.map(|row| row.id));
        let Some(row) = asking else { return };
        let say = |sentence: String| fill(&sentence, &[("name", &row.name)]);
        let words = say(gettext("{name} asks to see when you are around."));
        self.words.set_label(&words);
        for (button, spoken) in [
            (
                &self.decline,
                say(gettext("Do not let {name} see when you are around")),
            ),
            (
                &self.allow,
                say(gettext("Let {name} see when you are around")),
            ),
        ] {
            button.update_property(&[gtk::accessible::Property::Label(&spoken)]);
        }
        if before != self.shown {
            voice::say(&self.root, &words, true);
        }
    }
}
