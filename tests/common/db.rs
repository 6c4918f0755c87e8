//! A database in a folder of its own, and what is in its file according to somebody
//! who does not use db-core.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use db_core::{Database, Options};
use rusqlite::Connection;
use tempfile::TempDir;

/// An open database with the table of [`make_file`], in a folder that goes with it.
///
/// It derefs to its [`Database`], so annotated functions are called with `&db`.
pub struct TestDb {
    // The database closes before its folder goes.
    db: Database,
    folder: TempDir,
}

impl TestDb {
    /// With the default options.
    pub fn new() -> Self {
        Self::with(Options::new())
    }

    pub fn with(options: Options) -> Self {
        Self::watched(options, |_folder| ())
    }

    /// As [`with`](Self::with); `watch` is given the folder before anything is in it.
    pub fn watched(options: Options, watch: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        watch(folder.path());
        let path = folder.path().join("shop.db");
        make_file(&path);
        let db = options.open(&path).unwrap();
        Self { db, folder }
    }

    /// The path of `name` in the database's folder.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What is committed; see [`names`].
    pub fn names(&self) -> Vec<String> {
        names(self.db.path())
    }

    /// See [`assert_whole`].
    #[track_caller]
    pub fn assert_whole(&self) {
        assert_whole(self.db.path());
    }
}

impl Deref for TestDb {
    type Target = Database;

    fn deref(&self) -> &Database {
        &self.db
    }
}

/// Makes a database file with the empty table
/// `item (id INTEGER PRIMARY KEY, name TEXT NOT NULL, qty INTEGER NOT NULL DEFAULT 0)`,
/// as another program would: with a rollback journal, which db-core turns into a WAL.
pub fn make_file(path: &Path) {
    let conn = Connection::open(path).unwrap();
    conn.execute_batch(
        "CREATE TABLE item (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            qty INTEGER NOT NULL DEFAULT 0
         )",
    )
    .unwrap();
}

/// The names of the items that are committed, in the order of their ids, as a new
/// connection sees them that knows nothing of db-core.
#[track_caller]
pub fn names(path: &Path) -> Vec<String> {
    let conn = Connection::open(path).unwrap();
    let mut all = conn.prepare("SELECT name FROM item ORDER BY id").unwrap();
    let rows = all.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

/// The file is whole: SQLite's integrity check and its foreign keys say so.
#[track_caller]
pub fn assert_whole(path: &Path) {
    let conn = Connection::open(path).unwrap();
    let told: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(told, "ok");
    let mut broken = conn.prepare("PRAGMA foreign_key_check").unwrap();
    assert!(!broken.exists([]).unwrap(), "foreign keys point to nothing");
}
