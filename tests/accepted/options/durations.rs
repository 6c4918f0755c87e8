//! Lengths of time: a number with its unit, and the shorter one before the longer.

use crate::left_by;

mod base_over_default_max {
    //! Both set, or as long as the longest.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, base_delay = 6s, max_delay = 6s)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 1", [])?;
        Ok(())
    }

    #[writer]
    #[retry_on_locked(idempotent, base_delay = 5s)]
    fn set_with_the_longest(db: &Writer) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 1);
        assert_eq!(left_by(set_with_the_longest), 1);
    }
}

mod base_over_max {
    //! The shorter one; the same is not too long.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, base_delay = 10ms, max_delay = 500ms)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[writer]
    #[retry_on_locked(idempotent, base_delay = 500ms, max_delay = 0.5s)]
    fn set_with_the_same(db: &Writer) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
        assert_eq!(left_by(set_with_the_same), 0);
    }
}

mod duration_in_quotes {
    //! Without them.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, deadline = 30s)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod duration_negative {
    //! Without the sign.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, deadline = 30s)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod duration_unknown_unit {
    //! As SI writes it; and each of the others.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, deadline = 30s)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[writer(timeout = 1min)]
    #[retry_on_locked(idempotent, deadline = 1min, max_delay = 9ms, base_delay = 9us)]
    fn set_with_others(db: &Writer) -> Result<()> {
        set(db)
    }

    #[writer]
    #[retry_on_locked(idempotent, base_delay = 9ns)]
    fn set_with_the_least(db: &Writer) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
        assert_eq!(left_by(set_with_others), 0);
        assert_eq!(left_by(set_with_the_least), 0);
    }
}

mod duration_without_unit {
    //! With one. Ten seconds would be more than the longest pause.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, base_delay = 10ms)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod duration_apart {
    //! As one.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, deadline = 30s)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod duration_in_hours {
    //! In minutes.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, deadline = 120min)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod duration_too_long {
    //! Within a life.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, deadline = 99999999s)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod duration_too_fine {
    //! Whole nanoseconds.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, base_delay = 500ns)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod duration_with_exponent {
    //! In digits.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, deadline = 1000s)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod duration_without_name {
    //! With it.
    use super::left_by;
    use db_core::{Result, Writer, retry_on_locked, writer};

    #[writer]
    #[retry_on_locked(idempotent, deadline = 30s)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}

mod delay_of_other_type {
    //! A `Duration`.
    use super::left_by;
    use std::time::Duration;

    use db_core::{Result, Writer, retry_on_locked, writer};

    const PAUSE: Duration = Duration::from_millis(50);

    #[writer]
    #[retry_on_locked(idempotent, base_delay = PAUSE)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(set), 0);
    }
}
