// The most frequent slip of all, told as for any function.

use db_core::{Result, Writer, writer};

#[writer]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
}

fn main() {}
