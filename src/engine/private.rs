//! Keeps what is in memory to this program: passwords, keys, and everything
//! people write to each other (attack A55).
//!
//! A program that dies leaves no picture of its memory on the disk, and other
//! programs of the same user cannot look into it while it runs. Who wants to
//! look, to find a fault, runs it under a debugger from the start.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// Keeps this program's memory to itself, from now on; early in `main`.
pub fn keep_memory_private() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // Where the one is not possible the other still helps.
    if let Err(error) = setrlimit(Resource::Core, none) {
        tracing::warn!(%error, "A crash may leave what is in memory on the disk.");
    }
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "Other programs may look into this one's memory.");
    }
}
