//! Small widgets and their rules, used by several parts of the window.

pub mod account_mark;
pub mod avatar;
pub mod block_question;
pub mod contact_question;
pub mod faces;
pub mod keep;
pub mod keys;
pub mod label;
pub mod marks;
pub mod menu_place;
pub mod page;
pub mod person_line;
pub mod picture_file;
pub mod question;
pub mod tooltip;
pub mod verdict;
pub mod voice;
pub mod way;
