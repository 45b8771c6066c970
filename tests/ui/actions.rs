//! What one does with messages: answer, react, edit, take back, forward, choose
//! several, delete; how it looks afterwards, and that keys are enough for it.

use relm4::adw;
use relm4::adw::prelude::*;
use relm4::gtk;
use stonechat::engine::api::Command;
use stonechat::engine::model::MessageId;
use stonechat::ui::timeline::message::MessageRow;

use crate::Test;
use crate::composer::field;
use crate::everything::everything;
use crate::keyboard::press;
use crate::scene::{JULIET, ROMEO, Scene, texts};
use crate::support::{all, frames, shot, until};
use crate::window::assert_all_named;
use crate::writing::{bar, until_bar};

pub const TESTS: &[Test] = &[
    (
        "a_chat_with_everything_fits_everywhere",
        a_chat_with_everything_fits_everywhere,
    ),
    (
        "an_answer_leads_to_what_it_answers",
        an_answer_leads_to_what_it_answers,
    ),
    (
        "an_answer_to_what_is_not_here_says_so",
        an_answer_to_what_is_not_here_says_so,
    ),
    (
        "a_click_on_a_reaction_adds_ones_own_and_takes_it_back",
        a_click_on_a_reaction_adds_ones_own_and_takes_it_back,
    ),
    (
        "a56_a_flood_of_reactions_is_bounded",
        a56_a_flood_of_reactions_is_bounded,
    ),
    (
        "reactions_that_come_do_not_move_the_middle",
        reactions_that_come_do_not_move_the_middle,
    ),
    (
        "the_menu_reacts_with_an_emoji_and_takes_it_back",
        the_menu_reacts_with_an_emoji_and_takes_it_back,
    ),
    (
        "every_control_of_a_message_has_a_name",
        every_control_of_a_message_has_a_name,
    ),
    (
        "the_earlier_texts_of_a_message_are_shown",
        the_earlier_texts_of_a_message_are_shown,
    ),
    (
        "a_message_taken_back_is_a_quiet_line",
        a_message_taken_back_is_a_quiet_line,
    ),
    ("taking_back_is_asked_first", taking_back_is_asked_first),
    (
        "a_key_offers_emoji_to_react_with",
        a_key_offers_emoji_to_react_with,
    ),
    (
        "all_emoji_are_offered_and_stay_until_one_is_chosen",
        all_emoji_are_offered_and_stay_until_one_is_chosen,
    ),
    (
        "the_menu_offers_what_can_be_done",
        the_menu_offers_what_can_be_done,
    ),
    (
        "a_failed_message_can_be_edited",
        a_failed_message_can_be_edited,
    ),
    (
        "several_messages_are_chosen_copied_and_deleted",
        several_messages_are_chosen_copied_and_deleted,
    ),
    (
        "messages_are_forwarded_to_several_chats_by_keys",
        messages_are_forwarded_to_several_chats_by_keys,
    ),
    ("delete_asks_and_deletes_here", delete_asks_and_deletes_here),
    (
        "buttons_stand_beside_the_message_under_the_pointer",
        buttons_stand_beside_the_message_under_the_pointer,
    ),
    (
        "the_details_tell_the_texts_and_the_archive",
        the_details_tell_the_texts_and_the_archive,
    ),
    (
        "what_is_copied_out_of_a_quote_stays_one",
        what_is_copied_out_of_a_quote_stays_one,
    ),
];

/// The row of a message that is live.
fn row(scene: &Scene, id: MessageId) -> MessageRow {
    let found = all::<MessageRow>(&scene.history(), |row| row.id() == id.0 && row.is_mapped());
    assert_eq!(found.len(), 1, "{id:?}");
    found[0].clone()
}

/// Gives a message the keyboard, and shows it.
fn focus(scene: &Scene, id: MessageId) {
    let history = scene.history();
    let index = history.live_rows().find(|index| {
        let row = history.row(*index).and_downcast::<MessageRow>();
        row.is_some_and(|row| row.id() == id.0)
    });
    history.go_to_row(index.unwrap());
    scene.settle();
}

