//! Where the handle comes from, if callers do not pass it.

use crate::left_by;

mod db_is_a_path {
    //! The one database of the program.
    use db_core::{Database, Result, Writer, writer};

    #[writer(db = db_core::global()?)]
    fn set(db: &Writer) -> Result<()> {
        db.execute("UPDATE stock SET qty = 0", ())?;
        Ok(())
    }

    #[test]
    fn runs() {
        let set_in = |db: &Database| {
            db_core::install_global(Database::clone(db))?;
            set()
        };
        assert_eq!(super::left_by(|db| set_in(db)), 0);
    }
}

mod db_is_a_path_in_method {
    //! The open database of `self`.
    use super::left_by;
    use db_core::{Database, Result, Writer, writer};

    struct Shop {
        db: Database,
    }

    impl Shop {
        #[writer(db = self.db)]
        fn set(&self, db: &Writer) -> Result<()> {
            db.execute("UPDATE stock SET qty = 0", ())?;
            Ok(())
        }
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| Shop { db: Database::clone(db) }.set()), 0);
    }
}

mod db_is_a_result {
    //! With its `?`.
    use db_core::{Database, Result, Writer, writer};

    fn database() -> Result<Database> {
        Database::open_in_memory()
    }

    #[writer(db = database()?)]
    fn set(db: &Writer) -> Result<i64> {
        Ok(db.query_row("SELECT 5", (), |row| row.get(0))?)
    }

    #[test]
    fn runs() {
        assert_eq!(set().unwrap(), 5);
    }
}

mod db_is_a_mutex {
    //! Without.
    use super::left_by;
    use db_core::{Database, Result, Writer, writer};

    struct Shop {
        db: Database,
    }

    impl Shop {
        #[writer(db = self.db)]
        fn set(&self, db: &Writer) -> Result<()> {
            db.execute("UPDATE stock SET qty = 0", ())?;
            Ok(())
        }
    }

    #[test]
    fn runs() {
        assert_eq!(left_by(|db| Shop { db: Database::clone(db) }.set()), 0);
    }
}
