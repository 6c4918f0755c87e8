// Nor a test.

use db_core::{Result, Writer, writer};

#[writer]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

#[writer]
#[test]
fn sets(db: &Writer) -> Result<()> {
    set(db)
}

fn main() {}
