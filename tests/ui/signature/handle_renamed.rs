// The attribute sees a name, and not what it stands for.

use db_core::Reader as Db;
use db_core::{Result, reader};

#[reader]
fn stock(db: &Db) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn main() {}
