// Whatever callers pass goes to the other thread.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer(group)]
#[retry_on_locked(idempotent)]
fn set<Q: Into<i64> + Clone>(db: &Writer, qty: Q) -> Result<()> {
    db.execute("UPDATE stock SET qty = ?1", [qty.into()])?;
    Ok(())
}

fn main() {}
