//! Callers that know only a bound.

use crate::left_by;

mod impl_repeats {
    //! On both.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    trait Shelf {
        #[writer]
        #[retry_on_locked(idempotent)]
        fn set(&self, db: &Writer) -> Result<()>;
    }

    struct Shop {
        qty: i64,
    }

    impl Shelf for Shop {
        #[writer]
        #[retry_on_locked(idempotent)]
        fn set(&self, db: &Writer) -> Result<()> {
            db.execute("UPDATE stock SET qty = ?1", [self.qty])?;
            Ok(())
        }
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| Shop { qty: 3 }.set(db)), 3);
    }
}

mod impl_runs_once {
    //! On neither.
    use super::left_by;
    use db_core::{Result, Writer, writer};

    trait Shelf {
        #[writer]
        fn set(&self, db: &Writer) -> Result<()>;
    }

    struct Shop {
        qty: i64,
    }

    impl Shelf for Shop {
        #[writer]
        fn set(&self, db: &Writer) -> Result<()> {
            db.execute("UPDATE stock SET qty = ?1", [self.qty])?;
            Ok(())
        }
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| Shop { qty: 3 }.set(db)), 3);
    }
}

mod helper_for_readers {
    //! A bound for what the helper calls.
    use super::left_by;
    use db_core::effect::Once;
    use db_core::{Result, WriteTo, Writer, writer};

    #[writer]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    fn helper(db: &impl WriteTo<Once>) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| helper(&**db)), 0);
    }
}
