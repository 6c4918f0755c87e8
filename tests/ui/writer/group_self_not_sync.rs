// `&self` goes to the other thread too.

use std::cell::Cell;

use db_core::{Result, Writer, retry_on_locked, writer};

struct Shop {
    sold: Cell<i64>,
}

impl Shop {
    #[writer(group)]
    #[retry_on_locked(idempotent)]
    fn set(&self, db: &Writer, qty: i64) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [qty])?;
        self.sold.set(qty);
        Ok(())
    }
}

fn main() {
    let _ = Shop { sold: Cell::new(0) };
}
