//! Through a module of this crate that exports it again.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use crate::reexported::effect::{Effect, Idempotent, Once};
use crate::reexported::rusqlite::{self, Connection, ffi};
use crate::reexported::{
    Database, Error, ReadFrom, Reader, Result, WriteTo, Writer, reader, retry_on_locked, writer,
};

/// Counts the run in `runs`; a lock error until the `until`-th.
fn run(runs: &AtomicUsize, until: usize) -> rusqlite::Result<usize> {
    let run = runs.fetch_add(1, SeqCst) + 1;
    if run < until {
        return Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None));
    }
    Ok(run)
}

#[reader(crate = crate::reexported)]
pub fn names(db: &Reader) -> Result<Vec<String>> {
    let mut all = db.prepare_cached("SELECT name FROM item ORDER BY rowid")?;
    let rows = all.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[reader(autocommit, crate = crate::reexported)]
pub fn count(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("SELECT count(*) FROM item", [], |row| row.get(0))
}

#[reader(crate = crate::reexported)]
#[retry_on_locked(max_attempts = 3, base_delay = 1ms, crate = crate::reexported)]
pub fn count_again(db: &Reader, runs: &AtomicUsize) -> Result<i64> {
    run(runs, 3)?;
    Ok(count(db)?)
}

#[writer(crate = crate::reexported)]
pub fn add(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item VALUES (?1)", [name])?;
    Ok(())
}

#[writer(timeout = 1s, crate = crate::reexported)]
pub fn add_over_a_connection(conn: &Connection, name: String) -> rusqlite::Result<usize> {
    conn.execute("INSERT INTO item VALUES (?1)", [name])
}

#[writer(crate = crate::reexported)]
#[retry_on_locked(
    max_attempts = 3,
    idempotent,
    base_delay = 1ms,
    max_delay = Duration::from_millis(2),
    jitter,
    deadline = 1min,
    crate = crate::reexported
)]
pub fn add_again(db: &Writer, mut names: Vec<String>, runs: &AtomicUsize) -> Result<usize> {
    for name in names.drain(..) {
        add_inside(db, &name)?;
    }
    Ok(run(runs, 3)?)
}

// The other way round, and with the path at one of the two only.
#[retry_on_locked(idempotent = "a test", crate = crate::reexported)]
#[writer]
pub fn add_inside(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item VALUES (?1)", [name])?;
    Ok(())
}

#[writer(crate = crate::reexported)]
#[retry_on_locked(idempotent)]
pub fn add_two(db: &Writer, (first, second): (String, String)) -> Result<()> {
    add_inside(db, &first)?;
    add_inside(db, &second)
}

/// # Panics
///
/// Never on a connection without a transaction.
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, crate = crate::reexported)]
pub fn bare(conn: &Connection, runs: &AtomicUsize) -> rusqlite::Result<usize> {
    run(runs, 3).inspect(|_run| assert!(conn.is_autocommit()))
}

#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, crate = crate::reexported)]
pub fn bare_mut(conn: &mut Connection, runs: &AtomicUsize) -> rusqlite::Result<usize> {
    let tx = conn.transaction()?;
    tx.commit()?;
    run(runs, 3)
}

/// A trait's methods, with and without a body.
pub trait Stock {
    #[reader(crate = crate::reexported)]
    fn count(&self, db: &Reader) -> Result<i64>;

    #[writer(crate = crate::reexported)]
    fn put(&self, conn: &Connection, name: &str) -> Result<()>;

    #[writer(crate = crate::reexported)]
    #[retry_on_locked(idempotent, crate = crate::reexported)]
    fn put_twice(&self, db: &Writer, name: &str) -> Result<()> {
        add_inside(db, name)?;
        add_inside(db, name)
    }
}

/// With its database in it.
pub struct Shop {
    pub db: Database,
}

impl Stock for Shop {
    #[reader(crate = crate::reexported)]
    fn count(&self, db: &Reader) -> Result<i64> {
        Ok(count(db)?)
    }

    #[writer(crate = crate::reexported)]
    fn put(&self, conn: &Connection, name: &str) -> Result<()> {
        add_plain(conn, name)
    }
}

impl Shop {
    #[writer(db = self.db, crate = crate::reexported)]
    pub fn add(&self, db: &Writer, name: &str) -> Result<Vec<String>> {
        self.put_twice(db, name)?;
        for_any(db, name)?;
        helper(db, name)?;
        names(db)
    }

    #[reader(db = self.db, crate = crate::reexported)]
    pub fn all(&self, db: &Reader) -> Result<Vec<String>> {
        names(db)
    }
}

fn add_plain(conn: &Connection, name: &str) -> Result<()> {
    conn.execute("INSERT INTO item VALUES (?1)", [name])?;
    Ok(())
}

fn helper(db: &Writer<'_, Once>, name: &str) -> Result<()> {
    add(db, name)?;
    to_any(db, name)
}

fn for_any<E: Effect>(db: &Writer<'_, E>, name: &str) -> Result<()> {
    db.savepoint(|w| add_plain(w, name))
}

fn to_any(db: &impl WriteTo<Idempotent>, name: &str) -> Result<()> {
    add_inside(db, name)?;
    assert!(from_any(db)?.iter().any(|known| known == name));
    Ok(())
}

fn from_any(db: &impl ReadFrom) -> Result<Vec<String>> {
    names(db)
}

/// What is wrong says so with a function of this crate.
///
/// # Panics
///
/// If it does not.
#[writer(crate = crate::reexported)]
pub fn nested(db: &Writer, on: &Database) -> Result<String> {
    add(db, "nested")?;
    match add(on, "refused") {
        Err(Error::NestedWrite(nested)) => Ok(nested.outer.to_string()),
        other => panic!("{other:?}"),
    }
}
