//! Every command on every damaged database.

use std::fs;
use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::corpus::{Damaged, Placed, each};
use super::run::{COMMANDS, Ran, run};

#[test]
fn every_command_ends_with_an_error_or_a_correct_answer() {
    each(|damaged| {
        for command in COMMANDS {
            try_command(command, damaged);
        }
    });
}

fn try_command(command: &str, damaged: &Damaged) {
    let placed = damaged.put();
    let before = placed.lasting();
    let other = placed.beside("other.db");
    let mut args = vec![command, placed.path.to_str().unwrap(), "--json"];
    if matches!(command, "backup" | "restore") {
        args.push(other.to_str().unwrap());
    }
    let ran = run(args);
    let told = format!("{command} on {}: {ran:?}", damaged.told);
    assert!(!ran.stderr.contains("Error") && !ran.stderr.contains("error:"), "{told}");
    let json = ran.json();
    assert_eq!(json["status"], ran.status, "{told}");
    let refused = ran.status > 1;
    assert_eq!(json["error"].is_object(), refused, "{told}");
    assert_eq!(refused, !ran.stderr.is_empty(), "{told}");
    let mut after = placed.lasting();
    match command {
        "verify" | "stats" | "locks" | "doctor" => assert!(after == before, "changed: {told}"),
        "backup" | "restore" => {
            let made = after.remove(&other);
            assert!(after == before, "changed: {told}");
            assert_eq!(made.is_some(), ran.status == 0, "{told}");
        }
        _ => assert!(ran.status == 0 || after == before, "changed: {told}"),
    }
    assert_correct(command, &placed, &ran, &told);
}

/// Who says that all is well has seen that it is.
fn assert_correct(command: &str, placed: &Placed, ran: &Ran, told: &str) {
    if ran.status != 0 {
        return;
    }
    // With a log beside it the file was only read.
    let reads = placed.beside("shop.db-wal").exists();
    match command {
        "verify" => assert_eq!(findings(&placed.path, reads), [""; 0], "{told}"),
        "backup" | "restore" => {
            let made = placed.beside("other.db");
            let structure = findings(&made, true);
            // And what a virtual table can't say of itself.
            let in_rows =
                ["NULL value", "CHECK constraint", " value in ", "foreign key", "SQL logic error"];
            let damage = |line: &&String| !in_rows.iter().any(|words| line.contains(words));
            assert_eq!(structure.iter().find(damage), None, "{told}");
        }
        "vacuum" => assert!(Connection::open(&placed.path).is_ok(), "{told}"),
        _ => {}
    }
}

/// What SQLite itself finds, in a copy. A connection that only reads does without what it can't
/// read of a CHECK.
fn findings(path: &Path, reads: bool) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("shop.db");
    for end in ["", "-wal"] {
        let from = format!("{}{end}", path.display());
        let _ = fs::copy(from, folder.path().join(format!("shop.db{end}")));
    }
    let flags =
        if reads { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
    let conn = Connection::open_with_flags(&copy, flags).unwrap();
    let mut found = Vec::new();
    for check in ["PRAGMA integrity_check", "PRAGMA foreign_key_check"] {
        let ask = || -> rusqlite::Result<Vec<String>> {
            conn.prepare(check)?.query_map([], |row| row.get(0))?.collect()
        };
        match ask() {
            Ok(lines) if check.contains("foreign") => {
                found.extend(lines.iter().map(|table| format!("foreign key of {table:?}")));
            }
            Ok(lines) => found.extend(lines.into_iter().filter(|line| line != "ok")),
            // As the declaration is wrong.
            Err(error) if error.to_string().contains("foreign key mismatch") => {
                found.push(error.to_string());
            }
            Err(error) => found.push(format!("damaged: {error}")),
        }
    }
    found
}
