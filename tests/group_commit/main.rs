//! Group commit: `#[writer(group)]` calls that wait share the transaction of the one whose
//! turn it is. Guards **all-or-nothing**, **after-commit**, **no-poison** and
//! **bounded-wait** where a body runs on another caller's thread.
//!
//! `queued` makes the group: its calls wait in a known order while somebody else writes, so
//! the first leads and the others join it.

mod alike;
mod bounds;
mod callbacks;
#[path = "../common/mod.rs"]
mod common;
#[cfg(unix)]
mod disk;
mod failures;
mod invariants;
mod keys;
mod lost;
mod random;
mod sharing;
#[path = "../common/vfs/mod.rs"]
#[cfg(unix)]
mod vfs;

use std::thread;

use common::{Call, PATIENCE, Runs, TestDb, queued, wait_until};
use db_core::{Database, Options, Result, Stats, Writer, retry_on_locked, writer};

/// A call for [`queued`].
fn call<'a, T>(call: impl FnOnce() -> T + Send + 'a) -> Call<'a, T> {
    Box::new(call)
}

/// However slow the machine is, groups are not closed for it.
fn options() -> Options {
    Options::new().max_group_age(PATIENCE).writer_timeout(PATIENCE)
}

fn open() -> TestDb {
    TestDb::with(options())
}

/// As [`queued`], where no call panics; with what the numbers have grown by.
#[track_caller]
fn counted<'a, T: Send + 'a>(
    db: &Database,
    calls: impl IntoIterator<Item = Call<'a, T>>,
) -> (Vec<T>, Stats) {
    let before = db.stats();
    let ended = queued(db, calls);
    let mut grown = db.stats();
    grown.commits -= before.commits;
    grown.grouped -= before.grouped;
    grown.retries -= before.retries;
    (
        ended.into_iter().map(|ended| ended.unwrap_or_else(|_| panic!("it panicked"))).collect(),
        grown,
    )
}

fn insert(conn: &rusqlite::Connection, name: &str) -> rusqlite::Result<usize> {
    conn.execute("INSERT INTO item (name) VALUES (?1)", [name])
}

#[writer(group)]
#[retry_on_locked(max_attempts = 1, idempotent)]
fn add(db: &Writer, name: &str) -> Result<()> {
    insert(db, name)?;
    Ok(())
}

/// Notes each run.
#[writer(group)]
#[retry_on_locked(max_attempts = 1, idempotent)]
fn add_noting(db: &Writer, name: &str, runs: &Runs) -> Result<()> {
    runs.run();
    insert(db, name)?;
    Ok(())
}

#[writer]
fn add_once(db: &Writer, name: &str, runs: &Runs) -> Result<()> {
    runs.run();
    insert(db, name)?;
    Ok(())
}

/// A call of a group of which nobody forgives a second attempt.
fn write<'a>(
    db: &'a Database,
    runs: &'a Runs,
    body: impl Fn(&rusqlite::Connection) -> Result<()> + Send + 'a,
) -> Call<'a, Result<()>> {
    call(move || {
        db.write_grouped(&db_core::RetryPolicy::attempts(1), move |w| {
            runs.run();
            body(w)
        })
    })
}

fn adds<'a>(db: &'a Database, runs: &'a Runs, name: &'static str) -> Call<'a, Result<()>> {
    write(db, runs, move |w| Ok(insert(w, name).map(drop)?))
}
