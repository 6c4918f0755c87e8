// The first parameter is the handle.

use db_core::{Database, Reader, Result, reader};

#[reader]
fn stock(sku: &str, db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock WHERE sku = ?1", [sku], |row| row.get(0))?)
}

fn caller(db: &Database) -> Result<i64> {
    stock("A-1", db)
}

fn main() {}
