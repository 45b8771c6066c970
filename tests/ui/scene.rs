//! The whole window on an engine without a network, with a believable history.

use relm4::adw::prelude::*;
use relm4::gtk::gio::prelude::ActionGroupExt;
use relm4::{Component, ComponentController, Controller, adw, gtk};
use stonechat::engine::api::{Command, Engine};
use stonechat::engine::error::StartError;
use stonechat::engine::model::{
    AccountId, ConnectionState, ConversationId, Delivery, MessageId, Presence, SendFailure,
    Timestamp,
};
use stonechat::engine::testing::{self, Commands, NewMessage};
use stonechat::ui::app::{App, Init};
use stonechat::ui::timeline::history_view::HistoryView;
use stonechat::ui::timeline::message::MessageRow;

use crate::support::{all, frames, until};

pub const ROMEO: &str = "romeo@example.org";
pub const JULIET: &str = "juliet@example.org";
pub const MERCUTIO: &str = "mercutio@example.org";

const MINUTE: Timestamp = 60_000;
const DAY: Timestamp = 24 * 60 * MINUTE;

pub struct Scene {
    pub app: Controller<App>,
    pub window: adw::ApplicationWindow,
    pub engine: Engine,
    pub commands: Commands,
    pub account: AccountId,
}

/// What the fixture's chats are, in the order they were made.
#[derive(Clone, Copy, Default)]
pub struct Chats {
    pub juliet: i64,
    pub mercutio: i64,
}

pub fn now() -> Timestamp {
    let elapsed = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    i64::try_from(elapsed.as_millis()).unwrap()
}

/// An account that is online, and two chats; Juliet's has two new messages.
pub fn verona() -> (Scene, Chats) {
    let mut chats = Chats::default();
    let scene = Scene::launch(|tx| {
        let account = testing::account(tx, ROMEO);
        for (address, name) in [
            (JULIET, "Juliet Capulet"),
            (MERCUTIO, "Mercutio"),
            ("rosaline@example.org", "Rosaline"),
            ("benvolio@example.org", "Benvolio"),
            ("laurence@example.org", "Friar Laurence"),
        ] {
            testing::contact(tx, account, address, name);
        }
        let now = now();
        let mercutio = testing::conversation(tx, account, MERCUTIO, now - 3 * DAY);
        testing::message(
            tx,
            &NewMessage::incoming(mercutio, now - 3 * DAY, "A plague on both your houses!"),
        );
        let laurence = testing::conversation(tx, account, "laurence@example.org", now - 2 * DAY);
        testing::message(
            tx,
            &NewMessage::outgoing(
                laurence,
                now - 2 * DAY,
                "Wisely and slow, they stumble that run fast.",
                Delivery::Displayed,
            ),
        );
        let benvolio = testing::conversation(tx, account, "benvolio@example.org", now - DAY);
        testing::message(
            tx,
            &NewMessage::outgoing(
                benvolio,
                now - DAY,
                "Part, fools. You know not what you do",
                Delivery::Delivered,
            ),
        );
        let juliet = testing::conversation(tx, account, JULIET, now - DAY);
        chats = Chats {
            juliet: juliet.0,
            mercutio: mercutio.0,
        };
        let add = |message| testing::message(tx, &message);
        let yesterday = now - DAY;
        add(NewMessage::incoming(
            juliet,
            yesterday,
            "The rehearsal moved to seven. Bring the long coat, the balcony is freezing.",
        ));
        add(NewMessage::incoming(
            juliet,
            yesterday + MINUTE,
            "From up here one sees the whole garden: https://example.org/garden?view=balcony",
        ));
        add(NewMessage::outgoing(
            juliet,
            yesterday + 2 * MINUTE,
            "I will be there. Which door?",
            Delivery::Displayed,
        ));
        add(NewMessage::incoming(
            juliet,
            now - 50 * MINUTE,
            "The small one, by the orchard. The code is 74-16",
        ));
        add(NewMessage::incoming(
            juliet,
            now - 49 * MINUTE,
            "שלום, בוא בשבע",
        ));
        add(NewMessage::incoming(
            juliet,
            now - 48 * MINUTE,
            "And do not wake the nurse.\nShe sleeps <b>lightly</b> & hears everything that moves in the house, the garden and the orchard, so take the path along the wall and mind the third step, which has been loose since the feast.",
        ));
        add(NewMessage::outgoing(
            juliet,
            now - 20 * MINUTE,
            "Then I will find the way without a lamp 🌙",
            Delivery::Displayed,
        ));
        add(NewMessage::outgoing(
            juliet,
            now - 19 * MINUTE,
            "🌙",
            Delivery::Delivered,
        ));
        add(NewMessage::outgoing(
            juliet,
            now - 18 * MINUTE,
            "On my way",
            Delivery::Sent,
        ));
        add(NewMessage::outgoing(
            juliet,
            now - 17 * MINUTE,
            "Here is the whole rehearsal as a film",
            Delivery::Failed(SendFailure::ServerUnreachable),
        ));
        let seen = add(NewMessage::outgoing(
            juliet,
            now - 16 * MINUTE,
            "Never mind, I will bring it",
            Delivery::Pending,
        ));
        testing::read_up_to(tx, juliet, seen);
        let add = |message| testing::message(tx, &message);
        add(NewMessage::incoming(
            juliet,
            now - 2 * MINUTE,
            "Ring me when you are on the train",
        ));
        add(NewMessage::incoming(
            juliet,
            now - MINUTE,
            "The nurse is asleep.",
        ));
    });
    scene
        .commands
        .set_connection(scene.account, ConnectionState::Online);
    scene
        .commands
        .set_presence(scene.account, JULIET, Presence::Here);
    scene
        .commands
        .set_presence(scene.account, "benvolio@example.org", Presence::Away);
    scene.settle();
    (scene, chats)
}

