//! What is said, and does not stop anything.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::advice::{self, Advice};
use crate::holder::{Holder, LockHolder};
use crate::open_guard::{Kind, OpenGuard};
use crate::units::{seconds, size};

/// Something that db-core works on without; see
/// [`Options::on_warning`](crate::Options::on_warning).
///
/// `{}` is one line with the facts, `{:#}` adds what it may mean and what to do.
#[derive(Debug)]
#[non_exhaustive]
pub enum Warning {
    /// Writers of several processes can't queue, because the two files whose locks they
    /// queue at can't be made or locked. One writer at a time there is all the same; who
    /// is next is left to chance.
    NoGate {
        /// The database file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },

    /// A guard or a call has been open for longer than
    /// [`Options::leak_after`](crate::Options::leak_after). Said once for each.
    Leak {
        /// The database file.
        path: PathBuf,
        /// What is open.
        guard: Box<OpenGuard>,
    },

    /// Somebody has a snapshot open that is so old that the `-wal` file can't be used again
    /// from its beginning, and grows.
    WalPinned {
        /// The database file.
        path: PathBuf,
        /// The size of the `-wal` file.
        wal_bytes: u64,
        /// Whose snapshot it is.
        by: PinnedBy,
    },

    /// The file could be damaged by a fault of this SQLite: before 3.51.3 (and 3.50.7,
    /// 3.44.6) it may reset the WAL while another connection writes to it
    /// (<https://sqlite.org/wal.html#walresetbug>). Said when a database is opened.
    WalResetBug {
        /// The version of SQLite that the program has.
        version: &'static str,
    },

    /// The file is on a network drive, where locks need not work. Said when it is opened.
    NetworkDrive {
        /// The database file.
        path: PathBuf,
        /// The kind of file system, such as `nfs`.
        file_system: String,
    },

    /// The folder can't be written, so SQLite and db-core can't make the files that they
    /// need beside the database. Said when it is opened.
    ReadOnlyFolder {
        /// The database file.
        path: PathBuf,
    },

    /// The file has a rollback journal, and can't be turned to a WAL while somebody else
    /// has it open. Said when they have kept it for more than a moment; opening goes on
    /// waiting for them.
    HeldInRollbackMode {
        /// The database file.
        path: PathBuf,
        /// Who has it.
        holder: Holder,
    },

    /// There is another copy of SQLite in this process. When one of the two closes a
    /// database, the locks of the other on the same file are gone
    /// (<https://sqlite.org/howtocorrupt.html>, section 2.2.1). Said when a database is
    /// opened.
    SecondSqlite {
        /// The library's file.
        library: PathBuf,
    },
}

/// Whose snapshot keeps a WAL from being reset.
#[derive(Debug)]
#[non_exhaustive]
pub enum PinnedBy {
    /// A reader of this program.
    Guard(Box<OpenGuard>),
    /// Other processes.
    Processes(Vec<LockHolder>),
}

impl Warning {
    fn line(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoGate { path, source } => write!(
                f,
                "processes that write to {} can't queue: {source}; they get their turns by chance",
                path.display()
            ),
            Self::Leak { path, guard } => {
                write!(f, "{} on {}", guard.sentence(), path.display())?;
                match &guard.statement {
                    Some(statement) => write!(f, ", in the statement {statement}"),
                    None => Ok(()),
                }
            }
            Self::WalPinned { path, wal_bytes, by } => {
                let (size, path) = (size(*wal_bytes), path.display());
                write!(f, "the log of {path} can't be reset and has grown to {size}: ")?;
                match by {
                    PinnedBy::Guard(guard) => {
                        let time = seconds(guard.open_for);
                        write!(f, "a reader has been open for {time}, by {guard}")
                    }
                    PinnedBy::Processes(holders) => {
                        let holders: Vec<_> = holders.iter().map(ToString::to_string).collect();
                        f.write_str(&holders.join("; "))
                    }
                }
            }
            Self::WalResetBug { version } => write!(
                f,
                "SQLite {version} can damage a database when several connections write to it"
            ),
            Self::NetworkDrive { path, file_system } => write!(
                f,
                "{} is on a network drive ({file_system}), where locks need not work",
                path.display()
            ),
            Self::ReadOnlyFolder { path } => write!(
                f,
                "the folder of {} can't be written, but its -wal and -shm files belong there",
                path.display()
            ),
            Self::HeldInRollbackMode { path, holder } => {
                let path = path.display();
                match holder {
                    Holder::Processes(_) => write!(
                        f,
                        "{path} has a rollback journal, and can't get a WAL while it is held by {holder}"
                    ),
                    Holder::Unknown(_) => write!(
                        f,
                        "{path} has a rollback journal, and can't get a WAL while somebody else holds it; {holder}"
                    ),
                }
            }
            Self::SecondSqlite { library } => write!(
                f,
                "another copy of SQLite is loaded: {}; if it opens the same file, closing that takes away the locks of this one",
                library.display()
            ),
        }
    }

    pub(super) fn advice(&self) -> Advice {
        match self {
            Self::NoGate { .. } => advice::NO_GATE,
            Self::Leak { guard, .. } if guard.kind == Kind::Writer => advice::WRITER_LEAK,
            Self::Leak { .. } => advice::READER_LEAK,
            Self::WalPinned { by: PinnedBy::Guard(_), .. } => advice::PINNED_BY_GUARD,
            Self::WalPinned { .. } => advice::PINNED_BY_OTHERS,
            Self::WalResetBug { .. } => advice::WAL_RESET_BUG,
            Self::NetworkDrive { .. } => advice::NETWORK_DRIVE,
            Self::ReadOnlyFolder { .. } => advice::READ_ONLY_FOLDER,
            Self::HeldInRollbackMode { .. } => advice::HELD_IN_ROLLBACK_MODE,
            Self::SecondSqlite { .. } => advice::SECOND_SQLITE,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.line(f)?;
        if f.alternate() { self.advice().fmt(f) } else { Ok(()) }
    }
}
