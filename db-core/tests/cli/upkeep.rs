//! What changes the file: vacuum, reindex, optimize, checkpoint.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::files::{self, File};
use super::kinds::called;
use super::run::run;

fn rows(path: &Path) -> i64 {
    let conn = Connection::open(path).unwrap();
    conn.query_row("SELECT count(*) FROM product", [], |row| row.get(0)).unwrap()
}

/// One with many free pages.
fn with_free_pages(mode: &str) -> File {
    let file = files::database(mode);
    let conn = Connection::open(&file.path).unwrap();
    let sql = "INSERT INTO product (name, text)
                   SELECT name || name, hex(zeroblob(2000)) FROM product;
               DELETE FROM product WHERE length(text) > 1000";
    conn.execute_batch(sql).unwrap();
    drop(conn);
    file
}

fn journal_mode(path: &Path) -> String {
    let conn = Connection::open(path).unwrap();
    conn.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap()
}

#[test]
fn a_vacuum_gives_free_pages_back_and_keeps_the_journal_mode() {
    for mode in ["wal", "delete"] {
        let file = with_free_pages(mode);
        let before = fs::metadata(&file.path).unwrap().len();
        let ran = run(called("vacuum", &file, true));
        assert_eq!(ran.status, 0, "{ran:?}");
        let told = ran.json();
        assert_eq!(told["bytes_before"], before, "{told}");
        let after = fs::metadata(&file.path).unwrap().len();
        assert_eq!(told["bytes_after"], after, "{told}");
        assert!(after < before / 2, "{told}");
        assert_eq!((rows(&file.path), journal_mode(&file.path).as_str()), (500, mode));
        assert!(!file.beside("shop.db-wal").exists());
    }
}

#[test]
fn a_compact_copy_leaves_the_database_as_it_is() {
    let file = with_free_pages("wal");
    let before = file.bytes();
    let small = file.beside("small.db");
    let (from, to) = (file.path.to_str().unwrap(), small.to_str().unwrap());
    let ran = run(["vacuum", from, "--into", to]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(file.bytes(), before);
    assert_eq!(rows(&small), 500);
    // It is not replaced.
    let copy = fs::read(&small).unwrap();
    let ran = run(["vacuum", from, "--into", to]);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.stderr.contains("is there already"), "{ran:?}");
    assert_eq!(fs::read(&small).unwrap(), copy);
}

#[test]
fn a_checkpoint_folds_in_what_a_killed_program_has_left() {
    let file = files::with_log();
    let ran = run(called("checkpoint", &file, true));
    assert_eq!(ran.status, 0, "{ran:?}");
    let told = ran.json();
    assert!(told["log_pages"].as_u64().unwrap() > 0, "{told}");
    assert_eq!(told["carried_pages"], told["log_pages"], "{told}");
    assert_eq!(told["wal_bytes_after"], 0, "{told}");
    assert!(!file.beside("shop.db-wal").exists() && !file.beside("shop.db-shm").exists());
    // All is in the file itself.
    let alone = files::File::new();
    fs::copy(&file.path, &alone.path).unwrap();
    let lines: i64 = Connection::open(&alone.path)
        .unwrap()
        .query_row("SELECT count(*) FROM line", [], |row| row.get(0))
        .unwrap();
    assert_eq!(lines, 1000);
}

#[test]
fn a_checkpoint_undoes_what_is_half_done() {
    let file = files::with_journal();
    let refused = run(called("verify", &file, false));
    assert_eq!(refused.status, 3, "{refused:?}");
    assert!(refused.stderr.contains("half a transaction"), "{refused:?}");
    assert!(refused.stderr.contains("db-core checkpoint"), "{refused:?}");
    let ran = run(called("checkpoint", &file, true));
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(ran.json()["undone"], true, "{ran:?}");
    assert_eq!(run(called("verify", &file, false)).status, 0);
    assert_eq!(rows(&file.path), 500);
}

#[test]
fn statistics_are_made_where_there_are_none() {
    let file = files::database("wal");
    assert_eq!(run(called("optimize", &file, false)).status, 0);
    let conn = Connection::open(&file.path).unwrap();
    let sql = "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'line'";
    let found: i64 = conn.query_row(sql, [], |row| row.get(0)).unwrap();
    assert!(found > 0);
}

/// With nobody else there, it is the last to close the file.
#[test]
fn who_meets_damage_carries_no_log_over() {
    for command in ["vacuum", "reindex"] {
        let file = files::with_log();
        let mut bytes = file.bytes().unwrap();
        for page in 8..16 {
            bytes[page * 4096..page * 4096 + 64].fill(0xff);
        }
        fs::write(&file.path, bytes).unwrap();
        let before = file.lasting();
        let ran = run(called(command, &file, false));
        assert_eq!(ran.status, 5, "{ran:?}");
        let mut after = file.lasting();
        after.retain(|path, _| before.contains_key(path));
        assert!(after == before, "{command}");
    }
}

/// What a command that failed has met stays as it was, also the log of others.
#[test]
fn who_fails_carries_no_log_over() {
    for command in ["vacuum", "reindex", "optimize"] {
        let file = files::with_log();
        let held = super::foreign::ForeignLock::take(
            &file.path,
            super::foreign::Lock::Writing("UPDATE line SET qty = 0 WHERE rowid = 1"),
        );
        let before = file.bytes();
        assert_eq!(run(called(command, &file, false)).status, 4);
        assert_eq!(file.bytes(), before, "{command}");
        held.release();
    }
}
