// A no is not to be turned into a yes.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent = false)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
