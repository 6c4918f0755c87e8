// A transaction that was asked away is not opened by hand.

use db_core::{Reader, Result, reader};

#[reader(autocommit)]
fn stock(db: &Reader) -> Result<i64> {
    db.execute_batch("begin deferred transaction")?;
    let qty = db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?;
    Ok(qty)
}

fn main() {}
