// Options go in parentheses.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer]
#[retry_on_locked = 3]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
