// Which option?

use db_core::{Result, Writer, writer};

#[writer("shop.db")]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
