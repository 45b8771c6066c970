//! What the person chose for the spelling, kept for the next run: on or off is
//! one of the preferences, the language a setting of its own.

use super::spelling::Chosen;
use crate::engine::api::{Command, Engine};
use crate::engine::model::Preferences;

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
    let engine = engine.clone();
    relm4::spawn(async move {
        let kept = match chosen {
            Chosen::Language(code) => engine.set_setting(LANGUAGE, &code).await,
            Chosen::Checks(checks_spelling) => engine.preferences().await.map(|preferences| {
                engine.command(Command::SetPreferences(Preferences {
                    checks_spelling,
                    ..preferences
                }));
            }),
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "What was chosen for the spelling is not kept.");
        }
    });
}
