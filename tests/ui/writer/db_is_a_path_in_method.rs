// With `self` there is a likelier place.

use db_core::{Database, Result, Writer, writer};

struct Shop {
    db: Database,
}

impl Shop {
    #[writer(db = "shop.db")]
    fn set(&self, db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }
}

fn main() {}
