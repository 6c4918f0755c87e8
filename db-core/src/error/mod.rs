//! What can go wrong, and how it is told.
//!
//! `kinds` and `backup` say what is known of each error, `text` how a person reads it,
//! `convert` how rusqlite's errors come in and go out, `classify` which errors are
//! locks, `refusal` what the engine refused last, `see` how an error of any type is
//! looked into, `spent` where the time went, `warning` what stops nothing. Invariant:
//! [`Error::Locked`] and [`Error::WriterTimeout`] never show an SQLite code, so that no
//! outer retry takes them for a lock.

mod advice;
mod backup;
mod classify;
mod convert;
mod kinds;
pub(crate) mod refusal;
#[allow(unreachable_pub, reason = "expansions reach it through `__private`")]
pub(crate) mod see;
mod spent;
mod text;
mod warning;

pub use backup::{BackupFailed, BackupProblem, BackupTask};
pub use classify::Classify;
pub(crate) use classify::{SqliteCode, is_lock};
pub use kinds::{
    Again, BodyTimeout, CheckFailed, Corrupt, InvariantBroken, Locked, Migration, NestedRead,
    NestedWrite, NotDurable, OpenFailed, OpenProblem, ReaderTimeout, Refused, SyncProblem,
    WaitedFor, WriterTimeout,
};
pub use spent::Spent;
pub use warning::{PinnedBy, Warning};

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::file_system::Drive;
use crate::finding::Finding;
use crate::holder::Holder;
use crate::open_guard::OpenGuard;
use crate::site::Site;

