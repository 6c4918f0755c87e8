// A `&Connection` carries no effect, so nothing annotated is called through it.

use db_core::rusqlite::Connection;
use db_core::{Result, Writer, retry_on_locked, writer};

#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

fn helper(conn: &Connection) -> Result<()> {
    send(conn)
}

#[writer]
#[retry_on_locked(idempotent)]
fn outer(db: &Writer) -> Result<()> {
    helper(db)
}

fn main() {}
