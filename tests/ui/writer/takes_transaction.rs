// The attribute is what opens the transaction.

use db_core::rusqlite::{Result, Transaction};
use db_core::{Database, writer};

#[writer]
fn set(tx: &Transaction<'_>) -> Result<()> {
    tx.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn caller(db: &Database) -> Result<()> {
    set(db)
}

fn main() {}
