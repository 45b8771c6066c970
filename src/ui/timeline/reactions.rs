//! Reactions as pills on the lower edge of a bubble: emoji and count, one's own
//! marked. A click adds one's own, or takes it back.

use std::cell::{Cell, RefCell};

use relm4::adw::prelude::*;
use relm4::gtk::glib::variant::ToVariant;
use relm4::{adw, gtk};

use super::message::MessageRow;
use super::source::Names;
use crate::engine::model::Reaction;
use crate::engine::text::{address, seen};
use crate::ui::i18n::{count, fill, gettext};
use crate::ui::widgets::tooltip::TooltipExt;

/// More kinds than these stand behind a pill that tells how many.
const MOST_SHOWN: usize = 6;
/// More letters than these are no emoji to draw, whoever sent them.
const LONGEST: usize = 12;

/// The pills of a bubble.
#[derive(Debug)]
pub struct Reactions {
    /// All of them.
    pub root: adw::WrapBox,
    pills: RefCell<Vec<gtk::ToggleButton>>,
    more: gtk::Button,
    shown: RefCell<Vec<Reaction>>,
    message: Cell<i64>,
}

impl Default for Reactions {
    fn default() -> Self {
        let root = adw::WrapBox::builder()
            .css_classes(["reactions"])
            .child_spacing(4)
            .line_spacing(4)
            .build();
        root.upcast_ref::<gtk::Widget>()
            .update_property(&[gtk::accessible::Property::Label(&gettext("Reactions"))]);
        let more = gtk::Button::builder().css_classes(["reaction"]).build();
        // The target first: GTK checks it when the name is set.
        more.set_action_target_value(Some(&0_i64.to_variant()));
        more.set_action_name(Some("message.reactions"));
        root.append(&more);
        Self {
            root,
            pills: RefCell::default(),
            more,
            shown: RefCell::default(),
            message: Cell::default(),
        }
    }
}

impl Reactions {
    /// Shows the reactions to a message.
    pub fn show(&self, message: i64, reactions: &[Reaction], names: &Names) {
        self.root.set_visible(true);
        let is_same = self.message.replace(message) == message && *self.shown.borrow() == reactions;
        if is_same {
            // A click may have turned one that stayed as it was.
            for (pill, reaction) in self.pills.borrow().iter().zip(reactions) {
                pill.set_active(reaction.by_me);
            }
            return;
        }
        let kinds = reactions.len().min(MOST_SHOWN);
        let mut pills = self.pills.borrow_mut();
        while pills.len() < kinds {
            let pill = pill();
            self.root.insert_child_after(&pill, pills.last());
            pills.push(pill);
        }
        for (place, pill) in pills.iter().enumerate() {
            let reaction = reactions.get(place).filter(|_| place < kinds);
            pill.set_visible(reaction.is_some());
            if let Some(reaction) = reaction {
                fill_pill(pill, reaction, names);
            }
        }
        let left = reactions.len() - kinds;
        self.more.set_visible(left > 0);
        if left > 0 {
            self.more.set_label(&format!("+{left}"));
            self.more
                .set_action_target_value(Some(&message.to_variant()));
            let left = u32::try_from(left).unwrap_or(u32::MAX);
            let words = count(
                "{count} more reaction. Show all",
                "{count} more reactions. Show all",
                left,
            );
            self.more.set_tooltip(&words);
        }
        self.shown.replace(reactions.to_vec());
    }
}

fn pill() -> gtk::ToggleButton {
    let pill = gtk::ToggleButton::builder()
        .css_classes(["reaction"])
        .build();
    pill.connect_clicked(|pill| {
        let row = pill.ancestor(MessageRow::static_type());
        let Some(row) = row.and_downcast::<MessageRow>() else {
            return;
        };
        let target = (row.id(), pill.widget_name().as_str()).to_variant();
        if let Err(error) = row.activate_action("message.turn-reaction", Some(&target)) {
            tracing::debug!(%error, "a row stands outside of a history");
        }
    });
    pill
}

fn fill_pill(pill: &gtk::ToggleButton, reaction: &Reaction, names: &Names) {
    pill.set_widget_name(&reaction.emoji);
    let drawn = drawn(&reaction.emoji);
    let people = reaction.by.len() + usize::from(reaction.by_me);
    pill.set_label(&if people > 1 {
        format!("{drawn} {people}")
    } else {
        drawn.clone()
    });
    pill.set_active(reaction.by_me);
    let who = who(reaction, names);
    pill.set_tooltip(&who);
    let places = [("emoji", drawn.as_str()), ("names", who.as_str())];
    // Translators: for a screen reader; an emoji under a message, and who put it there.
    let words = fill(&gettext("{emoji}, {names}"), &places);
    pill.update_property(&[gtk::accessible::Property::Label(&words)]);
}

/// Returns who reacted like this: "You and Juliet Capulet".
pub fn who(reaction: &Reaction, names: &Names) -> String {
    let name = |by: &String| {
        if *by == names.other_address {
            names.other.clone()
        } else {
            address(by).into_owned()
        }
    };
    let others: Vec<String> = reaction.by.iter().map(name).collect();
    let others = others.join(", ");
    match (reaction.by_me, others.is_empty()) {
        (true, true) => gettext("You"),
        // Translators: names of those who reacted to a message.
        (true, false) => fill(&gettext("You and {names}"), &[("names", &others)]),
        (false, _) => others,
    }
}

/// Returns what is heard of the reactions to a message.
pub fn spoken(reactions: &[Reaction], names: &Names) -> String {
    let said: Vec<String> = reactions
        .iter()
        .take(MOST_SHOWN)
        .map(|reaction| {
            let who = who(reaction, names);
            let places = [("emoji", drawn(&reaction.emoji)), ("names", who)];
            let places = places
                .each_ref()
                .map(|(name, value)| (*name, value.as_str()));
            fill(&gettext("{emoji} by {names}"), &places)
        })
        .collect();
    // Translators: for a screen reader, after a message.
    fill(&gettext("Reactions: {list}"), &[("list", &said.join(", "))])
}

/// What another program sent is bounded before it is drawn.
pub fn drawn(emoji: &str) -> String {
    let seen = seen(emoji);
    let letters = seen.chars().count();
    let part: String = seen.chars().take(LONGEST).collect();
    if letters > LONGEST {
        part + "…"
    } else {
        part
    }
}
