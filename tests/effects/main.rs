//! Idempotency through calls: every cell of the table of effects that is allowed, run on
//! a real database, at any depth and through everything that a call can hide behind; and
//! the net that catches, when run, what types can't see. What the compiler refuses is in
//! `tests/ui/effect`.

mod captured;
mod captured_once;
#[path = "../common/mod.rs"]
mod common;
mod depth;
mod helpers;
mod recursion;
mod table;
mod traits;

use common::{Runs, TestDb, busy, quick};
use db_core::effect::{Effect, Idempotent, Once};
use db_core::{
    Database, Error, Options, ReadFrom, Reader, Result, WriteTo, Writer, reader, retry_on_locked,
    writer,
};

/// What a once-only writer calls inside.
type InOnce<'a> = &'a dyn Fn(&Writer<'_, Once>) -> Result<()>;
/// What a writer that may run again calls inside.
type InAgain<'a> = &'a dyn Fn(&Writer<'_, Idempotent>) -> Result<()>;
/// What a reader calls inside.
type InReader<'a> = &'a dyn Fn(&Reader<'_>) -> Result<()>;

/// Writes a row before and a row after `inner`, and runs once.
#[writer]
fn once(db: &Writer, name: &str, inner: InOnce<'_>) -> Result<()> {
    insert(db, name)?;
    inner(db)?;
    insert(db, &format!("{name} end"))
}

/// The same, and may run again.
#[writer]
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
fn again(db: &Writer, name: &str, inner: InAgain<'_>) -> Result<()> {
    insert(db, name)?;
    inner(db)?;
    insert(db, &format!("{name} end"))
}

/// Reads that there are `rows` rows, before and after `inner`.
#[reader]
fn sees(db: &Reader, rows: u32, inner: InReader<'_>) -> Result<()> {
    assert_eq!(count(db)?, rows);
    inner(db)?;
    assert_eq!(count(db)?, rows);
    Ok(())
}

#[reader]
fn count(db: &Reader) -> Result<u32> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

/// A helper that every body can call: it knows nothing of db-core.
fn insert(conn: &rusqlite::Connection, name: &str) -> Result<()> {
    conn.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

/// What a body fails with that has nothing to do with the database.
fn fail<T>() -> Result<T> {
    Err(Error::NoGlobal)
}

#[track_caller]
fn failed<T: std::fmt::Debug>(result: &Result<T>) {
    assert!(matches!(result, Err(Error::NoGlobal)), "{result:?}");
}
