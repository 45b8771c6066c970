//! Tells the engine when the desktop's network comes and goes.

use relm4::gtk::gio::{self, prelude::*};

use crate::engine::api::{Command, Engine};

/// Follows the network as long as the returned guard lives.
pub struct Network {
    monitor: gio::NetworkMonitor,
    handler: Option<relm4::gtk::glib::SignalHandlerId>,
}

impl Network {
    /// Begins to follow. The engine assumes a network until told otherwise.
    pub fn follow(engine: &Engine) -> Self {
        let monitor = gio::NetworkMonitor::default();
        let engine = engine.clone();
        let handler = monitor.connect_network_changed(move |_, is_up| {
            engine.command(Command::Network { is_up });
        });
        Self {
            monitor,
            handler: Some(handler),
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if let Some(handler) = self.handler.take() {
            self.monitor.disconnect(handler);
        }
    }
}
