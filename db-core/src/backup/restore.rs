//! Putting a backup in the place of a database.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::partial::Partial;
use super::{Progress, Task, copy, in_use, swap, target};
use crate::error::{BackupProblem, BackupTask, Result};
use crate::finding::{Finding, FindingKind};
use crate::sidecar;

/// How long somebody is waited for who writes to the backup.
const BUSY: Duration = Duration::from_secs(5);

/// What [`restore`] has done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restored {
    /// Where the old database is now; `None` if there was none.
    pub kept: Option<PathBuf>,
}

/// Puts a backup in the place of a database, whole and damaged ones alike, and keeps the old
/// file.
///
/// The backup is copied beside the database and checked as by
/// [`IntegrityCheck::Full`](crate::IntegrityCheck::Full) before anything is touched; what only
/// functions and collations of the program itself could check is taken as it is. A backup
/// with a `-wal` beside it is read with what is in there. Then the old file, with all that was
/// committed to it, gets the name `NAME.replaced-20260131T235959Z`, and the new one takes its
/// place, in one step: whoever is killed meanwhile leaves the old database or the new one. A
/// log that can't be carried into the old file, because that is too damaged, stays with it
/// under its new name. The restored file has the permissions of the old one. There need not
/// be an old one.
///
/// It is refused while the database is open: by this process, or by any other that this user
/// may know of. (Outside Linux only those are known that use a WAL, or have a lock.) A
/// process that opens it in the moment of the exchange gets a lock error. Delete the old
/// file once it is no longer needed. What a killed process has left of a restore, the next one
/// removes.
///
/// `progress` is called after every few hundred pages; the check follows the last call.
///
/// # Errors
///
/// [`Error::Backup`](crate::Error::Backup): for a backup that is missing or damaged, a
/// database that is open, a file that can't be written. The database is as it was.
///
/// # Panics
///
/// If `progress` does. The database is as it was.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let (path, copy) = (folder.path().join("shop.db"), folder.path().join("copy.db"));
/// let db = db_core::Database::open(&path)?;
/// db.backup_to(&copy, |_progress| ())?;
/// db.close()?;
/// let restored = db_core::restore(&copy, &path, |_progress| ())?;
/// assert!(restored.kept.is_some_and(|old| old.exists()));
/// # Ok::<_, db_core::Error>(())
/// ```
pub fn restore(
    backup: impl AsRef<Path>,
    database: impl AsRef<Path>,
    mut progress: impl FnMut(Progress),
) -> Result<Restored> {
    put_back(backup.as_ref(), database.as_ref(), &mut progress)
}

fn put_back(
    backup: &Path,
    database: &Path,
    progress: &mut dyn FnMut(Progress),
) -> Result<Restored> {
    let task = Task { task: BackupTask::Restore, database };
    let with_backup = |problem| task.failed(backup, problem);
    let with_database = |problem| task.failed(database, problem);
    let from = target::existing(backup).map_err(with_backup)?;
    let to = target::resolve(database).map_err(with_database)?;
    if target::is_part_of(&from, &to) {
        return Err(with_backup(BackupProblem::Itself));
    }
    // Before the work; it is looked again after it.
    swap::refuse_users(&to).map_err(with_database)?;
    let io = |error| with_database(BackupProblem::of_io(error));
    let mut partial = Partial::begin(&to).map_err(io)?;
    let damage = copy_checked(&from, &partial, progress).map_err(with_backup)?;
    if !damage.is_empty() {
        return Err(with_backup(BackupProblem::Damaged(damage)));
    }
    let like = fs::metadata(&to).or_else(|_new| fs::metadata(&from)).map_err(io)?;
    partial.share(&like);
    partial.sync().map_err(io)?;
    swap::reached("copied");
    let kept = swap::replace(&mut partial, &to).map_err(with_database)?;
    Ok(Restored { kept })
}

/// Copies a backup, and says what is damaged in it.
fn copy_checked(
    from: &Path,
    partial: &Partial,
    progress: &mut dyn FnMut(Progress),
) -> Result<Vec<Finding>, BackupProblem> {
    // SQLite takes an empty file for an empty database.
    if fs::metadata(from).map_err(BackupProblem::Io)?.len() == 0 {
        let what = "the file is empty".to_owned();
        return Ok(vec![Finding::new(FindingKind::Damage, what, "take another backup")]);
    }
    let copied = open(from).and_then(|conn| {
        conn.execute_batch("BEGIN")?;
        copy::pages(&conn, partial.path(), progress)
    });
    match copied {
        Ok(()) => copy::damage(partial.path(), None).map_err(BackupProblem::of_sqlite),
        Err(error) if copy::is_damage(&error) => Ok(vec![copy::finding(&error)]),
        Err(error) => Err(BackupProblem::of_sqlite(error)),
    }
}

/// Opens a backup to be read. One that nobody has open is left as it is, also on a drive that
/// can't be written, which SQLite could not open otherwise.
fn open(backup: &Path) -> rusqlite::Result<Connection> {
    let has = |suffix| {
        let meta = fs::metadata(sidecar::named(backup, suffix));
        meta.is_ok_and(|meta| meta.len() > 0)
    };
    let (has_wal, has_journal) = (has("-wal"), has("-journal"));
    if !has_wal && !has_journal && in_use::users(backup).is_empty() {
        return copy::open_unchanged(backup);
    }
    let flags = if has_journal {
        // What a killed writer had begun has to be rolled back.
        OpenFlags::SQLITE_OPEN_READ_WRITE
    } else {
        OpenFlags::SQLITE_OPEN_READ_ONLY
    };
    let conn = Connection::open_with_flags(backup, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    conn.busy_timeout(BUSY)?;
    Ok(conn)
}
