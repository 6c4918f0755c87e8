//! Writing a new content into the file of a database, by SQLite.
//!
//! It is one transaction with a rollback journal, so that whoever is killed leaves the old
//! content or the new one, and whoever has the file open unseen sees what happens as a
//! transaction of somebody else. No descriptor but SQLite's own is opened.
//!
//! Invariant: from before the old content is copied until the new one is written, this
//! connection alone may read or write the file.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::backup::{Backup, StepResult};
use rusqlite::ffi::{ErrorCode, SQLITE_BUSY, SQLITE_READONLY};
use rusqlite::{Connection, OpenFlags};

use super::partial::Partial;
use super::steps::reached;
use super::{copy, damage, in_use, kept, logs};
use crate::error::{BackupProblem, is_lock};
use crate::new_file::sync_folder_of;

/// How many pages are written between two steps.
const STEP: i32 = 128;

/// Gives `database` the content of the file `new`, and says where a copy of the old content
/// is; `None`, and nothing is changed, if SQLite can't read the database.
pub(super) fn overwrite(new: &Path, database: &Path) -> Result<Option<PathBuf>, BackupProblem> {
    if logs::is_empty(database) && logs::has_one(database) {
        return Ok(None);
    }
    let unreadable = |error: &rusqlite::Error| {
        damage::is_damage(error) || error.sqlite_error_code() == Some(ErrorCode::Unknown)
    };
    reached("looked");
    let mut conn = match alone(database) {
        Ok(conn) => conn,
        Err(error) if unreadable(&error) => return Ok(None),
        Err(error) if is_lock(&error) => return Err(in_use::users(database).into()),
        Err(error) => return Err(BackupProblem::of_sqlite(error)),
    };
    reached("alone");
    let kept = keep(&conn, database)?;
    reached("kept");
    let written = write(new, &mut conn);
    // Under the lock: nobody needs them, nobody has them open, and they do no harm.
    let _ = logs::remove_empty(database);
    match written {
        Ok(()) => {
            reached("written");
            Ok(Some(kept))
        }
        Err(error) => {
            // With a journal beside it is not yet again as it was.
            if !logs::has_one(database) {
                let _ = fs::remove_file(&kept);
            }
            Err(BackupProblem::of_sqlite(error))
        }
    }
}

/// Opens a database that nobody else has a lock on, and keeps all others away.
fn alone(database: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(database, flags)?;
    // SQLite falls back to read-only where it may not write.
    if conn.is_readonly("main")? {
        return Err(copy::failure(SQLITE_READONLY));
    }
    conn.busy_timeout(logs::BUSY)?;
    let keep_log = logs::keep_of(&conn)?;
    // In this mode the lock stays between transactions, also with a WAL:
    // https://sqlite.org/wal.html#use_of_wal_without_shared_memory
    conn.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT;
         PRAGMA synchronous = EXTRA; PRAGMA fullfsync = ON",
    )?;
    logs::checkpoint(&conn)?;
    keep_log.no_longer()?;
    Ok(conn)
}

/// Copies the old content.
fn keep(conn: &Connection, database: &Path) -> Result<PathBuf, BackupProblem> {
    // Named by the database, so that the next restore removes what a killed one leaves.
    let mut copy = Partial::begin(database).map_err(BackupProblem::of_io)?;
    conn.execute_batch("BEGIN")
        .and_then(|()| copy::pages(conn, copy.path(), &mut |_progress| ()))
        .and_then(|()| conn.execute_batch("COMMIT"))
        .map_err(BackupProblem::of_sqlite)?;
    let to_disk = || {
        copy.share(&fs::metadata(database)?);
        copy.sync()
    };
    to_disk().map_err(BackupProblem::of_io)?;
    let kept = kept::place(&mut copy, database)?;
    sync_folder_of(&kept).map_err(BackupProblem::of_io)?;
    Ok(kept)
}

/// Writes the new content. The file says itself whether it has a WAL: the next to open it finds
/// the setting of the backup.
fn write(new: &Path, conn: &mut Connection) -> rusqlite::Result<()> {
    let mode: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    // With a WAL the pages would have to have the same size, and the file would change later.
    conn.pragma_update_and_check(None, "journal_mode", "DELETE", |_row| Ok(()))?;
    let written = write_pages(new, conn);
    if written.is_err() && mode == "wal" {
        let _ = conn.pragma_update_and_check(None, "journal_mode", "WAL", |_row| Ok(()));
    }
    written
}

fn write_pages(new: &Path, conn: &mut Connection) -> rusqlite::Result<()> {
    let from = copy::open_unchanged(new)?;
    let backup = Backup::new(&from, conn)?;
    loop {
        match backup.step(STEP)? {
            StepResult::Done => return Ok(()),
            StepResult::More => reached("writing"),
            // Not met: nobody else has either of them.
            _ => return Err(copy::failure(SQLITE_BUSY)),
        }
    }
}
