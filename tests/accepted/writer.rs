//! Twins of `tests/ui/writer`.

mod calls;
mod db;
mod group;

use crate::{left_by, told_by};

mod effect_is_generic {
    //! Without the effect; a helper without an attribute may be generic.
    use super::left_by;
    use db_core::{Database, Result, Writer, writer};

    #[writer]
    fn set(db: &Writer) -> Result<()> {
        helper(db)
    }

    fn helper<E: db_core::effect::Effect>(db: &Writer<'_, E>) -> Result<()> {
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

mod effect_says_idempotent {
    //! The attribute added, or the effect that goes without it.
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
    fn set_once(db: &Writer<'_, Once>) -> Result<()> {
        set(db)
    }

    #[writer]
    fn set_unwritten(db: &Writer) -> Result<()> {
        set_once(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
        assert_eq!(left_by(set_unwritten), 0);
    }
}

mod takes_reader {
    //! A `&Writer`, or the other attribute.
    use super::told_by;
    use db_core::{Database, Reader, Result, Writer, reader, writer};

    #[writer]
    fn stock(db: &Writer) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    #[reader]
    fn stock_read(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?)
    }

    fn caller(db: &Database) -> Result<i64> {
        Ok(stock(db)? + stock_read(db)?)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(|db| caller(db)), 10);
    }
}

mod takes_transaction {
    //! A `&Writer`, which has one open.
    use super::left_by;
    use db_core::rusqlite::Result;
    use db_core::{Database, Writer, writer};

    #[writer]
    fn set(tx: &Writer) -> Result<()> {
        tx.execute("UPDATE stock SET qty = 0", ())?;
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

mod twice {
    //! One of them.
    use super::left_by;
    use db_core::{Database, Result, Writer, writer};

    #[writer(timeout = 10s)]
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

mod with_max_attempts {
    //! In the attribute that has it, with what that asks of a writer.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(max_attempts = 3, idempotent)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod timeout_is_a_number {
    //! A `Duration`.
    use super::left_by;
    use std::time::Duration;

    use db_core::{Result, Writer, writer};

    const PATIENCE: Duration = Duration::from_secs(10);

    #[writer(timeout = PATIENCE)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod with_idempotent {
    //! In the attribute that it belongs to.
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

mod mut_connection {
    //! Shared, and without a transaction of its own.
    use super::left_by;
    use db_core::rusqlite::{Connection, Result};
    use db_core::writer;

    #[writer]
    fn set(conn: &Connection) -> Result<()> {
        conn.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod option_without_name {
    //! One with its name; which database, callers say.
    use super::left_by;
    use db_core::{Result, Writer, writer};

    #[writer(timeout = 10s)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod db_of_no_self {
    //! A method.
    use super::left_by;
    use db_core::{Database, Result, Writer, writer};

    struct Shop {
        db: Database,
    }

    impl Shop {
        #[writer(db = self.db)]
        fn set(&self, db: &Writer, qty: i64) -> Result<()> {
            db.execute("UPDATE stock SET qty = ?1", [qty])?;
            Ok(())
        }
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| Shop { db: (**db).clone() }.set(3)), 3);
    }
}
