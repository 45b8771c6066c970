//! What the person chose for the spelling, kept for the next run: on or off is
//! one of the preferences, the language a setting of its own.

use super::spelling::Chosen;
use crate::engine::api::{Command, Engine};
use crate::engine::model::Setting;

const LANGUAGE: &str = "spelling-language";

/// Returns whether spelling is checked, and the language chosen in an earlier
/// run. Without an answer it is as usual, in the language of the session.
pub async fn read(engine: &Engine) -> (bool, Option<String>) {
    let preferences = engine.preferences().await.unwrap_or_default();
    let language = engine.setting(LANGUAGE).await;
    (preferences.checks_spelling, language.ok().flatten())
}

/// Keeps what was chosen in the context menu.
pub fn keep(engine: &Engine, chosen: Chosen) {
    let code = match chosen {
        Chosen::Checks(is_on) => {
            return engine.command(Command::Set(vec![Setting::ChecksSpelling(is_on)]));
        }
        Chosen::Language(code) => code,
    };
    let engine = engine.clone();
    relm4::spawn(async move {
        if let Err(error) = engine.set_setting(LANGUAGE, &code).await {
            tracing::warn!(%error, "The language chosen for the spelling is not kept.");
        }
    });
}