impl Scene {
    pub fn launch(fixture: impl FnOnce(&rusqlite::Transaction<'_>)) -> Self {
        let (engine, commands) = testing::offline(fixture);
        let started = engine.clone();
        let init = Init {
            start: Box::new(move || Ok(started)),
            sign_in_from: None,
        };
        let app = App::builder().launch(init).detach();
        let window = app.widget().clone();
        // As when the desktop asks for it: it shows once it knows its size.
        ActionGroupExt::activate_action(&window, "show", None);
        until("the window", || window.is_mapped());
        frames(&window, 2);
        let scene = Self {
            app,
            window,
            engine,
            commands,
            account: AccountId(1),
        };
        scene.settle();
        scene
    }

    /// Lets answers of the store come and frames be drawn.
    pub fn settle(&self) {
        let context = gtk::glib::MainContext::default();
        for _ in 0..3 {
            let engine = self.engine.clone();
            // A query after all others: the reader has answered those.
            context
                .block_on(async move { engine.conversations().await })
                .unwrap();
            for _ in 0..20 {
                context.iteration(false);
            }
            frames(&self.window, 2);
        }
    }

    /// Ends the program.
    pub fn quit(&self) {
        WidgetExt::activate_action(&self.window, "win.quit", None).unwrap();
    }

    /// Clicks the line of a chat.
    pub fn open(&self, name: &str) {
        let list = self.chat_list();
        let position = self
            .lines()
            .iter()
            .position(|line| line.contains(name))
            .expect("the chat is in the list");
        list.emit_by_name::<()>("activate", &[&u32::try_from(position).unwrap()]);
        until("the chat", || {
            self.settle();
            self.history().is_mapped() && !self.history().live_rows().is_empty()
        });
    }

    /// The newest chat.
    pub fn open_chat(&self) -> ConversationId {
        let engine = self.engine.clone();
        Self::block_on(async move { engine.conversations().await }).unwrap()[0].id
    }

    pub fn chat_list(&self) -> gtk::ListView {
        all::<gtk::ListView>(&self.window, |list| list.has_css_class("chat-list")).remove(0)
    }

    /// The text of each line of the chat list, from the top.
    pub fn lines(&self) -> Vec<String> {
        let rows = all::<stonechat::ui::sidebar::row::SidebarRow>(&self.chat_list(), |row| {
            row.is_mapped()
        });
        rows.iter().map(texts).collect()
    }

    pub fn history(&self) -> HistoryView {
        self.history_if_any().expect("a chat was open")
    }

    pub fn history_if_any(&self) -> Option<HistoryView> {
        all::<HistoryView>(&self.window, |_| true).pop()
    }

    /// The visible text of each message that is live, from the top.
    pub fn messages(&self) -> Vec<String> {
        let history = self.history();
        history
            .live_rows()
            .filter_map(|index| history.row(index))
            .map(|row| texts(&row.downcast::<MessageRow>().unwrap()))
            .collect()
    }

    pub fn composer(&self) -> gtk::TextView {
        all::<gtk::TextView>(&self.window, |view| view.is_mapped()).remove(0)
    }

    pub fn button(&self, name: &str) -> gtk::Button {
        all::<gtk::Button>(&self.window, |button| {
            button.is_mapped()
                && (button.tooltip_text().as_deref() == Some(name)
                    || button.label().as_deref() == Some(name)
                    || texts(button) == name)
        })
        .into_iter()
        .next()
        .unwrap_or_else(|| panic!("no button {name}"))
    }

    /// Everything that can be read on a part of the window.
    pub fn reads(&self, words: &str) -> bool {
        texts(&self.window).contains(words)
    }

    pub fn take_commands(&mut self) -> Vec<Command> {
        self.settle();
        self.commands.taken_commands()
    }

    pub fn block_on<T>(future: impl Future<Output = T>) -> T {
        gtk::glib::MainContext::default().block_on(future)
    }

    pub fn chat(id: i64) -> ConversationId {
        ConversationId(id)
    }

    pub fn last_id(&self, chat: i64) -> MessageId {
        let engine = self.engine.clone();
        *Self::block_on(async move { engine.message_ids(ConversationId(chat)).await })
            .unwrap()
            .last()
            .unwrap()
    }
}

/// The visible labels below a widget, joined by spaces.
pub fn texts(root: &impl IsA<gtk::Widget>) -> String {
    let labels = all::<gtk::Label>(root, |label| label.is_mapped());
    let texts: Vec<String> = labels
        .iter()
        .map(|label| label.text().to_string())
        .filter(|text| !text.is_empty())
        .collect();
    texts.join(" ")
}

/// A window whose engine did not start.
pub fn launch_failing(error: StartError) -> adw::ApplicationWindow {
    let init = Init {
        start: Box::new(move || Err(error)),
        sign_in_from: None,
    };
    let mut app = App::builder().launch(init).detach();
    let window = app.widget().clone();
    app.detach_runtime();
    window.present();
    until("the window", || window.is_mapped());
    window
}
