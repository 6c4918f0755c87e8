//! Every option in every form. Twins of `options/*`.
#![deny(warnings, unused, rust_2018_idioms, clippy::pedantic)]
#![allow(dead_code)]

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use db_core::rusqlite::Connection;
use db_core::{Database, Reader, Result, Writer, reader, retry_on_locked, writer};

const ATTEMPTS: u32 = 4;
const PAUSE: Duration = Duration::from_millis(5);

static DB: LazyLock<Database> = LazyLock::new(|| match Database::open_in_memory() {
    Ok(db) => db,
    Err(error) => panic!("{error}"),
});

#[writer(timeout = 1.5s, crate = ::db_core)]
#[retry_on_locked(
    max_attempts = 3,
    idempotent,
    base_delay = 500us,
    max_delay = 250ms,
    deadline = 1min,
    jitter,
    crate = ::db_core,
)]
fn literals(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

#[writer(timeout = PAUSE * 2)]
#[retry_on_locked(max_attempts = ATTEMPTS, idempotent, base_delay = pause, deadline = PAUSE)]
fn expressions(db: &Writer, pause: Duration) -> Result<()> {
    db.execute("UPDATE stock SET qty = ?1", [pause.subsec_millis()])?;
    Ok(())
}

// No waiting at all.
#[writer(timeout = 0s)]
fn at_once(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

#[reader(autocommit, db = DB)]
fn from_static(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

#[reader(db = &DB)]
fn from_reference(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

#[writer(db = db_core::global()?)]
fn from_global(db: &Writer) -> Result<()> {
    literals(db)
}

#[writer(db = if qty > 0 { DB.deref_twice() } else { &DB })]
fn from_expression(conn: &Connection, qty: i64) -> Result<()> {
    conn.execute("UPDATE stock SET qty = ?1", [qty])?;
    Ok(())
}

trait DerefTwice {
    fn deref_twice(&self) -> &Database;
}

impl DerefTwice for LazyLock<Database> {
    fn deref_twice(&self) -> &Database {
        self
    }
}

struct Shop {
    db: Arc<Database>,
}

struct Borrowed<'a> {
    db: &'a Database,
}

impl Shop {
    #[writer(db = self.db)]
    fn set(&self, db: &Writer, qty: i64) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [qty])?;
        Ok(())
    }
}

impl Borrowed<'_> {
    #[reader(db = self.db)]
    #[retry_on_locked]
    fn get(&self, db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }
}

fn caller(shop: &Shop) -> Result<i64> {
    shop.set(1)?;
    from_global()?;
    from_expression(3)?;
    at_once(&shop.db)?;
    expressions(&shop.db, PAUSE)?;
    Ok(Borrowed { db: &shop.db }.get()? + from_static()? + from_reference()?)
}

fn main() {
    let _ = caller;
}
