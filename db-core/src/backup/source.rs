//! Reading a backup, which is a file that anybody may open as a database and write to.
//!
//! Invariant: what is copied is of one moment, by SQLite's own lock; where there can be none,
//! because the file or its folder can't be written, by the proof that nobody has changed it.

use std::fs::{self, Metadata};
use std::path::Path;
use std::time::Duration;

use rusqlite::ffi::ErrorCode;
use rusqlite::{Connection, OpenFlags};

use super::{Progress, copy, damage, in_use, logs};
use crate::error::BackupProblem;
use crate::sidecar;

/// How long somebody is waited for who writes to the backup.
const BUSY: Duration = Duration::from_secs(5);

/// Why a backup could not be copied.
pub(super) enum NotCopied {
    Problem(BackupProblem),
    /// It is damaged, or no database.
    Damaged(rusqlite::Error),
}

impl From<BackupProblem> for NotCopied {
    fn from(problem: BackupProblem) -> Self {
        Self::Problem(problem)
    }
}

/// Copies a backup into the empty file `to`.
pub(super) fn copy(
    backup: &Path,
    to: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), NotCopied> {
    let sqlite = |error| match error {
        error if damage::is_damage(&error) => NotCopied::Damaged(error),
        error => BackupProblem::of_sqlite(error).into(),
    };
    refuse_half(backup)?;
    match open_locked(backup) {
        Ok(Some(conn)) => return copy::pages(&conn, to, progress).map_err(sqlite),
        // SQLite has made no files beside it then.
        Err(error) if !is_refusal(&error) => return Err(sqlite(error)),
        Ok(None) | Err(_) => {}
    }
    let before = undisturbed(backup)?;
    let copied = copy::open_unchanged(backup).and_then(|conn| {
        conn.execute_batch("BEGIN")?;
        copy::pages(&conn, to, progress)
    });
    if undisturbed(backup)? != before {
        return Err(in_use(backup).into());
    }
    copied.map_err(sqlite)
}

/// Half of a transaction is in the file, and what undoes it beside: SQLite would write that into
/// the only backup there may be.
fn refuse_half(backup: &Path) -> Result<(), BackupProblem> {
    let journal = sidecar::named(backup, "-journal");
    if logs::of(backup).any(|log| log == journal) && in_use::users(backup).is_empty() {
        return Err(BackupProblem::NotAlone(journal));
    }
    Ok(())
}

/// Opens it with a lock on what it is now; `None` if it can't be written.
fn open_locked(backup: &Path) -> rusqlite::Result<Option<Connection>> {
    let has_log = logs::has_one(backup);
    // Who could write is who takes away again what SQLite makes beside a file with a WAL; but
    // a log is not to be carried into it.
    let access =
        if has_log { OpenFlags::SQLITE_OPEN_READ_ONLY } else { OpenFlags::SQLITE_OPEN_READ_WRITE };
    let conn = Connection::open_with_flags(backup, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    if !has_log && conn.is_readonly("main")? {
        return Ok(None);
    }
    conn.busy_timeout(BUSY)?;
    conn.execute_batch("BEGIN")?;
    conn.pragma_query_value(None, "schema_version", |_row| Ok(()))?;
    Ok(Some(conn))
}

fn is_refusal(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

/// What tells that a file is the one it was; an error if somebody may be changing it.
fn undisturbed(backup: &Path) -> Result<Traits, BackupProblem> {
    match logs::of(backup).next() {
        Some(log) => Err(BackupProblem::NotAlone(log)),
        None => in_use::refuse(backup),
    }?;
    traits(&fs::metadata(backup).map_err(BackupProblem::Io)?).map_err(BackupProblem::Io)
}

fn in_use(backup: &Path) -> BackupProblem {
    in_use::users(backup).into()
}

#[cfg(unix)]
type Traits = [i128; 5];

#[cfg(unix)]
fn traits(meta: &Metadata) -> std::io::Result<Traits> {
    use std::os::unix::fs::MetadataExt;
    let moment = |seconds: i64, nanos: i64| i128::from(seconds) * 1_000_000_000 + i128::from(nanos);
    Ok([
        meta.dev().into(),
        meta.ino().into(),
        meta.len().into(),
        moment(meta.mtime(), meta.mtime_nsec()),
        moment(meta.ctime(), meta.ctime_nsec()),
    ])
}

#[cfg(not(unix))]
type Traits = (u64, std::time::SystemTime);

#[cfg(not(unix))]
fn traits(meta: &Metadata) -> std::io::Result<Traits> {
    Ok((meta.len(), meta.modified()?))
}
