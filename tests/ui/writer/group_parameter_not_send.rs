// A shared transaction may run a body on the thread of another caller.

use std::rc::Rc;

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer(group)]
#[retry_on_locked(idempotent)]
fn set(db: &Writer, qty: Rc<i64>) -> Result<()> {
    db.execute("UPDATE stock SET qty = ?1", [*qty])?;
    Ok(())
}

fn main() {}
