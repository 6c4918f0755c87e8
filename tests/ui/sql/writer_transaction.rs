// A transaction of the old code is superfluous.

use db_core::rusqlite::{Connection, Result};
use db_core::writer;

#[writer]
fn set(conn: &Connection, qty: i64) -> Result<()> {
    let tx = conn.unchecked_transaction()?;
    tx.execute("UPDATE stock SET qty = ?1", [qty])?;
    tx.commit()
}

fn main() {}
