// Not as a whole, but for something in it.

use std::cell::Cell;

use db_core::{Result, Writer, retry_on_locked, writer};

#[derive(Clone)]
struct Order {
    qty: Cell<i64>,
}

#[writer(group)]
#[retry_on_locked(idempotent)]
fn set(db: &Writer, order: &Order) -> Result<()> {
    db.execute("UPDATE stock SET qty = ?1", [order.qty.get()])?;
    Ok(())
}

fn main() {}
