//! Where backups are kept, and how many.

use std::path::{Path, PathBuf};

use super::Options;

/// Finds the newest backup of a database in a folder.
pub(crate) type FindBackup = fn(&Path, &Path) -> Option<PathBuf>;

impl Options {
    /// The folder for the backups of [`Database::backup`](crate::Database::backup); it is
    /// made when it is first needed. [`Error::Corrupt`](crate::Error::Corrupt) names the
    /// newest backup that is in there. Default: none. Best on another disk than the database.
    /// One for each database: of the same name it takes only one.
    pub fn backups(mut self, dir: impl AsRef<Path>) -> Self {
        let dir = dir.as_ref();
        // The same one after a change of the working folder.
        self.backups = Some(std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned()));
        self
    }

    /// How many backups [`Database::backup`](crate::Database::backup) keeps: after each, all
    /// but the newest so many are deleted. Only those count that it has made itself, by their
    /// names. Default: all are kept, because what is deleted is gone, and how far back one
    /// must be able to go only the program knows.
    pub fn keep_backups(mut self, newest: usize) -> Self {
        self.keep_backups = Some(newest);
        self
    }

    /// How the newest backup in a folder is found, which is nothing that options can know.
    pub(crate) fn find_backups_by(mut self, find: FindBackup) -> Self {
        self.find_backup = Some(find);
        self
    }

    /// The newest backup of the database at that path, if there is a folder of them.
    pub(crate) fn newest_backup(&self, database: &Path) -> Option<PathBuf> {
        let (folder, find) = (self.backups.as_ref()?, self.find_backup?);
        find(folder, database)
    }
}
