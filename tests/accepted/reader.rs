//! Twins of `tests/ui/reader`.

use crate::{left_by, told_by};

mod and_writer {
    //! Only one: a reader.
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

mod mut_connection {
    //! Without `mut`.
    use super::told_by;
    use db_core::reader;
    use db_core::rusqlite::{Connection, Result};

    #[reader]
    fn stock(conn: &Connection) -> Result<i64> {
        conn.query_row("SELECT qty FROM stock", (), |row| row.get(0))
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
    }
}

mod takes_writer {
    //! The attribute and the parameter say the same.
    use super::left_by;
    use db_core::{Database, Result, Writer, writer};

    #[writer]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    fn caller(db: &Database) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| caller(db)), 0);
    }
}

mod group {
    //! Without: a reader waits for nobody's commit.
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

mod with_timeout {
    //! Without: nobody is waited for.
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

mod called_with_connection {
    //! A database, or in an annotated function the handle.
    use super::told_by;
    use db_core::{Database, Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    fn caller(db: &Database) -> Result<i64> {
        stock(db)
    }

    #[reader]
    fn caller_in_one(db: &Reader) -> Result<i64> {
        stock(db)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(|db| caller(db)), 5);
        assert_eq!(told_by(caller_in_one), 5);
    }
}

mod twice {
    //! One of them.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    #[reader(autocommit)]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
    }
}

mod with_max_attempts {
    //! In the attribute that has it, which asks nothing else of a reader.
    use super::told_by;
    use db_core::{Reader, Result, reader, retry_on_locked};

    #[reader]
    #[retry_on_locked(max_attempts = 7)]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
    }
}

mod and_writer_retried {
    //! Only one: a reader.
    use super::told_by;
    use db_core::{Reader, Result, reader, retry_on_locked};

    #[reader]
    #[retry_on_locked]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
    }
}
