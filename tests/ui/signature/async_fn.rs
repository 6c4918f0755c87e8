// Not yet; what to do meanwhile.

use db_core::{Database, Reader, Result, reader};

#[reader]
async fn stock(db: &Reader) -> Result<i64> {
    std::future::ready(()).await;
    Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
}

async fn caller(db: &Database) -> Result<i64> {
    stock(db).await
}

fn main() {}
