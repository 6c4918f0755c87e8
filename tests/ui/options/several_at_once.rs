// Every mistake is shown, each at its place.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer(timeout = 10, gruop)]
#[retry_on_locked(max_attempts = 0, jitter = 1)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
