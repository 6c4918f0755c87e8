// A handle is shared.

use db_core::{Result, Writer, writer};

#[writer]
fn set(db: &mut Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
