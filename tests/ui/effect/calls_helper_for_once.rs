// Nor behind a helper that takes the handle itself.

use db_core::effect::Once;
use db_core::{Result, Writer, retry_on_locked, writer};

fn helper(db: &Writer<'_, Once>) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

#[writer]
#[retry_on_locked(idempotent)]
fn outer(db: &Writer) -> Result<()> {
    helper(db)
}

fn main() {}
