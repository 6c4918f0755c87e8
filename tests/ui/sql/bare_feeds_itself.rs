// `OR REPLACE` does not help a row that is computed from the one before.

use db_core::retry_on_locked;
use db_core::rusqlite::{Connection, Result};

#[retry_on_locked(idempotent)]
fn restock(conn: &Connection, sku: &str, qty: i64) -> Result<usize> {
    conn.execute(
        "INSERT OR REPLACE INTO stock SELECT sku, qty + ?2 FROM stock WHERE sku = ?1",
        (sku, qty),
    )
}

fn main() {}
