// A transaction that is shared may be lost by another's fault, and the body runs again.

use db_core::{Result, Writer, writer};

#[writer(group)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
