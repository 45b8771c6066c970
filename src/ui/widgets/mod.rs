//! Small widgets and their rules, used by several parts of the window.

pub mod avatar;
