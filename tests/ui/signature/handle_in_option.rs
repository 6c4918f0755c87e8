// The runtime always has one.

use db_core::{Reader, Result, reader};

#[reader]
fn stock(db: Option<&Reader>) -> Result<i64> {
    let Some(db) = db else { return Ok(0) };
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn main() {}
