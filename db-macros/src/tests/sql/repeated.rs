//! What adds up when it is repeated: each statement is run once and twice, and the
//! database looked at after both.
//!
//! A word in brackets begins the name of a statement about which the rule and the truth
//! differ: `[stricter]` does not add up but is said to, `[missed]` adds up but is not
//! said to, `[open]` adds up and may be said to or not, `[unrunnable]` is not in this
//! build of SQLite.

use rusqlite::Connection;
use rusqlite::types::Value;

use super::corpus::{Entry, read};
use super::report;
use crate::sql::statements;

/// Runs a statement, with the numbers 1, 2, ... for its parameters. That it fails is
/// one of the ways in which it can end.
fn run(conn: &Connection, sql: &str) -> rusqlite::Result<()> {
    let mut statement = conn.prepare(sql)?;
    for at in 1..=statement.parameter_count() {
        statement.raw_bind_parameter(at, i64::try_from(at).unwrap()).unwrap();
    }
    let mut rows = statement.raw_query();
    while let Ok(Some(_)) = rows.next() {}
    Ok(())
}

/// Everything in the database, in an order that does not matter.
fn contents(conn: &Connection) -> Vec<String> {
    let rows = |sql: &str| -> Vec<String> {
        let mut statement = conn.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let values: rusqlite::Result<Vec<Value>> = (0..columns).map(|at| row.get(at)).collect();
            Ok(format!("{sql}: {:?}", values?))
        });
        rows.unwrap().map(Result::unwrap).collect()
    };
    let mut all = rows("SELECT type, name, sql FROM sqlite_schema");
    let mut tables =
        conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY 1").unwrap();
    let names = tables.query_map([], |row| row.get::<_, String>(0)).unwrap();
    for name in names {
        all.extend(rows(&format!("SELECT * FROM \"{}\"", name.unwrap())));
    }
    all.extend(rows("PRAGMA user_version"));
    all.sort();
    all
}

fn database(set_up: &[Entry]) -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    for entry in set_up.iter().filter(|entry| entry.runs) {
        conn.execute_batch(entry.sql).unwrap();
    }
    conn
}

/// Whether the second run changes anything.
fn truth(set_up: &[Entry], sql: &str) -> rusqlite::Result<bool> {
    let conn = database(set_up);
    run(&conn, sql)?;
    let once = contents(&conn);
    // Some can't even be prepared a second time.
    Ok(run(&conn, sql).is_ok() && once != contents(&conn))
}

fn is_marked(entry: &Entry, mark: &str) -> bool {
    entry.name.strip_prefix('[').is_some_and(|rest| rest.starts_with(mark))
}

#[test]
fn what_adds_up_does_when_it_is_run_twice() {
    let tables = read(include_str!("adds_up.sql"));
    let harmless = read(include_str!("harmless.sql"));
    let groups = [(&tables, true, "[stricter]"), (&harmless, false, "[missed]")];
    let mut wrong = Vec::new();
    for (entries, adds_up, exception) in groups {
        let mut counts = [0; 2];
        for entry in entries.iter().filter(|entry| !entry.runs) {
            let (name, sql) = (entry.name, entry.sql);
            if is_marked(entry, "unrunnable]") {
                if database(&tables).prepare(sql).is_ok() {
                    wrong.push(format!("{name}: this build of SQLite can run it\n{sql}"));
                }
            } else {
                counts[0] += 1;
                let truth = truth(&tables, sql);
                let differs = name.starts_with(exception);
                counts[1] += usize::from(differs);
                if truth != Ok(adds_up != differs) {
                    wrong.push(format!("{name}: whether it adds up in truth: {truth:?}\n{sql}"));
                }
            }
            let found = statements(sql);
            if found.len() != 1 {
                wrong.push(format!("{name}: {} statements to us\n{sql}", found.len()));
            } else if found[0].adds_up().is_some() != adds_up && !is_marked(entry, "open]") {
                wrong.push(format!("{name}: should add up to us: {adds_up}\n{sql}"));
            }
        }
        let all = entries.iter().filter(|entry| !entry.runs).count();
        let [ran, differing] = counts;
        println!("adds up: {adds_up}: {all}, of which {ran} were run, {differing} {exception}");
    }
    report("disagreements", &wrong);
}

/// FTS5 takes commands as rows with the table's own name: https://sqlite.org/fts5.html
#[test]
fn a_command_for_a_virtual_table_is_no_row() {
    let adds_up = |sql: &str| statements(sql)[0].adds_up().is_some();
    assert!(!adds_up("INSERT INTO docs(docs) VALUES ('rebuild')"));
    assert!(!adds_up("INSERT INTO docs(docs, rank) VALUES ('rank', 'bm25(10.0)')"));
    assert!(adds_up("INSERT INTO docs(text) VALUES ('rebuild')"));
}
