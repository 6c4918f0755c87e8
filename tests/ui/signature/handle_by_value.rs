// The handle stays with the runtime.

use db_core::{Database, Reader, Result, reader};

#[reader]
fn stock(db: Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn caller(db: &Database) -> Result<i64> {
    stock(db)
}

fn main() {}
