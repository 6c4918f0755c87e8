// Under another name it is not found.

use db_core::writer as changes;
use db_core::{Result, Writer, retry_on_locked};

#[retry_on_locked(idempotent)]
#[changes]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
