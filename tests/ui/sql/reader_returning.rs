// A write that returns a row is a write.

use db_core::{Reader, Result, reader};

#[reader]
fn take(db: &Reader) -> Result<i64> {
    Ok(db.query_row("UPDATE stock SET qty = 0 RETURNING qty", (), |row| row.get(0))?)
}

fn main() {}
