//! Starts Stonechat: logging, translations, resources, then the window.

use std::path::PathBuf;
use std::process::ExitCode;

use stonechat::engine::api::Engine;
use stonechat::engine::{self, Options};
use stonechat::ui::{self, Asked};
use tracing_subscriber::EnvFilter;

const HELP: &str = "\
Usage: stonechat [OPTION] [xmpp:ADDRESS]

  xmpp:ADDRESS         show what a link asks for, such as
                       xmpp:juliet@example.org?message; nothing happens before
                       you have answered
  --new-chat           find somebody to write to
  --sign-in-from FILE  fill the sign-in form from a file of four lines (address,
                       password, host, port; the last two may be empty) and sign
                       in with it; does nothing when that account is here already
  --gapplication-service
                       wait without a window until the desktop asks for one
  --version            print the version
  --help               print this text

A second start brings the window of the first to the front.

STONECHAT_LOG=debug (or info, warn, trace, MODULE=LEVEL) writes what happens to
standard error. It never holds passwords or the text of messages.";

fn main() -> ExitCode {
    let mut sign_in_from = None;
    let mut asked = Asked::Window;
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("--help") => {
                println!("{HELP}");
                return ExitCode::SUCCESS;
            }
            Some("--version") => {
                println!("Stonechat {}", env!("CARGO_PKG_VERSION"));
                return ExitCode::SUCCESS;
            }
            Some("--sign-in-from") => sign_in_from = arguments.next().map(PathBuf::from),
            Some("--gapplication-service") => asked = Asked::Service,
            Some("--new-chat") => asked = Asked::NewChat,
            Some(link) if is_chat_link(link) => asked = Asked::Link(link.to_owned()),
            _ => {
                eprintln!("stonechat: unknown option {}", argument.display());
                eprintln!("{HELP}");
                return ExitCode::FAILURE;
            }
        }
    }

    draw_as_fits();
    write_log();
    engine::keep_memory_private();
    ui::i18n::set_up();
    ui::register_resources();
    ui::run(
        || {
            let folder = ui::data_folder();
            let extra_ca = std::env::var_os("STONECHAT_EXTRA_CA").map(PathBuf::from);
            Engine::start(Options::new(folder).with_extra_ca(extra_ca))
        },
        sign_in_from,
        asked,
    );
    ExitCode::SUCCESS
}

/// Tells GTK who draws; see [`ui::drawing`]. Programs that are started from
/// here, for a link, inherit it.
fn draw_as_fits() {
    for (name, value) in ui::drawing::choice().into_iter().flatten() {
        // SAFETY: this is the program's only thread.
        #[allow(unsafe_code, reason = "GTK can be told in no other way")]
        unsafe {
            std::env::set_var(name, value);
        }
    }
}

fn write_log() {
    let mut filter =
        EnvFilter::try_from_env("STONECHAT_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    // Relm4 notes every input of a component with all it holds: texts of
    // messages among it.
    if let Ok(quiet) = "relm4=warn".parse() {
        filter = filter.add_directive(quiet);
    }
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}

fn is_chat_link(argument: &str) -> bool {
    argument
        .get(..5)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("xmpp:"))
}
