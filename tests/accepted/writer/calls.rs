//! What a writer is called with.

use crate::left_by;

mod called_with_path {
    //! Opened once, passed to each call.
    use super::left_by;
    use db_core::{Database, Result, Writer, writer};

    #[writer]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    fn caller(path: &std::path::Path) -> Result<()> {
        let db = Database::open(path)?;
        set(&db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| caller(db.path())), 0);
    }
}

mod called_with_connection {
    //! A database, or in an annotated function the handle.
    use super::left_by;
    use db_core::{Database, Result, Writer, writer};

    #[writer]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    fn caller(db: &Database) -> Result<()> {
        set(db)
    }

    #[writer]
    fn caller_in_one(db: &Writer) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| caller(db)), 0);
        assert_eq!(left_by(caller_in_one), 0);
    }
}

mod called_with_mutex {
    //! Without.
    use super::left_by;
    use db_core::{Database, Result, Writer, writer};

    #[writer]
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

mod takes_reader_and_writes {
    //! With that word.
    use super::left_by;
    use db_core::{Result, Writer, writer};

    #[writer]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[writer]
    fn close(db: &Writer) -> Result<()> {
        set(db)
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(close), 0);
    }
}
