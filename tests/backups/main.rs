//! Backups are whole whatever goes on meanwhile, and nothing is ever lost by making one or by
//! putting one back: whoever is killed leaves the old file or the new one.

#[path = "../common/mod.rs"]
mod common;
mod damage;
mod exchanged;
mod folder;
mod in_use;
mod killed;
mod left_beside;
mod online;
mod opened_at_once;
mod overwritten;
mod restored;
mod targets;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Process, TestDb, assert_whole, make_file, names, wait_until};
use db_core::{
    BackupFailed, BackupProblem, BackupTask, Backups, Database, Error, Options, Progress, Result,
    restore,
};
use rusqlite::Connection;
use tempfile::TempDir;

/// For who wants to know nothing of it.
fn quiet(_progress: Progress) {}

fn add(db: &Database, name: &str) {
    db.write(|w| w.execute("INSERT INTO item (name) VALUES (?1)", [name])).unwrap();
}

/// Makes the database so large that it takes some reports to copy it.
fn fill(path: &Path) {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch(
        "CREATE TABLE filler (x);
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
         INSERT INTO filler SELECT zeroblob(1000) FROM n",
    )
    .unwrap();
}

#[track_caller]
fn failed<T>(result: Result<T>) -> BackupFailed {
    match result {
        Err(Error::Backup(failed)) => *failed,
        Err(error) => panic!("{error:?}"),
        Ok(_) => panic!("it was done"),
    }
}

/// As for a person.
#[track_caller]
fn told<T>(result: Result<T>) -> String {
    Error::Backup(Box::new(failed(result))).report()
}

/// The names of the files in a folder, in order.
fn files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What is written beside a file before it takes its place.
fn partial_files(folder: &Path) -> Vec<PathBuf> {
    let all = files(folder).into_iter().filter(|name| name.contains(".partial-"));
    all.map(|name| folder.join(name)).collect()
}

#[track_caller]
fn no_partial_files(folder: &Path) {
    let left = partial_files(folder);
    assert!(left.is_empty(), "{left:?}");
}

/// A database that nobody has open, with these items, and a backup of it with fewer.
struct Shop {
    folder: TempDir,
}

impl Shop {
    /// The database has `apple` and `pear`, the backup `apple`.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shop = Self { folder };
        make_file(&shop.database());
        let db = Database::open(shop.database()).unwrap();
        add(&db, "apple");
        db.backup_to(shop.backup(), quiet).unwrap();
        add(&db, "pear");
        db.close().unwrap();
        shop
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("shop.db")
    }

    fn backup(&self) -> PathBuf {
        self.folder.path().join("copy.db")
    }

    fn restore(&self) -> Result<db_core::Restored> {
        restore(self.backup(), self.database(), quiet)
    }

    #[track_caller]
    fn is_as_it_was(&self) {
        assert_eq!(names(&self.database()), ["apple", "pear"]);
        assert_whole(&self.database());
        no_partial_files(self.folder.path());
    }

    /// One table can't be checked here.
    #[track_caller]
    fn is_restored_but_for(&self, table: &str) {
        let conn = Connection::open(self.database()).unwrap();
        let sql = format!("SELECT count(*) FROM sqlite_schema WHERE name = '{table}'");
        assert_eq!(conn.query_row(&sql, [], |row| row.get(0)), Ok(1));
        assert_eq!(names(&self.database()), ["apple"]);
        no_partial_files(self.folder.path());
    }

    #[track_caller]
    fn is_restored(&self) {
        assert_eq!(names(&self.database()), ["apple"]);
        assert_whole(&self.database());
        no_partial_files(self.folder.path());
    }
}
