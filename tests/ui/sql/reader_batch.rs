// Each statement of a batch is looked at; one error names all that write.

use db_core::{Reader, Result, reader};

#[reader]
fn tidy(db: &Reader) -> Result<()> {
    db.execute_batch(
        "SELECT 1; /* then; */ DELETE FROM sent;
         DELETE FROM ticket; DROP TABLE IF EXISTS gone;",
    )?;
    Ok(())
}

fn main() {}
