//! Backups, and putting them back.

use std::fs;
use std::path::Path;

use rusqlite::Connection;

use super::files::{self, File};
use super::foreign::{Foreign, ForeignLock, Lock};
use super::kinds::called;
use super::run::run;

fn lines(path: &Path) -> i64 {
    let conn = Connection::open(path).unwrap();
    conn.query_row("SELECT count(*) FROM line", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_backup_has_what_is_in_the_log_and_is_put_back() {
    let file = files::with_log();
    let ran = run(called("backup", &file, true));
    assert_eq!(ran.status, 0, "{ran:?}");
    let backup = file.beside("other.db");
    let told = ran.json();
    assert_eq!(told["backup"], backup.to_str().unwrap(), "{told}");
    assert_eq!(told["bytes"], fs::metadata(&backup).unwrap().len(), "{told}");
    assert_eq!(lines(&backup), 1000);
    Connection::open(&file.path).unwrap().execute_batch("DELETE FROM line").unwrap();
    let ran = run(["restore", backup.to_str().unwrap(), file.path.to_str().unwrap(), "--json"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(lines(&file.path), 1000);
    let kept = ran.json()["kept"].as_str().unwrap().to_owned();
    assert_eq!(lines(Path::new(&kept)), 0, "the one that was there");
}

#[test]
fn a_database_that_is_gone_is_made_again() {
    let file = files::database("wal");
    let new = file.beside("new.db");
    let ran = run(["restore", file.path.to_str().unwrap(), new.to_str().unwrap()]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_eq!(lines(&new), 500);
}

#[test]
fn a_database_that_is_open_is_not_replaced() {
    let (file, backup) = (files::database("wal"), files::database("delete"));
    let mut other = Foreign::open(&file.path);
    other.run("SELECT count(*) FROM line").unwrap();
    let before = file.bytes();
    let args = ["restore", backup.path.to_str().unwrap(), file.path.to_str().unwrap()];
    let ran = run(args);
    assert_eq!(ran.status, 4, "{ran:?}");
    assert!(ran.stderr.contains("process "), "{ran:?}");
    assert!(ran.stderr.contains("nothing was changed"), "{ran:?}");
    assert_eq!(file.bytes(), before);
    drop(other);
    assert_eq!(run(args).status, 0);
}

#[test]
fn a_damaged_backup_replaces_nothing() {
    for make in [files::corrupt, files::cut, files::empty] {
        let (file, backup) = (files::database("wal"), make());
        let before = file.all();
        let ran = run(["restore", backup.path.to_str().unwrap(), file.path.to_str().unwrap()]);
        assert_eq!(ran.status, 5, "{ran:?}");
        assert!(ran.stderr.contains("nothing was replaced"), "{ran:?}");
        assert_eq!(file.all(), before);
    }
}

#[test]
fn a_damaged_database_replaces_no_backup() {
    let file = files::corrupt();
    let backup = file.beside("other.db");
    files::fill(&backup, "delete");
    let before = fs::read(&backup).unwrap();
    let ran = run(called("backup", &file, false));
    assert_eq!(ran.status, 5, "{ran:?}");
    assert_eq!(fs::read(&backup).unwrap(), before);
    assert_eq!(file.all().len(), 2, "no part of it is left");
}

/// A database in use is copied as a file all too often; half of it is in its log.
#[test]
fn a_copy_with_a_log_beside_it_is_no_backup() {
    let (file, copy) = (files::database("wal"), files::with_log());
    let before = file.all();
    let ran = run(["restore", copy.path.to_str().unwrap(), file.path.to_str().unwrap()]);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.stderr.contains("shop.db-wal"), "{ran:?}");
    assert_eq!(file.all(), before);
}

#[test]
fn a_backup_is_made_while_somebody_writes() {
    let file = files::database("wal");
    let sql = "INSERT INTO line VALUES (1, 1)";
    let writer = ForeignLock::take(&file.path, Lock::Writing(sql));
    assert_eq!(run(called("backup", &file, false)).status, 0);
    writer.commit();
    assert_eq!((lines(&file.beside("other.db")), lines(&file.path)), (500, 501));
}

#[test]
fn paths_that_make_no_sense_are_refused() {
    let file: File = files::database("wal");
    let before = file.all();
    let path = file.path.to_str().unwrap();
    let folder = file.folder.path().to_str().unwrap();
    let nowhere = file.beside("nowhere/backup.db");
    for (args, status) in [
        (["backup", path, path], 2),
        (["restore", path, path], 2),
        (["backup", path, folder], 3),
        (["restore", path, folder], 3),
        (["backup", path, nowhere.to_str().unwrap()], 3),
        (["restore", path, nowhere.to_str().unwrap()], 3),
    ] {
        let ran = run(args);
        assert_eq!(ran.status, status, "{args:?}: {ran:?}");
        assert!(ran.stderr.starts_with("db-core: "), "{ran:?}");
        assert_eq!(file.all(), before, "{args:?}");
    }
}
