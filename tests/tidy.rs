//! House rules as tests: facts that a reader of this project relies on.
//!
//! Plain text searches over the sources; where one is wrong about a file, the
//! file stands in a list here with the reason.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    clippy::case_sensitive_file_extension_comparisons
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Lines a file may have before it must say why.
const LONGEST: usize = 400;

/// Files longer than that, and why.
const LONG_FOR_A_REASON: [(&str, &str); 20] = [
    (
        "src/engine/omemo/ratchet.rs",
        "the one file that names the ratchet's library, with the four stores it asks for",
    ),
    (
        "src/engine/store/conversations.rs",
        "a chat's line and all that moves it, which share its columns",
    ),
    (
        "src/ui/errors.rs",
        "one sentence for each thing that can go wrong, none left out",
    ),
    (
        "src/ui/preferences/mod.rs",
        "one component: one arm for each thing its pages say",
    ),
    (
        "src/ui/timeline/history_view.rs",
        "one widget, whose scrolling, laying out and keeping of place share one state",
    ),
    (
        "src/ui/app/mod.rs",
        "the root component: one arm for each thing its children say",
    ),
    (
        "src/ui/account_setup/mod.rs",
        "one component; the macro keeps its pages beside its messages",
    ),
    (
        "src/ui/sidebar/mod.rs",
        "one component; the macro keeps its list beside its messages",
    ),
    (
        "src/ui/timeline/source.rs",
        "one state: the messages of the open chat, and the rows they make",
    ),
    (
        "src/ui/timeline/message.rs",
        "one row: its parts, and all that a message may bring into them",
    ),
    (
        "src/ui/timeline/mod.rs",
        "one component: reading, merging and moving one window of rows",
    ),
    (
        "src/engine/store/messages.rs",
        "one query after the other, each short and on its own",
    ),
    (
        "src/engine/account/catch_up.rs",
        "the one story of reading an archive, forwards and backwards",
    ),
    (
        "src/engine/account/session.rs",
        "the life of an account: every state and how it leads to the next",
    ),
    (
        "src/engine/account/supervisor.rs",
        "every wish of the user, each with its short answer",
    ),
    (
        "src/engine/link/running.rs",
        "one loop: what may happen on a stream that is up, and its deadlines",
    ),
    (
        "src/engine/link/dial.rs",
        "names, addresses and tries of one connection, in the order they happen",
    ),
    (
        "src/engine/link/mod.rs",
        "half of it is what the link's words mean",
    ),
    (
        "src/engine/testing.rs",
        "one small function after the other for fixtures",
    ),
    (
        "src/engine/testing/script.rs",
        "one small function for each thing a server may do",
    ),
];

/// Files of the wire that follow no specification.
const WITHOUT_A_SOURCE: [(&str, &str); 4] = [
    (
        "src/engine/link/turns.rs",
        "speaks to nobody; it says when to begin",
    ),
    (
        "src/engine/link/tap.rs",
        "writes what passes to the log and the console",
    ),
    (
        "src/engine/link/xml/builder.rs",
        "puts elements together; what they are is the parser's knowledge",
    ),
    (
        "src/engine/link/xml/scopes.rs",
        "follows Namespaces in XML, which is neither a XEP nor an RFC",
    ),
];

/// Tests that pause.
const MAY_PAUSE: [(&str, &str); 2] = [
    (
        "tests/integration/killed.rs",
        "lets a program live for a random time before it is killed",
    ),
    (
        "tests/secrets/main.rs",
        "plays a person who takes longer than a keyring may",
    ),
];

/// SQL outside the store.
const MAY_SPEAK_SQL: [(&str, &str); 2] = [
    (
        "src/engine/testing.rs",
        "writes fixtures into the store for tests; never in a release",
    ),
    (
        "src/engine/testing/actions.rs",
        "writes fixtures into the store for tests; never in a release",
    ),
];

struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The lines before the tests at the end of a file.
    fn code(&self) -> &str {
        self.text
            .split("#[cfg(test)]\nmod ")
            .next()
            .unwrap_or(&self.text)
    }

    /// The lines of `code` that are no comments.
    fn statements(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code()
            .lines()
            .enumerate()
            .map(|(number, line)| (number + 1, line.trim()))
            .filter(|(_, line)| !line.starts_with("//"))
    }

    fn is_test(&self) -> bool {
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let made = ["target", ".git", "demo-tour", "__pycache__", ".cache"];
        // Holds download addresses, and is made anew each time.
        if made.contains(&name.as_str()) || name == "cargo-sources.json" {
            continue;
        }
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Every text file of the project.
fn everything() -> Vec<Source> {
    let mut files = Vec::new();
    walk(root(), &mut files);
    files
        .into_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(&path).ok()?; // a picture is no text
            let path = path
                .strip_prefix(root())
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            Some(Source { path, text })
        })
        .collect()
}

/// The Rust files below one of these folders.
fn rust(folders: &[&str]) -> Vec<Source> {
    let files: Vec<_> = everything()
        .into_iter()
        .filter(|file| {
            Path::new(&file.path)
                .extension()
                .is_some_and(|kind| kind == "rs")
        })
        .filter(|file| folders.iter().any(|folder| file.path.starts_with(folder)))
        .collect();
    assert!(!files.is_empty(), "no files in {folders:?}");
    files
}

fn is_listed(list: &[(&str, &str)], path: &str) -> bool {
    list.iter().any(|(listed, _)| *listed == path)
}

/// Fails with all that was found, one a line.
fn none(rule: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{rule}:\n  {}", found.join("\n  "));
}

/// Returns whether `word` stands in `line` as a word of its own.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(place, _)| {
        !line[..place].ends_with(is_part) && !line[place + word.len()..].starts_with(is_part)
    })
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// What heads the entry of a row of the README's table: its first words,
/// without markup.
fn heading(row: &str) -> String {
    let ends = [", ", ": ", "; "].into_iter();
    let end = ends.filter_map(|end| row.find(end)).min();
    row[..end.unwrap_or(row.len())].replace(['*', '`'], "")
}

/// The entries of docs/proofs.md: what heads each, and what stands below.
fn proofs(page: &str) -> Vec<(&str, &str)> {
    let entries = page.split("\n## ").skip(1);
    entries
        .map(|entry| entry.split_once('\n').unwrap())
        .collect()
}

#[test]
fn every_rust_file_says_what_it_owns() {
    let silent = rust(&["src/", "tests/", "build.rs", "examples/", "benches/"])
        .into_iter()
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| file.path)
        .collect();
    none("files without a `//!` header", silent);
}

#[test]
fn no_file_is_too_long_without_a_reason() {
    let files = rust(&["src/"]);
    let long = files
        .iter()
        .filter(|file| !file.is_test() && !is_listed(&LONG_FOR_A_REASON, &file.path))
        .map(|file| (file.code().lines().count(), &file.path))
        .filter(|(lines, _)| *lines > LONGEST)
        .map(|(lines, path)| format!("{path}: {lines} lines"))
        .collect();
    none("files longer than 400 lines", long);
}

#[test]
fn the_lists_of_exceptions_name_files_that_are_there() {
    let gone = LONG_FOR_A_REASON
        .iter()
        .chain(&WITHOUT_A_SOURCE)
        .chain(&MAY_SPEAK_SQL)
        .chain(&MAY_PAUSE)
        .filter(|(path, _)| !root().join(path).exists())
        .map(|(path, _)| (*path).to_owned())
        .collect();
    none("exceptions without a file", gone);
}

#[test]
fn every_file_of_the_wire_cites_its_source() {
    let silent = rust(&["src/engine/xmpp/", "src/engine/link/"])
        .into_iter()
        .filter(|file| !file.is_test() && !is_listed(&WITHOUT_A_SOURCE, &file.path))
        // What only holds its children together has no source of its own.
        .filter(|file| !file.path.ends_with("/mod.rs"))
        .filter(|file| !file.text.contains("XEP-0") && !file.text.contains("RFC "))
        .map(|file| file.path)
        .collect();
    none("files that name neither a XEP nor an RFC", silent);
}

#[test]
fn the_engine_knows_no_widget() {
    let mut found = Vec::new();
    for file in rust(&["src/engine/"]) {
        for (number, line) in file.statements() {
            for word in [
                "gtk",
                "gtk4",
                "adw",
                "libadwaita",
                "relm4",
                "glib",
                "gio",
                "gettext",
                "gettextrs",
            ] {
                if has_word(line, word) {
                    found.push(format!("{}:{number}: {word}", file.path));
                }
            }
        }
    }
    none("words of the window in the engine", found);
}

