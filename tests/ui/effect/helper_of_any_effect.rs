// A helper for every effect cannot call what runs once: its caller may run again.

use db_core::effect::Effect;
use db_core::{Result, Writer, writer};

#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

fn helper<E: Effect>(db: &Writer<'_, E>) -> Result<()> {
    send(db)
}

fn main() {}
