// Nor of the one that is missing.

use db_core::{Result, Writer, retry_on_locked, writer};

trait Shelf {
    #[writer]
    #[retry_on_locked(idempotent)]
    fn set(&self, db: &Writer) -> Result<()>;
}

struct Shop {
    qty: i64,
}

impl Shelf for Shop {
    #[writer]
    fn set(&self, db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [self.qty])?;
        Ok(())
    }
}

fn main() {}
