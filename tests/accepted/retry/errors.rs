//! The error of a function that runs again.

use crate::told_by;

mod error_not_classified {
    //! It is an error to the standard library too, or there is no retry.
    use super::told_by;
    use db_core::{Reader, reader, retry_on_locked};

    #[derive(Debug, thiserror::Error)]
    enum Failed {
        #[error(transparent)]
        Database(db_core::Error),
    }

    impl From<db_core::Error> for Failed {
        fn from(error: db_core::Error) -> Self {
            Self::Database(error)
        }
    }

    #[reader]
    #[retry_on_locked]
    fn stock(db: &Reader) -> Result<i64, Failed> {
        Ok(db
            .query_row("SELECT qty FROM stock", (), |row| row.get(0))
            .map_err(db_core::Error::from)?)
    }

    #[reader]
    #[retry_on_locked]
    fn stock_of_any(db: &Reader) -> anyhow::Result<i64> {
        Ok(stock(db)?)
    }

    #[test]
    fn runs() {
        assert_eq!(told_by(stock), 5);
        assert_eq!(told_by(stock_of_any), 5);
    }
}
