// A reader over rusqlite's `&Connection` cannot write either.

use db_core::reader;
use db_core::rusqlite::{Connection, Result};

#[reader]
fn tidy(conn: &Connection) -> Result<usize> {
    conn.execute("DELETE FROM sent", ())
}

fn main() {}
