//! Twins of `tests/ui/sql`.

mod bare;
mod reader;
mod writer;

use std::fmt::Debug;

use rusqlite::Connection;

use crate::common::TestDb;
use crate::{committed, shop};

/// How many rows a table has after `change`.
#[track_caller]
fn rows_after<T, E: Debug>(table: &str, change: impl FnOnce(&TestDb) -> Result<T, E>) -> i64 {
    let db = shop();
    change(&db).unwrap();
    committed(&db, &format!("SELECT count(*) FROM {table}"))
}

/// A connection without db-core, to a shop in memory.
fn connection() -> Connection {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(crate::SHOP).unwrap();
    conn
}

#[track_caller]
fn rows(conn: &Connection, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    conn.query_row(&sql, (), |row| row.get(0)).unwrap()
}

#[track_caller]
fn qty(conn: &Connection) -> i64 {
    conn.query_row("SELECT qty FROM stock", (), |row| row.get(0)).unwrap()
}
