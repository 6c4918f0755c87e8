//! A `Result`, with an error type that has room for a lock error.

use crate::{left_by, told_by};

mod error_without_from {
    //! In an enum with a variant for it, or the runtime's own error.
    use super::told_by;
    use db_core::{Reader, reader};

    #[derive(Debug, thiserror::Error)]
    enum Failed {
        #[error("not found")]
        NotFound,
        #[error(transparent)]
        Database(#[from] db_core::Error),
    }

    #[reader]
    fn stock(db: &Reader) -> Result<i64, Failed> {
        db.query_row("SELECT qty FROM stock", (), |row| row.get(0)).map_err(|_| Failed::NotFound)
    }

    #[reader]
    fn stock_of_ours(db: &Reader) -> db_core::Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
        assert_eq!(told_by(stock_of_ours), 5);
    }
}

mod no_return_type {
    //! With one, and what it needs at the end.
    use super::left_by;
    use db_core::{Database, Result, Writer, writer};

    #[writer]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    fn caller(db: &Database) -> db_core::Result<()> {
        set(db)?;
        set(db)?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| caller(db)), 0);
    }
}

mod returns_alias_of_number {
    //! An alias of a `Result`.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    type Quantity = Result<i64>;

    #[reader]
    fn stock(db: &Reader) -> Quantity {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0)).unwrap_or(0))
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
    }
}

mod returns_impl_trait {
    //! In a `Result`.
    use super::told_by;
    use std::fmt::Debug;

    use db_core::{Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<impl Debug> {
        let stock: Result<i64> = Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?);
        stock
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(|db| stock(db).map(|stock| format!("{stock:?}"))), "5");
    }
}

mod returns_number {
    //! In a `Result`, whose callers see that it can fail.
    use super::told_by;
    use db_core::{Database, Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    fn caller(db: &Database) -> Result<i64> {
        Ok(stock(db)? + 1)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(|db| caller(db)), 6);
    }
}

mod returns_option {
    //! In a `Result`.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<Option<i64>> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0)).ok())
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), Some(5));
    }
}

mod returns_unit {
    //! In a `Result`.
    use super::left_by;
    use db_core::{Result, Writer, writer};

    #[writer]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ()).unwrap();
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod ends_without_value {
    //! With it.
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

mod ends_in_semicolon {
    //! Without it.
    use super::told_by;
    use db_core::{Reader, Result, reader, retry_on_locked};

    #[reader]
    #[retry_on_locked]
    fn stock(db: &Reader, and: i64) -> Result<i64> {
        let stock: i64 = db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?;
        Ok(stock + and)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(|db| stock(db, 1)), 6);
    }
}

mod own_error_of_rusqlite {
    //! A variant more.
    use super::told_by;
    use db_core::rusqlite;
    use db_core::{Reader, reader};

    #[derive(Debug, thiserror::Error)]
    enum Failed {
        #[error("not found")]
        NotFound,
        #[error(transparent)]
        Sqlite(#[from] rusqlite::Error),
        #[error(transparent)]
        Database(#[from] db_core::Error),
    }

    #[reader]
    fn stock(db: &Reader) -> Result<i64, Failed> {
        let stock: Option<i64> = db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?;
        stock.ok_or(Failed::NotFound)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
    }
}
