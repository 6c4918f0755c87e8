// One word is wrong, and what the body calls is not to blame.

use db_core::{Reader, Result, Writer, writer};

#[writer]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

#[writer]
fn close(db: &Reader) -> Result<()> {
    set(db)
}

fn main() {}
