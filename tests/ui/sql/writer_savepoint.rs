// Savepoints by SQL could end those of the attribute.

use db_core::{Result, Writer, writer};

#[writer]
fn set(db: &Writer, qty: i64) -> Result<()> {
    db.execute_batch("SAVEPOINT attempt")?;
    if db.execute("UPDATE stock SET qty = ?1", [qty]).is_err() {
        db.execute_batch("ROLLBACK TO attempt")?;
    }
    db.execute_batch("RELEASE attempt")?;
    Ok(())
}

fn main() {}
