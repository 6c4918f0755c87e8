// The effect in the type contradicts the attribute.

use db_core::effect::Idempotent;
use db_core::{Result, Writer, writer};

#[writer]
fn set(db: &Writer<'_, Idempotent>) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