fn act(scene: &Scene, action: &str, id: MessageId) {
    let history = scene.history();
    WidgetExt::activate_action(
        &history,
        &format!("message.{action}"),
        Some(&id.0.to_variant()),
    )
    .unwrap();
    scene.settle();
}

fn pills(row: &MessageRow) -> Vec<gtk::ToggleButton> {
    all::<gtk::ToggleButton>(row, |pill| {
        pill.is_mapped() && pill.has_css_class("reaction")
    })
}

fn labels(pills: &[gtk::ToggleButton]) -> Vec<(String, bool)> {
    pills
        .iter()
        .map(|pill| (pill.label().unwrap().to_string(), pill.is_active()))
        .collect()
}

fn reactions_asked(scene: &mut Scene) -> Vec<(MessageId, Vec<String>)> {
    let asked = scene.take_commands().into_iter();
    asked
        .filter_map(|command| match command {
            Command::React { message, emoji } => Some((message, emoji)),
            _ => None,
        })
        .collect()
}

fn a_chat_with_everything_fits_everywhere() {
    let (scene, ids) = everything();
    let manager = adw::StyleManager::default();

    for (scheme, name) in [
        (adw::ColorScheme::ForceLight, "everything-light"),
        (adw::ColorScheme::ForceDark, "everything-dark"),
    ] {
        manager.set_color_scheme(scheme);
        scene.window.set_default_size(1100, 1180);
        scene.settle();
        shot(&scene.window, name);
    }
    manager.set_color_scheme(adw::ColorScheme::Default);
    scene.window.set_default_size(360, 1400);
    until("the narrow window", || scene.window.width() <= 360);
    scene.settle();
    shot(&scene.window, "everything-narrow");

    assert!(row(&scene, ids.failed).width() <= 360);
    let settings = gtk::Settings::default().unwrap();
    settings.set_gtk_xft_dpi(2 * 96 * 1024);
    scene.settle();
    shot(&scene.window, "everything-narrow-large");
    settings.set_gtk_xft_dpi(96 * 1024);
}

fn an_answer_leads_to_what_it_answers() {
    let (scene, ids) = everything();
    let answer = row(&scene, ids.answer);
    let head = all::<gtk::Button>(&answer, |head| head.has_css_class("reply")).remove(0);
    assert!(
        texts(&head).contains("You I will be there. Which door?"),
        "{}",
        texts(&head)
    );
    assert!(head.has_css_class(&stonechat::ui::widgets::avatar::sender_class(ROMEO)));

    head.emit_clicked();

    let target = || {
        GtkWindowExt::focus(&scene.window)
            .and_downcast::<MessageRow>()
            .filter(|row| row.id() == ids.question.0)
    };
    until("the message", || {
        scene.settle();
        target().is_some()
    });
    let is_marked = || target().is_some_and(|row| row.bubble().unwrap().has_css_class("jumped-to"));
    assert!(is_marked());
    shot(&scene.window, "jumped-to");
    until("the end of the mark", || !is_marked());
}

fn an_answer_to_what_is_not_here_says_so() {
    let (scene, _) = everything();
    let heads = all::<gtk::Button>(&scene.history(), |head| {
        head.is_mapped() && head.has_css_class("reply") && !head.is_sensitive()
    });

    assert_eq!(heads.len(), 1);
    let said = texts(&heads[0]);
    assert!(
        said.contains("Is it the one with the roses") && said.contains("Message not here"),
        "{said}"
    );
}

fn a_click_on_a_reaction_adds_ones_own_and_takes_it_back() {
    let (mut scene, ids) = everything();
    scene.take_commands();
    let found = pills(&row(&scene, ids.answer));
    assert_eq!(
        labels(&found),
        [("❤️ 2".to_owned(), true), ("😂".to_owned(), false)]
    );
    assert_eq!(
        found[0].tooltip_text().as_deref(),
        Some("You and Juliet Capulet")
    );

    found[1].emit_clicked();
    scene.settle();
    assert_eq!(
        reactions_asked(&mut scene),
        [(ids.answer, vec!["❤️".to_owned(), "😂".to_owned()])]
    );
    // At once, before the store says so.
    assert_eq!(
        labels(&pills(&row(&scene, ids.answer))),
        [("❤️ 2".to_owned(), true), ("😂 2".to_owned(), true)]
    );

    pills(&row(&scene, ids.answer))[0].emit_clicked();
    scene.settle();
    assert_eq!(
        reactions_asked(&mut scene),
        [(ids.answer, vec!["😂".to_owned()])]
    );
    assert_eq!(
        labels(&pills(&row(&scene, ids.answer))),
        [("❤️".to_owned(), false), ("😂 2".to_owned(), true)]
    );
}

