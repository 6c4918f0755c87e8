//! What db-core tells the crate `tracing`, as the documentation of db-core has it: a span
//! for each call, with its waits, and events for what is late, slow or tried again.

mod afterwards;
mod calls;
#[path = "../common/mod.rs"]
mod common;
mod events;
mod fields;
mod groups;
mod nested;
mod open_for_long;
mod recorder;
mod without;

use std::thread;
use std::time::{Duration, Instant};

use common::{PATIENCE, TestDb, quick, wait_until};
use db_core::testing::{FakeClock, Fault, Faults};
use db_core::{Database, Error, Options, Reader, Result, Writer, reader, retry_on_locked, writer};
use recorder::{Said, Scene, Told};
use rusqlite::Connection;
use tracing::{Level, info};

fn insert(conn: &Connection, name: &str) -> rusqlite::Result<()> {
    conn.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    Ok(insert(db, name)?)
}
const ADD: u32 = line!() - 3;

#[writer(timeout = 20ms)]
fn add_soon(db: &Writer, name: &str) -> Result<()> {
    Ok(insert(db, name)?)
}

#[writer]
#[retry_on_locked(max_attempts = 5, idempotent)]
fn add_retried(db: &Writer, name: &str) -> Result<()> {
    Ok(insert(db, name)?)
}

#[writer(group)]
#[retry_on_locked(max_attempts = 5, idempotent)]
fn add_grouped(db: &Writer, name: &str) -> Result<()> {
    Ok(insert(db, name)?)
}

/// Does more than to add, inside the body.
#[writer]
fn add_and(db: &Writer, name: &str, inside: impl FnOnce(&Writer<'_>)) -> Result<()> {
    insert(db, name)?;
    inside(db);
    Ok(())
}

#[reader]
fn count(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

#[reader(autocommit)]
fn count_once(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

#[reader]
#[retry_on_locked(max_attempts = 5)]
fn count_retried(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

/// Does more than to count, inside the body.
#[reader]
fn count_and(db: &Reader, inside: impl FnOnce(&Reader<'_>)) -> Result<i64> {
    inside(db);
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

#[retry_on_locked(max_attempts = 5, idempotent)]
fn clear(conn: &Connection) -> Result<()> {
    conn.execute("DELETE FROM item", [])?;
    Ok(())
}

/// However slow the machine is, nothing is late, slow or left open, and no group is closed.
fn patient() -> Options {
    Options::new()
        .writer_timeout(PATIENCE)
        .reader_timeout(PATIENCE)
        .slow_hold(PATIENCE)
        .leak_after(PATIENCE)
        .max_group_age(PATIENCE)
}

/// Faults on demand, without pauses.
fn faulty() -> (TestDb, Faults) {
    let (faults, clock) = (Faults::new(), FakeClock::new());
    (TestDb::with(patient().faults(&faults).clock(&clock)), faults)
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Makes `call` on another thread, in `scene`, and has it wait for its turn for at least
/// `time`.
fn made_to_wait<T: Send>(
    db: &Database,
    scene: &Scene,
    time: Duration,
    call: impl FnOnce() -> T + Send,
) -> T {
    thread::scope(|threads| {
        let other = db.writer().unwrap();
        let waiter = threads.spawn(|| scene.run(call));
        wait_until("it waits", || db.stats().waiting == 1);
        let since = Instant::now();
        wait_until("it has waited", || since.elapsed() >= time);
        drop(other);
        waiter.join().unwrap()
    })
}
