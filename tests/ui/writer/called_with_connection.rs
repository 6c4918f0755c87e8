// A connection alone knows of no other writer.

use db_core::rusqlite::Connection;
use db_core::{Result, Writer, writer};

#[writer]
fn set(db: &Writer) -> Result<()> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn caller(conn: &Connection) -> Result<()> {
    set(conn)
}

fn main() {}
