// Nothing in a database waits for hours, but it can be said.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer]
#[retry_on_locked(idempotent, deadline = 2h)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
