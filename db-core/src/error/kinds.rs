//! What is known of each of the larger errors.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::Spent;
use crate::file_system::Drive;
use crate::finding::Finding;
use crate::holder::Holder;
use crate::open_guard::{Kind, OpenGuard, Waiting};
use crate::other_process::OtherProcess;
use crate::site::Site;

/// Details of [`Error::Locked`](crate::Error::Locked).
#[derive(Debug)]
#[non_exhaustive]
pub struct Locked {
    /// The database file, if known (a bare retry knows its connection's).
    pub path: Option<PathBuf>,
    /// The call that met the lock, `None` while the file is opened.
    pub site: Option<Site>,
    /// How often it was tried.
    pub attempts: u32,
    /// From the first attempt to the last failure.
    pub waited: Duration,
    /// Where that time went.
    pub spent: Spent,
    /// Who held the lock, as far as it can be known.
    pub holder: Holder,
    /// What kind of drive the file is on.
    pub drive: Drive,
}

/// Details of [`Error::WriterTimeout`](crate::Error::WriterTimeout).
#[derive(Debug)]
#[non_exhaustive]
pub struct WriterTimeout {
    /// The database file.
    pub path: PathBuf,
    /// Who asked for the turn.
    pub site: Site,
    /// How long it waited, from its first attempt.
    pub waited: Duration,
    /// Where that time went.
    pub spent: Spent,
    /// Who was waited for.
    pub waited_for: WaitedFor,
    /// Who of this process waited for the turn as well, first come first, if another process
    /// or connection was waited for; for a writer of this process
    /// [`OpenGuard::behind`] tells.
    pub queue: Vec<Waiting>,
    /// What kind of drive the file is on; asked if another connection was waited for.
    pub drive: Drive,
}

/// Whom a [`WriterTimeout`] waited for.
#[derive(Debug)]
#[non_exhaustive]
pub enum WaitedFor {
    /// A writer of this process.
    Writer(OpenGuard),
    /// Another process that uses db-core, `None` if it can't be known which.
    Process(Option<OtherProcess>),
    /// A connection that does not queue here: another program, or another library.
    OtherConnection(Holder),
    /// Other waiters: the turn was free, and it was not this one's.
    Queue,
}

/// Details of [`Error::BodyTimeout`](crate::Error::BodyTimeout).
#[derive(Debug)]
#[non_exhaustive]
pub struct BodyTimeout {
    /// Whether it read or wrote.
    pub kind: Kind,
    /// Whose body it was.
    pub site: Site,
    /// [`Options::read_timeout`](crate::Options::read_timeout) or
    /// [`Options::write_timeout`](crate::Options::write_timeout).
    pub limit: Duration,
    /// The statement that was interrupted, if it is known.
    pub statement: Option<String>,
}

/// Details of [`Error::NotDurable`](crate::Error::NotDurable).
#[derive(Debug)]
#[non_exhaustive]
pub struct NotDurable {
    /// The database file.
    pub path: PathBuf,
    /// Whose call it was.
    pub site: Site,
    /// `true` if this call has committed, and others see what it wrote; `false` if it was
    /// refused, and has left nothing, because an earlier sync had failed.
    pub committed: bool,
    /// What happened to the sync.
    pub problem: SyncProblem,
}

/// Why a commit is not known to be on the disk.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum SyncProblem {
    /// The sync failed. The database takes no more writes until it is opened anew.
    Failed(Arc<io::Error>),
    /// The WAL could not be opened for it, so nothing was written. It may go well the next
    /// time.
    Unopened(Arc<io::Error>),
    /// It had not ended after this time. It may still end well.
    Late(Duration, Spent),
}

/// Details of [`Error::ReaderTimeout`](crate::Error::ReaderTimeout).
#[derive(Debug)]
#[non_exhaustive]
pub struct ReaderTimeout {
    /// Who asked for the reader.
    pub site: Site,
    /// How long it waited.
    pub waited: Duration,
    /// The limit.
    pub max_readers: usize,
    /// The readers in use, longest first.
    pub in_use: Vec<OpenGuard>,
}