fn a56_a_flood_of_reactions_is_bounded() {
    let (scene, ids) = everything();
    let many: Vec<String> = (0..1_000)
        .map(|number| format!("{}", char::from_u32(0x1f300 + number).unwrap_or('🌙')))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();

    Scene::block_on(scene.commands.reacts(ids.question, JULIET, &many)).unwrap();
    until("the pills", || {
        scene.settle();
        pills(&row(&scene, ids.question)).len() == 6
    });

    assert!(scene.reads("+994"), "{}", texts(&row(&scene, ids.question)));
    act(&scene, "reactions", ids.question);
    until("the list", || scene.window.visible_dialog().is_some());
    let dialog = scene.window.visible_dialog().unwrap();
    assert_eq!(all::<adw::ActionRow>(&dialog, |_| true).len(), 100);
}

fn reactions_that_come_do_not_move_the_middle() {
    let (scene, ids) = everything();
    scene.window.set_default_size(800, 420);
    scene.settle();
    let history = scene.history();
    let index = history.live_rows().start + 6;
    history.scroll_to(index, stonechat::ui::timeline::history_view::Place::Middle);
    scene.settle();
    let middle = history.row(index).unwrap();
    let place = || middle.compute_bounds(&history).unwrap().y();
    let before = place();

    Scene::block_on(scene.commands.reacts(ids.question, JULIET, &["👍", "😮"])).unwrap();
    until("the reactions above", || {
        scene.settle();
        scene
            .messages()
            .iter()
            .any(|message| message.contains('😮'))
    });
    assert!((place() - before).abs() < 1.5, "{before} {}", place());
    Scene::block_on(scene.commands.reacts(ids.edited, JULIET, &["🙏"])).unwrap();
    scene.settle();

    assert!((place() - before).abs() < 1.5, "{before} {}", place());
}

fn the_menu_reacts_with_an_emoji_and_takes_it_back() {
    let (mut scene, ids) = everything();
    scene.take_commands();
    let turn = |scene: &Scene| {
        let target = (ids.own.0, "👍").to_variant();
        let history = scene.history();
        WidgetExt::activate_action(&history, "message.turn-reaction", Some(&target)).unwrap();
        scene.settle();
    };

    turn(&scene);
    assert_eq!(
        labels(&pills(&row(&scene, ids.own))),
        [("👍".to_owned(), true)]
    );
    turn(&scene);

    assert_eq!(
        reactions_asked(&mut scene),
        [(ids.own, vec!["👍".to_owned()]), (ids.own, vec![])]
    );
    assert!(pills(&row(&scene, ids.own)).is_empty());
}

fn a_key_offers_emoji_to_react_with() {
    let (mut scene, ids) = everything();
    scene.take_commands();
    focus(&scene, ids.own);

    press(&scene, &["e"]);
    until("the emoji", || {
        scene.settle();
        all::<gtk::PopoverMenu>(&scene.window, |menu| menu.is_mapped()).len() == 1
    });
    shot(&scene.window, "react-menu");
    press(&scene, &["Down", "Return"]);
    until("the reaction", || {
        scene.settle();
        !pills(&row(&scene, ids.own)).is_empty()
    });

    assert_eq!(reactions_asked(&mut scene).len(), 1);
}

