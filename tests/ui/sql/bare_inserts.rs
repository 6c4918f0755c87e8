// An `INSERT` that runs twice inserts twice.

use db_core::retry_on_locked;
use db_core::rusqlite::{Connection, Result};

#[retry_on_locked(idempotent)]
fn sell(conn: &Connection, id: i64) -> Result<usize> {
    conn.execute("INSERT INTO ticket (id) VALUES (?1)", [id])
}

fn main() {}
