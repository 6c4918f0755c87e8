//! One small type for each pragma that takes a word.

/// `PRAGMA journal_mode`: how a transaction is kept until it is whole.
///
/// Modes that can lose or damage committed data in a crash are not offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum JournalMode {
    /// A log beside the file: readers and the writer don't block each other.
    /// <https://sqlite.org/wal.html>
    #[default]
    Wal,
    /// A rollback journal that is deleted at each commit. Readers and the writer
    /// block each other.
    Delete,
    /// As [`Delete`](Self::Delete), but the journal is cut to nothing.
    Truncate,
    /// As [`Delete`](Self::Delete), but the journal's header is overwritten.
    Persist,
}

impl JournalMode {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Wal => "wal",
            Self::Delete => "delete",
            Self::Truncate => "truncate",
            Self::Persist => "persist",
        }
    }
}

/// `PRAGMA synchronous`: what is on disk before a writer's `Ok`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Synchronous {
    /// The newest commits may be lost in a power cut, never in a crash of the
    /// program; the database is never damaged.
    #[default]
    Normal,
    /// Every commit is on disk before its `Ok`.
    Full,
}

impl Synchronous {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Normal => "NORMAL",
            Self::Full => "FULL",
        }
    }
}

/// `PRAGMA temp_store`: where SQLite keeps its own temporary tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum TempStore {
    /// In memory.
    #[default]
    Memory,
    /// In files.
    File,
}

impl TempStore {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Memory => "MEMORY",
            Self::File => "FILE",
        }
    }
}

/// `PRAGMA cache_size`: the page cache of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CacheSize {
    /// In KiB of memory.
    Kib(u32),
    /// In pages of the database.
    Pages(u32),
}

impl CacheSize {
    /// SQLite's number: negative for KiB.
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Kib(kib) => -i64::from(kib),
            Self::Pages(pages) => i64::from(pages),
        }
    }
}
