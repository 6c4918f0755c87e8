// The same with a value, in a body that is repeated.

use db_core::{Reader, Result, reader, retry_on_locked};

#[reader]
#[retry_on_locked]
fn stock(db: &Reader, and: i64) -> Result<i64> {
    let stock: i64 = db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?;
    Ok(stock + and);
}

fn main() {}
