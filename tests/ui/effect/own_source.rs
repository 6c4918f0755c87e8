// Nor a handle of one's own that passes a body's off as standing outside of it.

use db_core::effect::{Idempotent, Once};
use db_core::{Result, WriteTo, Writer, retry_on_locked, writer};

struct Disguise<'a>(&'a Writer<'a, Idempotent>);

impl WriteTo<Once> for Disguise<'_> {}

#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

#[writer]
#[retry_on_locked(idempotent)]
fn outer(db: &Writer) -> Result<()> {
    send(&Disguise(db))
}

fn main() {}
