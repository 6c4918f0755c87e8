// Not even one that may run again.

use db_core::{Reader, Result, Writer, reader, retry_on_locked, writer};

#[writer]
#[retry_on_locked(idempotent)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

#[reader]
fn report(db: &Reader) -> Result<()> {
    set(db)
}

fn main() {}
