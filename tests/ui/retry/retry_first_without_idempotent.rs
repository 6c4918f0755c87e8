// The same mistake with the attributes in the other order.

use db_core::{Result, Writer, retry_on_locked, writer};

#[retry_on_locked]
#[writer]
fn set(db: &Writer, qty: i64) -> Result<()> {
    db.execute("UPDATE stock SET qty = ?1", [qty])?;
    Ok(())
}

fn main() {}
