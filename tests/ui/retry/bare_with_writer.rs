// A `&Writer` comes from `#[writer]` only.

use db_core::{Database, Result, Writer, retry_on_locked};

#[retry_on_locked(idempotent)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn caller(db: &Database) -> Result<()> {
    set(db)
}

fn main() {}
