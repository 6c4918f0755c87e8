//! What SQLite keeps beside a database and applies to whatever file is found there.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::{copy, damage, in_use};
use crate::error::{BackupProblem, is_lock};
use crate::sidecar;

/// The ends of their names.
const LOGS: [&str; 2] = ["-wal", "-journal"];

/// How long SQLite waits for somebody who has the file open.
pub(super) const BUSY: Duration = Duration::from_millis(500);

/// A log with something in it. A journal that stays between transactions has no first byte, or
/// a zero there (<https://sqlite.org/fileformat2.html#the_rollback_journal>).
fn is_log(path: &Path) -> bool {
    let mut first = [0];
    // A log that can't be read may be one.
    match File::open(path).and_then(|mut file| file.read(&mut first)) {
        Ok(read) => read > 0 && first != [0],
        Err(error) => error.kind() != ErrorKind::NotFound,
    }
}

/// The logs of a database that have something in them.
pub(super) fn of(database: &Path) -> impl Iterator<Item = PathBuf> {
    LOGS.into_iter().map(|suffix| sidecar::named(database, suffix)).filter(|log| is_log(log))
}

pub(super) fn has_one(database: &Path) -> bool {
    of(database).next().is_some()
}

/// Whether SQLite takes a file for an empty database, and would delete its log. A single byte it
/// may have written itself: see `unixFileSize` in os_unix.c.
pub(super) fn is_empty(database: &Path) -> bool {
    fs::metadata(database).map_or(0, |meta| meta.len()) <= 1
}

/// Leaves nothing beside `path` that would be applied to a new file there.
pub(super) fn clear(path: &Path) -> Result<(), BackupProblem> {
    if !has_one(path) {
        return Ok(());
    }
    match carry_over(path) {
        Ok(()) => {}
        Err(error) if is_lock(&error) => return Err(in_use::users(path).into()),
        // Then what is beside is all that there is of it.
        Err(error) if damage::is_damage(&error) => {}
        Err(error) => return Err(BackupProblem::of_sqlite(error)),
    }
    match of(path).next() {
        Some(log) => Err(BackupProblem::LeftBeside(log)),
        None => Ok(()),
    }
}

/// Has SQLite carry into the file what a killed process has left beside it.
fn carry_over(path: &Path) -> rusqlite::Result<()> {
    if is_empty(path) {
        return Ok(());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY)?;
    let keep = keep_of(&conn)?;
    // Reading it rolls back what a killed writer had begun.
    conn.pragma_query_value(None, "schema_version", |_row| Ok(()))?;
    checkpoint(&conn)?;
    keep.no_longer()?;
    conn.close().map_err(|(_conn, error)| error)
}

/// A log stays when the connection is closed: it would be lost if it belongs to a file that is
/// too damaged to be opened.
pub(super) fn keep_of(conn: &Connection) -> rusqlite::Result<Keep<'_>> {
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(Keep(conn))
}

pub(super) struct Keep<'c>(&'c Connection);

impl Keep<'_> {
    pub(super) fn no_longer(self) -> rusqlite::Result<()> {
        self.0.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false).map(drop)
    }
}

/// Carries all of the WAL into the file.
pub(super) fn checkpoint(conn: &Connection) -> rusqlite::Result<()> {
    let is_busy = |row: &rusqlite::Row<'_>| row.get::<_, bool>(0);
    if conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], is_busy)? {
        return Err(copy::failure(rusqlite::ffi::SQLITE_BUSY));
    }
    Ok(())
}

/// Removes what is beside a database that this process has for itself, and means nothing to it.
pub(super) fn remove_empty(database: &Path) -> io::Result<()> {
    for suffix in ["-wal", "-journal", "-shm"] {
        let path = sidecar::named(database, suffix);
        if suffix == "-shm" || !is_log(&path) {
            match fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}
