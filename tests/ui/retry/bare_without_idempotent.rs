// A bare retry repeats the SQL itself, so it needs the author's word too.

use db_core::retry_on_locked;
use db_core::rusqlite::{Connection, Result};

#[retry_on_locked]
fn set(conn: &Connection, qty: i64) -> Result<()> {
    conn.execute("UPDATE stock SET qty = ?1", [qty])?;
    Ok(())
}

fn main() {}
