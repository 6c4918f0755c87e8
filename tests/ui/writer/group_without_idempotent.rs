// A shared transaction may run a body again; today there is none to share.

use db_core::{Result, Writer, writer};

#[writer(group)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
