// Two attributes, two runtimes.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer(crate = ::db_core)]
#[retry_on_locked(idempotent, crate = db_core)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
