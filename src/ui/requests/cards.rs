//! The cards of the page: one for each person, or one for many of one server.

use std::collections::BTreeMap;

use relm4::Sender;
use relm4::adw::prelude::*;
use relm4::gtk::{self, pango};

use super::RequestsMsg;
use crate::engine::model::ConversationRow;
use crate::engine::text;
use crate::ui::format;
use crate::ui::i18n::{count, fill, gettext};
use crate::ui::timeline::notice;
use crate::ui::widgets::avatar;
use crate::ui::widgets::label::sentence;

/// From so many on, people of one server stand in one card.
const MANY: usize = 4;
/// How many cards are shown; the rest comes when these are gone.
const MOST: usize = 50;

/// What a card is about.
#[derive(Debug, PartialEq, Eq)]
pub enum Card<'rows> {
    /// One person.
    Person(&'rows ConversationRow),
    /// Many of one server.
    Server(&'rows str, Vec<&'rows ConversationRow>),
    /// So many more, who are not shown yet.
    More(usize),
}

/// Sorts requests into cards, in the order of the newest of each.
pub fn cards<'rows>(rows: &[&'rows ConversationRow]) -> Vec<Card<'rows>> {
    let mut servers: BTreeMap<&str, Vec<&ConversationRow>> = BTreeMap::new();
    for row in rows {
        servers.entry(domain(row)).or_default().push(row);
    }
    let mut cards = Vec::new();
    for row in rows {
        if servers.get(domain(row)).is_some_and(|all| all.len() < MANY) {
            cards.push(Card::Person(row));
        } else if let Some(all) = servers.remove(domain(row)) {
            cards.push(Card::Server(domain(row), all));
        }
    }
    if cards.len() > MOST {
        let left = cards.len() - MOST;
        cards.truncate(MOST);
        cards.push(Card::More(left));
    }
    cards
}

fn domain(row: &ConversationRow) -> &str {
    row.address
        .split_once('@')
        .map_or(row.address.as_str(), |(_, domain)| domain)
}

/// Returns the card of one person.
pub fn person(row: &ConversationRow, input: &Sender<RequestsMsg>) -> gtk::ListBoxRow {
    let picture = avatar::new(40);
    avatar::show(&picture, &row.name, &row.address, "");
    picture.set_valign(gtk::Align::Start);
    let name = line(&row.name, &["heading"]);
    name.set_hexpand(true);
    let time = format::short(&format::local(row.last_time), &format::now());
    let first = gtk::Box::builder().spacing(6).build();
    first.append(&name);
    first.append(&line(&time, &["caption", "numeric", "dimmed"]));
    let lines = lines();
    lines.append(&first);
    let address = text::address(&row.address).into_owned();
    if row.name != address {
        lines.append(&line(&address, &["caption", "dimmed"]));
    }
    let words = words(row);
    lines.append(&sentence(&words, &["request-words"]));
    let deeds = deeds();
    let (id, sender) = (row.id, input.clone());
    let accept = button(&gettext("Accept"), &["suggested-action"], move || {
        sender.emit(RequestsMsg::Accept(id));
    });
    let sender = input.clone();
    let decline = button(&gettext("Decline"), &[], move || {
        sender.emit(RequestsMsg::Decline(vec![id]));
    });
    let (sender, about) = (
        input.clone(),
        (row.account, row.address.clone(), row.name.clone()),
    );
    let block = button(&gettext("Block and Report…"), &["flat"], move || {
        let (account, address, name) = about.clone();
        sender.emit(RequestsMsg::Block(account, address, name));
    });
    for deed in [&accept, &decline, &block] {
        deeds.append(deed);
    }
    lines.append(&deeds);
    card(
        &picture,
        &lines,
        &format!("{}, {address}: {words}", row.name),
    )
}

/// Returns the card of many people of one server.
pub fn server(
    domain: &str,
    rows: &[&ConversationRow],
    input: &Sender<RequestsMsg>,
) -> gtk::ListBoxRow {
    let warning = gtk::Image::builder()
        .icon_name("dialog-warning-symbolic")
        .css_classes(["warning"])
        .valign(gtk::Align::Start)
        .accessible_role(gtk::AccessibleRole::Presentation)
        .build();
    let people = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let title = count(
        // Translators: server is the address of a server.
        "{count} person from {server}",
        "{count} people from {server}",
        people,
    );
    let title = fill(&title, &[("server", domain)]);
    let lines = lines();
    lines.append(&sentence(&title, &["heading"]));
    let first = rows.first().map(|row| words(row)).unwrap_or_default();
    let is_same = rows.len() > 1 && rows.iter().all(|row| words(row) == first);
    if is_same {
        lines.append(&sentence(
            &gettext("All sent the same words:"),
            &["caption"],
        ));
    }
    lines.append(&sentence(&first, &["request-words"]));
    let deeds = deeds();
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    let sender = input.clone();
    let decline = button(&gettext("Decline These"), &[], move || {
        sender.emit(RequestsMsg::Decline(ids.clone()));
    });
    deeds.append(&decline);
    if let Some(account) = rows.first().map(|row| row.account) {
        let (sender, domain) = (input.clone(), domain.to_owned());
        let block = button(&gettext("Block Server…"), &["flat"], move || {
            sender.emit(RequestsMsg::Block(account, domain.clone(), domain.clone()));
        });
        deeds.append(&block);
    }
    lines.append(&deeds);
    card(&warning, &lines, &format!("{title}. {first}"))
}

