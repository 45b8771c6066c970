//! No query walks through a whole table or sorts by itself.
//!
//! The queries are read from the source, so that a new one is looked at
//! without anybody thinking of it.

use super::*;

/// What stands for the places in queries that are put together.
const PARTS: &[(&str, &str)] = &[
    ("{ROW}", conversations::ROW),
    ("{COUNT_UNREAD}", conversations::COUNT_UNREAD),
    ("{IS_SHOWN}", conversations::IS_SHOWN),
    ("{COLUMNS}", accounts::COLUMNS),
    ("{DEVICE}", devices::DEVICE),
    ("{column}", "origin_id"),
    ("{table}", "outbox"),
    ("{condition}", "delivery < 3"),
];

/// Queries that want the whole of a small table.
const WHOLE_TABLE: &[&str] = &[
    "FROM accounts WHERE is_removed = 0 ORDER BY id",
    "SELECT id\n FROM accounts\n ORDER BY id",
    "FROM contacts p\n JOIN accounts a",
    "FROM sqlite_schema",
    // The whole outbox, which is empty most of the time.
    "GROUP BY o.account_id",
    "DELETE FROM outbox WHERE kind",
    // Which of all chats have messages that are too old, asked for each hour.
    "FROM accounts a\n JOIN conversations c ON c.account_id = a.id\n WHERE days > 0",
    // What one transaction changed, read and forgotten at its end.
    "FROM unsearched u",
    "DELETE FROM unsearched",
    // Pictures of people, some hundreds, when one of them changes.
    "DELETE FROM pictures",
    "SELECT b.account_id, b.address",
    // The chat list, in the order of its index.
    "ORDER BY c.last_time DESC, c.id DESC",
];

/// The string literals of a source file that are queries.
fn queries(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]").next().unwrap();
    let code: Vec<&str> = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join("\n");
    let verbs = [
        "SELECT ", "INSERT ", "UPDATE ", "DELETE ", "{ROW}", "{DEVICE}",
    ];
    code.split('"')
        .skip(1)
        .step_by(2)
        .map(str::trim)
        .filter(|text| verbs.iter().any(|verb| text.starts_with(verb)))
        // A part is never run by itself.
        .filter(|text| PARTS.iter().all(|(_, part)| part.trim() != *text))
        .map(|text| {
            PARTS.iter().fold(text.to_owned(), |text, (place, part)| {
                text.replace(place, part)
            })
        })
        .collect()
}

/// The steps of a plan that make a query slow in a long history.
fn slow_steps(connection: &Connection, query: &str) -> Vec<String> {
    let mut plan = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {query}"))
        .unwrap_or_else(|error| panic!("{error} in {query}"));
    let mut rows = plan.raw_query();
    let mut slow = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        let step: String = row.get("detail").unwrap();
        // Constants, and the rows of a subquery that was looked at by itself.
        // The index of words, asked for words or for a row.
        let is_index_of_words = step
            .split_once("VIRTUAL TABLE INDEX ")
            .and_then(|(_, plan)| plan.split_once(':'))
            .is_some_and(|(_, constraint)| constraint.starts_with(['M', '=']));
        let is_small = is_index_of_words
            || step.split(' ').nth(1).is_some_and(|name| {
                name == "CONSTANT"
                    || name.starts_with("(subquery")
                    || query.contains(&format!(") AS {name}"))
            });
        // Walking back in time until one has this id: through the whole chat
        // where none has.
        let walks_back = step.ends_with("messages_in_order (conversation_id=?)")
            && ["stanza_id =", "origin_id =", "archive_id =", "reply_id ="]
                .iter()
                .any(|wanted| query.contains(wanted));
        if (step.starts_with("SCAN") && !is_small) || step.contains("TEMP B-TREE") || walks_back {
            slow.push(step);
        }
    }
    slow
}

#[test]
fn every_query_finds_its_rows_by_an_index() {
    let connection = in_memory();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine/store");
    let mut seen = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let file = path.display();
        for query in queries(&std::fs::read_to_string(&path).unwrap()) {
            seen += 1;
            let folded = query.lines().map(str::trim).collect::<Vec<_>>().join("\n ");
            let slow = slow_steps(&connection, &query);
            if WHOLE_TABLE.iter().any(|allowed| folded.contains(allowed)) {
                assert!(
                    !slow.iter().any(|step| step.contains("TEMP B-TREE")),
                    "{file}: {query}\n{slow:?}"
                );
            } else {
                assert!(slow.is_empty(), "{file}: {query}\n{slow:?}");
            }
        }
    }
    assert!(seen > 20, "only {seen} queries were found");
}

#[test]
fn a_walk_through_the_table_and_a_sort_are_noticed() {
    let connection = in_memory();

    let walk = slow_steps(&connection, "SELECT id FROM messages WHERE body = 'x'");
    let sort = slow_steps(
        &connection,
        "SELECT id FROM messages WHERE conversation_id = 1 ORDER BY body",
    );

    let back = slow_steps(
        &connection,
        "SELECT id, max(time) FROM messages WHERE conversation_id = 1 AND stanza_id = 'x'",
    );

    assert_eq!(walk, ["SCAN messages"]);
    assert_eq!(back.len(), 1, "{back:?}");
    assert_eq!(sort, ["USE TEMP B-TREE FOR ORDER BY"]);
}