fn all_emoji_are_offered_and_stay_until_one_is_chosen() {
    let (mut scene, ids) = everything();
    scene.take_commands();

    act(&scene, "other-emoji", ids.own);
    let choosers = || all::<gtk::EmojiChooser>(&scene.window, |chooser| chooser.is_mapped());
    until("the chooser", || {
        scene.settle();
        choosers().len() == 1
    });
    frames(&scene.window, 5);
    scene.settle();
    choosers()[0].emit_by_name::<()>("emoji-picked", &[&"🌹"]);
    scene.settle();

    assert_eq!(
        reactions_asked(&mut scene),
        [(ids.own, vec!["🌹".to_owned()])]
    );
}

fn every_control_of_a_message_has_a_name() {
    let (scene, ids) = everything();
    assert_all_named(&scene.window, 20);

    act(&scene, "choose", ids.question);
    assert_all_named(&scene.window, 20);
    press(&scene, &["Escape"]);
    focus(&scene, ids.own);
    press(&scene, &["e"]);
    scene.settle();
    assert_all_named(&scene.window, 20);
    press(&scene, &["Escape"]);
    act(&scene, "versions", ids.edited);
    until("the texts", || {
        scene.settle();
        scene.window.visible_dialog().is_some()
    });
    assert_all_named(&scene.window.visible_dialog().unwrap(), 2);
}

fn the_earlier_texts_of_a_message_are_shown() {
    let (scene, ids) = everything();
    let edited = all::<gtk::Button>(&row(&scene, ids.edited), |button| {
        button.is_mapped() && button.has_css_class("edited")
    });
    assert_eq!(edited.len(), 1);

    edited[0].emit_clicked();
    until("the texts", || {
        scene.settle();
        scene.window.visible_dialog().is_some()
    });
    let said = texts(&scene.window.visible_dialog().unwrap());
    shot(&scene.window, "versions");

    let (north, south) = (said.find("_north_").unwrap(), said.find("_south_").unwrap());
    assert!(north < south && said.contains("as it is now"), "{said}");
}

fn a_message_taken_back_is_a_quiet_line() {
    let (scene, ids) = everything();
    assert!(scene.reads("Juliet Capulet took this message back."));
    assert!(scene.reads("You took this message back. Others may still have it."));

    Scene::block_on(scene.commands.takes_back(ids.answer)).unwrap();
    until("the line", || {
        scene.settle();
        texts(&row(&scene, ids.answer)).contains("Juliet Capulet took this message back.")
    });

    let row = row(&scene, ids.answer);
    assert!(pills(&row).is_empty());
    assert!(
        all::<gtk::Button>(&row, |head| head.is_mapped() && head.has_css_class("reply")).is_empty()
    );
}

#[track_caller]
fn question(scene: &Scene, words: &str) {
    until(words, || {
        scene.settle();
        scene.window.visible_dialog().is_some()
    });
    let question = scene.window.visible_dialog().unwrap();
    assert!(question.is::<adw::AlertDialog>());
    assert!(texts(&question).contains(words), "{}", texts(&question));
}

fn taking_back_is_asked_first() {
    let (mut scene, ids) = everything();
    scene.take_commands();
    act(&scene, "take-back", ids.question);
    question(&scene, "Take this message back?");
    shot(&scene.window, "take-back");
    assert!(
        !scene
            .take_commands()
            .contains(&Command::Retract(ids.question))
    );

    scene.button("Take Back").emit_clicked();
    scene.settle();

    assert!(
        scene
            .take_commands()
            .contains(&Command::Retract(ids.question))
    );
    // What somebody else wrote is not the user's to take back.
    act(&scene, "take-back", ids.answer);
    assert!(scene.take_commands().is_empty());
}

fn menu_of(scene: &Scene, id: MessageId) -> (gtk::PopoverMenu, Vec<String>) {
    focus(scene, id);
    press(scene, &["Menu"]);
    let found = || all::<gtk::PopoverMenu>(&scene.window, |menu| menu.is_mapped());
    until("the menu", || {
        scene.settle();
        found().len() == 1
    });
    let menu = found().remove(0);
    let entries = all::<gtk::Label>(&menu, |label| label.is_mapped());
    let entries = entries
        .iter()
        .map(|label| label.text().to_string())
        .filter(|text| text.chars().count() > 2 && text != "Delete" && text != "Ctrl+C")
        .collect();
    (menu, entries)
}

