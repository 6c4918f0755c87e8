// Attributes find each other by name only.

use db_core::retry_on_locked as retry;
use db_core::{Result, Writer, writer};

#[writer]
#[retry(idempotent)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
