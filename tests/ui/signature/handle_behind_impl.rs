// As an expansion would look, written by hand.

use db_core::effect::Once;
use db_core::{Database, Result, WriteTo, writer};

#[writer]
fn set(db: &impl WriteTo<Once>) -> Result<()> {
    let _ = db;
    Ok(())
}

fn caller(db: &Database) -> Result<()> {
    set(db)
}

fn main() {}
