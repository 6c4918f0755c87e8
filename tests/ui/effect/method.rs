// Nor behind a method.

use db_core::{Result, Writer, retry_on_locked, writer};

struct Shop;

impl Shop {
    #[writer]
    fn send(&self, db: &Writer) -> Result<()> {
        db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
        Ok(())
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn outer(&self, db: &Writer) -> Result<()> {
        self.send(db)
    }
}

fn main() {}
