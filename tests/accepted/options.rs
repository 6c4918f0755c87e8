//! Twins of `tests/ui/options`: what stands between the parentheses.

mod durations;
mod values;

use crate::left_by;

mod crate_disagrees {
    //! Once, it is for both.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer(crate = ::db_core)]
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

mod doubled {
    //! One of the two.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, max_attempts = 3)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod equals_sign {
    //! Parentheses. The option's name is needed as well, and what a retry asks of a writer.
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

mod mistyped {
    //! The letter that was missing.
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

mod mistyped_of_the_other {
    //! In the attribute that has it.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer(timeout = 10s)]
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

mod not_a_name {
    //! The value with its key.
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

mod other_name {
    //! The name that it has here.
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

mod several_at_once {
    //! Every mistake corrected.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer(timeout = 10s)]
    #[retry_on_locked(max_attempts = 1, jitter, idempotent)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod unknown {
    //! One of those that exist.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, max_attempts = 3)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod without_comma {
    //! With it; one at the end does no harm.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, max_attempts = 3)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[writer]
    #[retry_on_locked(idempotent, max_attempts = 3)]
    fn set_with_one_at_the_end(db: &Writer) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
        assert_eq!(left_by(set_with_one_at_the_end), 0);
    }
}

mod mistyped_group {
    //! Spelt as it is.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer(group)]
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

mod db_without_name {
    //! With its name.
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
