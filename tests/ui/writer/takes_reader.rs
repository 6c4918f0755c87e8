// The parameter and the attribute say different things.

use db_core::{Database, Reader, Result, writer};

#[writer]
fn stock(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn caller(db: &Database) -> Result<i64> {
    stock(db)
}

fn main() {}