fn the_menu_offers_what_can_be_done() {
    let (scene, ids) = everything();

    let (menu, entries) = menu_of(&scene, ids.answer);
    shot(&scene.window, "message-menu");
    assert_eq!(
        entries,
        [
            "Reply",
            "React",
            "Forward…",
            "Copy",
            "Select",
            "Details",
            "Delete Here…"
        ]
    );
    menu.popdown();
    scene.settle();

    let (menu, entries) = menu_of(&scene, ids.own);
    assert_eq!(
        entries,
        [
            "Reply",
            "React",
            "Edit",
            "Take Back…",
            "Forward…",
            "Copy",
            "Select",
            "Details",
            "Delete Here…"
        ]
    );
    menu.popdown();
    scene.settle();

    let (menu, entries) = menu_of(&scene, ids.failed);
    assert_eq!(
        entries,
        [
            "Retry",
            "Edit",
            "Discard",
            "Forward…",
            "Copy",
            "Select",
            "Details",
            "Delete Here…"
        ]
    );
    menu.popdown();
    scene.settle();
}

fn a_failed_message_can_be_edited() {
    let (mut scene, ids) = everything();
    scene.take_commands();

    let failed = row(&scene, ids.failed);
    let edit = all::<gtk::Button>(&failed, |button| {
        button.is_mapped() && button.label().as_deref() == Some("Edit")
    });
    edit[0].emit_clicked();
    until_bar(&scene, "Edit message");
    assert_eq!(field(&scene), "Never mind, I will bring it");
    press(&scene, &["End", "exclam", "Return"]);
    until("the end of the edit", || {
        scene.settle();
        bar(&scene).is_none()
    });

    let corrected = scene.take_commands();
    let wanted = Command::Correct {
        message: ids.failed,
        body: "Never mind, I will bring it!".to_owned(),
    };
    assert!(corrected.contains(&wanted), "{corrected:?}");
}

fn clipboard(scene: &Scene) -> String {
    let clipboard = scene.window.clipboard();
    Scene::block_on(async move { clipboard.read_text_future().await })
        .unwrap()
        .unwrap()
        .to_string()
}

fn several_messages_are_chosen_copied_and_deleted() {
    let (mut scene, ids) = everything();
    act(&scene, "choose", ids.question);
    let toolbar = || {
        all::<gtk::Box>(&scene.window, |bar| {
            bar.is_mapped() && bar.has_css_class("selection-bar")
        })
    };
    assert!(texts(&toolbar()[0]).contains("1 message selected"));
    press(&scene, &["Down", "space"]);
    until("two", || {
        scene.settle();
        texts(&toolbar()[0]).contains("2 messages selected")
    });
    shot(&scene.window, "selection");

    press(&scene, &["ctrl+c"]);
    until("the end of choosing", || {
        scene.settle();
        toolbar().is_empty()
    });
    until("the copy", || {
        scene.settle();
        scene.reads("2 messages copied")
    });
    let copied = clipboard(&scene);
    let lines: Vec<&str> = copied.lines().collect();
    assert_eq!(lines.len(), 2, "{copied}");
    assert!(
        lines[0].ends_with("] romeo: I will be there. Which door?"),
        "{copied}"
    );
    assert!(
        lines[1].contains("] Juliet Capulet: The small one"),
        "{copied}"
    );

    act(&scene, "choose", ids.question);
    press(&scene, &["Down", "space", "Delete"]);
    question(&scene, "Delete 2 messages here?");
    scene.button("Delete Here").emit_clicked();
    scene.settle();
    let wanted = Command::DeleteMessages(vec![ids.question, ids.answer]);
    assert!(scene.take_commands().contains(&wanted));

    act(&scene, "choose", ids.question);
    press(&scene, &["Escape"]);
    until("nothing chosen", || {
        scene.settle();
        all::<gtk::Box>(&scene.window, |bar| {
            bar.is_mapped() && bar.has_css_class("selection-bar")
        })
        .is_empty()
    });
}

