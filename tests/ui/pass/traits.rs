//! Twin of `signature/trait_method`: methods of traits, with and without a body.
#![deny(warnings, unused, rust_2018_idioms, clippy::pedantic)]
#![allow(dead_code)]

use db_core::{Database, Result};

mod api {
    // In use by methods without a body.
    use db_core::rusqlite::Connection;
    use db_core::{Reader, Result, Writer, reader, retry_on_locked, writer};

    pub(crate) trait Stock {
        #[reader]
        fn get(&self, db: &Reader) -> Result<i64>;

        #[writer(timeout = 1s)]
        #[retry_on_locked(idempotent)]
        fn set(&self, db: &Writer, qty: i64) -> Result<()>;

        #[writer]
        fn add(&self, conn: &Connection, qty: i64) -> Result<()>;

        #[writer]
        fn set_twice(&self, db: &Writer, qty: i64) -> Result<()> {
            self.set(db, qty)?;
            self.set(db, qty)
        }
    }

    // A trait for `dyn` has no handle in its methods.
    pub(crate) trait Dynamic {
        #[writer(db = self.db)]
        fn put(&self, db: &Writer, qty: i64) -> Result<()>;

        fn look(&self) -> Result<i64>;
    }
}

mod imp {
    use db_core::rusqlite::Connection;
    use db_core::{Database, Reader, Result, Writer, reader, retry_on_locked, writer};

    pub(crate) struct Shop {
        pub(crate) db: Database,
    }

    impl super::api::Stock for Shop {
        #[reader]
        fn get(&self, db: &Reader) -> Result<i64> {
            Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
        }

        #[retry_on_locked(idempotent, max_attempts = 2)]
        #[writer]
        fn set(&self, db: &Writer, qty: i64) -> Result<()> {
            db.execute("UPDATE stock SET qty = ?1", [qty])?;
            Ok(())
        }

        #[writer]
        fn add(&self, conn: &Connection, qty: i64) -> Result<()> {
            conn.execute("UPDATE stock SET qty = qty + ?1", [qty])?;
            Ok(())
        }
    }

    impl super::api::Dynamic for Shop {
        #[writer(db = self.db)]
        fn put(&self, db: &Writer, qty: i64) -> Result<()> {
            super::api::Stock::set(self, db, qty)
        }

        #[reader(db = self.db)]
        fn look(&self, db: &Reader) -> Result<i64> {
            super::api::Stock::get(self, db)
        }
    }
}

fn generic(shop: &impl api::Stock, db: &Database) -> Result<i64> {
    shop.set_twice(db, 1)?;
    shop.add(db, 1)?;
    shop.get(db)
}

fn dynamic(shop: &dyn api::Dynamic) -> Result<i64> {
    shop.put(1)?;
    shop.look()
}

fn caller(shop: &imp::Shop) -> Result<i64> {
    Ok(generic(shop, &shop.db)? + dynamic(shop)?)
}

fn main() {
    let _ = caller;
}
