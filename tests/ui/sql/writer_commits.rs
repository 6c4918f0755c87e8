// Only the attribute opens and ends a writer's transaction.

use db_core::{Result, Writer, writer};

#[writer]
fn set(db: &Writer, qty: i64) -> Result<()> {
    db.execute_batch("BEGIN IMMEDIATE; UPDATE stock SET qty = 0; END TRANSACTION")?;
    db.execute("UPDATE stock SET qty = ?1", [qty])?;
    Ok(())
}

fn main() {}
