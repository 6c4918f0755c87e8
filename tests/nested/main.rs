//! What a call joins, as the table of the design has it: a reader its caller's
//! snapshot, a writer its caller's transaction, by a savepoint; and all the ways to
//! hand the database over.

mod callers;
#[path = "../common/mod.rs"]
mod common;
mod derefs;
mod guards;
mod table;

use std::cell::Cell;
use std::ops::Deref;
use std::sync::{Arc, LazyLock};

use common::{TestDb, quick};
use db_core::effect::{Effect, Idempotent, Once};
use db_core::{
    Database, Error, Options, ReadFrom, Reader, Result, WriteTo, Writer, global, install_global,
    reader, retry_on_locked, writer,
};
use rusqlite::{Connection, OptionalExtension};

#[reader]
fn names(db: &Reader) -> Result<Vec<String>> {
    let mut all = db.prepare_cached("SELECT name FROM item ORDER BY id")?;
    let rows = all.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[reader]
fn has(db: &Reader, name: &str) -> Result<bool> {
    Ok(names(db)?.iter().any(|known| known == name))
}

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms)]
fn ensure(db: &Writer, name: &str) -> Result<()> {
    if !has(db, name)? {
        db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    }
    Ok(())
}

#[writer]
fn add_and_fail(db: &Writer, name: &str) -> Result<()> {
    add(db, name)?;
    Err(Error::NoGlobal)
}

fn failed(result: Result<()>) {
    assert!(matches!(result, Err(Error::NoGlobal)), "{result:?}");
}

fn database() -> Database {
    Options::new()
        .migrations(&["CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL)"])
        .open_in_memory()
        .unwrap()
}
