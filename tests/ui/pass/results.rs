//! Twins of `signature/returns_*`, `no_return_type` and `error_without_from`.
#![deny(warnings, unused, rust_2018_idioms, clippy::pedantic)]
#![allow(dead_code)]

use db_core::rusqlite;
use db_core::{Database, Reader, Writer, reader, retry_on_locked, writer};

type Outcome<T> = Result<T, Failed>;

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("not found")]
    NotFound,
    #[error(transparent)]
    Database(#[from] db_core::Error),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

#[reader]
fn own_alias(db: &Reader) -> Outcome<Option<i64>> {
    let qty: Option<i64> = db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?;
    if qty == Some(0) {
        return Err(Failed::NotFound);
    }
    Ok(qty)
}

#[writer]
#[retry_on_locked(idempotent)]
fn own_error(db: &Writer) -> Result<(), Failed> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

#[reader]
fn of_rusqlite(conn: &rusqlite::Connection) -> rusqlite::Result<i64> {
    conn.query_row("SELECT qty FROM stock", (), |row| row.get(0))
}

#[reader]
#[retry_on_locked]
fn boxed(db: &Reader) -> Result<i64, Box<dyn std::error::Error + Send + Sync>> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

#[reader]
#[retry_on_locked]
fn with_anyhow(db: &Reader) -> anyhow::Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

#[reader]
fn opaque(db: &Reader) -> db_core::Result<impl Iterator<Item = i64>> {
    let last: i64 = db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?;
    Ok(0..last)
}

fn caller(db: &Database) -> Result<i64, Box<dyn std::error::Error + Send + Sync>> {
    own_error(db)?;
    let many: i64 = opaque(db)?.sum();
    let one = own_alias(db)?.unwrap_or(0);
    Ok(many + one + of_rusqlite(db)? + boxed(db)? + with_anyhow(db)?)
}

fn main() {
    let _ = caller;
}
