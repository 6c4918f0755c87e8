// A pattern is told the same, at its type.

use db_core::{Result, Writer, retry_on_locked, writer};

struct Ticket {
    id: i64,
}

#[writer]
#[retry_on_locked(idempotent)]
fn use_up(db: &Writer, Ticket { id }: Ticket) -> Result<()> {
    db.execute("DELETE FROM ticket WHERE id = ?1", [id])?;
    Ok(())
}

fn main() {}
