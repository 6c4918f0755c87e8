// What a body returns comes back from the other thread.

use std::rc::Rc;

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer(group)]
#[retry_on_locked(idempotent)]
fn set(db: &Writer) -> Result<Rc<i64>> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(Rc::new(0))
}

fn main() {}
