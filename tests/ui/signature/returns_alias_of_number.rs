// What an alias stands for, only the compiler knows.

use db_core::{Reader, reader};

type Quantity = i64;

#[reader]
fn stock(db: &Reader) -> Quantity {
    db.query_row("SELECT qty FROM stock", (), |row| row.get(0)).unwrap_or(0)
}

fn main() {}
