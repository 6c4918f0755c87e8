//! Putting a backup in the place of a database.

use std::fs;
use std::path::{Path, PathBuf};

use super::overwrite::overwrite;
use super::partial::Partial;
use super::source::{self, NotCopied};
use super::steps::reached;
use super::{Progress, Task, damage, in_use, kept, swap, target};
use crate::error::{BackupProblem, BackupTask, Result};
use crate::finding::{Finding, FindingKind};

/// What [`restore`] has done.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restored {
    /// Where the old database is now; `None` if there was none.
    pub kept: Option<PathBuf>,
}

/// Puts a backup in the place of a database, whole and damaged ones alike, and keeps the old
/// one.
///
/// The backup is copied beside the database and checked as by
/// [`IntegrityCheck::Full`](crate::IntegrityCheck::Full) before anything is touched; what only
/// functions and collations of the program itself could check is taken as it is. A backup
/// with a `-wal` beside it is read with what is in there; one that others have open, as it is at
/// one moment. Then the old content, with all that
/// was committed, is copied to `NAME.replaced-20260131T235959Z`, and the new one is written
/// into the file by SQLite, in one transaction: whoever is killed meanwhile leaves the old
/// database or the new one. There need not be an old one.
///
/// A database that SQLite can't read is renamed instead, with the logs that are beside it, and
/// the new file takes its place in one step.
///
/// The restored file has the permissions of the old one, else those of the backup. Besides the old database there must be
/// room for two copies of it, and for one of the backup.
///
/// It is refused while the database is open: by this process, or by any other that this user
/// may know of. Who has it open with a WAL, or is at work in it, is always known; who does
/// nothing in one without a WAL only on Linux. If he is not known he goes on with the new
/// content. A process that opens it while it is written gets a lock error. Delete the old
/// file once it is no longer needed. What a killed process has left of a restore, the next one
/// removes.
///
/// `progress` is called after every few hundred pages; the check follows the last call.
///
/// # Errors
///
/// [`Error::Backup`](crate::Error::Backup): for a backup that is missing or damaged, or has half
/// of a transaction in a `-journal` beside; a database that is open; a file that can't be
/// written. The database is as it was, but for
/// [`BackupProblem::NotSynced`](crate::BackupProblem::NotSynced).
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
    in_use::refuse(&to).map_err(with_database)?;
    let io = |error| with_database(BackupProblem::of_io(error));
    let mut partial = Partial::begin(&to).map_err(io)?;
    let damage = copy_checked(&from, &partial, progress).map_err(|problem| match problem {
        // For the copy, which is beside the database.
        BackupProblem::NoRoom => with_database(problem),
        problem => with_backup(problem),
    })?;
    if !damage.is_empty() {
        return Err(with_backup(BackupProblem::Damaged(damage)));
    }
    let like = fs::metadata(&to).or_else(|_new| fs::metadata(&from)).map_err(io)?;
    partial.share(&like);
    partial.sync().map_err(io)?;
    reached("copied");
    let kept = exchange(&mut partial, &to).map_err(with_database)?;
    Ok(Restored { kept })
}

fn exchange(new: &mut Partial, database: &Path) -> Result<Option<PathBuf>, BackupProblem> {
    in_use::refuse(database)?;
    if !database.exists() {
        swap::place(new, database)?;
        return Ok(None);
    }
    kept::take_home(database).map_err(BackupProblem::of_io)?;
    match overwrite(new.path(), database)? {
        Some(kept) => Ok(Some(kept)),
        None => swap::replace(new, database).map(Some),
    }
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
    match source::copy(from, partial.path(), progress) {
        Ok(()) => damage::of_copy(partial.path(), None).map_err(BackupProblem::of_sqlite),
        Err(NotCopied::Damaged(error)) => Ok(vec![damage::finding(&error)]),
        Err(NotCopied::Problem(problem)) => Err(problem),
    }
}
