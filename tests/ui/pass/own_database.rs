//! `db = self.db` leaves the rest of `self` to the body, also by `&mut`.
#![deny(warnings, unused, clippy::pedantic)]
#![allow(dead_code)]

use db_core::{Database, Result, Writer, writer};

struct Shop {
    db: Database,
    sold: i64,
}

impl Shop {
    #[writer(db = self.db)]
    fn sell(&mut self, db: &Writer, qty: i64) -> Result<()> {
        db.execute("UPDATE stock SET qty = qty - ?1", [qty])?;
        self.sold += qty;
        Ok(())
    }
}

fn main() -> Result<()> {
    let db = Database::open_in_memory()?;
    db.write(|w| w.execute_batch("CREATE TABLE stock (qty)"))?;
    let mut shop = Shop { db, sold: 0 };
    shop.sell(2)?;
    assert_eq!(shop.sold, 2);
    Ok(())
}
