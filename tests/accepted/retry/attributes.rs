//! The attribute, and those next to it.

use super::left_by_connection;
use crate::{left_by, told_by};

mod twice {
    //! One of them.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod bare_with_reader {
    //! With the attribute that a `&Reader` comes from.
    use super::told_by;
    use db_core::{Database, Reader, Result, reader, retry_on_locked};

    #[reader]
    #[retry_on_locked]
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

mod bare_with_database {
    //! A writer; or a reader, for what only reads.
    use super::{left_by, told_by};
    use db_core::{Reader, Result, Writer, reader, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[reader]
    #[retry_on_locked]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
        assert_eq!(told_by(stock), 5);
    }
}

mod bare_without_parameters {
    //! With a connection.
    use super::left_by_connection;
    use db_core::retry_on_locked;
    use db_core::rusqlite::{Connection, Result};

    #[retry_on_locked(idempotent)]
    fn set(conn: &Connection) -> Result<()> {
        conn.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by_connection(|conn| set(conn)), 0);
    }
}

mod renamed_writer {
    //! Under its own.
    use super::left_by;
    use db_core::writer;
    use db_core::{Result, Writer, retry_on_locked};

    #[retry_on_locked(idempotent)]
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
