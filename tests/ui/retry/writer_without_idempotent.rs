// A retry on a writer needs the author's word; its callers are not to blame.

use db_core::{Database, Result, Writer, retry_on_locked, writer};

#[writer]
#[retry_on_locked(max_attempts = 3)]
fn set(db: &Writer, qty: i64) -> Result<()> {
    db.execute("UPDATE stock SET qty = ?1", [qty])?;
    Ok(())
}

fn caller(db: &Database) -> Result<()> {
    set(db, 1)
}

fn main() {}
