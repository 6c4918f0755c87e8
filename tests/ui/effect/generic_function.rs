// Nor behind a function that is generic over what it writes to.

use db_core::effect::Once;
use db_core::{Result, WriteTo, Writer, retry_on_locked, writer};

#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

fn twice(to: &impl WriteTo<Once>) -> Result<()> {
    send(to)?;
    send(to)
}

#[writer]
#[retry_on_locked(idempotent)]
fn outer(db: &Writer) -> Result<()> {
    twice(db)
}

fn main() {}
