//! The window in German: the catalogue is whole, found, and fits.

use std::path::Path;
use std::process::{Command, Stdio};

use relm4::adw::prelude::*;
use stonechat::ui::i18n;

use crate::Test;
use crate::preferences::{page, preferences};
use crate::scene::{Scene, texts, verona};
use crate::support::{shot, until};

pub const TESTS: &[Test] = &[("the_window_speaks_german", the_window_speaks_german)];

/// Set in the process that is to be German: its catalogues.
const CATALOGUES: &str = "STONECHAT_TEST_CATALOGUES";

/// The language of a process is chosen when it starts, so this one starts
/// another. glibc wants a locale of the name, and the C locale has none: a copy
/// of it in the place of the German one will do, as only sentences matter here.
fn the_window_speaks_german() {
    if let Some(catalogues) = std::env::var_os(CATALOGUES) {
        i18n::set_up_from(Path::new(&catalogues));
        look();
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let catalogues = folder.path().join("catalogues");
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    run(Command::new(project.join("build-aux/translations")).arg(&catalogues));
    let locale = folder.path().join("locales");
    std::fs::create_dir(&locale).unwrap();
    run(Command::new("cp")
        .args(["-r", "/usr/lib/locale/C.utf8"])
        .arg(locale.join("de_DE.utf8")));

    run(Command::new(std::env::current_exe().unwrap())
        .arg("the_window_speaks_german")
        .env(CATALOGUES, catalogues)
        .env("LOCPATH", locale)
        .env("LC_ALL", "de_DE.UTF-8")
        .env("LANGUAGE", "de"));
}

/// What it prints is its own; the count of tests is made once.
fn run(command: &mut Command) {
    command.stdout(Stdio::null());
    assert!(command.status().unwrap().success(), "{command:?}");
}

fn look() {
    let start = Scene::launch(|_| {});
    assert!(start.reads("in einem Netz, das niemandem gehört."));
    assert!(start.button("Anmelden").is_mapped());
    shot(&start.window, "german-start");

    let (scene, _) = verona();
    scene.open("Juliet");
    shot(&scene.window, "german");
    for words in [
        "Neue Nachrichten",
        "Heute",
        "Nicht gesendet. Der Server hat nicht geantwortet.",
        "Gerade da",
    ] {
        assert!(scene.reads(words), "{words}");
    }
    assert!(scene.button("Erneut senden").is_mapped());

    let link = "xmpp:tybalt@example.org?message;body=hi".to_variant();
    WidgetExt::activate_action(&scene.window, "win.open-link", Some(&link)).unwrap();
    until("the question", || {
        scene.settle();
        scene.window.visible_dialog().is_some()
    });
    assert!(scene.reads("An tybalt@example.org schreiben?"));
    shot(&scene.window, "german-link");
    scene.button("Abbrechen").emit_clicked();
    scene.settle();

    let dialog = preferences(&scene);
    for (name, words) in [
        ("Konten", "Hinzufügen"),
        ("Aussehen", "Textgröße"),
        ("Privatsphäre", "Deine Kontakte sehen „schreibt …“"),
        ("Schreiben", "Rechtschreibung prüfen"),
        ("Erweitert", "Ordner"),
    ] {
        page(&scene, &dialog, name);
        shot(&scene.window, &format!("german-{name}"));
        let shown = texts(&dialog);
        assert!(shown.contains(words), "{words} in {shown}");
    }
}
