// A transaction that a lock has lost cannot be retried inside of itself.

use db_core::retry_on_locked;
use db_core::rusqlite::{Result, Transaction};

#[retry_on_locked(idempotent)]
fn set(tx: &Transaction<'_>) -> Result<()> {
    tx.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