/// Returns the line that says how many more there are.
pub fn more(left: usize) -> gtk::ListBoxRow {
    let left = u32::try_from(left).unwrap_or(u32::MAX);
    let words = count(
        "{count} more is shown when these are answered.",
        "{count} more are shown when these are answered.",
        left,
    );
    let row = gtk::ListBoxRow::builder()
        .activatable(false)
        .child(&sentence(&words, &["dimmed"]))
        .build();
    row.update_property(&[gtk::accessible::Property::Label(&words)]);
    row
}

/// Their newest words as they were typed, or what they want.
fn words(row: &ConversationRow) -> String {
    if let Some(words) = notice::preview(&row.last_kind) {
        return words;
    }
    match (row.last_body.is_empty(), row.is_request) {
        (false, true) => text::preview(&row.last_body, false),
        (true, true) => gettext("Wants to become a contact. No message yet."),
        (_, false) => gettext("Wants to see when you are online."),
    }
}

fn card(picture: &impl IsA<gtk::Widget>, lines: &gtk::Box, spoken: &str) -> gtk::ListBoxRow {
    let content = gtk::Box::builder().spacing(12).build();
    content.append(picture);
    content.append(lines);
    let row = gtk::ListBoxRow::builder()
        .activatable(false)
        .css_classes(["card", "request"])
        .child(&content)
        .build();
    row.update_property(&[gtk::accessible::Property::Label(spoken)]);
    row
}

fn lines() -> gtk::Box {
    gtk::Box::builder()
        .orientation(gtk::Orientation::Vertical)
        .spacing(6)
        .hexpand(true)
        .build()
}

/// In little room the buttons stand below each other.
fn deeds() -> relm4::adw::WrapBox {
    relm4::adw::WrapBox::builder()
        .child_spacing(8)
        .line_spacing(6)
        .margin_top(6)
        .build()
}

fn button(label: &str, classes: &[&str], clicked: impl Fn() + 'static) -> gtk::Button {
    let button = gtk::Button::builder()
        .label(label)
        .css_classes(classes.to_vec())
        .build();
    button.connect_clicked(move |_| clicked());
    button
}

fn line(text: &str, classes: &[&str]) -> gtk::Label {
    gtk::Label::builder()
        .label(text)
        .xalign(0.0)
        .ellipsize(pango::EllipsizeMode::End)
        .css_classes(classes.to_vec())
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::model::{AccountId, ConversationId, MessageKind};

    fn row(id: i64, address: &str) -> ConversationRow {
        ConversationRow {
            id: ConversationId(id),
            account: AccountId(1),
            address: address.to_owned(),
            name: address.to_owned(),
            picture: String::new(),
            own_name: String::new(),
            last_kind: MessageKind::Text,
            last_body: "Buy potions".to_owned(),
            last_time: 0,
            last_direction: None,
            last_delivery: None,
            unread: 1,
            first_unread: None,
            is_history_complete: true,
            draft: String::new(),
            muted_until: 0,
            is_pinned: false,
            is_archived: false,
            is_marked_unread: false,
            is_request: true,
            asks_for_presence: false,
        }
    }

    #[test]
    fn many_of_one_server_are_one_card() {
        let mut rows = vec![row(1, "tybalt@example.org")];
        rows.extend((2..202).map(|n| row(n, &format!("bot{n}@spam.example"))));
        rows.push(row(300, "paris@example.org"));
        let rows: Vec<&ConversationRow> = rows.iter().collect();

        let cards = cards(&rows);

        assert_eq!(cards.len(), 3);
        assert!(matches!(cards[0], Card::Person(row) if row.id.0 == 1));
        let Card::Server("spam.example", bots) = &cards[1] else {
            panic!("{:?}", cards[1]);
        };
        assert_eq!(bots.len(), 200);
        assert!(matches!(cards[2], Card::Person(row) if row.id.0 == 300));
    }

    #[test]
    fn a56_a_flood_from_many_servers_is_bounded() {
        let rows: Vec<ConversationRow> = (0..900)
            .map(|n| row(n, &format!("bot@s{n}.example")))
            .collect();
        let rows: Vec<&ConversationRow> = rows.iter().collect();

        let cards = cards(&rows);

        assert_eq!(cards.len(), MOST + 1);
        assert_eq!(cards[MOST], Card::More(900 - MOST));
    }
}
