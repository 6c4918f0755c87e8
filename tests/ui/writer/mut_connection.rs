// The connection is lent, with a transaction open on it.

use db_core::rusqlite::{Connection, Result};
use db_core::writer;

#[writer]
fn set(conn: &mut Connection) -> Result<()> {
    let tx = conn.transaction()?;
    tx.execute("UPDATE stock SET qty = 0", ())?;
    tx.commit()
}

fn main() {}
