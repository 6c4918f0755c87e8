// The word of another attribute.

use db_core::{Result, Writer, writer};

#[writer(idempotent)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
