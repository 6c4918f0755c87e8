// The callers of the trait know nothing of the attribute that was added.

use db_core::{Result, Writer, retry_on_locked, writer};

trait Shelf {
    #[writer]
    fn set(&self, db: &Writer) -> Result<()>;
}

struct Shop {
    qty: i64,
}

impl Shelf for Shop {
    #[writer]
    #[retry_on_locked(idempotent)]
    fn set(&self, db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [self.qty])?;
        Ok(())
    }
}

fn main() {}
