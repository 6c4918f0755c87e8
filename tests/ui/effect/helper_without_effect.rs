// A plain `&Writer` in a helper is one whose body runs once.

use db_core::{Result, Writer, retry_on_locked, writer};

fn helper(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

#[writer]
#[retry_on_locked(idempotent)]
fn outer(db: &Writer) -> Result<()> {
    helper(db)
}

fn main() {}
