//! Readers that only read, and what they should have been.

use super::rows_after;
use crate::told_by;

mod reader_inserts {
    //! A writer.
    use super::rows_after;
    use db_core::{Result, Writer, writer};

    #[writer]
    fn stock(db: &Writer, sku: &str) -> Result<()> {
        db.execute("INSERT INTO stock VALUES (?1, 0)", [sku])?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(rows_after("stock", |db| stock(db, "B-2")), 2);
    }
}

mod reader_inserts_with {
    //! The statement behind the `WITH` reads.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader, sku: &str) -> Result<i64> {
        Ok(db.query_row(
            r#"
            -- what is "missing"; no INSERT INTO stock
            WITH missing(sku) AS (SELECT ?1)
            SELECT count(*) FROM missing WHERE sku NOT IN (SELECT sku FROM stock)
            "#,
            [sku],
            |row| row.get(0),
        )?)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(|db| stock(db, "B-2")), 1);
    }
}

mod reader_returning {
    //! A query that returns the row as it is.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    #[reader]
    fn take(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty AS \"update\" FROM stock", (), |row| row.get(0))?)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(take), 5);
    }
}

mod reader_batch {
    //! What looks like a write is text, a name or a comment.
    use super::rows_after;
    use db_core::{Reader, Result, reader};

    #[reader]
    fn tidy(db: &Reader) -> Result<()> {
        db.execute_batch(
            "SELECT 1; /* DELETE FROM sent; */ SELECT 'DELETE FROM sent;';
             SELECT id AS [delete] FROM ticket; -- DROP TABLE IF EXISTS gone;",
        )?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(rows_after("ticket", tidy), 1);
    }
}

mod reader_prepares {
    //! `replace()` is a function.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    #[reader]
    fn tidy(db: &Reader) -> Result<String> {
        let mut statement = db.prepare_cached("  select replace(sku, 'A', 'B') from stock")?;
        Ok(statement.query_row((), |row| row.get(0))?)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(tidy), "B-1");
    }
}

mod reader_by_another_name {
    //! Other connections are other names, even where the name is the same.
    use super::told_by;
    use db_core::{Reader, Result, reader};
    use rusqlite::fallible_iterator::FallibleIterator;
    use rusqlite::{Batch, Connection};

    #[reader]
    fn tidy(db: &Reader) -> Result<usize> {
        let conn: &Connection = db;
        let rows = conn.query_row("SELECT count(*) FROM sent", (), |row| row.get::<_, i64>(0))?;
        let conn = Connection::open_in_memory()?;
        conn.execute_batch("BEGIN; CREATE TABLE sent (id); COMMIT")?;
        if let Some(db) = Some(&conn) {
            db.execute("INSERT INTO sent VALUES (?1)", [rows])?;
        }
        Some(&conn).map_or(Ok(0), |db| db.execute("INSERT INTO sent VALUES (2)", ()))?;
        Connection::execute(&conn, "INSERT INTO sent VALUES (3)", ())?;
        Batch::new(&conn, "DELETE FROM sent WHERE id = 4").next()?;
        Ok(conn.execute("DELETE FROM sent", ())?)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(tidy), 3);
    }
}

mod reader_over_connection {
    //! A writer.
    use super::rows_after;
    use db_core::writer;
    use rusqlite::{Connection, Result};

    #[writer]
    fn tidy(conn: &Connection) -> Result<usize> {
        conn.execute("DELETE FROM ticket", ())
    }

    #[test]
    fn runs() {
        assert_eq!(rows_after("ticket", tidy), 0);
    }
}

mod reader_begins {
    //! Without them the body is the same transaction.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        let qty = db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?;
        Ok(qty)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
    }
}

mod autocommit_reader_begins {
    //! One transaction, by not asking for none.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        let qty = db.query_row("SELECT qty AS \"begin\" FROM stock", (), |row| row.get(0))?;
        Ok(qty)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
    }
}

mod reader_savepoint {
    //! Nothing to roll back to.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    #[reader]
    fn stock(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty AS savepoint FROM stock", (), |row| row.get(0))?)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
    }
}

mod in_a_macro {
    //! The literal reads.
    use super::told_by;
    use db_core::{Reader, Result, reader};

    macro_rules! query {
        ($name:ident, $sql:literal) => {
            #[reader]
            fn $name(db: &Reader) -> Result<i64> {
                Ok(db.query_row($sql, (), |row| row.get(0))?)
            }
        };
    }

    query!(tidy, "SELECT count(*) FROM sent");

    #[test]
    fn runs() {
        assert_eq!(told_by(tidy), 0);
    }
}
