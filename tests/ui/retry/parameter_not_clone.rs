// Each attempt gets its own copy of a value, so there must be a way to make one.

use db_core::{Result, Writer, retry_on_locked, writer};

struct Ticket(i64);

#[writer]
#[retry_on_locked(idempotent)]
fn use_up(db: &Writer, ticket: Ticket) -> Result<()> {
    db.execute("DELETE FROM ticket WHERE id = ?1", [ticket.0])?;
    Ok(())
}

fn main() {}
