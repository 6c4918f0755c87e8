// A number of what?

use db_core::{Result, Writer, writer};

const PATIENCE: u64 = 10;

#[writer(timeout = PATIENCE)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
