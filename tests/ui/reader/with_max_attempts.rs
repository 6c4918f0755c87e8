// A reader alone does not retry.

use db_core::{Reader, Result, reader};

#[reader(max_attempts = 7)]
fn stock(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn main() {}
