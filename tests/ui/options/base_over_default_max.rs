// The longest pause is 5 s unless it is set.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer]
#[retry_on_locked(idempotent, base_delay = 6s)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 1", [])?;
    Ok(())
}

fn main() {}
