// Nor the other way round: a trait and its implementations say the same.

use db_core::{Result, Writer, retry_on_locked, writer};

trait Mail {
    #[writer]
    fn send(&self, db: &Writer) -> Result<()>;
}

struct Smtp;

impl Mail for Smtp {
    #[writer]
    #[retry_on_locked(idempotent)]
    fn send(&self, db: &Writer) -> Result<()> {
        db.execute("UPDATE sent SET at = 0", ())?;
        Ok(())
    }
}

fn main() {}
