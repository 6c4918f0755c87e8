//! With the author's word that running the body again does no harm.

use super::left_by_connection;
use crate::{committed, left_by, shop};

mod bare_without_idempotent {
    //! With the word.
    use super::left_by_connection;
    use db_core::retry_on_locked;
    use db_core::rusqlite::{Connection, Result};

    #[retry_on_locked(idempotent)]
    fn set(conn: &Connection, qty: i64) -> Result<()> {
        conn.execute("UPDATE stock SET qty = ?1", [qty])?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by_connection(|conn| set(conn, 1)), 1);
    }
}

mod empty_reason {
    //! A reason, or none.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent = "the same number again")]
    fn set(db: &Writer, qty: i64) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [qty])?;
        Ok(())
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn set_without(db: &Writer, qty: i64) -> Result<()> {
        set(db, qty)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| set(db, 1)), 1);
        assert_eq!(left_by(|db| set_without(db, 1)), 1);
    }
}

mod reason_is_no_text {
    //! Alone, or in words.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent)]
    fn set(db: &Writer, qty: i64) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [qty])?;
        Ok(())
    }

    #[writer]
    #[retry_on_locked(idempotent = "why it is")]
    fn set_with_reason(db: &Writer, qty: i64) -> Result<()> {
        set(db, qty)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| set(db, 1)), 1);
        assert_eq!(left_by(|db| set_with_reason(db, 1)), 1);
    }
}

mod retry_first_without_idempotent {
    //! With the word, in this order of the attributes.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[retry_on_locked(idempotent)]
    #[writer]
    fn set(db: &Writer, qty: i64) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [qty])?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| set(db, 1)), 1);
    }
}

mod writer_without_idempotent {
    //! With the word; a writer without a retry and a reader with one need none.
    use super::{committed, shop};
    use db_core::{Database, Reader, Result, Writer, reader, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(max_attempts = 3, idempotent)]
    fn set(db: &Writer, qty: i64) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [qty])?;
        Ok(())
    }

    #[writer]
    fn set_once(db: &Writer, qty: i64) -> Result<()> {
        set(db, qty)
    }

    #[reader]
    #[retry_on_locked(max_attempts = 3)]
    fn get(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    fn caller(db: &Database) -> Result<()> {
        set(db, 1)
    }

    #[test]
    fn runs() -> Result<()> {
        let db = shop();
        caller(&db)?;
        assert_eq!(get(&db)?, 1);
        set_once(&db, 2)?;
        assert_eq!(committed(&db, "SELECT qty FROM stock"), 2);
        Ok(())
    }
}

mod idempotent_false {
    //! Without a retry, the body runs once.
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

mod reason_in_parentheses {
    //! Behind a `=`.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent = "the same number again")]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod idempotent_twice {
    //! Either of them.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[writer]
    #[retry_on_locked(idempotent = "the same number again")]
    fn set_with_reason(db: &Writer) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
        assert_eq!(left_by(set_with_reason), 0);
    }
}
