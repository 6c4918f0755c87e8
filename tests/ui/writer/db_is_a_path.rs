// `db` takes an open database, not the name of one.

use db_core::{Result, Writer, writer};

#[writer(db = "shop.db")]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
