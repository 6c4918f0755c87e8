// The handle is followed through `let`, conditions and closures.

use db_core::rusqlite::fallible_iterator::FallibleIterator;
use db_core::rusqlite::{Batch, Connection};
use db_core::{Reader, Result, reader};

#[reader]
fn tidy(db: &Reader) -> Result<()> {
    let conn: &Connection = db;
    conn.execute("DELETE FROM sent", ())?;
    if let Some(conn) = Some(db) {
        conn.execute("DELETE FROM sent WHERE id = 1", ())?;
    }
    Some(db).map_or(Ok(0), |conn| conn.execute("DELETE FROM sent WHERE id = 2", ()))?;
    Connection::execute(db, "DELETE FROM sent WHERE id = 3", ())?;
    Batch::new(db, "DELETE FROM sent WHERE id = 4").next()?;
    Ok(())
}

fn main() {}
