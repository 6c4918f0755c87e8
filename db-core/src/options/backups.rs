//! Where backups are kept, and how many.

use std::path::Path;

use super::Options;

impl Options {
    /// The folder for the backups of [`Database::backup`](crate::Database::backup); it is
    /// made when it is first needed. [`Error::Corrupt`](crate::Error::Corrupt) names the
    /// newest backup that is in there. Default: none. Best on another disk than the database.
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
}
