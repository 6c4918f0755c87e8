// Once is enough.

use db_core::{Database, Result, Writer, writer};

#[writer]
#[writer(timeout = 10s)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn caller(db: &Database) -> Result<()> {
    set(db)
}

fn main() {}
