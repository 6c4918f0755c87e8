//! No false alarm: what we say of a statement is what SQLite says of it.
//!
//! `sqlite3_stmt_readonly` and the authorizer are the judges. The statements are data
//! in the `.sql` files next to this one.

mod blanks;
mod corpus;
mod judge;
mod mutants;
mod repeated;
mod schema;

use judge::{EXCEPTIONS, Verdict, expected, plain};
use schema::{batches, parts};

use crate::sql::{Does, statements};

/// What we say of each statement of a text, as far as SQLite has a word for it.
fn ours(sql: &str) -> Vec<Does> {
    let does = statements(sql).into_iter().map(|statement| statement.does());
    does.map(|does| match does {
        Does::Vacuums | Does::CreatesTemporary => Does::Writes,
        Does::Acts => Does::Sets,
        does => does,
    })
    .collect()
}

/// What we should say of each, going by SQLite.
fn theirs(verdicts: &[Verdict]) -> Vec<Does> {
    verdicts.iter().map(|verdict| expected(verdict).0).collect()
}

/// Fails with everything that went wrong.
fn report(what: &str, wrong: &[String]) {
    // Of thousands of mutants, a few will do.
    let shown = wrong.iter().take(150).map(String::as_str).collect::<Vec<_>>();
    assert!(wrong.is_empty(), "{} {what}:\n\n{}", wrong.len(), shown.join("\n\n"));
}

#[test]
fn each_statement_is_to_us_what_it_is_to_sqlite() {
    let mut wrong = Vec::new();
    let mut differing = vec![Vec::new(); EXCEPTIONS.len()];
    let mut counts = Vec::new();
    for part in parts() {
        let mut judge = part.database(0);
        for (nth, entry) in part.entries.iter().enumerate() {
            let (name, sql) = (entry.name, entry.sql);
            let verdicts = match if entry.runs { judge.runs(sql) } else { judge.asks(sql) } {
                Ok(verdicts) => verdicts,
                Err(error) => {
                    wrong.push(format!("{}: {name}: SQLite says {error}\n{sql}", part.file));
                    continue;
                }
            };
            let (ours, theirs) = (ours(sql), theirs(&verdicts));
            if ours != theirs || verdicts.len() != 1 {
                wrong.push(format!(
                    "{}: {name}: {ours:?} to us, {theirs:?} to SQLite\n{sql}\n{verdicts:?}",
                    part.file
                ));
            }
            for verdict in &verdicts {
                for (exception, found) in EXCEPTIONS.iter().zip(&mut differing) {
                    let is_it = expected(verdict).1.is_some_and(|it| it.kind == exception.kind);
                    if is_it && plain(verdict) != exception.ours {
                        found.push(name);
                    }
                }
                // Some settings take effect when they are prepared.
                if verdict.told.pragma.is_some() && !entry.runs {
                    judge = part.database(nth);
                }
            }
        }
        counts.push(format!("{} {}", part.entries.len(), part.file));
    }
    for (exception, found) in EXCEPTIONS.iter().zip(differing) {
        if found.is_empty() {
            wrong.push(format!("{}: nothing in the corpus differs any more", exception.kind));
        }
        println!("{}, {}: {}\n    {found:?}", exception.kind, found.len(), exception.why);
    }
    println!("{}", counts.join(", "));
    report("disagreements", &wrong);
}

#[test]
fn a_text_is_split_as_sqlite_splits_it() {
    let part = batches();
    let mut wrong = Vec::new();
    for entry in &part.entries {
        let (name, sql) = (entry.name, entry.sql);
        let count: usize = name.split(':').next().unwrap().parse().unwrap();
        let found = match part.database(0).runs(sql) {
            Ok(verdicts) if verdicts.len() == count && theirs(&verdicts) == ours(sql) => continue,
            Ok(verdicts) => format!("{:?}", theirs(&verdicts)),
            Err(error) => error.to_string(),
        };
        wrong.push(format!("{name}: {:?} to us, {found} to SQLite\n{sql}", ours(sql)));
    }
    println!("{} texts", part.entries.len());
    report("disagreements", &wrong);
}

/// Literals as long and as deep as nobody writes them, but a program might.
#[test]
fn long_and_deep_texts_are_read_in_time() {
    let deep = |depth: usize| {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        format!("UPDATE t SET n = {open}n{close} WHERE id IN {open}SELECT 1{close}")
    };
    let rows = "(1, 'a', x'00'), ".repeat(60_000);
    let list = "?1, ".repeat(250_000);
    let texts = [
        deep(900),
        deep(500_000),
        format!("INSERT INTO t VALUES {rows}(1, 2, 3)"),
        format!("INSERT OR REPLACE INTO t SELECT * FROM u WHERE a IN ({list}1)"),
        format!("DELETE FROM t WHERE a IN ({list}1)"),
        "SELECT 1;".repeat(100_000),
        "CREATE TRIGGER x BEGIN SELECT 1; ".repeat(30_000),
        "WITH ".repeat(100_000),
        "/* ".repeat(300_000),
        format!("INSERT OR IGNORE INTO t VALUES {}(1)", "((SELECT id FROM a)), ".repeat(40_000)),
        format!("INSERT OR IGNORE INTO t VALUES {}(1)", "(1 IN (2)), ".repeat(40_000)),
        format!("INSERT OR IGNORE INTO t SELECT * FROM a {}", "JOIN b ".repeat(40_000)),
        format!("UPDATE t SET n = {}", "(SELECT n FROM u WHERE a = ".repeat(900)),
        format!("UPDATE t SET n = 1 WHERE {}", "(id = 1 AND ".repeat(900)),
        "$a(".repeat(100_000),
    ];
    let start = std::time::Instant::now();
    for text in &texts {
        for statement in statements(text) {
            let _ = (statement.does(), statement.adds_up().is_some(), statement.shown());
        }
    }
    // Unoptimised, as in a user's build, it takes well below a second each.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
    assert!(statements(&texts[0])[0].adds_up().is_some());
    assert!(statements(&texts[1])[0].adds_up().is_none());
}
