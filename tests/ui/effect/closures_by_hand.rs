// The same without attributes: a closure's handle carries the effect too.

use db_core::{Database, Result, RetryPolicy, Writer, writer};

#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

fn by_hand(db: &Database) -> Result<()> {
    db.write_idempotent(&RetryPolicy::attempts(3), |w| send(w))?;
    db.read(|r| send(r))?;
    send(&db.reader()?)
}

fn main() {}
