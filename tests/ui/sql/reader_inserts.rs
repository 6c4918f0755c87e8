// A reader cannot write, by whatever statement.

use db_core::{Reader, Result, reader};

#[reader]
fn stock(db: &Reader, sku: &str) -> Result<()> {
    db.execute("INSERT INTO stock VALUES (?1, 0)", [sku])?;
    Ok(())
}

fn main() {}
