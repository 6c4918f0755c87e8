//! What each attempt gets anew or finds unchanged.

use crate::{committed, left_by, shop, told_by};

mod boxed_self {
    //! By reference, and a copy of what the body returns.
    use super::told_by;
    use db_core::{Reader, Result, reader, retry_on_locked};

    struct Report {
        rows: Vec<i64>,
    }

    impl Report {
        #[reader]
        #[retry_on_locked]
        fn finish(&self, db: &Reader) -> Result<Vec<i64>> {
            db.query_row("SELECT 1", (), |_| Ok(()))?;
            Ok(self.rows.clone())
        }
    }

    #[test]
    fn runs() {
        let report = Box::new(Report { rows: vec![1] });
        assert_eq!(told_by(|db| report.finish(db)), [1]);
    }
}

mod mut_parameter {
    //! The result is returned; what the body may change is its own.
    use super::told_by;
    use db_core::{Database, Reader, Result, reader, retry_on_locked};

    #[reader]
    #[retry_on_locked]
    fn collect(db: &Reader, mut into: Vec<i64>) -> Result<Vec<i64>> {
        into.push(db.query_row("SELECT 1", (), |row| row.get(0))?);
        Ok(into)
    }

    fn caller(db: &Database) -> Result<Vec<i64>> {
        collect(db, Vec::new())
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(|db| caller(db)), [1]);
    }
}

mod mut_self {
    //! By reference, and the result returned; without a retry as it was.
    use super::{shop, told_by};
    use db_core::{Reader, Result, reader, retry_on_locked};

    struct Report {
        rows: Vec<i64>,
    }

    impl Report {
        #[reader]
        #[retry_on_locked]
        fn filled(&self, db: &Reader) -> Result<Vec<i64>> {
            let mut rows = self.rows.clone();
            rows.push(db.query_row("SELECT 1", (), |row| row.get(0))?);
            Ok(rows)
        }

        #[reader]
        fn fill(&mut self, db: &Reader) -> Result<()> {
            self.rows.push(db.query_row("SELECT 1", (), |row| row.get(0))?);
            Ok(())
        }
    }

    #[test]
    fn runs() -> Result<()> {
        let mut report = Report { rows: Vec::new() };
        assert_eq!(told_by(|db| report.filled(db)), [1]);
        report.fill(&shop())?;
        assert_eq!(report.rows, [1]);
        Ok(())
    }
}

mod parameter_not_clone {
    //! With a way to make a copy.
    use super::{committed, shop};
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[derive(Clone)]
    struct Ticket(i64);

    #[writer]
    #[retry_on_locked(idempotent)]
    fn use_up(db: &Writer, ticket: Ticket) -> Result<()> {
        db.execute("DELETE FROM ticket WHERE id = ?1", [ticket.0])?;
        Ok(())
    }

    #[test]
    fn runs() -> Result<()> {
        let db = shop();
        use_up(&db, Ticket(1))?;
        assert_eq!(committed(&db, "SELECT count(*) FROM ticket"), 0);
        Ok(())
    }
}

mod self_by_value {
    //! By reference; without a retry as it was.
    use super::told_by;
    use db_core::{Reader, Result, reader, retry_on_locked};

    struct Report {
        rows: Vec<i64>,
    }

    impl Report {
        #[reader]
        #[retry_on_locked]
        fn finish(&self, db: &Reader) -> Result<Vec<i64>> {
            db.query_row("SELECT 1", (), |_| Ok(()))?;
            Ok(self.rows.clone())
        }

        #[reader]
        fn finish_once(self, db: &Reader) -> Result<Vec<i64>> {
            db.query_row("SELECT 1", (), |_| Ok(()))?;
            Ok(self.rows)
        }
    }

    #[test]
    fn runs() {
        let report = Report { rows: vec![1] };
        assert_eq!(told_by(|db| report.finish(db)), [1]);
        assert_eq!(told_by(|db| report.finish_once(db)), [1]);
    }
}

mod option_of_mut_parameter {
    //! By value, and returned.
    use super::told_by;
    use db_core::{Reader, Result, reader, retry_on_locked};

    #[reader]
    #[retry_on_locked]
    fn count(db: &Reader, asked: Option<i64>) -> Result<(i64, Option<i64>)> {
        let stock = db.query_row("SELECT qty FROM stock", (), |row| row.get(0))?;
        Ok((stock, asked.map(|asked| asked + 1)))
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(|db| count(db, Some(1))), (5, Some(2)));
    }
}

mod pattern_not_clone {
    //! Of a type that can be copied, or by reference.
    use super::{committed, shop};
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[derive(Clone)]
    struct Ticket {
        id: i64,
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn use_up(db: &Writer, Ticket { id }: Ticket) -> Result<()> {
        db.execute("DELETE FROM ticket WHERE id = ?1", [id])?;
        Ok(())
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn use_up_by_reference(db: &Writer, Ticket { id }: &Ticket) -> Result<()> {
        db.execute("DELETE FROM ticket WHERE id = ?1", [id])?;
        Ok(())
    }

    #[test]
    fn runs() {
        let db = shop();
        use_up_by_reference(&db, &Ticket { id: 2 }).unwrap();
        assert_eq!(committed(&db, "SELECT count(*) FROM ticket"), 1);
        use_up(&db, Ticket { id: 1 }).unwrap();
        assert_eq!(committed(&db, "SELECT count(*) FROM ticket"), 0);
    }
}

mod closure_not_clone {
    //! One that can be copied, or called more than once.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent)]
    fn set(db: &Writer, qty: impl FnOnce() -> i64 + Clone) -> Result<()> {
        db.execute("UPDATE stock SET qty = ?1", [qty()])?;
        Ok(())
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn set_by_reference(db: &Writer, qty: &impl Fn() -> i64) -> Result<()> {
        set(db, qty)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| set(db, || 1)), 1);
        assert_eq!(left_by(|db| set_by_reference(db, &|| 2)), 2);
    }
}
