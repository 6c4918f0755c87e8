// What can be called once cannot be called for each attempt.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer]
#[retry_on_locked(idempotent)]
fn set(db: &Writer, qty: impl FnOnce() -> i64) -> Result<()> {
    db.execute("UPDATE stock SET qty = ?1", [qty()])?;
    Ok(())
}

fn main() {}
