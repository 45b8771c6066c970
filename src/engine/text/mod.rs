//! Pure work on text, shared by the engine and the window.

mod action;
mod chat_link;
mod emoji;
mod file_link;
mod links;
mod names;
mod preview;
mod seen;
mod styling;
mod verification_link;
mod wanted;
mod whom;
mod words;

pub use action::{action, doer, without_command};
pub use chat_link::{ChatLink, Invitation, LinkFault, LinkWish, chat_link};
pub use emoji::{chosen_emoji, is_emoji};
pub use file_link::{FileLink, file_link};
pub use links::{Link, leads_to, links, may_open, without_keys};
pub use names::{address, isolated, mixes_alphabets, name};
pub use preview::preview;
pub use seen::seen;
pub use styling::{Block, DEEPEST_QUOTE, Piece, Role, Style, styled, unstyled};
pub use verification_link::{VerificationFault, VerificationLink};
pub use wanted::{Day, Term, Wanted};
pub use whom::{Whom, whom};
pub use words::{beginning, excerpt, found, holds, searchable};
