// No writer hides from a reader behind a helper: that needs a `&Writer`.

use db_core::{Reader, Result, Writer, reader, writer};

#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

fn helper(db: &Writer) -> Result<()> {
    send(db)
}

#[reader]
fn report(db: &Reader) -> Result<()> {
    helper(db)
}

fn main() {}
