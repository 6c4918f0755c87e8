// A plain value has no room for an error.

use db_core::{Database, Reader, reader};

#[reader]
fn stock(db: &Reader) -> i64 {
    db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?
}

fn caller(db: &Database) -> i64 {
    stock(db) + 1
}

fn main() {}
