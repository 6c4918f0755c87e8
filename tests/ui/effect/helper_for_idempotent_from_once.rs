// A helper for `Idempotent` alone is not for a body that runs once.

use db_core::effect::Idempotent;
use db_core::{Result, Writer, writer};

fn helper(db: &Writer<'_, Idempotent>) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

#[writer]
fn outer(db: &Writer) -> Result<()> {
    helper(db)
}

fn main() {}
