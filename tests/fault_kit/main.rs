//! The fault kit that users test their own programs with, `db_core::testing`: each fault at
//! each place is SQLite's own error for the body, the attempts and the outcome are as told,
//! and the file has all of a call or nothing, as somebody sees it who does not use db-core.

mod bare;
mod calls;
mod clock;
#[path = "../common/mod.rs"]
mod common;
mod counting;
mod disk;
mod group;
mod named;
mod pages;
mod places;
mod reach;
mod waits;

use std::error::Error as StdError;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use common::{Kit, PATIENCE, TestDb, quick, received, wait_until};
use db_core::testing::{Call, FakeClock, Fault, Faults, Injection};
use db_core::{Database, Error, JournalMode, Options, Reader, Result, RetryPolicy, Synchronous};
use db_core::{Writer, reader, retry_on_locked, writer};
use rusqlite::{Connection, ffi};

/// Each fault, with the extended code that SQLite has for it, and whether it is a lock.
const ALL: [(Fault, i32, bool); 5] = [
    (Fault::Busy, ffi::SQLITE_BUSY, true),
    (Fault::BusySnapshot, ffi::SQLITE_BUSY_SNAPSHOT, true),
    (Fault::Locked, ffi::SQLITE_LOCKED, true),
    (Fault::DiskFull, ffi::SQLITE_FULL, false),
    (Fault::FailedSync, ffi::SQLITE_IOERR_FSYNC, false),
];

/// The codes of the statements that failed in a body, in order.
#[derive(Default)]
struct Seen(Mutex<Vec<i32>>);

impl Seen {
    fn new() -> Self {
        Self::default()
    }

    fn note<T>(&self, result: rusqlite::Result<T>) -> rusqlite::Result<T> {
        if let Err(error) = &result {
            self.0.lock().unwrap().push(code(error).unwrap());
        }
        result
    }

    fn codes(&self) -> Vec<i32> {
        self.0.lock().unwrap().clone()
    }
}

/// SQLite's extended code, if it is an error of SQLite's.
fn code(error: &(dyn StdError + 'static)) -> Option<i32> {
    match error.downcast_ref::<ffi::Error>() {
        Some(error) => Some(error.extended_code),
        None => error.source().and_then(code),
    }
}

/// Three statements of a writer: what they write shows whether all of them are kept.
fn write_three(conn: &Connection, seen: &Seen) -> rusqlite::Result<()> {
    seen.note(conn.execute("INSERT INTO item (name) VALUES ('half')", []))?;
    seen.note(conn.execute("UPDATE item SET name = 'whole' WHERE name = 'half'", []))?;
    seen.note(conn.query_row("SELECT count(*) FROM item", [], |_| Ok(())))
}

/// Three statements of a reader.
fn read_three(conn: &Connection, seen: &Seen) -> rusqlite::Result<()> {
    for _ in 0..3 {
        seen.note(conn.query_row("SELECT count(*) FROM item", [], |_| Ok(())))?;
    }
    Ok(())
}

fn insert(conn: &Connection, name: &str) -> rusqlite::Result<()> {
    conn.execute("INSERT INTO item (name) VALUES (?1)", [name]).map(drop)
}

/// Says that it is over when it is dropped: by a panic too, or a failed test would hang.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

#[track_caller]
fn told(faults: &Faults) -> Vec<String> {
    faults.pending().iter().map(ToString::to_string).collect()
}
