// A method with a body in the trait: whoever has it may be no `Sync`.

use db_core::{Result, Writer, retry_on_locked, writer};

trait Stock {
    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn set(&self, db: &Writer, qty: i64) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [qty])?;
        Ok(())
    }
}

fn main() {}
