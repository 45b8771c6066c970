//! Tells the engine whether the window can be seen, so that servers may hold
//! back what can wait while it cannot.
//!
//! Whether it is in front is another question: a window beside the one in use
//! is seen. The desktop tells that it is hidden, minimised or wholly covered.

use std::cell::Cell;
use std::rc::Rc;

use relm4::adw;
use relm4::gtk::glib::SignalHandlerId;
use relm4::gtk::prelude::*;

use crate::engine::api::{Command, Engine};

/// Watches the window as long as this lives.
pub struct Seen {
    window: adw::ApplicationWindow,
    handlers: Vec<SignalHandlerId>,
}

impl Seen {
    /// Begins to watch. The engine assumes that the window is seen until told
    /// otherwise.
    pub fn follow(window: &adw::ApplicationWindow, engine: &Engine) -> Self {
        let told = Rc::new(Cell::new(true));
        let tell = |engine: &Engine| {
            let (engine, told) = (engine.clone(), told.clone());
            move |window: &adw::ApplicationWindow| {
                let is_seen = window.is_mapped() && !window.is_suspended();
                if told.replace(is_seen) != is_seen {
                    engine.command(Command::Seen(is_seen));
                }
            }
        };
        let handlers = vec![
            window.connect_map(tell(engine)),
            window.connect_unmap(tell(engine)),
            window.connect_suspended_notify(tell(engine)),
        ];
        Self {
            window: window.clone(),
            handlers,
        }
    }
}

impl Drop for Seen {
    fn drop(&mut self) {
        for handler in self.handlers.drain(..) {
            self.window.disconnect(handler);
        }
    }
}
