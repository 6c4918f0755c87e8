// A constant of another type is to blame itself.

use db_core::{Result, Writer, retry_on_locked, writer};

const ATTEMPTS: usize = 3;

#[writer]
#[retry_on_locked(idempotent, max_attempts = ATTEMPTS)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
