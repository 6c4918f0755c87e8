//! all-or-nothing on a disk that fails: in each of the three modes what was `Ok` stays,
//! an `Err` has left nothing, and the database works on as far as it may.
//!
//! `DB_CORE_FAULT_SEED=7` makes other random faults.
#![cfg(unix)]

mod late;
mod shared;
mod transient;
#[path = "../common/vfs/mod.rs"]
mod vfs;

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use db_core::{Database, Error, Options, Reader, Result, SyncProblem, Synchronous, Writer};
use db_core::{reader, retry_on_locked, writer};
use rusqlite::{Connection, ffi};
use tempfile::TempDir;
use vfs::{By, Call, Disk, Event, Fault, Kind, Name, Random};

/// A database on a disk of its own.
struct Shop {
    db: Database,
    disk: Arc<Disk>,
    path: PathBuf,
    mode: Synchronous,
    _folder: TempDir,
}

impl Shop {
    fn open(mode: Synchronous) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        let disk = Disk::watch(folder.path());
        let db = options(mode).open(&path).unwrap();
        Self { db, disk, path, mode, _folder: folder }
    }

    /// Closes, which may fail on a bad disk, and opens anew.
    fn reopen(&mut self) {
        self.db.close().unwrap();
        self.db = options(self.mode).open(&self.path).unwrap();
    }
}

fn options(mode: Synchronous) -> Options {
    Options::new()
        .synchronous(mode)
        .writer_timeout(Duration::from_secs(20))
        .max_group_age(Duration::from_secs(20))
        .migrations(&["CREATE TABLE item (name TEXT PRIMARY KEY, text TEXT NOT NULL)"])
        .on_connect(|conn| conn.execute_batch("PRAGMA wal_autocheckpoint = 12"))
}

/// Two rows, of more than a page.
#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    insert(db, name)
}

/// In a transaction with others, if they meet.
#[writer(group)]
#[retry_on_locked(idempotent)]
fn add_grouped(db: &Writer, name: &str) -> Result<()> {
    insert(db, name)
}

/// Of several threads, by number, the first two write each by itself.
fn add_as(thread: usize, db: &Database, name: &str) -> Result<()> {
    if thread < 2 { add(db, name) } else { add_grouped(db, name) }
}

/// Four calls that wait while somebody else has the turn, and so share a transaction.
fn add_together(db: &Database) -> Vec<(String, Result<()>)> {
    thread::scope(|all| {
        let other = db.writer().unwrap();
        let start = |n: usize| {
            let name = format!("6-{n}");
            let thread = all.spawn(move || {
                let result = add_grouped(db, &name);
                (name, result)
            });
            wait_until("it waits", || db.stats().waiting == n + 1);
            thread
        };
        let threads: Vec<_> = (0..4).map(start).collect();
        drop(other);
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn insert(db: &Connection, name: &str) -> Result<()> {
    for part in ["", "'"] {
        let text = "x".repeat(3_000);
        db.execute("INSERT INTO item VALUES (?1, ?2)", (format!("{name}{part}"), text))?;
    }
    Ok(())
}

#[reader]
fn count(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

/// The names that are there, each with its pair, as nobody's database sees them.
#[track_caller]
fn names(path: &std::path::Path) -> Vec<String> {
    let conn = Connection::open(path).unwrap();
    let told: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(told, "ok");
    let mut all = conn.prepare("SELECT name FROM item ORDER BY name").unwrap();
    let all = all.query_map([], |row| row.get(0)).unwrap();
    let (pairs, names): (Vec<String>, Vec<String>) =
        all.map(rusqlite::Result::unwrap).partition(|name: &String| name.ends_with('\''));
    let paired: Vec<String> = names.iter().map(|name| format!("{name}'")).collect();
    assert_eq!(pairs, paired, "a half of a transaction");
    names
}

/// The problem of a call that has committed or not, as `committed` says.
#[track_caller]
fn problem(result: Result<()>, committed: bool) -> SyncProblem {
    match result {
        Err(Error::NotDurable(error)) => {
            assert_eq!(error.committed, committed, "{error:?}");
            error.problem
        }
        other => panic!("{other:?}"),
    }
}

/// Waits until `condition` holds.
#[track_caller]
fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_mins(1), "never came true: {what}");
        thread::sleep(Duration::from_micros(200));
    }
}
