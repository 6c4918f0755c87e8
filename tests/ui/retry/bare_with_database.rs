// A bare function repeats its SQL on a connection; a database has many.

use db_core::{Database, Result, retry_on_locked};

#[retry_on_locked(idempotent)]
fn set(db: &Database) -> Result<()> {
    db.write(|db| Ok(db.execute("UPDATE stock SET qty = 0", ()).map(drop)?))
}

fn main() {}
