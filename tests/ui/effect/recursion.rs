// Nor at the bottom of a recursion.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

#[writer]
#[retry_on_locked(idempotent)]
fn down(db: &Writer, levels: u32) -> Result<()> {
    if levels == 0 { send(db) } else { down(db, levels - 1) }
}

fn main() {}
