// What a failed attempt pushed would still be there in the next.

use db_core::{Database, Reader, Result, reader, retry_on_locked};

#[reader]
#[retry_on_locked]
fn collect(db: &Reader, into: &mut Vec<i64>) -> Result<()> {
    into.push(db.query_row("SELECT 1", (), |row| row.get(0))?);
    Ok(())
}

fn caller(db: &Database) -> Result<()> {
    collect(db, &mut Vec::new())
}

fn main() {}
