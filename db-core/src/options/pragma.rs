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
    /// What the file has already: for tools that work on other programs' files, and are to
    /// leave them as they are. It is [`Wal`](Self::Wal) if the file has a log when it is
    /// opened, else [`Delete`](Self::Delete), which is also what a new file gets.
    ///
    /// ```
    /// use db_core::{JournalMode, Options};
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("theirs.db");
    ///
    /// let db = Options::new().journal_mode(JournalMode::Keep).open(&path)?;
    /// let mode: String =
    ///     db.read(|r| r.query_row("PRAGMA journal_mode", [], |row| row.get(0)))?;
    /// assert_eq!(mode, "delete");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    Keep,
}

impl JournalMode {
    /// What a connection to a file answers to `PRAGMA journal_mode`, as one that is kept.
    pub(crate) fn kept(answer: &str) -> Self {
        let named = |mode: &Self| answer.eq_ignore_ascii_case(mode.word());
        let modes = [Self::Wal, Self::Truncate, Self::Persist];
        modes.into_iter().find(named).unwrap_or(Self::Delete)
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Wal => "wal",
            // Of a file that is not opened yet.
            Self::Delete | Self::Keep => "delete",
            Self::Truncate => "truncate",
            Self::Persist => "persist",
        }
    }
}

/// What is on disk before a writer's `Ok`.
///
/// | | a power cut can take | the lock is held | syncs |
/// |---|---|---|---|
/// | `Normal` | the newest commits | without waiting for the disk | at checkpoints only |
/// | `Shared` | nothing that was `Ok` | without waiting for the disk | one for all who wait |
/// | `Full` | nothing that was `Ok` | for a trip to the disk | one a commit |
///
/// None of them can damage the database, and a crash of the program takes nothing that was
/// `Ok` with any of them.
///
/// ```
/// use db_core::{Options, Synchronous};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("shop.db");
///
/// let db = Options::new().synchronous(Synchronous::Shared).open(&path)?;
/// db.write(|w| w.execute_batch("CREATE TABLE stock (sku TEXT PRIMARY KEY)"))?;
/// assert!(db.stats().syncs > 0); // and this is on the disk
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Synchronous {
    /// The newest commits may be lost in a power cut, never in a crash of the
    /// program; the database is never damaged.
    #[default]
    Normal,
    /// Every commit is on disk before its `Ok`, by a sync that begins after the lock is
    /// let go and that all who have committed by then share. For many writers at once.
    ///
    /// Others may see a commit up to one sync before it would survive a power cut. Where
    /// that can't be accepted (they act on it outside of the database, and it must not be
    /// taken back), use [`Full`](Self::Full). If the sync fails the call ends in
    /// [`Error::NotDurable`](crate::Error::NotDurable), with the commit visible. Needs
    /// [`JournalMode::Wal`].
    Shared,
    /// Every commit is on disk before its `Ok`, and before anybody else sees it.
    ///
    /// If the disk fails in the middle of a commit the call is an `Err` and nobody sees
    /// what it wrote; but until the next commit the WAL still holds it, and if the program
    /// is killed before that, it may come back, whole (SQLite's recovery can't tell:
    /// <https://sqlite.org/walformat.html>, section 4).
    Full,
}

impl Synchronous {
    pub(super) fn word(self) -> &'static str {
        match self {
            // A shared sync follows the commit.
            Self::Normal | Self::Shared => "NORMAL",
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
