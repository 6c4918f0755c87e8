// Nor behind one that takes whatever can be written to, two levels down.

use db_core::effect::Once;
use db_core::{Reader, Result, WriteTo, Writer, reader, writer};

#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

fn helper(to: &impl WriteTo<Once>) -> Result<()> {
    send(to)
}

#[reader]
fn first(db: &Reader) -> Result<()> {
    second(db)
}

#[reader]
fn second(db: &Reader) -> Result<()> {
    helper(db)
}

fn main() {}
