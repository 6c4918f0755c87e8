// A slip of the finger.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer(gruop)]
#[retry_on_locked(idempotent)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
