//! Backups: made while the database is in use, kept in a folder, and put back.
//!
//! `partial` is the file that becomes a backup or a database once it is whole, `copy` fills
//! it, `damage` checks it. `online` makes a backup of an open database, `folder` has the
//! backups of a folder and keeps the newest, `name` is how they are named, `owner` whose they
//! are. `restore` puts one in the place of a database: `source` reads it, `overwrite` writes
//! it into the old file, `swap` replaces one that can't be read, `kept` names what the old
//! one was. `in_use` knows who has a file open, `logs` what SQLite keeps beside it.
//!
//! Invariant: what is at the path of a backup or of a database is replaced by one rename of a
//! whole file that was checked and is on the disk, or by one transaction with the content of
//! such a file. Whoever is killed leaves the old one or the new one.

mod copy;
mod damage;
mod folder;
mod in_use;
mod kept;
mod logs;
mod name;
mod online;
mod overwrite;
mod owner;
mod partial;
mod restore;
mod source;
mod stamp;
mod steps;
mod swap;
mod target;

pub use folder::{BackupFile, Backups};
pub use restore::{Restored, restore};
pub use steps::intercept_restore;

use std::path::{Path, PathBuf};

use crate::database::Database;
use crate::error::{BackupFailed, BackupProblem, BackupTask, Error, Result};
use crate::site::Site;

/// How far a backup or a restore is. Given to the caller every few hundred pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The pages that are copied.
    pub pages_done: u64,
    /// All that there are to copy.
    pub pages_total: u64,
}

impl Database {
    /// Makes a backup at `path` while others go on reading and writing: what was committed
    /// when it began.
    ///
    /// The copy is written beside `path`, checked as by
    /// [`IntegrityCheck::Full`](crate::IntegrityCheck::Full), synced, and only then takes the
    /// place of what was at `path`: whatever happens meanwhile, the backup that was there
    /// stays as it was. It is one file, with nothing beside it. A link is followed. The file
    /// has the permissions of the one that it replaces, else those of the database; access
    /// control lists and other attributes are not carried over. A file that somebody has open
    /// as a database is not replaced.
    ///
    /// `progress` is called after every few hundred pages; the check follows the last call.
    /// What it does is waited for.
    ///
    /// With a WAL nobody is blocked; the WAL grows until the copy is done, as with any reader.
    /// With another journal mode (see [`Options::journal_mode`](crate::Options::journal_mode))
    /// nobody commits while it is copied: writers get a lock error if that takes longer than they
    /// wait. [`Options::read_timeout`](crate::Options::read_timeout) does
    /// not end it; [`Options::leak_after`](crate::Options::leak_after) reports it as any call
    /// that takes long.
    ///
    /// What a killed process has left of a backup, the next one to the same path removes.
    ///
    /// # Errors
    ///
    /// [`Error::Backup`] if `path` can't be written, or the database is damaged;
    /// [`Error::Locked`] if somebody keeps it from being read; as
    /// [`read`](Self::read) before its body.
    ///
    /// # Panics
    ///
    /// If `progress` does. Nothing is left of the copy.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("shop.db");
    /// # let copy = folder.path().join("copy.db");
    /// let db = db_core::Database::open(&path)?;
    /// db.backup_to(&copy, |now| println!("{} of {} pages", now.pages_done, now.pages_total))?;
    /// # assert!(copy.exists());
    /// # Ok::<_, db_core::Error>(())
    /// ```
    #[track_caller]
    pub fn backup_to(
        &self,
        path: impl AsRef<Path>,
        mut progress: impl FnMut(Progress),
    ) -> Result<()> {
        online::backup_to(self.engine(), path.as_ref(), &mut progress, Site::caller())
    }

    /// Makes a backup in the folder of [`Options::backups`](crate::Options::backups), as
    /// [`backup_to`](Self::backup_to), and deletes all but the newest
    /// [`Options::keep_backups`](crate::Options::keep_backups). Returns where it is.
    ///
    /// It is named by the database and the time, in UTC: `shop-20260131T235959Z.db`. If the clock
    /// was ahead before, it has the time of the newest one, and a number. Only files that are
    /// named like this are ever deleted. The folder is made if it is missing.
    ///
    /// The folder is for one database of this name: the file `NAME.source` in it says which. It
    /// is told by the path, so that two programs with folders of their own, as in containers,
    /// must not share one for databases that have the same path.
    ///
    /// # Errors
    ///
    /// As [`backup_to`](Self::backup_to); [`Error::InvalidOption`] without that option. If an
    /// old backup could not be deleted, [`BackupProblem::NotRotated`] says so, and where the
    /// new one is. [`BackupProblem::OtherDatabase`] if the folder has the backups of another
    /// database of this name.
    ///
    /// # Panics
    ///
    /// If `progress` does. Nothing is left of the copy.
    ///
    /// ```
    /// use db_core::{Backups, Options};
    ///
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let (path, backups) = (folder.path().join("shop.db"), folder.path().join("backups"));
    /// let db = Options::new().backups(&backups).keep_backups(7).open(&path)?;
    /// let made = db.backup(|_progress| ())?;
    /// assert_eq!(Backups::in_folder(&backups, &path).newest()?.map(|file| file.path), Some(made));
    /// # Ok::<_, db_core::Error>(())
    /// ```
    #[track_caller]
    pub fn backup(&self, mut progress: impl FnMut(Progress)) -> Result<PathBuf> {
        online::backup(self.engine(), &mut progress, Site::caller())
    }
}

/// The newest file in `dir` that may be a backup of `database`. Opens none of them.
pub(crate) fn newest(dir: &Path, database: &Path) -> Option<PathBuf> {
    Backups::in_folder(dir, database).newest().ok()?.map(|file| file.path)
}

/// What is being done, for its errors.
#[derive(Clone, Copy)]
struct Task<'a> {
    task: BackupTask,
    database: &'a Path,
}

impl Task<'_> {
    /// `path` is the file that the problem is with.
    fn failed(self, path: &Path, problem: BackupProblem) -> Error {
        let (database, path) = (self.database.to_owned(), path.to_owned());
        Error::Backup(Box::new(BackupFailed { task: self.task, database, path, problem }))
    }
}
