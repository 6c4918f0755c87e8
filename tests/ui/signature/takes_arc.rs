// Shared or not, it is what callers have.

use std::sync::Arc;

use db_core::{Database, Result, writer};

#[writer]
fn set(db: &Arc<Database>) -> Result<()> {
    let _ = db;
    Ok(())
}

fn caller(db: &Arc<Database>) -> Result<()> {
    set(db)
}

fn main() {}
