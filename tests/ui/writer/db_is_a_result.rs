// Not open yet, maybe.

use db_core::{Database, Result, Writer, writer};

fn database() -> Result<Database> {
    Database::open("shop.db")
}

#[writer(db = database())]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
