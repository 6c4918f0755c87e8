// That is what callers pass, not what the body gets.

use db_core::{Database, Reader, Result, reader};

#[reader]
fn stock(db: &Database) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn caller(db: &Database) -> Result<i64> {
    stock(db)
}

fn helper(_: &Reader) {}

fn main() {}
