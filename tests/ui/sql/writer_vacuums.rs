// SQLite cannot vacuum inside of a transaction.

use db_core::{Result, Writer, writer};

#[writer]
fn tidy(db: &Writer) -> Result<()> {
    db.execute("DELETE FROM sent", ())?;
    db.execute("VACUUM", ())?;
    Ok(())
}

fn main() {}
