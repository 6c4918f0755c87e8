// What `LIMIT` picks is gone the second time, and it picks others.

use db_core::retry_on_locked;
use db_core::rusqlite::{Connection, Result};

#[retry_on_locked(idempotent)]
fn take(conn: &Connection) -> Result<usize> {
    conn.execute("DELETE FROM ticket WHERE id IN (SELECT id FROM ticket LIMIT 1)", ())
}

fn main() {}
