//! Twins of `tests/ui/retry`: bodies that may run again.

mod attributes;
mod declared;
mod errors;
mod parameters;

use crate::{committed, left_by, shop};

mod bare_with_transaction {
    //! Over the connection, or with the transaction in the body, where an attempt
    //! begins it anew.
    use super::left_by_connection;
    use db_core::retry_on_locked;
    use db_core::rusqlite::{Connection, Result};

    #[retry_on_locked(idempotent)]
    fn set(tx: &Connection) -> Result<()> {
        tx.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[retry_on_locked(idempotent)]
    fn set_in_one(conn: &mut Connection) -> Result<()> {
        let tx = conn.transaction()?;
        tx.execute("UPDATE stock SET qty = 0", ())?;
        tx.commit()
    }

    #[test]
    fn runs() {
        assert_eq!(left_by_connection(|conn| set(conn)), 0);
        assert_eq!(left_by_connection(set_in_one), 0);
    }
}

mod bare_with_writer {
    //! With the attribute that a `&Writer` comes from.
    use super::left_by;
    use db_core::{Database, Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent)]
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

mod effect_says_once {
    //! The effect that goes with the attribute, none, or no attribute.
    use super::left_by;
    use db_core::effect::{Idempotent, Once};
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent)]
    fn set(db: &Writer<'_, Idempotent>) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn set_unwritten(db: &Writer) -> Result<()> {
        set(db)
    }

    #[writer]
    fn set_once(db: &Writer<'_, Once>) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set_unwritten), 0);
        assert_eq!(left_by(set_once), 0);
    }
}

mod with_timeout {
    //! A limit on all attempts, or on the wait of each.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, deadline = 10s)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[writer(timeout = 10s)]
    #[retry_on_locked(idempotent)]
    fn set_with_timeout(db: &Writer) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
        assert_eq!(left_by(set_with_timeout), 0);
    }
}

/// What `set` leaves in stock, run over a connection that is nobody else's.
#[track_caller]
fn left_by_connection(set: impl FnOnce(&mut rusqlite::Connection) -> rusqlite::Result<()>) -> i64 {
    let db = shop();
    let mut conn = rusqlite::Connection::open(db.path()).unwrap();
    set(&mut conn).unwrap();
    committed(&db, "SELECT qty FROM stock")
}
