//! What is set for the chat: who sees what the user does, for how long its
//! messages are kept, and the way to a file of it.

use std::cell::Cell;
use std::rc::Rc;

use relm4::adw::prelude::*;
use relm4::{adw, gtk};

use crate::engine::api::{Command, Engine};
use crate::engine::model::{ChatSetting, ChatSettings, ConversationId, Keep};
use crate::ui::i18n::{fill, gettext};
use crate::ui::widgets::keep::{self, Choice};

/// Returns the group, with what is set. `account_days`: for how long the
/// account keeps messages; 0: for ever.
pub fn group(
    engine: &Engine,
    chat: ConversationId,
    settings: &ChatSettings,
    account_days: u32,
) -> adw::PreferencesGroup {
    let group = adw::PreferencesGroup::builder()
        .title(gettext("Settings of This Chat"))
        .build();
    group.add(&choice(
        &gettext("Tell When You Write"),
        settings.tells_typing,
        setter(engine, chat, ChatSetting::TellsTyping),
    ));
    group.add(&choice(
        &gettext("Tell What You Have Read"),
        settings.sends_read_markers,
        setter(engine, chat, ChatSetting::SendsReadMarkers),
    ));
    group.add(&keeping(engine, chat, settings.keep, account_days));
    let export = adw::ButtonRow::builder()
        .title(gettext("Export Chat…"))
        .action_name("chat.export")
        .build();
    group.add(&export);
    group
}

fn setter(
    engine: &Engine,
    conversation: ConversationId,
    setting: impl Fn(Option<bool>) -> ChatSetting + 'static,
) -> impl Fn(Option<bool>) + 'static {
    let engine = engine.clone();
    move |wanted| {
        engine.command(Command::SetChat {
            conversation,
            setting: setting(wanted),
        });
    }
}

/// A setting that is as everywhere, or on, or off.
fn choice(
    title: &str,
    now: Option<bool>,
    chosen: impl Fn(Option<bool>) + 'static,
) -> adw::ComboRow {
    const CHOICES: [Option<bool>; 3] = [None, Some(true), Some(false)];
    let words = [gettext("As in Preferences"), gettext("Yes"), gettext("No")];
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let place = CHOICES.iter().position(|choice| *choice == now);
    let row = adw::ComboRow::builder()
        .title(title)
        .title_lines(0)
        // Below the title: beside it there is no room in large text.
        .use_subtitle(true)
        .model(&gtk::StringList::new(&words))
        .selected(place.unwrap_or(0) as u32)
        .build();
    let known = Rc::new(Cell::new(now));
    row.connect_selected_notify(move |row| {
        let wanted = CHOICES.get(row.selected() as usize).copied().flatten();
        if known.replace(wanted) != wanted {
            chosen(wanted);
        }
    });
    row
}

fn keeping(
    engine: &Engine,
    conversation: ConversationId,
    now: Keep,
    account_days: u32,
) -> adw::ComboRow {
    const AS_ACCOUNT: i64 = 0;
    const FOR_EVER: i64 = -1;
    let for_ever = Choice::for_ever(FOR_EVER);
    let as_account = match account_days {
        0 => for_ever.words.clone(),
        days => crate::ui::i18n::count("{count} Day", "{count} Days", days),
    };
    let first = vec![
        Choice {
            days: AS_ACCOUNT,
            words: fill(
                // Translators: how long is "For Ever", "7 Days" or the like.
                &gettext("As the Account ({how_long})"),
                &[("how_long", &as_account)],
            ),
            deletes: account_days > 0,
        },
        for_ever,
    ];
    let now = match now {
        Keep::AsAccount => AS_ACCOUNT,
        Keep::ForEver => FOR_EVER,
        Keep::Days(days) => i64::from(days),
    };
    let engine = engine.clone();
    keep::row(first, now, move |days| {
        let keep = match u32::try_from(days) {
            Err(_) => Keep::ForEver,
            Ok(0) => Keep::AsAccount,
            Ok(days) => Keep::Days(days),
        };
        engine.command(Command::SetChat {
            conversation,
            setting: ChatSetting::Keep(keep),
        });
    })
}
