// A `Database` needs no lock around it.

use std::sync::Mutex;

use db_core::{Database, Result, Writer, writer};

struct Shop {
    db: Mutex<Database>,
}

impl Shop {
    #[writer(db = self.db)]
    fn set(&self, db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }
}

fn main() {}
