//! Twins of `tests/ui/retry`: bodies that may run again.

mod declared;
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

mod calls_helper_for_once {
    //! The helper takes any effect, or the connection.
    use super::{committed, shop};
    use db_core::effect::Effect;
    use db_core::rusqlite::Connection;
    use db_core::{Result, Writer, retry_on_locked, writer};

    fn helper<E: Effect>(db: &Writer<'_, E>) -> Result<()> {
        db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
        Ok(())
    }

    fn helper_over_a_connection(db: &Connection) -> Result<()> {
        db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
        Ok(())
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn outer(db: &Writer) -> Result<()> {
        helper(db)?;
        helper_over_a_connection(db)
    }

    #[test]
    fn runs() -> Result<()> {
        let db = shop();
        outer(&db)?;
        assert_eq!(committed(&db, "SELECT count(*) FROM sent"), 2);
        Ok(())
    }
}

mod calls_once_only_writer {
    //! The called one says that it may run again, or runs after the commit.
    use super::{committed, shop};
    use db_core::{Database, Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent)]
    fn send(db: &Writer) -> Result<()> {
        db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
        Ok(())
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn outer(db: &Writer) -> Result<()> {
        send(db)
    }

    #[writer]
    fn send_once(db: &Writer) -> Result<()> {
        db.execute("INSERT INTO sent DEFAULT VALUES", ())?;
        Ok(())
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn outer_and_afterwards(db: &Writer, shop: Database) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        db.on_commit(move || send_once(&shop).unwrap());
        Ok(())
    }

    #[test]
    fn runs() -> Result<()> {
        let db = shop();
        outer(&db)?;
        assert_eq!(committed(&db, "SELECT count(*) FROM sent"), 1);
        outer_and_afterwards(&db, Database::clone(&db))?;
        assert_eq!(committed(&db, "SELECT count(*) FROM sent"), 2);
        Ok(())
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
