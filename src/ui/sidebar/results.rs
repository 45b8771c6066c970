//! The messages that the search field finds, by chat.
//!
//! The keyboard stays in the field: Enter goes from one to the next, and each
//! is shown in its chat. Every key begins a new search, which ends the one
//! before it.

use std::collections::BTreeMap;

use relm4::gtk::{self, prelude::*};
use relm4::{Component, ComponentParts, ComponentSender};

use super::hit_row;
use crate::engine::api::Engine;
use crate::engine::error::StoreError;
use crate::engine::model::{ConversationId, ConversationRow, Found, FoundUpTo, Hit, MessageId};
use crate::engine::text::{Term, Wanted};
use crate::ui::i18n::{count, fill, gettext};
use crate::ui::widgets::voice;

/// More are not shown: nobody reads them, and another word finds fewer.
const MOST: usize = 500;

/// What the search field finds.
#[derive(Debug)]
pub struct Results {
    engine: Engine,
    wanted: Wanted,
    chats: BTreeMap<ConversationId, ConversationRow>,
    hits: Vec<Hit>,
    more: Option<FoundUpTo>,
    is_complete: bool,
    is_looking: bool,
    at: Option<MessageId>,
    list: gtk::ListBox,
    /// What each line of the list leads to.
    lines: Vec<Leads>,
}

/// Where a line leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leads {
    Nowhere,
    To(ConversationId, MessageId),
}

/// What the results are told.
#[derive(Debug)]
pub enum ResultsMsg {
    /// The field holds this.
    Look(String),
    /// The chats are these.
    Chats(Vec<ConversationRow>),
    /// Go so many lines down.
    Step(isize),
    /// A line was chosen.
    Chosen(i32),
    /// The end of the list is near.
    More,
}

/// What the results tell.
#[derive(Debug)]
pub enum ResultsOutput {
    /// Show this message in its chat.
    Hit {
        /// The chat.
        row: Box<ConversationRow>,
        /// The message.
        message: MessageId,
        /// What to mark in it.
        wanted: Vec<Term>,
    },
    /// So many messages are found so far; `None`: it is being looked.
    Count(Option<usize>),
    /// The history could not be read.
    Trouble(StoreError),
}

#[allow(missing_docs, reason = "the macro makes a struct of widgets")]
#[relm4::component(pub)]
impl Component for Results {
    type Init = Engine;
    type Input = ResultsMsg;
    type Output = ResultsOutput;
    /// What was looked for, whether it went on, and the answer.
    type CommandOutput = (Wanted, bool, Result<Option<Found>, StoreError>);

    view! {
        gtk::Box {
            set_orientation: gtk::Orientation::Vertical,
            set_vexpand: true,

            gtk::ScrolledWindow {
                set_vexpand: true,
                set_hscrollbar_policy: gtk::PolicyType::Never,
                connect_edge_reached[sender] => move |_, edge| {
                    if edge == gtk::PositionType::Bottom {
                        sender.input(ResultsMsg::More);
                    }
                },
                #[local_ref]
                list -> gtk::ListBox {
                    set_css_classes: &["navigation-sidebar", "hits"],
                    set_selection_mode: gtk::SelectionMode::Browse,
                    update_property: &[gtk::accessible::Property::Label(&gettext("Messages found"))],
                    connect_row_activated[sender] => move |_, row| {
                        sender.input(ResultsMsg::Chosen(row.index()));
                    },
                },
            },
            gtk::Label {
                set_css_classes: &["caption", "dimmed"],
                set_wrap: true,
                set_justify: gtk::Justification::Center,
                set_margin_top: 8,
                set_margin_bottom: 8,
                #[watch]
                set_label: &model.summary(),
            },
        }
    }

    fn init(
        engine: Engine,
        root: Self::Root,
        sender: ComponentSender<Self>,
    ) -> ComponentParts<Self> {
        let list = gtk::ListBox::new();
        let model = Self {
            engine,
            wanted: Wanted::default(),
            chats: BTreeMap::new(),
            hits: Vec::new(),
            more: None,
            is_complete: true,
            is_looking: false,
            at: None,
            list: list.clone(),
            lines: Vec::new(),
        };
        let widgets = view_output!();
        ComponentParts { model, widgets }
    }

    fn update(&mut self, message: ResultsMsg, sender: ComponentSender<Self>, _root: &Self::Root) {
        match message {
            ResultsMsg::Look(typed) => {
                let wanted = Wanted::read(&typed);
                if wanted == self.wanted {
                    return;
                }
                self.wanted = wanted;
                self.at = None;
                if self.wanted.is_empty() {
                    self.is_looking = false;
                    self.hits.clear();
                    self.more = None;
                    self.draw();
                    tell(&sender, ResultsOutput::Count(Some(0)));
                } else {
                    tell(&sender, ResultsOutput::Count(None));
                    self.look(None, &sender);
                }
            }
            ResultsMsg::Chats(rows) => {
                self.chats = rows.into_iter().map(|row| (row.id, row)).collect();
            }
            ResultsMsg::Step(step) => self.step(step, &sender),
            ResultsMsg::Chosen(index) => {
                if let Some(Leads::To(_, message)) = self.lines.get(index as usize).copied() {
                    self.go_to(message, &sender);
                }
            }
            ResultsMsg::More => {
                if let Some(more) = self
                    .more
                    .filter(|_| !self.is_looking && self.hits.len() < MOST)
                {
                    self.look(Some(more), &sender);
                }
            }
        }
    }

