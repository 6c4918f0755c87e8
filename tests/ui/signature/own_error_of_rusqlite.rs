// The error of a program that knew only rusqlite.

use db_core::rusqlite;
use db_core::{Reader, reader};

#[derive(Debug)]
enum Failed {
    NotFound,
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for Failed {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

#[reader]
fn stock(db: &Reader) -> Result<i64, Failed> {
    let stock: Option<i64> = db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?;
    stock.ok_or(Failed::NotFound)
}

fn main() {}
