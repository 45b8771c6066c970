//! Telling a change of a setting.

use std::cell::Cell;
use std::rc::Rc;

use relm4::Sender;

use super::PreferencesMsg;
use crate::engine::model::Setting;

/// Tells what the user set. What is only shown is not set.
#[derive(Clone)]
pub struct Setter {
    input: Sender<PreferencesMsg>,
    is_showing: Rc<Cell<bool>>,
}

impl Setter {
    /// Makes one that tells `input`.
    pub fn new(input: &Sender<PreferencesMsg>) -> Self {
        Self {
            input: input.clone(),
            is_showing: Rc::default(),
        }
    }

    /// Tells that the user set something, unless it is being shown.
    pub fn set(&self, setting: Setting) {
        if !self.is_showing.get() {
            self.input.emit(PreferencesMsg::Set(setting));
        }
    }

    /// Runs `show`; what it moves counts as shown.
    pub fn while_showing(&self, show: impl FnOnce()) {
        self.is_showing.set(true);
        show();
        self.is_showing.set(false);
    }
}
