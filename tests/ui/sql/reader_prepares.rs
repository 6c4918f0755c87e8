// What is only prepared is meant to be run.

use db_core::{Reader, Result, reader};

#[reader]
fn tidy(db: &Reader) -> Result<()> {
    db.prepare("DELETE FROM sent")?.execute(())?;
    db.prepare_cached("  replace into ticket values (2)")?.execute(())?;
    Ok(())
}

fn main() {}
