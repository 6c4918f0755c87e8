// What can be read from can't therefore be written to.

use db_core::{ReadFrom, Result, Writer, writer};

#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

fn helper(from: &impl ReadFrom) -> Result<()> {
    send(from)
}

fn main() {}
