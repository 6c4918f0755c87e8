// What callers pass is the attribute's business.

use db_core::{Database, ReadFrom, Reader, Result, reader};

#[reader]
fn stock<D: ReadFrom>(db: &D) -> Result<i64> {
    count(db)
}

#[reader]
fn count(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn caller(db: &Database) -> Result<i64> {
    stock(db)
}

fn main() {}
