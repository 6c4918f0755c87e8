//! Opening: what every connection is set to, migrations, set-up, and the ways a file
//! can be opened.

#[path = "../common/mod.rs"]
mod common;
mod in_memory;
mod journal_mode;
mod migrations;
mod paths;
mod read_only;
mod set_up;
mod settings;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use common::{ForeignLock, Lock, Process, TestDb, make_file, names, received};
use db_core::{
    CacheSize, Database, Error, JournalMode, OpenProblem, Options, Result, Synchronous, TempStore,
    WaitedFor,
};
use rusqlite::types::Value;
use rusqlite::{Connection, StatementStatus};
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    (folder, path)
}

fn pragma(conn: &Connection, name: &str) -> rusqlite::Result<Value> {
    conn.pragma_query_value(None, name, |row| row.get(0))
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn add(db: &Database, name: &str) -> rusqlite::Result<usize> {
    db.write(|w| w.execute("INSERT INTO item (name) VALUES (?1)", [name]))
}

const FIRST: &str = "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
                     INSERT INTO item (name) VALUES ('first');";
const SECOND: &str = "INSERT INTO item (name) VALUES ('second')";
const THIRD: &str = "INSERT INTO item (name) VALUES ('third');
                     CREATE INDEX by_name ON item (name);";

fn version(path: &Path) -> i64 {
    let conn = Connection::open(path).unwrap();
    conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}
