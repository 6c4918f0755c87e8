// Nor between two that call each other.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer]
#[retry_on_locked(idempotent)]
fn even(db: &Writer, n: u32) -> Result<bool> {
    if n == 0 { Ok(true) } else { odd(db, n - 1) }
}

#[writer]
fn odd(db: &Writer, n: u32) -> Result<bool> {
    if n == 0 { Ok(false) } else { even(db, n - 1) }
}

fn main() {}
