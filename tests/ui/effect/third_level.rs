// Nor at the third level: each helper's handle carries what its caller's body allows.

use db_core::effect::Idempotent;
use db_core::{Result, Writer, retry_on_locked, writer};

#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

#[writer]
#[retry_on_locked(idempotent)]
fn first(db: &Writer) -> Result<()> {
    second(db)
}

#[writer]
#[retry_on_locked(idempotent)]
fn second(db: &Writer) -> Result<()> {
    third(db)
}

fn third(db: &Writer<'_, Idempotent>) -> Result<()> {
    send(db)
}

fn main() {}