fn messages_are_forwarded_to_several_chats_by_keys() {
    let (mut scene, ids) = everything();
    act(&scene, "forward", ids.answer);
    until("the dialog", || {
        scene.settle();
        scene.window.visible_dialog().is_some() && scene.reads("Mercutio")
    });
    scene.take_commands();

    press(&scene, &["m", "e", "r", "c"]);
    until("what was found", || {
        scene.settle();
        let dialog = scene.window.visible_dialog().unwrap();
        all::<gtk::ListBoxRow>(&dialog, |row| row.is_mapped()).len() == 1
    });
    press(&scene, &["Return"]);
    until("one chosen", || {
        scene.settle();
        scene.reads("Forward to 1 Chat")
    });
    shot(&scene.window, "forward");
    press(
        &scene,
        &["BackSpace", "BackSpace", "BackSpace", "BackSpace"],
    );
    press(&scene, &["j", "u", "l", "Return"]);
    until("two chosen", || {
        scene.settle();
        scene.reads("Forward to 2 Chats")
    });
    press(&scene, &["ctrl+Return"]);
    until("the end of the dialog", || {
        scene.settle();
        scene.window.visible_dialog().is_none()
    });

    let asked = scene.take_commands();
    let to = asked.iter().find_map(|command| match command {
        Command::Forward { messages, to } if *messages == [ids.answer] => Some(to.len()),
        _ => None,
    });
    assert_eq!(to, Some(2), "{asked:?}");
    assert!(scene.reads("Forwarded to 2 chats."));
}

fn delete_asks_and_deletes_here() {
    let (mut scene, ids) = everything();
    focus(&scene, ids.answer);
    scene.take_commands();

    press(&scene, &["Delete"]);
    question(&scene, "Delete this message here?");
    scene.button("Delete Here").emit_clicked();
    scene.settle();

    let wanted = Command::DeleteMessages(vec![ids.answer]);
    assert!(scene.take_commands().contains(&wanted));
}

fn buttons_stand_beside_the_message_under_the_pointer() {
    let (mut scene, ids) = everything();
    let bubble = row(&scene, ids.own).bubble().unwrap().clone();
    let bounds = bubble.compute_bounds(&scene.window).unwrap();
    let (x, y) = (
        bounds.x() + bounds.width() / 2.0,
        bounds.y() + bounds.height() / 2.0,
    );
    for nudge in [0.0, 2.0] {
        let at = [x + nudge, y + nudge].map(|place| format!("{place:.0}"));
        let moved = std::process::Command::new("xdotool")
            .args(["mousemove", &at[0], &at[1]])
            .status();
        assert!(moved.unwrap().success());
        scene.settle();
    }
    let reply = || {
        all::<gtk::Button>(&scene.window, |button| {
            button.is_mapped()
                && button.tooltip_text().as_deref() == Some("Reply")
                && button
                    .parent()
                    .is_some_and(|line| line.has_css_class("hover-actions"))
        })
    };
    until("the buttons", || {
        scene.settle();
        reply().len() == 1
    });
    shot(&scene.window, "hover-actions");
    let left_of_it = reply()[0].compute_bounds(&scene.window).unwrap();
    assert!(left_of_it.x() + left_of_it.width() <= bounds.x());

    reply()[0].emit_clicked();
    until_bar(&scene, "Reply to yourself");
    scene.take_commands();
}

fn the_details_tell_the_texts_and_the_archive() {
    let (scene, ids) = everything();
    act(&scene, "details", ids.edited);
    until("the details", || {
        scene.settle();
        scene.window.visible_dialog().is_some() && scene.reads("_south_")
    });
    shot(&scene.window, "message-details-edited");

    assert!(scene.reads("Not known to be in your archive"));
    assert!(scene.reads("Edited, "));
}

fn what_is_copied_out_of_a_quote_stays_one() {
    let (scene, _) = everything();
    let quote = all::<gtk::Label>(&scene.history(), |label| {
        label.is_mapped() && label.text() == "From up here one sees the whole garden"
    })
    .remove(0);

    quote.select_region(0, -1);
    quote.emit_copy_clipboard();

    assert_eq!(
        clipboard(&scene),
        "> From up here one sees the whole garden"
    );
}