/// The result of db-core's functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Everything that db-core can fail with.
///
/// `{}` is one line with the facts, `{:#}` and [`report`](Self::report) are the
/// whole text for a person: what happened, what it may mean, what to do. `{:?}` is the
/// whole text too, because `unwrap` and a `main` that returns a `Result` print that.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Another connection held SQLite's lock for as long as was to be waited, or at
    /// every attempt. Final: no outer retry repeats it.
    #[error(fmt = text::show)]
    Locked(Box<Locked>),

    /// The turn to write did not come in time. Final, as [`Locked`](Self::Locked).
    #[error(fmt = text::show)]
    WriterTimeout(Box<WriterTimeout>),

    /// No reader of the `max_readers` became free in time.
    #[error(fmt = text::show)]
    ReaderTimeout(Box<ReaderTimeout>),

    /// A body ran for longer than [`Options::read_timeout`](crate::Options::read_timeout) or
    /// [`Options::write_timeout`](crate::Options::write_timeout) allows, and was interrupted.
    /// Nothing of it is kept.
    #[error(fmt = text::show)]
    BodyTimeout(Box<BodyTimeout>),

    /// What would be a warning, of a database that is opened with
    /// [`Options::strict`](crate::Options::strict).
    #[error(fmt = text::file::strict)]
    Strict(Box<Warning>),

    /// With [`Synchronous::Shared`](crate::Synchronous::Shared) the disk could not be
    /// synced: what was committed can be seen, and a power cut may take it. The one error
    /// that may follow a commit; [`NotDurable::committed`] tells. `on_commit` callbacks
    /// don't run after it.
    #[error(fmt = text::show)]
    NotDurable(Box<NotDurable>),

    /// The file is damaged, or is no database.
    #[error(fmt = text::show)]
    Corrupt(Box<Corrupt>),

    /// A check that was asked for has found something wrong with what is in the database; the
    /// file itself is whole.
    #[error(fmt = text::show)]
    CheckFailed(Box<CheckFailed>),

    /// What a call has written breaks one of the invariants of
    /// [`Options::check_before_commit`](crate::Options::check_before_commit). Nothing of it is
    /// kept.
    #[error(fmt = text::show)]
    InvariantBroken(Box<InvariantBroken>),

    /// The file could not be opened.
    #[error(fmt = text::show)]
    Open(Box<OpenFailed>),

    /// The file asked for the journal mode, but cannot have it.
    #[error(fmt = text::file::journal_mode)]
    JournalMode {
        /// The database file.
        path: PathBuf,
        /// What [`Options::journal_mode`](crate::Options::journal_mode) asked for.
        wanted: &'static str,
        /// What SQLite answered.
        got: String,
    },

    /// A write was asked of a database that only reads.
    #[error(fmt = text::file::read_only)]
    ReadOnly {
        /// The database file.
        path: PathBuf,
        /// `true` if [`Options::read_only`](crate::Options::read_only) asked for it,
        /// `false` if the file or its folder cannot be written.
        asked: bool,
        /// Whether it could be opened with that option.
        readable: bool,
    },

    /// The disk, or the largest size that the database may have, is full. The
    /// transaction was rolled back.
    #[error(fmt = text::file::full)]
    Full(#[source] rusqlite::Error),

    /// A backup was not made, or not restored.
    #[error(fmt = text::show)]
    Backup(Box<BackupFailed>),

    /// A top-level write inside a body that already writes on this thread.
    #[error(fmt = text::show)]
    NestedWrite(Box<NestedWrite>),

    /// A once-only write inside a body that may run again.
    #[error(fmt = text::show)]
    OnceInRetried(Box<Again>),

    /// A second reader beyond `max_readers`, from inside a reader.
    #[error(fmt = text::show)]
    NestedRead(Box<NestedRead>),

    /// SQLite, or the body, ended the transaction before the body did; nothing of it
    /// is kept.
    #[error(fmt = text::body::rolled_back)]
    RolledBack {
        /// Whose transaction it was.
        site: Site,
    },

    /// The body ran a statement that only the engine may run.
    #[error(fmt = text::show)]
    Refused(Box<Refused>),

    /// A statement was left unfinished at the commit; the transaction was rolled
    /// back.
    #[error(fmt = text::body::unfinished)]
    UnfinishedStatement {
        /// Whose transaction it was.
        site: Site,
        /// The statement.
        sql: String,
    },

    /// A reader wrote: through the writer that called it, or on its own read-only
    /// connection. The writer's transaction is rolled back.
    #[error(fmt = text::body::reader_wrote)]
    ReaderWrote {
        /// The reader.
        site: Site,
    },

    /// A migration failed; the file is as it was.
    #[error(fmt = text::show)]
    Migration(Box<Migration>),

    /// The file's `user_version` does not fit the migrations: it comes from a newer
    /// program, or it is older and was opened read-only.
    #[error(fmt = text::file::schema_version)]
    SchemaVersion {
        /// The database file.
        path: PathBuf,
        /// Its `user_version`.
        file: i64,
        /// How many migrations this program has.
        known: i64,
    },

    /// The program's own [`setup`](crate::Options::setup) failed.
    #[error(fmt = text::file::setup)]
    Setup(#[source] Box<dyn std::error::Error + Send + Sync>),

    /// The database is used after [`close`](crate::Database::close).
    #[error(fmt = text::waiting::closed)]
    Closed {
        /// The database file.
        path: PathBuf,
    },

    /// Guards were still open when [`close`](crate::Database::close) stopped waiting
    /// for them.
    #[error(fmt = text::waiting::still_open)]
    StillOpen {
        /// The database file.
        path: PathBuf,
        /// The guards, longest first.
        guards: Vec<OpenGuard>,
    },

    /// The database was opened by the process from which this one was forked.
    #[error(fmt = text::waiting::forked)]
    Forked {
        /// The database file.
        path: PathBuf,
        /// The process that opened it.
        opened_by: u32,
        /// This process.
        process: u32,
    },

    /// [`global`](crate::global) was asked before
    /// [`install_global`](crate::install_global).
    #[error(fmt = text::waiting::no_global)]
    NoGlobal,

    /// [`install_global`](crate::install_global) was called a second time.
    #[error(fmt = text::waiting::second_global)]
    SecondGlobal {
        /// The file of the database that is installed.
        installed: PathBuf,
    },

    /// An option's value makes no sense.
    #[error(fmt = text::file::invalid_option)]
    InvalidOption {
        /// The option's name.
        option: &'static str,
        /// What is wrong with it, and what to write.
        problem: &'static str,
    },

    /// The folder of [`open_in_memory`](crate::Database::open_in_memory) could not be
    /// made.
    #[error(fmt = text::file::scratch)]
    Scratch {
        /// The folder.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },

    /// Any other error of SQLite or rusqlite, unchanged.
    #[error(transparent)]
    Sqlite(rusqlite::Error),
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:#}")
    }
}

impl Error {
    /// The whole text for a person: what happened, what it may mean, what to do. The
    /// same as `format!("{error:#}")`.
    ///
    /// ```
    /// let error = db_core::global().unwrap_err();
    /// assert!(error.report().contains("install_global"));
    /// ```
    #[must_use]
    pub fn report(&self) -> String {
        format!("{self:#}")
    }

    /// Whether somebody else's lock is the reason: [`Locked`](Self::Locked),
    /// [`WriterTimeout`](Self::WriterTimeout), or SQLite's BUSY, LOCKED or PROTOCOL.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        matches!(self, Self::Locked(_) | Self::WriterTimeout(_)) || is_lock(self)
    }

    /// Names the file in an error that came without it, and its newest backup.
    pub(crate) fn add_file(&mut self, file: &Path, backup: impl FnOnce() -> Option<PathBuf>) {
        let Self::Corrupt(corrupt) = self else { return };
        corrupt.path.get_or_insert_with(|| file.to_owned());
        if corrupt.backup.is_none() {
            corrupt.backup = backup();
        }
    }

    /// What a check has found, by what it means for the file.
    pub(crate) fn of_findings(path: &Path, findings: Vec<Finding>) -> Self {
        let path = path.to_owned();
        match findings.iter().find(|finding| finding.kind.is_damage()) {
            Some(damage) => {
                let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
                let source = rusqlite::Error::SqliteFailure(code, Some(damage.what.clone()));
                let (path, not_a_database) = (Some(path), false);
                Self::Corrupt(Box::new(Corrupt {
                    path,
                    not_a_database,
                    source,
                    findings,
                    backup: None,
                }))
            }
            None => Self::CheckFailed(Box::new(CheckFailed { path, findings })),
        }
    }

    /// Every attempt has met a lock.
    pub(crate) fn locked(
        path: Option<&Path>,
        site: Option<Site>,
        (attempts, waited): (u32, Duration),
        spent: Spent,
        holder: Holder,
    ) -> Self {
        Self::Locked(Box::new(Locked {
            path: path.map(Path::to_owned),
            site,
            attempts,
            waited,
            spent: spent.of(waited),
            holder,
            drive: path.map_or(Drive::Unknown, Drive::of),
        }))
    }

    pub(crate) fn invalid_option(option: &'static str, problem: &'static str) -> Self {
        Self::InvalidOption { option, problem }
    }
}
