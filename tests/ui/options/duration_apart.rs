// The number and its unit are one word.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer]
#[retry_on_locked(idempotent, deadline = 30 s)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
