// No writer can be called through a reader.

use db_core::{Reader, Result, Writer, reader, writer};

#[writer]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

#[reader]
fn report(db: &Reader) -> Result<()> {
    set(db)
}

fn main() {}
