// A `Database` needs no lock around it.

use std::sync::Mutex;

use db_core::{Database, Result, Writer, writer};

#[writer]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn caller(db: &Mutex<Database>) -> Result<()> {
    set(db)
}

fn main() {}
