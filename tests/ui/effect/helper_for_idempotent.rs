// A helper whose handle says that its caller may run again is no way around it.

use db_core::effect::Idempotent;
use db_core::{Result, Writer, writer};

#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

fn helper(db: &Writer<'_, Idempotent>) -> Result<()> {
    send(db)
}

fn main() {}
