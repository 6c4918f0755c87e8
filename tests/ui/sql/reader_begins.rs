// A reader's body is a transaction already.

use db_core::{Reader, Result, reader};

#[reader]
fn stock(db: &Reader) -> Result<i64> {
    db.execute_batch("BEGIN")?;
    let qty = db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?;
    db.execute_batch("COMMIT")?;
    Ok(qty)
}

fn main() {}
