//! What Stonechat costs, measured from inside; `build-aux/bench` runs it and
//! prints the table. Nothing here can fail for being slow.
//!
//! ```text
//! measure window                      long chats in a real display
//! measure catch-up                    a real server's archive
//! measure codes                       what a camera sees badly
//! measure search                      a million messages, and what the index costs
//! measure styling                     what reading texts costs
//! measure encryption                  what the ratchet costs, bare and kept
//! measure fill DATA_FOLDER ADDRESS    no figure: a history for the program
//! ```
//!
//! Each figure is a line of standard output, a JSON object.
#![allow(missing_docs, clippy::unwrap_used)]

mod catch_up;
mod catching_up;
mod codes;
mod encryption;
mod fill;
mod history;
#[allow(dead_code)]
#[path = "../tests/support/prosody.rs"]
mod prosody;
#[allow(dead_code)]
#[path = "../tests/ui/scene.rs"]
mod scene;
mod scrolling;
mod searching;
mod styling;
#[allow(dead_code)]
#[path = "../tests/ui/support.rs"]
mod support;
mod typing;
mod window;

use std::path::Path;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["window"] => window::measure(),
        ["catch-up"] => catch_up::measure(),
        ["codes"] => codes::measure(),
        ["search"] => searching::measure(),
        ["styling"] => styling::measure(),
        ["encryption"] => encryption::measure(),
        ["fill", folder, address] => fill::fill(Path::new(folder), address),
        _ => eprintln!("Run build-aux/bench, or see the head of benches/main.rs."),
    }
}

/// Says a figure.
pub fn tell(name: &str, value: f64) {
    println!("{{\"name\": \"{name}\", \"value\": {value:.3}}}");
}
