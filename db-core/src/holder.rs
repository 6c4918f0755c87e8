//! Who holds SQLite's locks on a file, as errors and lists tell it.

use std::fmt;

use crate::other_process::OtherProcess;

/// Who held a lock, as far as it can be known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Holder {
    /// These processes, by the system's table of locks.
    Processes(Vec<LockHolder>),
    /// It can't be known.
    Unknown(Unknown),
}

/// Why it can't be known who holds a lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unknown {
    /// This system has no table of locks that can be read; Linux has `/proc/locks`.
    System,
    /// The table names nobody: whoever held it has let go meanwhile, or runs where this
    /// process can't see it, in another container or on another machine.
    Nobody,
    /// The file's name is not known.
    NoFile,
}

/// A process that holds locks of SQLite's on a file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockHolder {
    /// The process.
    pub process: OtherProcess,
    /// Whether it is this very process.
    pub is_this: bool,
    /// What it holds.
    pub lock: SqliteLock,
}

/// A lock of SQLite's: <https://sqlite.org/walformat.html#wal_locks> and, with a rollback
/// journal, <https://sqlite.org/lockingv3.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SqliteLock {
    /// The one that writers take: nobody else writes.
    Write,
    /// Of the whole file: nobody else reads or writes.
    Exclusive,
    /// The log is being mended after a crash.
    Recovery,
    /// The log is being carried into the database.
    Checkpoint,
    /// A snapshot: it keeps the log from being reset. With a rollback journal: it reads.
    Read,
}

/// Everybody who holds locks of SQLite's on a file at one moment; see
/// [`Database::lock_holders`](crate::Database::lock_holders).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockHolders {
    /// Who keeps others from writing.
    pub writers: Vec<LockHolder>,
    /// Who has a snapshot open, and so keeps the log from being reset.
    pub readers: Vec<LockHolder>,
    /// Whether the system tells; if not, both lists are empty whoever there is.
    pub is_told: bool,
}

impl Unknown {
    /// Why nobody was found who must be there.
    pub(crate) fn nobody_told() -> Self {
        if cfg!(target_os = "linux") { Self::Nobody } else { Self::System }
    }
}

impl SqliteLock {
    fn words(self) -> &'static str {
        match self {
            Self::Write => "the write lock",
            Self::Exclusive => "an exclusive lock",
            Self::Recovery => "the lock for recovery",
            Self::Checkpoint => "the lock for a checkpoint",
            Self::Read => "a snapshot",
        }
    }
}

impl LockHolder {
    /// What it holds; of a writer of db-core's that need not be said.
    fn lock(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.process.writer {
            Some(_) => Ok(()),
            None => write!(f, ", which has {}", self.lock.words()),
        }
    }
}

impl fmt::Display for LockHolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_this { "this program, " } else { "" })?;
        self.process.fmt(f)?;
        self.lock(f)
    }
}

/// As it follows `held by`.
impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let holders = match self {
            Self::Processes(holders) => holders,
            Self::Unknown(why) => return why.fmt(f),
        };
        for (at, holder) in holders.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "; and by " })?;
            if holder.is_this {
                let id = holder.process.id;
                match holder.lock {
                    // Without a log, db-core's own readers keep a commit waiting too.
                    SqliteLock::Read => write!(f, "a reader of this program (process {id})"),
                    // Had db-core opened it, it would have been waited for in the queue.
                    _ => write!(
                        f,
                        "a connection of this program (process {id}) that was opened without db-core, or left open by a database that was closed"
                    ),
                }?;
                holder.lock(f)?;
            } else {
                holder.fmt(f)?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "who that is can't be known: this system does not tell who holds a lock",
            Self::Nobody => {
                "who that is can't be known: the system names nobody who has a lock on it, so it let go meanwhile, or runs in another container or on another machine"
            }
            Self::NoFile => "who that is can't be known without the file's name",
        })
    }
}

/// For a person: who writes and who reads, a line each.
///
/// ```text
/// writes: process 4711 (`shop --import`), in `shop::import` (src/import.rs:42), since 03:12:07 UTC (12.3 s)
/// reads: process 4712 (`sqlite3 shop.db`), which has a snapshot
/// ```
impl fmt::Display for LockHolders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_told {
            return f.write_str(
                "who has a lock can't be known: this system does not tell who holds a lock",
            );
        }
        if self.writers.is_empty() {
            f.write_str("writes: nobody")?;
        }
        for (at, writer) in self.writers.iter().enumerate() {
            write!(f, "{}writes: {writer}", if at == 0 { "" } else { "\n" })?;
        }
        if self.readers.is_empty() {
            f.write_str("\nreads: nobody")?;
        }
        self.readers.iter().try_for_each(|reader| write!(f, "\nreads: {reader}"))
    }
}

impl LockHolders {
    /// Who is to be named for a lock that was not to be had; `readers_count` if that were
    /// readers' locks too.
    pub(crate) fn of_a_lock(self, readers_count: bool) -> Holder {
        if !self.is_told {
            return Holder::Unknown(Unknown::System);
        }
        let readers = if readers_count { self.readers } else { Vec::new() };
        let mut holders = self.writers;
        if holders.is_empty() {
            holders = readers;
        }
        if holders.is_empty() {
            Holder::Unknown(Unknown::Nobody)
        } else {
            Holder::Processes(holders)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(id: u32, is_this: bool, lock: SqliteLock) -> LockHolder {
        let process = OtherProcess {
            id,
            program: Some("shop".into()),
            arguments: String::new(),
            stopped: false,
            ended: false,
            writer: None,
        };
        LockHolder { process, is_this, lock }
    }

    #[test]
    fn holders_are_told_a_line_each() {
        let told = LockHolders {
            writers: vec![holder(7, false, SqliteLock::Write)],
            readers: vec![holder(8, true, SqliteLock::Read), holder(9, false, SqliteLock::Read)],
            is_told: true,
        };
        assert_eq!(
            told.to_string(),
            "writes: process 7 (`shop`), which has the write lock\n\
             reads: this program, process 8 (`shop`), which has a snapshot\n\
             reads: process 9 (`shop`), which has a snapshot"
        );
        let nobody = LockHolders { is_told: true, ..LockHolders::default() };
        assert_eq!(nobody.to_string(), "writes: nobody\nreads: nobody");
        assert!(LockHolders::default().to_string().contains("can't be known"));
    }
}
