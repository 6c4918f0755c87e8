// A column that is computed from itself moves with each attempt.

use db_core::retry_on_locked;
use db_core::rusqlite::{Connection, Result};

#[retry_on_locked(idempotent)]
fn sell(conn: &Connection, sku: &str) -> Result<usize> {
    conn.execute("UPDATE stock SET qty = qty - 1 WHERE sku = ?1", [sku])
}

fn main() {}
