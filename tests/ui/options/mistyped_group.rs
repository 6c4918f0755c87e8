// A slip of the finger in what is not there yet: nobody is led to it.

use db_core::{Result, Writer, writer};

#[writer(gruop)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
