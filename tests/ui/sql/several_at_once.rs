// Mistakes in the SQL are shown beside all others.

use db_core::{Result, Writer, retry_on_locked, writer};

#[writer(timeout = 10)]
#[retry_on_locked]
fn set(db: &Writer, log: &mut Vec<i64>) -> Result<()> {
    db.execute_batch("BEGIN")?;
    log.push(1);
    Ok(())
}

fn main() {}
