// Without a handle the body cannot reach the database.

use db_core::{Result, writer};

#[writer]
fn set() -> Result<()> {
    Ok(())
}

fn main() {}
