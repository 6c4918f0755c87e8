// The same for a length of time.

use db_core::{Result, Writer, retry_on_locked, writer};

const PAUSE: u64 = 50;

#[writer]
#[retry_on_locked(idempotent, base_delay = PAUSE)]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