    fn update_cmd(
        &mut self,
        (wanted, goes_on, found): Self::CommandOutput,
        sender: ComponentSender<Self>,
        _root: &Self::Root,
    ) {
        if wanted != self.wanted {
            return;
        }
        match found {
            Ok(Some(found)) => {
                self.is_looking = false;
                if !goes_on {
                    self.hits.clear();
                }
                self.hits.extend(found.hits);
                self.more = found.more;
                self.is_complete = found.is_complete;
                self.draw();
                tell(&sender, ResultsOutput::Count(Some(self.hits.len())));
                if !goes_on {
                    voice::say(&self.list, &self.summary(), false);
                }
            }
            // Another search ended it.
            Ok(None) => self.is_looking = false,
            Err(error) => {
                self.is_looking = false;
                tell(&sender, ResultsOutput::Trouble(error));
            }
        }
    }
}

impl Results {
    fn look(&mut self, from: Option<FoundUpTo>, sender: &ComponentSender<Self>) {
        self.is_looking = true;
        let (engine, wanted) = (self.engine.clone(), self.wanted.clone());
        sender.oneshot_command(async move {
            let found = engine.search(wanted.clone(), from).await;
            (wanted, from.is_some(), found)
        });
    }

    /// Goes to another line, as far as there are any; the first step goes to the first.
    fn step(&mut self, step: isize, sender: &ComponentSender<Self>) {
        let hits: Vec<MessageId> = self
            .lines
            .iter()
            .filter_map(|line| match line {
                Leads::To(_, message) => Some(*message),
                Leads::Nowhere => None,
            })
            .collect();
        if hits.is_empty() {
            return;
        }
        let at = self
            .at
            .and_then(|at| hits.iter().position(|hit| *hit == at));
        let next = at.map_or(0, |at| {
            (at as isize + step).clamp(0, hits.len() as isize - 1) as usize
        });
        self.go_to(hits[next], sender);
        if next + 1 == hits.len() {
            sender.input(ResultsMsg::More);
        }
    }

    fn go_to(&mut self, message: MessageId, sender: &ComponentSender<Self>) {
        let place = self
            .lines
            .iter()
            .position(|line| matches!(line, Leads::To(_, known) if *known == message));
        let Some(place) = place else { return };
        let Leads::To(chat, _) = self.lines[place] else {
            return;
        };
        self.at = Some(message);
        if let Some(line) = self.list.row_at_index(place as i32) {
            self.list.select_row(Some(&line));
            scroll_to(&self.list, &line);
            voice::say(&self.list, &line.widget_name(), false);
        }
        if let Some(row) = self.chats.get(&chat) {
            let row = Box::new(row.clone());
            let wanted = self.wanted.terms.clone();
            tell(
                sender,
                ResultsOutput::Hit {
                    row,
                    message,
                    wanted,
                },
            );
        }
    }

    /// Draws all lines: by chat, the chat of the newest hit first.
    fn draw(&mut self) {
        self.list.remove_all();
        self.lines.clear();
        let mut order: Vec<ConversationId> = Vec::new();
        for hit in &self.hits {
            // A chat that is hidden by now leads nowhere.
            if !order.contains(&hit.conversation) && self.chats.contains_key(&hit.conversation) {
                order.push(hit.conversation);
            }
        }
        for chat in order {
            let row = &self.chats[&chat];
            let hits: Vec<&Hit> = self
                .hits
                .iter()
                .filter(|hit| hit.conversation == chat)
                .collect();
            self.list.append(&hit_row::heading(row, hits.len()));
            self.lines.push(Leads::Nowhere);
            for hit in hits {
                let line = hit_row::line(row, hit);
                self.list.append(&line);
                self.lines.push(Leads::To(chat, hit.message));
                if self.at == Some(hit.message) {
                    self.list.select_row(Some(&line));
                }
            }
        }
        if self.at.is_none() {
            self.list.unselect_all();
        }
    }

    /// Returns how many there are, in words.
    fn summary(&self) -> String {
        let mut words = Vec::new();
        if !self.hits.is_empty() {
            let number = u32::try_from(self.hits.len()).unwrap_or(u32::MAX);
            words.push(if self.more.is_some() {
                // Translators: how many messages a search found so far.
                let sentence = gettext("The newest {count} hits");
                fill(&sentence, &[("count", &number.to_string())])
            } else {
                count("{count} hit", "{count} hits", number)
            });
        }
        if !self.is_complete && !self.wanted.is_empty() {
            words.push(gettext("Older messages are still being read."));
        }
        words.join("\n")
    }
}

fn scroll_to(list: &gtk::ListBox, line: &gtk::ListBoxRow) {
    if let (Some(adjustment), Some(bounds)) = (list.adjustment(), line.compute_bounds(list)) {
        let top = f64::from(bounds.y());
        adjustment.clamp_page(top, top + f64::from(bounds.height()));
    }
}

fn tell(sender: &ComponentSender<Results>, output: ResultsOutput) {
    // Nobody listens while the window closes.
    let _ = sender.output(output);
}
