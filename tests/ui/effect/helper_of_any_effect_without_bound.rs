// A helper for every effect says that it writes.

use db_core::effect::Effect;
use db_core::{Result, Writer, retry_on_locked, writer};

#[writer]
#[retry_on_locked(idempotent)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn helper<E: Effect>(db: &Writer<'_, E>) -> Result<()> {
    set(db)
}

fn main() {}
