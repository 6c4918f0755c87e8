// A value without its key.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer]
#[retry_on_locked(3, idempotent)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
