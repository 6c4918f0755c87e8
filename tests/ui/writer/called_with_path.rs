// A path is no database yet.

use db_core::{Result, Writer, writer};

#[writer]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn caller() -> Result<()> {
    set("shop.db")
}

fn main() {}
