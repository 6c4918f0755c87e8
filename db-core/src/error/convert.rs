//! How rusqlite's errors come in, and ours go out.

use rusqlite::ffi::ErrorCode;

use super::classify::SqliteCode;
use super::kinds::Corrupt;
use super::{Error, refusal};

impl From<rusqlite::Error> for Error {
    /// Sorts by SQLite's code; what has no kind of its own stays
    /// [`Error::Sqlite`]. An error that was ours before is itself again.
    fn from(error: rusqlite::Error) -> Self {
        let error = match error {
            rusqlite::Error::ToSqlConversionFailure(inner) => match inner.downcast::<Self>() {
                Ok(ours) => return *ours,
                Err(other) => rusqlite::Error::ToSqlConversionFailure(other),
            },
            error => error,
        };
        if SqliteCode::find(&error).is_some_and(|code| code.is_refusal())
            && let Some(refused) = refusal::take()
        {
            return Self::Refused(Box::new(refused));
        }
        match error.sqlite_error_code() {
            Some(code @ (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)) => {
                Self::Corrupt(Box::new(Corrupt {
                    path: None,
                    not_a_database: code == ErrorCode::NotADatabase,
                    source: error,
                    findings: Vec::new(),
                    backup: None,
                }))
            }
            Some(ErrorCode::DiskFull) => Self::Full(error),
            _ => Self::Sqlite(error),
        }
    }
}

impl From<Error> for rusqlite::Error {
    /// For functions that return `rusqlite::Result`. What came from SQLite goes back
    /// as it came; an error of ours travels inside
    /// [`ToSqlConversionFailure`](rusqlite::Error::ToSqlConversionFailure), the one
    /// variant that keeps text and kind and claims no SQLite code (a lock's code
    /// would make an outer retry repeat what is final).
    fn from(error: Error) -> Self {
        match error {
            Error::Sqlite(error) | Error::Full(error) => error,
            Error::Corrupt(corrupt) => corrupt.source,
            ours => Self::ToSqlConversionFailure(Box::new(ours)),
        }
    }
}
