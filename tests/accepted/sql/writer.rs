//! Writers that leave their transaction and their connection to the attribute.

use super::rows_after;
use crate::common::TestDb;
use crate::{committed, left_by, shop};

mod writer_commits {
    //! `Ok` commits.
    use super::left_by;
    use db_core::{Result, Writer, writer};

    #[writer]
    fn set(db: &Writer, qty: i64) -> Result<()> {
        db.execute_batch("UPDATE stock SET qty = 0")?;
        db.execute("UPDATE stock SET qty = ?1", [qty])?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| set(db, 3)), 3);
    }
}

mod writer_rolls_back {
    //! `Err` rolls back.
    use super::left_by;
    use super::{committed, shop};
    use db_core::{Error, Result, Writer, writer};

    #[writer]
    fn set(db: &Writer, qty: i64) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [qty])?;
        if qty < 0 {
            return Err(Error::from(rusqlite::Error::StatementChangedRows(0)));
        }
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| set(db, 3)), 3);
        let db = shop();
        set(&*db, -1).unwrap_err();
        assert_eq!(committed(&db, "SELECT qty FROM stock"), 5);
    }
}

mod writer_savepoint {
    //! Another writer, or `Writer::savepoint`.
    use super::left_by;
    use db_core::{Result, Writer, writer};

    #[writer]
    fn set(db: &Writer, qty: i64) -> Result<()> {
        let part = db.savepoint(|db| {
            db.execute("UPDATE stock SET qty = ?1", [qty])?;
            db.execute("INSERT INTO ticket VALUES (1)", ())
        });
        assert!(part.is_err(), "there is a ticket 1");
        add(db)
    }

    #[writer]
    fn add(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = qty + 1", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| set(db, 3)), 6);
    }
}

mod writer_attaches {
    //! Attached where the connection is set up.
    use super::TestDb;
    use crate::committed;
    use db_core::{Options, Result, Writer, writer};

    #[writer]
    fn set(db: &Writer, qty: i64) -> Result<()> {
        db.execute("INSERT INTO main.stock SELECT ?1 FROM archive.sqlite_schema", [qty])?;
        db.execute("INSERT INTO main.stock VALUES (?1)", [qty])?;
        Ok(())
    }

    #[test]
    fn runs() {
        let options = Options::new().migrations(&["CREATE TABLE stock (qty)"]);
        let attach =
            |conn: &mut rusqlite::Connection| conn.execute_batch("ATTACH ':memory:' AS archive");
        let db = TestDb::with(options.on_connect(attach));
        set(&*db, 3).unwrap();
        assert_eq!(committed(&db, "SELECT sum(qty) FROM stock"), 3);
    }
}

mod writer_vacuums {
    //! By the database, outside of the body.
    use super::rows_after;
    use db_core::{Result, Writer, writer};

    #[writer]
    fn tidy(db: &Writer) -> Result<()> {
        db.execute("DELETE FROM ticket", ())?;
        Ok(())
    }

    fn shrink(db: &db_core::Database) -> Result<()> {
        tidy(db)?;
        db.vacuum()
    }

    #[test]
    fn runs() {
        assert_eq!(rows_after("ticket", |db| shrink(db)), 0);
    }
}

mod writer_creates_temporary {
    //! `WITH`.
    use super::left_by;
    use db_core::{Result, Writer, writer};

    #[writer]
    fn set(db: &Writer) -> Result<()> {
        db.execute_batch(
            "WITH wanted AS (SELECT sku FROM stock WHERE qty < 9)
             UPDATE stock SET qty = 9 WHERE sku IN wanted;",
        )?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 9);
    }
}

mod writer_sets_pragma {
    //! One that ends with the transaction, and one that asks.
    use super::left_by;
    use db_core::{Result, Writer, writer};

    #[writer]
    fn set(db: &Writer, qty: i64) -> Result<()> {
        db.execute_batch("PRAGMA defer_foreign_keys = ON; PRAGMA foreign_keys")?;
        db.execute("UPDATE stock SET qty = ?1", [qty])?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| set(db, 3)), 3);
    }
}

mod several_at_once {
    //! None of them.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer(timeout = 10s)]
    #[retry_on_locked(idempotent)]
    fn set(db: &Writer, log: &[i64]) -> Result<()> {
        for qty in log {
            db.execute("UPDATE stock SET qty = ?1", [qty])?;
        }
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| set(db, &[1, 2])), 2);
    }
}

mod writer_transaction {
    //! The handle is all it takes; another connection may have one.
    use super::left_by;
    use db_core::writer;
    use rusqlite::{Connection, Result};

    #[writer]
    fn set(conn: &Connection, qty: i64) -> Result<()> {
        conn.execute("UPDATE stock SET qty = ?1", [qty])?;
        let other = Connection::open_in_memory()?;
        let tx = other.unchecked_transaction()?;
        tx.execute("CREATE TABLE stock (qty)", ())?;
        tx.commit()
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| set(db, 3)), 3);
    }
}

mod writer_pragma_update {
    //! One that is a part of the transaction.
    use super::left_by;
    use db_core::{Result, Writer, writer};

    #[writer]
    fn set(db: &Writer, qty: i64) -> Result<()> {
        db.pragma_update(None, "defer_foreign_keys", true)?;
        db.execute("UPDATE stock SET qty = ?1", [qty])?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| set(db, 3)), 3);
    }
}
