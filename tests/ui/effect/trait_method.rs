// Nor behind a trait's method, whoever implements it.

use db_core::{Result, Writer, retry_on_locked, writer};

trait Mail {
    #[writer]
    fn send(&self, db: &Writer) -> Result<()>;
}

#[writer]
#[retry_on_locked(idempotent)]
fn outer(db: &Writer, mail: &impl Mail) -> Result<()> {
    mail.send(db)
}

fn main() {}
