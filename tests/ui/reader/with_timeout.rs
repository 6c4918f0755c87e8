// A reader waits for no turn.

use db_core::{Reader, Result, reader};

#[reader(timeout = 10s)]
fn stock(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn main() {}
