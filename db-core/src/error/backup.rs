//! What is known of a backup or a restore that failed.

use std::io;
use std::path::PathBuf;

use crate::finding::Finding;
use crate::other_process::OtherProcess;

/// Details of [`Error::Backup`](crate::Error::Backup).
#[derive(Debug)]
#[non_exhaustive]
pub struct BackupFailed {
    /// What was to be done.
    pub task: BackupTask,
    /// The database that was to be copied, or to be replaced.
    pub database: PathBuf,
    /// The file that the problem is with: the backup, its folder, or the database.
    pub path: PathBuf,
    /// What is wrong.
    pub problem: BackupProblem,
}

/// What was to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BackupTask {
    /// To make a backup, or to look for one.
    Backup,
    /// To put one in the place of a database.
    Restore,
}

/// Why a backup was not made, or not restored. But for
/// [`NotRotated`](Self::NotRotated) and [`NotSynced`](Self::NotSynced), the files are as they
/// were.
#[derive(Debug)]
#[non_exhaustive]
pub enum BackupProblem {
    /// The path is empty.
    Empty,
    /// The path is a folder.
    Folder,
    /// The path is a device or the like.
    NotAFile,
    /// The folder that should hold the file does not exist.
    NoFolder,
    /// There is no backup at the path.
    Missing,
    /// Backup and database are the same file, or one is a file that SQLite or db-core keeps
    /// beside the other.
    Itself,
    /// What was to be copied is damaged, or is no database: for a backup most likely the
    /// database itself. What the check has found.
    Damaged(Vec<Finding>),
    /// The file that was to be replaced is open.
    InUse {
        /// Whether this process has it open.
        here: bool,
        /// The others; none if it can't be known who has it.
        others: Vec<OtherProcess>,
    },
    /// SQLite's log of the file that was to be replaced can't be taken away, and would destroy
    /// the new one.
    LeftBeside(PathBuf),
    /// A part of the backup is in this file beside it, so it is none by itself.
    NotAlone(PathBuf),
    /// The folder has the backups of this other database of the same name.
    OtherDatabase(PathBuf),
    /// There is no room for the copy.
    NoRoom,
    /// The backup is made, but an older one could not be deleted.
    NotRotated {
        /// The new backup.
        made: PathBuf,
        /// The old one.
        old: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The new file is at its place, but a power cut could undo that: the folder could not be
    /// synced.
    NotSynced {
        /// Where the old database is now, if there was one and it was restored.
        kept: Option<PathBuf>,
        /// What the operating system said.
        source: io::Error,
    },
    /// The operating system refuses it.
    Io(io::Error),
    /// Any other error of SQLite.
    Sqlite(rusqlite::Error),
}

impl BackupProblem {
    pub(crate) fn of_io(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoRoom,
            _ => Self::Io(error),
        }
    }

    pub(crate) fn of_sqlite(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ffi::ErrorCode::DiskFull) => Self::NoRoom,
            _ => Self::Sqlite(error),
        }
    }
}
