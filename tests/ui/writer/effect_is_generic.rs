// Callers do not decide how often a body may run.

use db_core::{Database, Result, Writer, writer};

#[writer]
fn set<E: db_core::effect::Effect>(db: &Writer<'_, E>) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn caller(db: &Database) -> Result<()> {
    set(db)
}

fn main() {}
