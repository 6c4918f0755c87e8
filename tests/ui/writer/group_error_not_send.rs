// So does its error.

use std::error::Error;

use db_core::{Writer, retry_on_locked, writer};

#[writer(group)]
#[retry_on_locked(idempotent)]
fn set(db: &Writer) -> Result<(), Box<dyn Error>> {
    db.execute("UPDATE stock SET qty = 0", ())?;
    Ok(())
}

fn main() {}
