// A writer that runs once cannot hide in a body that may run again.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

#[writer]
#[retry_on_locked(idempotent)]
fn outer(db: &Writer) -> Result<()> {
    send(db)
}

fn main() {}
