// A connection alone is no snapshot.

use db_core::rusqlite::Connection;
use db_core::{Reader, Result, reader};

#[reader]
fn stock(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn caller(conn: &Connection) -> Result<i64> {
    stock(conn)
}

fn main() {}
