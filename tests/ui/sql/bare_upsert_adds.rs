// `DO UPDATE` counts as an `UPDATE`.

use db_core::retry_on_locked;
use db_core::rusqlite::{Connection, Result};

#[retry_on_locked(idempotent)]
fn restock(conn: &Connection, sku: &str, qty: i64) -> Result<usize> {
    conn.execute(
        "INSERT INTO stock VALUES (?1, ?2)
         ON CONFLICT (sku) DO UPDATE SET qty = qty + excluded.qty",
        (sku, qty),
    )
}

fn main() {}
