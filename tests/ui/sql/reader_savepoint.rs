// A reader has nothing to roll back to.

use db_core::{Reader, Result, reader};

#[reader]
fn stock(db: &Reader) -> Result<i64> {
    db.execute_batch("SAVEPOINT here")?;
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn main() {}