#[test]
fn the_window_knows_no_stanza() {
    let mut found = Vec::new();
    for file in rust(&["src/ui/", "src/main.rs"]) {
        for (number, line) in file.statements() {
            for word in [
                "minidom",
                "xmpp_parsers",
                "rusqlite",
                "rxml",
                "tokio_rustls",
            ] {
                if has_word(line, word) {
                    found.push(format!("{}:{number}: {word}", file.path));
                }
            }
        }
    }
    none("words of the wire or the store in the window", found);
}

#[test]
fn only_the_store_speaks_sql() {
    let mut found = Vec::new();
    for file in rust(&["src/"]) {
        if file.path.starts_with("src/engine/store/")
            || is_listed(&MAY_SPEAK_SQL, &file.path)
            || file.is_test()
        {
            continue;
        }
        for (number, line) in file.statements() {
            for words in [
                "SELECT ",
                "INSERT INTO ",
                "DELETE FROM ",
                "CREATE TABLE ",
                "PRAGMA ",
            ] {
                if line.contains(words) {
                    found.push(format!("{}:{number}", file.path));
                }
            }
        }
    }
    none("SQL outside the store", found);
}

#[test]
fn only_the_link_names_sockets_and_tls() {
    let mut found = Vec::new();
    for file in rust(&["src/"]) {
        if file.path.starts_with("src/engine/link/") || file.is_test() {
            continue;
        }
        for (number, line) in file.statements() {
            if line == "use rxml::{Namespace, NcName};" {
                continue; // what the names of elements are made of
            }
            for word in [
                "TcpStream",
                "tokio_rustls",
                "rustls",
                "rxml",
                "hickory_resolver",
            ] {
                if has_word(line, word) {
                    found.push(format!("{}:{number}: {word}", file.path));
                }
            }
        }
    }
    none("sockets, TLS or the XML reader outside the link", found);
}

#[test]
fn what_we_announce_is_spoken_by_a_module() {
    let names = fs::read_to_string(root().join("src/engine/xmpp/namespaces.rs")).unwrap();
    let list = names.split("ANNOUNCED").nth(1).unwrap();
    let list = &list[list.find("= [").unwrap() + 3..list.find("];").unwrap()];
    let announced: Vec<_> = list
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .collect();
    assert!(announced.len() > 3, "{announced:?}");
    let modules = rust(&["src/engine/xmpp/", "src/engine/account/"]);

    let silent = announced
        .into_iter()
        .filter(|name| {
            !modules.iter().any(|file| {
                !file.path.ends_with("/namespaces.rs")
                    && file.statements().any(|(_, line)| has_word(line, name))
            })
        })
        .map(str::to_owned)
        .collect();
    none("announced, but spoken by no module", silent);
}

#[test]
fn every_sentence_of_the_window_can_be_translated() {
    // What a person reads or hears, set from a literal.
    const SPOKEN: [&str; 10] = [
        "label",
        "title",
        "subtitle",
        "tooltip_text",
        "placeholder_text",
        "description",
        "heading",
        "body",
        "text",
        "markup",
    ];
    let mut found = Vec::new();
    for file in rust(&["src/ui/"]) {
        for (number, line) in file.statements() {
            for name in SPOKEN {
                for start in [
                    format!("set_{name}(\""),
                    format!("set_{name}(Some(\""),
                    format!("set_{name}: \""),
                    format!("set_{name}: Some(\""),
                    format!(".{name}(\""),
                    format!("Property::{}(\"", name[..1].to_uppercase() + &name[1..]),
                ] {
                    if let Some((_, literal)) = line.split_once(&start) {
                        let literal = literal.split('"').next().unwrap_or_default();
                        // A name is not translated, nor is a sign.
                        if literal != "Stonechat" && literal.chars().any(char::is_alphabetic) {
                            found.push(format!("{}:{number}: {literal:?}", file.path));
                        }
                    }
                }
            }
        }
    }
    none("sentences that go past gettext", found);
}

