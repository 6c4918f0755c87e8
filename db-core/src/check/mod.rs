//! Whether a database is whole: its `structure` and its `foreign_keys`, its `settings` and its
//! version, and what the program says must always hold (`invariants`); `keys` is by what a row
//! is found.
//!
//! Each looks through a connection that somebody else has opened, and only reads.

mod foreign_keys;
mod invariants;
mod keys;
mod settings;
mod structure;

pub(crate) use foreign_keys::foreign_keys;
pub(crate) use invariants::{invariants, that_cant_be_run};
pub(crate) use settings::{is_newer, settings, version};
pub(crate) use structure::structure;

use rusqlite::ffi::ErrorCode;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, Row};

use crate::finding::{Finding, FindingKind};

/// Of each kind of check no more is told: whoever mends these checks again.
const MOST: usize = 100;

const RESTORE: &str = "restore the newest backup";
const AFTERWARDS: &str = "mend the damage first, then check again";

fn each(
    conn: &Connection,
    sql: &str,
    mut row: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(found) = rows.next()? {
        row(found)?;
    }
    Ok(())
}

/// What need not be UTF-8, such as a name in a damaged schema.
fn text(row: &Row<'_>, at: usize) -> rusqlite::Result<String> {
    match row.get_ref(at)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => {
            Ok(String::from_utf8_lossy(bytes).into_owned())
        }
        _ => Ok(String::new()),
    }
}

pub(crate) fn tables(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut tables = Vec::new();
    each(conn, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid", |row| {
        tables.push(text(row, 0)?);
        Ok(())
    })?;
    Ok(tables)
}

/// A check that damage has ended has found that.
pub(crate) fn damage_or(
    checked: rusqlite::Result<()>,
    findings: &mut Vec<Finding>,
) -> rusqlite::Result<()> {
    match checked {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseCorrupt) => {
            if !findings.iter().any(|finding| finding.kind == FindingKind::Damage) {
                findings.push(Finding::new(FindingKind::Damage, said(&error), RESTORE));
            }
            Ok(())
        }
        checked => checked,
    }
}

/// Whether it is the statement that can't be run, and not the file or the disk that is at fault.
fn is_of_the_statement(error: &Error) -> bool {
    match error {
        Error::SqliteFailure(error, _) => matches!(
            error.code,
            ErrorCode::Unknown
                | ErrorCode::TypeMismatch
                | ErrorCode::ApiMisuse
                | ErrorCode::TooBig
                | ErrorCode::AuthorizationForStatementDenied
        ),
        // What rusqlite itself says of a statement.
        _ => error.sqlite_error_code().is_none(),
    }
}

/// What SQLite said, without the statement that it said it of.
fn said(error: &Error) -> String {
    match error {
        Error::SqlInputError { msg, .. } => msg.clone(),
        error => error.to_string(),
    }
}
