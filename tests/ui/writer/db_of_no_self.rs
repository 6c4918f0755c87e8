// `self.db` needs a `self`.

use db_core::{Database, Result, Writer, writer};

pub struct Shop {
    pub db: Database,
}

impl Shop {
    #[writer(db = self.db)]
    pub fn set(db: &Writer, qty: i64) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [qty])?;
        Ok(())
    }
}

fn main() {}
