//! `Database::stats`: each of its numbers, in situations in which it is known what it must
//! be; and that all of them return to where they were.

#[path = "../common/mod.rs"]
mod common;
mod counts;
mod disk;
mod groups;
mod load;
mod queue;
mod waits;

use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Barrier, Mutex};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use common::{ForeignLock, Lock, PATIENCE, Runs, TestDb, busy, quick, received, wait_until};
use db_core::{
    Database, Error, JournalMode, Kind, Options, Reader, Result, RetryPolicy, Stats, Synchronous,
    Writer, reader, retry_on_locked, writer,
};
use rusqlite::Connection;

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn insert(conn: &Connection, name: &str) -> rusqlite::Result<()> {
    conn.execute("INSERT INTO item (name) VALUES (?1)", [name]).map(drop)
}

fn count(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("SELECT count(*) FROM item", [], |row| row.get(0))
}

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    Ok(insert(db, name)?)
}

#[writer(group)]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn add_grouped(db: &Writer, name: &str) -> Result<()> {
    Ok(insert(db, name)?)
}

#[reader]
fn items(db: &Reader) -> Result<i64> {
    Ok(count(db)?)
}

/// A thread that has the turn until it is told to end.
struct Holder<'scope> {
    end: Sender<()>,
    thread: ScopedJoinHandle<'scope, ()>,
}

impl<'scope> Holder<'scope> {
    fn start<'env>(scope: &'scope Scope<'scope, 'env>, db: &'env Database) -> Self {
        let (begun, begins) = mpsc::channel();
        let (end, ends) = mpsc::channel();
        let hold = move || hold(db, &begun, &ends).unwrap();
        let thread = thread::Builder::new().name("holder".into());
        let thread = thread.spawn_scoped(scope, hold).unwrap();
        received(&begins);
        Self { end, thread }
    }

    fn end(self) {
        self.end.send(()).unwrap();
        self.thread.join().unwrap();
    }
}

#[writer]
fn hold(db: &Writer, begun: &Sender<()>, end: &Receiver<()>) -> Result<()> {
    insert(db, "held")?;
    begun.send(()).unwrap();
    received(end);
    Ok(())
}
