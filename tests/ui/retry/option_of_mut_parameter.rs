// An `Option` does not make it another's.

use db_core::{Reader, Result, reader, retry_on_locked};

#[reader]
#[retry_on_locked]
fn count(db: &Reader, asked: Option<&mut i64>) -> Result<i64> {
    if let Some(asked) = asked {
        *asked += 1;
    }
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

fn main() {}
