// A writer alone waits, it does not retry.

use db_core::{Result, Writer, writer};

#[writer(max_attempts = 3)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
