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

use std::any::Any;
use std::thread;

use common::{PATIENCE, Runs, TestDb, wait_until};
use db_core::{Database, Options, Result, Stats, Writer, retry_on_locked, writer};

/// What a call came to on its own thread: it returned, or it panicked.
type Ended<T> = Result<T, Box<dyn Any + Send>>;

type Call<'a, T> = Box<dyn FnOnce() -> T + Send + 'a>;

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

/// Makes the calls on threads of their own, named `0`, `1` and so on, while somebody else
/// writes: each waits behind the one before. Then lets them all go on, and tells what each
/// came to.
#[track_caller]
fn queued<'a, T: Send + 'a>(
    db: &Database,
    calls: impl IntoIterator<Item = Call<'a, T>>,
) -> Vec<Ended<T>> {
    thread::scope(|scope| {
        let other = db.writer().unwrap();
        let start = |(n, call): (usize, Call<'a, T>)| {
            let thread = thread::Builder::new().name(n.to_string());
            let thread = thread.spawn_scoped(scope, call).unwrap();
            wait_until("it waits", || db.stats().waiting == n + 1);
            thread
        };
        let threads: Vec<_> = calls.into_iter().enumerate().map(start).collect();
        drop(other);
        threads.into_iter().map(thread::ScopedJoinHandle::join).collect()
    })
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
