// A closure has no signature that could be changed. The attribute on it is refused by
// the compiler as well.

use db_core::{Database, Reader, Result, reader};

fn caller(db: &Database) -> Result<i64> {
    #[reader]
    let stock = |db: &Reader| db.query_row("SELECT qty FROM stock", (), |row| row.get(0));
    db.read(|db| Ok(stock(db)?))
}

fn main() {}
