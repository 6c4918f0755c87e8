// Readers share nothing to commit.

use db_core::{Reader, Result, reader};

#[reader(group)]
fn stock(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn main() {}
