// Nor as a value: the function's type knows whom it can be called with.

use db_core::effect::Idempotent;
use db_core::{Result, Writer, writer};

#[writer]
fn send(db: &Writer) -> Result<()> {
    db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
    Ok(())
}

type Step<'w> = fn(&Writer<'w, Idempotent>) -> Result<()>;

fn steps<'w>() -> [Step<'w>; 1] {
    [send]
}

fn main() {}
