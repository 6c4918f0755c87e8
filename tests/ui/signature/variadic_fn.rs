// `...` needs `unsafe` and `extern`: three words to remove.

use db_core::{Reader, Result, reader};

#[reader]
unsafe extern "C" fn stock(db: &Reader, _: ...) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn main() {}
