// The effect in the type contradicts the attribute.

use db_core::effect::Once;
use db_core::{Result, Writer, retry_on_locked, writer};

#[writer]
#[retry_on_locked(idempotent)]
fn set(db: &Writer<'_, Once>) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
