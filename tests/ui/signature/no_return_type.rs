// Whatever touches a database can fail. Callers that rely on a result, or on none, say nothing.

use db_core::{Database, Writer, writer};

#[writer]
fn set(db: &Writer) {
    db.execute("UPDATE stock SET qty = 0", ())?;
}

fn caller(db: &Database) -> db_core::Result<()> {
    set(db);
    set(db)?;
    Ok(())
}

fn main() {}
