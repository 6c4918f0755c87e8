// A writer rolls back by returning an `Err`.

use db_core::{Result, Writer, writer};

#[writer]
fn set(db: &Writer, qty: i64) -> Result<()> {
    db.execute("UPDATE stock SET qty = ?1", [qty])?;
    if qty < 0 {
        db.execute_batch("ROLLBACK")?;
    }
    Ok(())
}

fn main() {}
