//! Twins of `retry/*_without_idempotent`, `empty_reason` and `reason_is_no_text`.
#![deny(warnings, unused, rust_2018_idioms, clippy::pedantic)]
#![allow(dead_code)]

use db_core::rusqlite::{self, Connection};
use db_core::{Database, Reader, Result, Writer, reader, retry_on_locked, writer};

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn set(db: &Writer, qty: i64) -> Result<()> {
    db.execute("UPDATE stock SET qty = ?1", [qty])?;
    Ok(())
}

#[retry_on_locked(idempotent = "the order id is unique")]
#[writer]
fn insert(db: &Writer, id: i64) -> Result<()> {
    db.execute("INSERT INTO orders VALUES (?1)", [id])?;
    Ok(())
}

#[retry_on_locked(idempotent)]
fn bare(conn: &Connection, qty: i64) -> rusqlite::Result<()> {
    conn.execute("UPDATE stock SET qty = ?1", [qty])?;
    Ok(())
}

// A reader changes nothing: its author need not say so, but may.
#[reader]
#[retry_on_locked]
fn get(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

#[reader]
#[retry_on_locked(idempotent)]
fn get_again(db: &Reader) -> Result<i64> {
    get(db)
}

// And without a retry nothing is repeated.
#[writer]
fn once(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

fn caller(db: &Database, conn: &Connection) -> Result<i64> {
    set(db, 1)?;
    insert(db, 1)?;
    bare(conn, 1)?;
    once(db)?;
    Ok(get(db)? + get_again(db)?)
}

fn main() {
    let _ = caller;
}
