// Which of the two is not known, so nothing is asked of either.

use db_core::{Reader, Result, reader, retry_on_locked, writer};

#[reader]
#[retry_on_locked]
#[writer]
fn stock(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn main() {}
