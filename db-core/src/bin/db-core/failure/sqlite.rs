//! What an error of SQLite's means for whoever called the command.

use std::path::Path;
use std::time::Duration;

use db_core::LockHolder;
use db_core::rusqlite::{self, ErrorCode, ffi};

use super::Failure;
use crate::exit::Status;

/// A reader may not undo what a killed writer has left half done.
const READONLY_ROLLBACK: i32 = ffi::SQLITE_READONLY_ROLLBACK;

impl Failure {
    pub(super) fn of_sqlite(path: &Path, error: &rusqlite::Error) -> Self {
        let told = in_words(error);
        let failed = |kind, what: &str| {
            Self::new(Status::Unusable, kind, format!("{}: {what}", path.display()))
        };
        let extended = error.sqlite_error().map(|error| error.extended_code);
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::locked_by_others(path)
            }
            _ if extended == Some(READONLY_ROLLBACK) => Self::unfinished(path),
            Some(ErrorCode::DatabaseCorrupt) => Self::damaged(path, &told),
            Some(ErrorCode::NotADatabase) => Self::not_a_database(path),
            Some(ErrorCode::SystemIoFailure) => failed("io", &format!("the disk failed: {told}"))
                .advise("look into the system's log (dmesg) for errors of the disk"),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
                Self::denied(format!("{} can't be opened: {told}", path.display()))
            }
            Some(ErrorCode::ConstraintViolation) => Self::damaged(path, &told),
            // Only where its name is no text: see `panics`.
            Some(ErrorCode::AuthorizationForStatementDenied) => {
                Self::damaged(path, "a name in its schema is no text")
            }
            Some(ErrorCode::Unknown) if told == "SQL logic error" => Self::virtual_table(path),
            Some(ErrorCode::Unknown) if told.starts_with("no such") => {
                failed("needs_program", &told).advise(
                    "the database needs functions of the program that made it: let that do this",
                )
            }
            _ => failed("sqlite", &told),
        }
    }

    /// Locked, by whoever it is at this moment.
    pub(super) fn locked_by_others(path: &Path) -> Self {
        let told = db_core::lock_holders(path);
        let holders = if told.writers.is_empty() { told.readers } else { told.writers };
        Self::locked(path, Duration::ZERO, &others(holders))
    }
}

pub(super) fn others(holders: Vec<LockHolder>) -> Vec<LockHolder> {
    holders.into_iter().filter(|holder| !holder.is_this).collect()
}

/// What SQLite said, without its number.
pub(super) fn in_words(error: &rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqliteFailure(_, Some(message)) => message.clone(),
        other => other.to_string(),
    }
}
