//! What the attributes let through: for each program that is refused in `tests/ui/`
//! its twin, changed by no more than its message says.
//!
//! `tests/ui/CAUSE/NAME.rs` has its twin in `mod NAME` of `CAUSE.rs`, or of a file in
//! `CAUSE/`. Where a message names two ways out, both are there. So a rule that refuses
//! too much, and an advice that leads nowhere, break this; and each twin is run, as
//! what compiles need not work.
#![deny(warnings, clippy::all, clippy::pedantic)]

#[path = "../common/mod.rs"]
mod common;
mod effect;
mod options;
mod reader;
mod retry;
mod signature;
mod sql;
mod writer;

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::TestDb;
use db_core::Options;
use rusqlite::Connection;

/// The tables of the programs: five pieces in stock, one ticket, nothing sent.
const SHOP: &str = "
    CREATE TABLE stock (sku TEXT PRIMARY KEY, qty INTEGER NOT NULL);
    INSERT INTO stock VALUES ('A-1', 5);
    CREATE TABLE ticket (id INTEGER PRIMARY KEY);
    INSERT INTO ticket VALUES (1);
    CREATE TABLE sent (id INTEGER PRIMARY KEY);
";

fn shop() -> TestDb {
    TestDb::with(Options::new().migrations(&[SHOP]))
}

/// A number that is committed, as a connection sees it that knows nothing of db-core.
#[track_caller]
fn committed(db: &TestDb, sql: &str) -> i64 {
    let conn = Connection::open(db.path()).unwrap();
    conn.query_row(sql, (), |row| row.get(0)).unwrap()
}

/// What `set` leaves in stock.
#[track_caller]
fn left_by<E: Debug>(set: impl FnOnce(&TestDb) -> Result<(), E>) -> i64 {
    let db = shop();
    set(&db).unwrap();
    committed(&db, "SELECT qty FROM stock")
}

/// What `get` returns.
#[track_caller]
fn told_by<T, E: Debug>(get: impl FnOnce(&TestDb) -> Result<T, E>) -> T {
    get(&shop()).unwrap()
}

/// A refused program or a twin: its cause and its name.
type Case = (String, String);

#[test]
fn each_refused_program_has_a_twin_and_each_twin_a_refused_program() {
    let refused = refused();
    let twins = twins();
    assert!(!refused.is_empty() && !twins.is_empty(), "looked in the wrong place");
    let alone = refused.difference(&twins).map(|(cause, name)| {
        format!(
            "tests/ui/{cause}/{name}.rs has no twin: \
             write `mod {name}`, with a test that runs it, in tests/accepted/{cause}.rs"
        )
    });
    let stray = twins.difference(&refused).map(|(cause, name)| {
        format!(
            "`mod {name}` of tests/accepted/{cause}.rs is the twin of nothing: \
             there is no tests/ui/{cause}/{name}.rs"
        )
    });
    let missing: Vec<String> = alone.chain(stray).collect();
    assert!(missing.is_empty(), "\n{}", missing.join("\n"));
}

/// The programs in all folders of `tests/ui` but `pass`.
fn refused() -> BTreeSet<Case> {
    let ui = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let causes = entries(&ui).into_iter().filter(|path| path.is_dir() && !path.ends_with("pass"));
    let of_cause = |cause: PathBuf| {
        let files = entries(&cause).into_iter();
        let programs = files.filter(|path| path.extension().is_some_and(|end| end == "rs"));
        programs.map(move |program| (stem(&cause), stem(&program)))
    };
    causes.flat_map(of_cause).collect()
}

/// The modules that stand below one of a cause and have a test. This very program is
/// asked, not its source: what is not compiled shows nothing.
fn twins() -> BTreeSet<Case> {
    let this = std::env::current_exe().unwrap();
    let listed = Command::new(this).args(["--list", "--format", "terse"]).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let case = |line: &str| {
        let path: Vec<&str> = line.strip_suffix(": test")?.split("::").collect();
        match path[..] {
            ["common", ..] => None,
            // With or without a file of its own in the folder of the cause.
            [cause, name, _test] | [cause, _, name, _test] => Some((cause.into(), name.into())),
            _ => None,
        }
    };
    listed.lines().filter_map(case).collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}
