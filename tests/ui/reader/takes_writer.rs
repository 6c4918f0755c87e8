// The parameter and the attribute say different things.

use db_core::{Database, Result, Writer, reader};

#[reader]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn caller(db: &Database) -> Result<()> {
    set(db)
}

fn main() {}
