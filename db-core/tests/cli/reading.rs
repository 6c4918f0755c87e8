//! Commands that only read leave everything as it is.

use std::fs;

use rusqlite::{Connection, Row};

use super::files;
use super::foreign::Foreign;
use super::kinds::called;
use super::run::{command, end, run};
use super::signals::wait_until;

const READS: [&str; 4] = ["verify", "stats", "locks", "doctor"];

#[test]
fn a_log_is_neither_carried_over_nor_removed() {
    for command in READS {
        let file = files::with_log();
        let before = file.lasting();
        assert_eq!(run(called(command, &file, false)).status, 0);
        assert_eq!(file.lasting(), before, "{command}");
    }
}

/// As after the two files were copied: SQLite makes the third when it reads them.
#[test]
fn shared_memory_that_was_not_there_is_gone_again() {
    for command in READS {
        let file = files::with_log();
        fs::remove_file(file.beside("shop.db-shm")).unwrap();
        let before = file.all();
        assert_eq!(run(called(command, &file, false)).status, 0);
        assert_eq!(file.all(), before, "{command}");
    }
}

/// The same, with somebody who comes while it is read: now it is theirs.
#[test]
fn shared_memory_that_others_use_by_then_stays() {
    let file = files::with_log();
    let conn = Connection::open(&file.path).unwrap();
    let more = "PRAGMA wal_autocheckpoint = 0;
                WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
                    INSERT INTO product (name, text) SELECT 'more ' || i, hex(zeroblob(100)) FROM n";
    conn.execute_batch(more).unwrap();
    let copy = files::File::new();
    for ending in ["", "-wal"] {
        let name = format!("shop.db{ending}");
        fs::copy(file.beside(&name), copy.beside(&name)).unwrap();
    }
    let shm = copy.beside("shop.db-shm");
    let mut other = Foreign::open(&copy.path);
    assert!(!shm.exists(), "it has not read yet");
    let child = command(called("verify", &copy, false)).spawn().unwrap();
    wait_until("the command reads", || shm.exists());
    other.run("BEGIN").unwrap();
    other.run("SELECT count(*) FROM line").unwrap();
    assert_eq!(end(child).status, 0);
    assert!(shm.exists());
    other.run("COMMIT").unwrap();
}

#[test]
fn shared_memory_of_others_stays() {
    let file = files::with_log();
    let other = Connection::open(&file.path).unwrap();
    let rows: i64 = other.query_row("SELECT count(*) FROM line", [], |row| row.get(0)).unwrap();
    for command in READS {
        assert_eq!(run(called(command, &file, false)).status, 0);
        assert!(file.beside("shop.db-shm").exists(), "{command}");
    }
    other.execute_batch("INSERT INTO line VALUES (1, 1)").unwrap();
    drop(other);
    let conn = Connection::open(&file.path).unwrap();
    let now: i64 = conn.query_row("SELECT count(*) FROM line", [], |row| row.get(0)).unwrap();
    assert_eq!(now, rows + 1);
}

#[test]
fn what_is_in_the_log_is_seen() {
    let file = files::with_log();
    let told = run(called("stats", &file, true)).json();
    let line = told["tables"].as_array().unwrap().iter().find(|table| table["name"] == "line");
    assert_eq!(line.unwrap()["rows"], 1000, "{told}");
}

#[test]
fn tables_rows_and_bytes_are_told() {
    let file = files::database("wal");
    let conn = Connection::open(&file.path).unwrap();
    conn.execute_batch(
        "CREATE TABLE \"odd \"\" name\" (a PRIMARY KEY) WITHOUT ROWID;
         CREATE VIRTUAL TABLE found USING fts5 (text);
         CREATE VIEW seen AS SELECT * FROM line;
         PRAGMA user_version = 7;",
    )
    .unwrap();
    drop(conn);
    let told = run(called("stats", &file, true)).json();
    let tables = told["tables"].as_array().unwrap();
    let table = |name: &str| tables.iter().find(|table| table["name"] == name);
    assert_eq!(table("product").unwrap()["rows"], 500, "{told}");
    assert!(table("product").unwrap()["bytes"].as_u64().unwrap() > 100_000, "{told}");
    assert_eq!(table("odd \" name").unwrap()["rows"], 0, "{told}");
    assert_eq!(table("found").unwrap()["kind"], "virtual", "{told}");
    assert_eq!(table("found").unwrap()["bytes"], serde_json::Value::Null, "{told}");
    assert!(table("seen").is_none(), "{told}");
    let index = &told["indexes"].as_array().unwrap()[0];
    assert_eq!((&index["name"], &index["table"]), (&"line_by_product".into(), &"line".into()));
    assert_eq!(told["settings"]["user_version"], 7, "{told}");
    assert_eq!(told["settings"]["journal_mode"], "wal", "{told}");
    assert_eq!(told["settings"]["foreign_keys_declared"], 1, "{told}");
    assert_eq!(told["bytes"], told["pages"].as_u64().unwrap() * 4096, "{told}");
    let brief = run(["stats", "--brief", "--json", file.path.to_str().unwrap()]).json();
    assert!(brief["tables"].is_null() && brief["pages"].is_u64(), "{brief}");
}

#[test]
fn findings_tell_what_is_wrong_where_and_how_to_mend_it() {
    let file = files::database("delete");
    let conn = Connection::open(&file.path).unwrap();
    conn.execute_batch("PRAGMA foreign_keys = OFF; INSERT INTO line VALUES (9999, 1)").unwrap();
    drop(conn);
    let ran = run(called("verify", &file, false));
    assert_eq!(ran.status, 1);
    assert!(ran.stdout.contains(": 1 finding\n"), "{ran:?}");
    assert!(ran.stdout.contains("a row of product that is not there"), "{ran:?}");
    assert!(ran.stdout.contains("to mend it: "), "{ran:?}");
    let told = run(called("verify", &file, true)).json();
    let finding = &told["findings"][0];
    assert_eq!(finding["kind"], "foreign key", "{told}");
    for field in ["what", "where", "mend"] {
        assert!(finding[field].is_string(), "{told}");
    }
}

/// What only the full check sees: the index has another value than the row.
#[test]
fn an_index_that_does_not_fit_its_table_is_found_and_mended() {
    let file = files::database("delete");
    let open = || Connection::open(&file.path).unwrap();
    let find = "SELECT rootpage, sql FROM sqlite_schema WHERE name = 'line_by_product'";
    let row = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    let (page, sql): (i64, String) = open().query_row(find, [], row).unwrap();
    // While SQLite does not know of the index, a row is changed.
    let writable = "PRAGMA writable_schema = ON";
    let conn = open();
    conn.execute_batch(writable).unwrap();
    conn.execute("DELETE FROM sqlite_schema WHERE name = 'line_by_product'", []).unwrap();
    drop(conn);
    open().execute_batch("UPDATE line SET product = 8 WHERE product = 7").unwrap();
    let conn = open();
    conn.execute_batch(writable).unwrap();
    let back = "INSERT INTO sqlite_schema VALUES ('index', 'line_by_product', 'line', ?1, ?2)";
    conn.execute(back, (page, sql)).unwrap();
    drop(conn);
    let path = file.path.to_str().unwrap();
    let ran = run(["verify", "--quick", path]);
    assert_eq!(ran.status, 0, "{ran:?}");
    let ran = run(["verify", path]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.contains("missing from index line_by_product"), "{ran:?}");
    assert!(ran.stdout.contains(&format!("db-core reindex {path}")), "{ran:?}");
    assert_eq!(run(["reindex", path]).status, 0);
    assert_eq!(run(["verify", path]).status, 0);
}
