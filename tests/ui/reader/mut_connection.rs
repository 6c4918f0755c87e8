// The connection is lent, with a transaction open on it.

use db_core::reader;
use db_core::rusqlite::{Connection, Result};

#[reader]
fn stock(conn: &mut Connection) -> Result<i64> {
    conn.query_row("SELECT qty FROM stock", (), |row| row.get(0))
}

fn main() {}
