//! A first parameter that is nearly a handle.

use crate::{committed, left_by, shop, told_by};

mod two_handles {
    //! One; for another database whatever it can be read from.
    use super::{committed, left_by, shop};
    use db_core::{Database, ReadFrom, Reader, Result, Writer, reader, writer};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty + 1 FROM stock", (), |row| row.get(0))?)
    }

    #[writer]
    fn copy(to: &Writer) -> Result<()> {
        let qty: i64 = to.query_row("SELECT qty FROM stock", (), |row| row.get(0))?;
        to.execute("UPDATE stock SET qty = ?1", [qty])?;
        Ok(())
    }

    #[writer]
    fn copy_from(to: &Writer, from: &impl ReadFrom) -> Result<()> {
        to.execute("UPDATE stock SET qty = ?1", [stock(from)?])?;
        Ok(())
    }

    fn caller(db: &Database) -> Result<()> {
        copy(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| caller(db)), 5);
        let (to, from) = (shop(), shop());
        copy_from(&*to, &*from).unwrap();
        assert_eq!(committed(&to, "SELECT qty FROM stock"), 6);
        from.read(|from| copy_from(&*to, from)).unwrap();
        assert_eq!(committed(&to, "SELECT qty FROM stock"), 6);
    }
}

mod handle_in_option {
    //! Alone.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
    }
}

mod handle_generic {
    //! The handle; callers still have the choice.
    use super::told_by;
    use db_core::{Database, Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        count(db)
    }

    #[reader]
    fn count(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    fn caller(db: &Database) -> Result<i64> {
        stock(db)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(|db| caller(db)), 5);
        assert_eq!(told_by(|db| db.read(|db| stock(db))), 5);
    }
}

mod handle_behind_impl {
    //! The handle.
    use super::left_by;
    use db_core::{Database, Result, Writer, writer};

    #[writer]
    fn set(db: &Writer) -> Result<()> {
        let _ = db;
        Ok(())
    }

    fn caller(db: &Database) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| caller(db)), 5);
    }
}

mod takes_arc {
    //! The handle; callers still pass what they have.
    use super::left_by;
    use std::sync::Arc;

    use db_core::{Database, Result, Writer, writer};

    #[writer]
    fn set(db: &Writer) -> Result<()> {
        let _ = db;
        Ok(())
    }

    fn caller(db: &Arc<Database>) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| caller(&Arc::new(Database::clone(db)))), 5);
    }
}

mod handle_renamed {
    //! By its own name.
    use super::told_by;
    use db_core::Reader;
    use db_core::{Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
    }
}
