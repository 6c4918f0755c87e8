// A handle that may not be there.

use db_core::{Reader, Result, reader};

#[reader]
fn stock(#[cfg(all())] db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn main() {}
