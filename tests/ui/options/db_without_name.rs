// Where the database comes from is an option with a name.

use db_core::{Database, Result, Writer, writer};

pub struct Shop {
    pub db: Database,
}

impl Shop {
    #[writer(self.db)]
    pub fn set(&self, db: &Writer, qty: i64) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [qty])?;
        Ok(())
    }
}

fn main() {}
