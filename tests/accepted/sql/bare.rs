//! Functions over a connection that come to the same when they are repeated.

use super::{connection, qty, rows};

mod bare_inserts {
    //! What is there already is ignored, or there is a reason.
    use super::{connection, rows};
    use db_core::retry_on_locked;
    use rusqlite::{Connection, Result};

    #[retry_on_locked(idempotent)]
    fn sell(conn: &Connection, id: i64) -> Result<usize> {
        conn.execute("INSERT OR IGNORE INTO ticket (id) VALUES (?1)", [id])
    }

    #[retry_on_locked(idempotent)]
    fn sell_new(conn: &Connection, id: i64) -> Result<usize> {
        conn.execute("INSERT INTO ticket (id) VALUES (?1) ON CONFLICT DO NOTHING", [id])
    }

    #[retry_on_locked(idempotent = "the id is the primary key")]
    fn sell_once(conn: &Connection, id: i64) -> Result<usize> {
        conn.execute("INSERT INTO ticket (id) VALUES (?1)", [id])
    }

    #[test]
    fn runs() {
        let conn = connection();
        sell(&conn, 1).unwrap();
        sell_new(&conn, 1).unwrap();
        sell_once(&conn, 2).unwrap();
        assert_eq!(rows(&conn, "ticket"), 2);
    }
}

mod bare_adds {
    //! The result is passed.
    use super::{connection, qty};
    use db_core::retry_on_locked;
    use rusqlite::{Connection, Result};

    #[retry_on_locked(idempotent)]
    fn sell(conn: &Connection, sku: &str, left: i64) -> Result<usize> {
        conn.execute("UPDATE stock SET qty = ?2 WHERE sku = ?1 AND qty > ?2", (sku, left))
    }

    #[test]
    fn runs() {
        let conn = connection();
        assert_eq!(sell(&conn, "A-1", 4).unwrap(), 1);
        assert_eq!(qty(&conn), 4);
    }
}

mod bare_swaps {
    //! Other columns are read.
    use super::connection;
    use db_core::retry_on_locked;
    use rusqlite::{Connection, Result};

    #[retry_on_locked(idempotent)]
    fn turn(conn: &Connection) -> Result<usize> {
        conn.execute("UPDATE pair SET (a, b) = (c, d)", ())
    }

    #[test]
    fn runs() {
        let conn = connection();
        conn.execute_batch("CREATE TABLE pair (a, b, c, d); INSERT INTO pair VALUES (1, 2, 3, 4)")
            .unwrap();
        assert_eq!(turn(&conn).unwrap(), 1);
        let sum: i64 = conn.query_row("SELECT 10 * a + b FROM pair", (), |row| row.get(0)).unwrap();
        assert_eq!(sum, 34);
    }
}

mod bare_upsert_adds {
    //! What was to be inserted is set.
    use super::{connection, qty};
    use db_core::retry_on_locked;
    use rusqlite::{Connection, Result};

    #[retry_on_locked(idempotent)]
    fn restock(conn: &Connection, sku: &str, qty: i64) -> Result<usize> {
        conn.execute(
            "INSERT INTO stock VALUES (?1, ?2)
             ON CONFLICT (sku) DO UPDATE SET qty = excluded.qty",
            (sku, qty),
        )
    }

    #[test]
    fn runs() {
        let conn = connection();
        restock(&conn, "A-1", 7).unwrap();
        assert_eq!(qty(&conn), 7);
    }
}

mod bare_feeds_itself {
    //! The new row is computed from another table.
    use super::{connection, qty};
    use db_core::retry_on_locked;
    use rusqlite::{Connection, Result};

    #[retry_on_locked(idempotent)]
    fn restock(conn: &Connection, sku: &str, qty: i64) -> Result<usize> {
        conn.execute("INSERT OR REPLACE INTO stock SELECT ?1, id + ?2 FROM ticket", (sku, qty))
    }

    #[test]
    fn runs() {
        let conn = connection();
        restock(&conn, "A-1", 7).unwrap();
        assert_eq!(qty(&conn), 8);
    }
}

mod bare_deletes_some {
    //! The key is passed; or what is kept is picked.
    use super::{connection, rows};
    use db_core::retry_on_locked;
    use rusqlite::{Connection, Result};

    #[retry_on_locked(idempotent)]
    fn take(conn: &Connection, id: i64) -> Result<usize> {
        conn.execute("DELETE FROM ticket WHERE id IN (SELECT ?1)", [id])
    }

    #[retry_on_locked(idempotent)]
    fn keep_newest(conn: &Connection) -> Result<usize> {
        conn.execute(
            "DELETE FROM ticket WHERE id NOT IN (SELECT id FROM ticket ORDER BY id DESC LIMIT 1)",
            (),
        )
    }

    #[test]
    fn runs() {
        let conn = connection();
        keep_newest(&conn).unwrap();
        assert_eq!(rows(&conn, "ticket"), 1);
        assert_eq!(take(&conn, 1).unwrap(), 1);
    }
}

mod bare_in_transaction {
    //! A reason lets all of it through.
    use super::{connection, rows};
    use db_core::retry_on_locked;
    use rusqlite::{Connection, Result};

    #[retry_on_locked(idempotent = "the id is the primary key in both")]
    fn sell(conn: &mut Connection, log: &Connection) -> Result<()> {
        let tx = conn.transaction()?;
        tx.execute("INSERT INTO ticket (id) VALUES (7)", ())?;
        log.execute("INSERT INTO sent (id) VALUES (7)", ())?;
        tx.commit()
    }

    #[test]
    fn runs() {
        let (mut conn, log) = (connection(), connection());
        sell(&mut conn, &log).unwrap();
        assert_eq!((rows(&conn, "ticket"), rows(&log, "sent")), (2, 1));
    }
}