/// Details of [`Error::Corrupt`](crate::Error::Corrupt).
#[derive(Debug)]
#[non_exhaustive]
pub struct Corrupt {
    /// The database file, if known.
    pub path: Option<PathBuf>,
    /// `true` if the file is no SQLite database at all (or is encrypted).
    pub not_a_database: bool,
    /// What SQLite said.
    pub source: rusqlite::Error,
    /// What is wrong in the file, if a check has found it.
    pub findings: Vec<Finding>,
    /// The newest backup in the folder of [`Options::backups`](crate::Options::backups), if
    /// there is one.
    pub backup: Option<PathBuf>,
}

/// Details of [`Error::CheckFailed`](crate::Error::CheckFailed).
#[derive(Debug)]
#[non_exhaustive]
pub struct CheckFailed {
    /// The database file.
    pub path: PathBuf,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Details of [`Error::InvariantBroken`](crate::Error::InvariantBroken).
#[derive(Debug)]
#[non_exhaustive]
pub struct InvariantBroken {
    /// The database file.
    pub path: PathBuf,
    /// Whose call it was.
    pub site: Site,
    /// The rows that break it.
    pub findings: Vec<Finding>,
}

/// Details of [`Error::Open`](crate::Error::Open).
#[derive(Debug)]
#[non_exhaustive]
pub struct OpenFailed {
    /// The path as it was given.
    pub path: PathBuf,
    /// What is wrong.
    pub problem: OpenProblem,
    /// What SQLite said, if it was asked.
    pub source: Option<rusqlite::Error>,
    /// Whether it could be opened with
    /// [`Options::read_only`](crate::Options::read_only).
    pub readable: bool,
}

/// What is wrong with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenProblem {
    /// The path is empty.
    Empty,
    /// The path is SQLite's `:memory:`.
    Memory,
    /// The path is a folder.
    Folder,
    /// The folder that should hold the file does not exist.
    NoFolder,
    /// The file does not exist, and was not to be created.
    NoFile,
    /// The operating system refuses it.
    Denied,
    /// The file was moved, removed or replaced while it was open.
    Replaced,
    /// The file was to be made, and is there already.
    Exists,
    /// The file is empty, and there is a log beside it that is not, which SQLite would delete.
    Emptied,
}

/// Details of [`Error::NestedWrite`](crate::Error::NestedWrite).
#[derive(Debug)]
#[non_exhaustive]
pub struct NestedWrite {
    /// Who asked for a second write transaction.
    pub inner: Site,
    /// Who holds the first on this thread.
    pub outer: Site,
}

/// Details of [`Error::NestedRead`](crate::Error::NestedRead).
#[derive(Debug)]
#[non_exhaustive]
pub struct NestedRead {
    /// Who asked for another reader.
    pub inner: Site,
    /// Who holds one on this thread.
    pub outer: Site,
    /// The limit.
    pub max_readers: usize,
}

/// Details of [`Error::OnceInRetried`](crate::Error::OnceInRetried).
#[derive(Debug)]
#[non_exhaustive]
pub struct Again {
    /// The once-only write.
    pub inner: Site,
    /// The body that may run again.
    pub outer: Site,
}

/// Details of [`Error::Refused`](crate::Error::Refused).
#[derive(Debug)]
#[non_exhaustive]
pub struct Refused {
    /// Whose body ran the statement; `None` for a migration.
    pub site: Option<Site>,
    /// The statement's kind, such as `COMMIT` or `PRAGMA journal_mode`.
    pub statement: String,
    /// What to do instead.
    pub instead: &'static str,
}

/// Details of [`Error::Migration`](crate::Error::Migration).
#[derive(Debug)]
#[non_exhaustive]
pub struct Migration {
    /// The database file.
    pub path: PathBuf,
    /// Which script failed, counted from 1.
    pub number: usize,
    /// How many there are.
    pub total: usize,
    /// What it failed with.
    pub source: Box<super::Error>,
}
