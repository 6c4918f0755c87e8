// The handle cannot outlive the call.

use db_core::{Reader, Result, reader};

#[reader]
fn stock<'a>(db: &'a Reader<'a>) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn main() {}
