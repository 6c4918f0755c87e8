//! Opening a database: a file, with its options, or a private one that goes with it.

use std::path::Path;

use crate::backup;
use crate::database::Database;
use crate::engine::{Engine, Scratch};
use crate::error::{Error, Result};
use crate::options::Options;
use crate::site::Site;

impl Database {
    /// Opens the database at `path` with the default [`Options`], and creates the
    /// file if it is missing.
    ///
    /// `path` is always a path, never a URI.
    ///
    /// # Errors
    ///
    /// [`Error::Open`] for a path that can't be a database: a folder, in a missing
    /// folder, not permitted. [`Error::Corrupt`] for a damaged file, or one that is no
    /// database. [`Error::ReadOnly`] for a file or folder that can't be written.
    /// [`Error::JournalMode`] where the file can't have a WAL. [`Error::Locked`] if
    /// somebody else holds it for longer than
    /// [`busy_timeout`](Options::busy_timeout), [`Error::WriterTimeout`] if that is longer
    /// than [`writer_timeout`](Options::writer_timeout). With
    /// [`migrations`](Options::migrations): [`Error::Migration`] and
    /// [`Error::SchemaVersion`].
    #[track_caller]
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_with(path, Options::new())
    }

    /// Opens the database at `path` with `options`.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open), and [`Error::InvalidOption`].
    #[track_caller]
    pub fn open_with(path: impl AsRef<Path>, options: Options) -> Result<Self> {
        let options = options.find_backups_by(backup::newest);
        let engine = Engine::open(path.as_ref(), options, None, Site::caller())?;
        Ok(Self::of(engine))
    }

    /// Opens an empty private database that is gone when it is dropped.
    ///
    /// It is a file in a private folder for temporary files, so that it has the
    /// locking rules of every other database; a killed program leaves that folder
    /// behind.
    ///
    /// # Errors
    ///
    /// [`Error::Scratch`] if the folder can't be made.
    #[track_caller]
    pub fn open_in_memory() -> Result<Self> {
        Self::open_scratch(Options::new())
    }

    #[track_caller]
    pub(crate) fn open_scratch(options: Options) -> Result<Self> {
        if options.read_only {
            let problem = "makes no sense for a database that is always new; leave it out";
            return Err(Error::invalid_option("read_only", problem));
        }
        let options = options.create(true);
        let scratch = Scratch::new()?;
        let file = scratch.file();
        let engine = Engine::open(&file, options, Some(scratch), Site::caller())?;
        Ok(Self::of(engine))
    }
}

impl Options {
    /// Opens the database at `path`; see [`Database::open`].
    ///
    /// # Errors
    ///
    /// As [`Database::open`], and [`Error::InvalidOption`].
    #[track_caller]
    pub fn open(self, path: impl AsRef<Path>) -> Result<Database> {
        Database::open_with(path, self)
    }

    /// Opens a private database that is gone when it is dropped; see
    /// [`Database::open_in_memory`].
    ///
    /// # Errors
    ///
    /// As [`Database::open_in_memory`], and [`Error::InvalidOption`].
    #[track_caller]
    pub fn open_in_memory(self) -> Result<Database> {
        Database::open_scratch(self)
    }
}
