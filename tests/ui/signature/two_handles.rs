// Callers pass one database; it cannot be two handles.

use db_core::{Database, Reader, Result, Writer, writer};

#[writer]
fn copy(to: &Writer, from: &Reader) -> Result<()> {
    let qty: i64 = from.query_row("SELECT qty FROM stock", (), |row| row.get(0))?;
    to.execute("UPDATE stock SET qty = ?1", [qty])?;
    Ok(())
}

fn caller(db: &Database) -> Result<()> {
    copy(db, db)
}

fn main() {}