#[test]
fn the_window_speaks_words_that_people_know() {
    let mut found = Vec::new();
    for file in rust(&["src/ui/"]) {
        // Sentences may go over several lines: look from each call to its end.
        for (place, _) in file.code().match_indices("gettext(") {
            let sentence = &file.code()[place..];
            let sentence = &sentence[..sentence.find("\")").unwrap_or(sentence.len()).min(600)];
            for word in [
                "JID", "jid", "roster", "stanza", "resource", "MUC", "presence",
            ] {
                if has_word(sentence, word) {
                    let number = file.code()[..place].lines().count();
                    found.push(format!("{}:{number}: {word}", file.path));
                }
            }
        }
    }
    none("words of the protocol in sentences for people", found);
}

#[test]
fn nothing_names_a_machine_or_a_registry() {
    // Put together here, so that this file does not name them itself.
    let registries =
        [["crates", "io"], ["pypi", "org"], ["npmjs", "org"]].map(|parts| parts.join("."));
    let mirrors =
        [["deb", "debian", "org"], ["proxy", "golang", "org"]].map(|parts| parts.join("."));
    let homes = ["root", "home/user"].map(|folder| format!("/{folder}/."));
    let mut found = Vec::new();
    for file in everything() {
        if file.path == "Cargo.lock" {
            continue; // cargo writes where each crate is from
        }
        for (number, line) in file.text.lines().enumerate() {
            for name in registries.iter().chain(&mirrors).chain(&homes) {
                if line.contains(name.as_str()) {
                    found.push(format!("{}:{}: {name}", file.path, number + 1));
                }
            }
        }
    }
    none("hosts of registries, or paths of one machine", found);
}

#[test]
fn nothing_sleeps_in_a_test() {
    let sleep = ["sl", "eep("].concat();
    let mut found = Vec::new();
    for file in rust(&["tests/"]) {
        for (number, line) in file.statements() {
            if line.contains(&sleep) && !is_listed(&MAY_PAUSE, &file.path) {
                found.push(format!("{}:{number}", file.path));
            }
        }
    }
    none("a pause instead of a condition", found);
}

#[test]
fn each_line_of_the_feature_table_has_its_proofs() {
    let readme = read("README.md");
    let rows: Vec<_> = readme
        .lines()
        .filter_map(|line| line.strip_prefix("| ✓ | "))
        .map(|row| heading(row.split(" | ").next().unwrap()))
        .collect();
    assert!(rows.len() > 3, "{rows:?}");
    let page = read("docs/proofs.md");
    let entries: Vec<_> = proofs(&page).iter().map(|(head, _)| *head).collect();
    let count = |heads: &[&str], sought: &str| {
        let same = heads.iter().filter(|head| **head == sought);
        same.count()
    };

    let rows: Vec<_> = rows.iter().map(String::as_str).collect();
    let unlike = rows
        .iter()
        .chain(&entries)
        .map(|head| (count(&rows, head), count(&entries, head), head))
        .filter(|(in_table, in_proofs, _)| (*in_table, *in_proofs) != (1, 1))
        .map(|(in_table, in_proofs, head)| {
            format!("{head}: {in_table} in the table, {in_proofs} in docs/proofs.md")
        })
        .collect();
    none(
        "lines of the table without one entry, or the reverse",
        unlike,
    );
}

#[test]
fn what_proves_a_line_is_there() {
    let page = read("docs/proofs.md");
    let sources = rust(&["src/", "tests/"]);
    let mut gone = Vec::new();
    for (head, entry) in proofs(&page) {
        let (mut file, mut proofs) = (None, 0);
        // All that stands between back ticks is a file, a picture or a test.
        for name in entry.split('`').skip(1).step_by(2) {
            let is_there = if name.ends_with(".png") {
                proofs += 1;
                root().join(name).exists()
            } else if name.ends_with(".rs") {
                file = sources.iter().find(|source| source.path == name);
                file.is_some()
            } else {
                proofs += 1;
                file.is_some_and(|file| file.text.contains(&format!("fn {name}(")))
            };
            if !is_there {
                gone.push(format!("{head}: {name}"));
            }
        }
        if proofs == 0 {
            gone.push(format!("{head}: nothing proves it"));
        }
    }
    none("named in docs/proofs.md, but not there", gone);
}
