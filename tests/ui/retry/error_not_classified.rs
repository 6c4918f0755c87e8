// An error that nobody can look into: was it a lock?

use db_core::{Reader, reader, retry_on_locked};

#[derive(Debug)]
enum Failed {
    Database(db_core::Error),
}

impl From<db_core::Error> for Failed {
    fn from(error: db_core::Error) -> Self {
        Self::Database(error)
    }
}

#[reader]
#[retry_on_locked]
fn stock(db: &Reader) -> Result<i64, Failed> {
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0)).map_err(db_core::Error::from)?)
}

fn main() {}
