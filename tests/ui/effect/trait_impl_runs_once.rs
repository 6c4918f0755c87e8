// A method that its trait declares idempotent cannot be implemented as once-only.

use db_core::{Result, Writer, retry_on_locked, writer};

trait Mail {
    #[writer]
    #[retry_on_locked(idempotent)]
    fn send(&self, db: &Writer) -> Result<()>;
}

struct Smtp;

impl Mail for Smtp {
    #[writer]
    fn send(&self, db: &Writer) -> Result<()> {
        db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
        Ok(())
    }
}

fn main() {}
