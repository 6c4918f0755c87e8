// What can be read from need not be writable.

use db_core::{ReadFrom, Result, Writer, writer};

#[writer]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn helper(db: &impl ReadFrom) -> Result<()> {
    set(db)
}

fn main() {}
