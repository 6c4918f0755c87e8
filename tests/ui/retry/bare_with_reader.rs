// A `&Reader` comes from `#[reader]` only; then nothing need be declared.

use db_core::{Database, Reader, Result, retry_on_locked};

#[retry_on_locked]
fn stock(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn caller(db: &Database) -> Result<i64> {
    stock(db)
}

fn main() {}
