// The error type must be able to carry a lock error.

use db_core::{Reader, reader};

#[derive(Debug)]
struct NotFound;

#[reader]
fn stock(db: &Reader) -> Result<i64, NotFound> {
    db.query_row("SELECT qty FROM stock", (), |row| row.get(0)).map_err(|_| NotFound)
}

fn main() {}
