// Two columns that change places are back after the second attempt.

use db_core::retry_on_locked;
use db_core::rusqlite::{Connection, Result};

#[retry_on_locked(idempotent)]
fn turn(conn: &Connection) -> Result<usize> {
    conn.execute("UPDATE pair SET (a, b) = (b, a)", ())
}

fn main() {}
