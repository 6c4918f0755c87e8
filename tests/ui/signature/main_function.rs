// Nobody calls `main` with a handle.

use db_core::{Result, Writer, writer};

#[writer]
fn main(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}
