// The body moves into a closure, where it would no longer be unsafe.

use db_core::{Reader, Result, reader};

#[reader]
unsafe fn stock(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn main() {}
