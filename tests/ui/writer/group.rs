// Not in this version.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer(group)]
#[retry_on_locked(idempotent)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
