// What is promised for idempotent writes is not enough for one that runs once.

use db_core::effect::Idempotent;
use db_core::{Result, WriteTo, Writer, writer};

#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

fn helper(to: &impl WriteTo<Idempotent>) -> Result<()> {
    send(to)
}

fn main() {}
