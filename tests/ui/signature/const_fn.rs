// There is no database while compiling.

use db_core::{Reader, Result, reader};

#[reader]
const fn stock(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn main() {}
