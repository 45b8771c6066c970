//! The engine against a scripted link: what comes in, what goes out, what is shown.
#![allow(clippy::unwrap_used)]

mod accounts;
mod actions;
mod archive;
mod archive_gaps;
mod archive_ranges;
mod attacks;
mod awake;
mod backwards;
mod console;
mod contacts;
mod deletion;
mod encryption;
mod export;
mod full_disk;
mod limits;
mod not_yet;
mod opening;
mod order;
mod otr;
mod outbox;
mod passwords;
mod people;
mod privacy;
mod profiles;
mod reading;
mod refused;
mod resumption;
mod side_by_side;
mod sign_in;
mod stage;
