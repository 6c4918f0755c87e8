// A setting by a method is one.

use db_core::{Result, Writer, writer};

#[writer]
fn set(db: &Writer, qty: i64) -> Result<()> {
    db.pragma_update(None, "foreign_keys", false)?;
    db.execute("UPDATE stock SET qty = ?1", [qty])?;
    Ok(())
}

fn main() {}
