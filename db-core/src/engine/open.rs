//! Opening connections: the path, the flags, the settings, the hooks.

use std::cell::Cell;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ffi::ErrorCode;
use rusqlite::{Connection, OpenFlags};

use super::raw::Session;
use super::ready::Ready;
use super::watchdog::Watchdog;
use crate::error::{Error, OpenFailed, OpenProblem, Result};
use crate::options::Options;
use crate::sidecar;

/// What the user's set-up of a connection must not do.
const EXCHANGED: rusqlite::Error = rusqlite::Error::InvalidQuery;

/// Checks what can be known of `path` without opening it, and makes it absolute: a
/// connection that is opened later must find the same file after a `chdir`.
pub(crate) fn resolve(path: &Path, options: &Options) -> Result<PathBuf> {
    let failed = |problem| Err(failure(path, problem, None));
    if path.as_os_str().is_empty() {
        return failed(OpenProblem::Empty);
    }
    if path == Path::new(":memory:") {
        return failed(OpenProblem::Memory);
    }
    let absolute = std::path::absolute(path).map_err(|error| unreadable(path, error))?;
    match std::fs::metadata(&absolute) {
        Ok(meta) if meta.is_dir() => failed(OpenProblem::Folder),
        Ok(meta) if meta.len() == 0 && is_emptied(&absolute) => failed(OpenProblem::Emptied),
        Ok(_) => Ok(absolute),
        Err(error) if !missing(&error) => Err(unreadable(path, error)),
        Err(_) if !absolute.parent().is_some_and(Path::is_dir) => failed(OpenProblem::NoFolder),
        Err(_) if options.read_only || !options.create => failed(OpenProblem::NoFile),
        Err(_) => Ok(absolute),
    }
}

/// Whether an empty file has a log: `pagerOpenWalIfPresent` in pager.c would delete that.
fn is_emptied(path: &Path) -> bool {
    let file = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let bytes = |path: &Path| std::fs::metadata(path).map_or(0, |meta| meta.len());
    // In this order: whoever makes a new database writes to the file before there is a log.
    bytes(&sidecar::named(&file, "-wal")) > 0 && bytes(&file) == 0
}

/// A file in the place of a folder is as good as no folder.
fn missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

pub(super) fn failure(path: &Path, problem: OpenProblem, source: Option<rusqlite::Error>) -> Error {
    let path = path.to_owned();
    Error::Open(Box::new(OpenFailed { path, problem, source, readable: false }))
}

/// Adds to an error whether the file could be opened for reading only, so that only
/// what works is advised.
pub(super) fn tell_if_readable(error: &mut Error, file: &Path, options: &Options) {
    let told = match error {
        Error::Open(failed) if failed.problem == OpenProblem::Denied => &mut failed.readable,
        Error::ReadOnly { asked: false, readable, .. } => readable,
        _ => return,
    };
    let version = |ready: Ready| {
        ready.session.conn().pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
    };
    *told = !options.read_only && reader(file, options).is_ok_and(|ready| version(ready).is_ok());
}

/// Opens the connection that writes.
pub(crate) fn writer(path: &Path, options: &Options) -> Result<Ready> {
    let create = if options.create { OpenFlags::SQLITE_OPEN_CREATE } else { OpenFlags::empty() };
    let ready = connect(path, options, OpenFlags::SQLITE_OPEN_READ_WRITE | create)?;
    // SQLite falls back to read-only where it may not write.
    if ready.session.conn().is_readonly("main").map_err(|error| explain(path, error))? {
        return Err(unwritable(path));
    }
    Ok(ready)
}

/// Opens a connection that cannot write.
pub(crate) fn reader(path: &Path, options: &Options) -> Result<Ready> {
    connect(path, options, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn connect(path: &Path, options: &Options, flags: OpenFlags) -> Result<Ready> {
    // Without a lock of its own a connection is used by one thread at a time, which
    // `Session` sees to. URIs are off: a path is a path.
    let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let explained = |error| explain(path, error);
    let opened = match options.faults.vfs() {
        None => Connection::open_with_flags(path, flags),
        Some(vfs) => Connection::open_with_flags_and_vfs(path, flags, vfs),
    };
    let conn = opened.map_err(explained)?;
    let watchdog = Arc::new(Watchdog::new(&conn));
    // First, so that a progress handler of the program's own takes the place of this one.
    let mut session = Session::new(conn, Arc::clone(&watchdog));
    let wait_in_sqlite = |session: &Session| {
        session.conn().busy_timeout(options.busy_timeout_for_sqlite()).map_err(explained)
    };
    wait_in_sqlite(&session)?;
    if let Some(connect) = &options.on_connect {
        session.lend(|conn| connect(conn)).unwrap_or(Err(EXCHANGED)).map_err(explained)?;
        // The program's set-up may have set one of its own.
        wait_in_sqlite(&session)?;
    }
    options.apply(session.conn()).map_err(explained)?;
    let guarded = session.lend(|conn| watchdog.guard(conn));
    guarded.unwrap_or(Err(EXCHANGED)).map_err(explained)?;
    if !flags.contains(OpenFlags::SQLITE_OPEN_READ_ONLY) {
        session.make_checkpoints().map_err(explained)?;
    }
    options.faults.connected(session.conn());
    Ok(Ready { session, watchdog, wal_followed: Cell::new(false) })
}

/// An error of SQLite while `path` was opened, by what it means for the path.
pub(crate) fn explain(path: &Path, error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            failure(path, OpenProblem::Denied, Some(error))
        }
        Some(ErrorCode::ReadOnly) => unwritable(path),
        _ if matches!(error, rusqlite::Error::NulError(_) | rusqlite::Error::InvalidPath(_)) => {
            failure(path, OpenProblem::Denied, Some(error))
        }
        _ => {
            let mut error = Error::from(error);
            // The newest backup is looked for where the error goes out.
            error.add_file(path, || None);
            error
        }
    }
}

fn unwritable(path: &Path) -> Error {
    Error::ReadOnly { path: path.to_owned(), asked: false, readable: false }
}

/// The file is no longer where it was.
pub(super) fn replaced(path: &Path) -> Error {
    failure(path, OpenProblem::Replaced, None)
}

/// The file could not even be looked at.
pub(super) fn unreadable(path: &Path, error: std::io::Error) -> Error {
    let source = rusqlite::Error::ToSqlConversionFailure(error.into());
    failure(path, OpenProblem::Denied, Some(source))
}
