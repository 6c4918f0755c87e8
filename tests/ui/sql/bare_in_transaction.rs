// The body's own transaction counts, and a connection besides.

use db_core::retry_on_locked;
use db_core::rusqlite::{Connection, Result};

#[retry_on_locked(idempotent)]
fn sell(conn: &mut Connection, log: &Connection) -> Result<()> {
    let tx = conn.transaction()?;
    tx.execute("INSERT INTO ticket (id) VALUES (7)", ())?;
    log.execute("INSERT INTO sent (id) VALUES (7)", ())?;
    tx.commit()
}

fn main() {}
