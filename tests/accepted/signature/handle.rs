//! The first parameter.

use crate::{left_by, told_by};

mod cfg_on_handle {
    //! On two whole functions.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    #[cfg(not(miri))]
    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    #[cfg(miri)]
    fn stock(_: &db_core::Database) -> Result<i64> {
        Ok(5)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
    }
}

mod handle_by_value {
    //! Lent.
    use super::told_by;
    use db_core::{Database, Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    fn caller(db: &Database) -> Result<i64> {
        stock(db)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(|db| caller(db)), 5);
    }
}

mod handle_mut {
    //! Shared.
    use super::left_by;
    use db_core::{Result, Writer, writer};

    #[writer]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod handle_not_first {
    //! First.
    use super::told_by;
    use db_core::{Database, Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader, sku: &str) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock WHERE sku = ?1", [sku], |row| row.get(0))?)
    }

    fn caller(db: &Database) -> Result<i64> {
        stock(db, "A-1")
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(|db| caller(db)), 5);
    }
}

mod handle_with_lifetime {
    //! Without a lifetime in it, with none to write, or with one of the reference.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    #[reader]
    fn stock_elided(db: &Reader<'_>) -> Result<i64> {
        stock(db)
    }

    #[reader]
    fn stock_named<'a>(db: &'a Reader, sku: &'a str) -> Result<(i64, &'a str)> {
        Ok((stock_elided(db)?, sku))
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
        assert_eq!(told_by(|db| stock_named(db, "A-1").map(|(qty, _)| qty)), 5);
    }
}

mod no_handle {
    //! With one.
    use super::left_by;
    use db_core::{Result, Writer, writer};

    #[writer]
    fn set(_: &Writer) -> Result<()> {
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 5);
    }
}

mod no_handle_in_method {
    //! With one, behind `self`.
    use super::left_by;
    use db_core::{Result, Writer, writer};

    struct Shop;

    impl Shop {
        #[writer]
        #[expect(clippy::unused_self)]
        fn set(&self, _: &Writer) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| Shop.set(db)), 5);
    }
}

mod takes_database {
    //! What the body gets; callers pass what they did.
    use super::told_by;
    use db_core::{Database, Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    fn caller(db: &Database) -> Result<i64> {
        stock(db)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(|db| caller(db)), 5);
    }
}
