//! Lock errors as SQLite makes them, and counting what meets them.

use std::path::Path;
use std::sync::Mutex;
use std::thread::{self, ThreadId};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::ffi::ErrorCode;

/// SQLite's BUSY: what another connection gets that wants to write to the file at
/// `path` while somebody else does, as the caller must see to.
#[track_caller]
pub fn busy(path: &Path) -> rusqlite::Error {
    let other = Connection::open(path).unwrap();
    other.busy_timeout(Duration::ZERO).unwrap();
    let error = other.execute_batch("BEGIN IMMEDIATE").unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    error
}

/// SQLite's LOCKED: what a connection gets that drops a table which it is reading.
/// `conn` must be able to write.
#[track_caller]
pub fn locked(conn: &Connection) -> rusqlite::Error {
    let mut reading = conn.prepare("SELECT 1 FROM item UNION ALL SELECT 2").unwrap();
    let mut rows = reading.query([]).unwrap();
    assert!(rows.next().unwrap().is_some());
    let error = conn.execute_batch("DROP TABLE item").unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseLocked));
    error
}

/// How often a body has run, and on which threads.
#[derive(Debug, Default)]
pub struct Runs(Mutex<Vec<ThreadId>>);

impl Runs {
    pub fn new() -> Self {
        Self::default()
    }

    /// Called by the body; its number, counted from 1.
    pub fn run(&self) -> usize {
        let mut threads = self.0.lock().unwrap();
        threads.push(thread::current().id());
        threads.len()
    }

    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// The thread of each run.
    pub fn threads(&self) -> Vec<ThreadId> {
        self.0.lock().unwrap().clone()
    }
}
