// Nothing to repeat.

use db_core::{Result, retry_on_locked};

#[retry_on_locked(idempotent)]
fn set() -> Result<()> {
    Ok(())
}

fn main() {}
