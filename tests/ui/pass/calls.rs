//! Twins of `effect/calls_*`: who may call whom.
#![deny(warnings, unused, rust_2018_idioms, clippy::pedantic)]
#![allow(dead_code)]

use std::sync::Arc;

use db_core::effect::{Idempotent, Once};
use db_core::{Database, Reader, Result, Writer, reader, retry_on_locked, writer};

#[reader]
fn get(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

#[writer]
#[retry_on_locked(idempotent)]
fn set(db: &Writer, qty: i64) -> Result<()> {
    db.execute("UPDATE stock SET qty = ?1", [qty])?;
    Ok(())
}

#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

fn mail(_: &str) {}

fn helper(db: &Writer<'_, Idempotent>) -> Result<()> {
    set(db, 2)
}

fn helper_for_once(db: &Writer<'_, Once>) -> Result<()> {
    set(db, 2)?;
    send(db)
}

#[reader]
fn reads(db: &Reader) -> Result<i64> {
    get(db)
}

#[writer]
#[retry_on_locked(idempotent)]
fn may_run_again(db: &Writer) -> Result<()> {
    set(db, get(db)? + reads(db)?)?;
    helper(db)?;
    if get(db)? > 3 {
        may_run_again(db)?;
    }
    // What must happen once happens after the commit.
    db.on_commit(|| mail("sent"));
    Ok(())
}

#[writer]
fn runs_once(db: &Writer) -> Result<()> {
    set(db, get(db)?)?;
    may_run_again(db)?;
    helper_for_once(db)?;
    send(db)
}

fn callers(db: &Database, shared: &Arc<Database>) -> Result<()> {
    get(db)?;
    runs_once(db)?;
    may_run_again(shared)?;
    send(shared)
}

fn main() {
    let _ = callers;
}
