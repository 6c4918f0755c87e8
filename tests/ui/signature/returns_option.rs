// `None` says nothing of what went wrong.

use db_core::{Reader, reader};

#[reader]
fn stock(db: &Reader) -> Option<i64> {
    db.query_row("SELECT qty FROM stock", (), |row| row.get(0)).ok()
}

fn main() {}
