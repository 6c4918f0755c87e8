// A setting would stay with the connection.

use db_core::{Result, Writer, writer};

#[writer]
fn set(db: &Writer, qty: i64) -> Result<()> {
    db.execute_batch("PRAGMA foreign_keys = OFF")?;
    db.execute("UPDATE stock SET qty = ?1", [qty])?;
    Ok(())
}

fn main() {}
