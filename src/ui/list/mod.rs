//! Lists that follow the store.

pub mod merge;
