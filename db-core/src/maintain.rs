//! The upkeep of a database: what nightly jobs do.

use std::path::Path;
use std::time::Duration;

use crate::call::outermost;
use crate::database::Database;
use crate::engine::{Checkpoint, Checkpointed, Engine, Wait};
use crate::error::Result;
use crate::site::Site;
use crate::trace::Span;

/// The upkeep of a database, with a deadline of its own; see
/// [`Database::maintain_within`].
#[derive(Clone, Copy, Debug)]
#[must_use = "nothing is done before one of its methods is called"]
pub struct Maintenance<'d> {
    database: &'d Database,
    timeout: Duration,
}

/// # Upkeep
///
/// Each of these takes a writer's turn, in the same queue as all writers of db-core in all
/// processes, so none of them meets `database is locked` because of those, or brings it to
/// them. They wait for the turn, and for whoever does not queue, up to
/// [`writer_timeout`](crate::Options::writer_timeout), or as
/// [`maintain_within`](Self::maintain_within) says, and not for
/// [`busy_timeout`](crate::Options::busy_timeout). What they do then takes as long as it
/// takes: [`write_timeout`](crate::Options::write_timeout) and
/// [`read_timeout`](crate::Options::read_timeout) are for bodies alone. Of a writer that takes
/// long a listener for warnings is told, as of all others. They change no rows, so
/// [`check_before_commit`](crate::Options::check_before_commit) is not asked, and they leave
/// attached databases alone.
///
/// With a log ([`JournalMode::Wal`](crate::JournalMode::Wal), the default) readers go on
/// meanwhile. Without one SQLite lets nobody read while it writes to the file: what has
/// something to write waits until there is no reader, and readers that begin meanwhile wait
/// for it, up to `busy_timeout`; from time to time they are let in. A reader of this very
/// thread is an error at once there.
impl Database {
    /// The upkeep with another deadline for the wait: a nightly job can wait for longer than
    /// a request.
    ///
    /// ```
    /// use std::time::Duration;
    /// # let db = db_core::Database::open_in_memory()?;
    ///
    /// let nightly = db.maintain_within(Duration::from_mins(10));
    /// nightly.optimize()?;
    /// nightly.checkpoint(db_core::Checkpoint::Truncate)?;
    /// # Ok::<_, db_core::Error>(())
    /// ```
    pub fn maintain_within(&self, timeout: Duration) -> Maintenance<'_> {
        Maintenance { database: self, timeout }
    }

    fn maintenance(&self) -> Maintenance<'_> {
        self.maintain_within(self.options().writer_timeout)
    }

    /// Brings the statistics up to date by which SQLite plans queries, for the tables where
    /// that is worth it; costs next to nothing if there are none. Once a day is often enough.
    /// <https://sqlite.org/pragma.html#pragma_optimize>
    ///
    /// Readers of this database use new statistics from their next call on. Other processes
    /// do when they open the file anew.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write): [`Error::WriterTimeout`](crate::Error::WriterTimeout) names
    /// who was waited for.
    ///
    /// ```
    /// # let db = db_core::Database::open_in_memory()?;
    /// db.optimize()?;
    /// # Ok::<_, db_core::Error>(())
    /// ```
    #[track_caller]
    pub fn optimize(&self) -> Result<()> {
        self.maintenance().optimize()
    }

    /// Makes the statistics for SQLite's planner anew, for every table; reads each index
    /// whole, while no other writer has its turn. [`optimize`](Self::optimize) is mostly
    /// enough. <https://sqlite.org/lang_analyze.html>
    ///
    /// # Errors
    ///
    /// As [`optimize`](Self::optimize).
    #[track_caller]
    pub fn analyze(&self) -> Result<()> {
        self.maintenance().analyze()
    }

    /// Makes all indexes anew from their tables: after a check ([`verify`](Self::verify)) has found one
    /// that does not fit, or after a collation has changed. No other writer has its turn
    /// meanwhile. <https://sqlite.org/lang_reindex.html>
    ///
    /// # Errors
    ///
    /// As [`optimize`](Self::optimize); SQLite's error if the rows break a UNIQUE constraint,
    /// and then all is as it was.
    #[track_caller]
    pub fn reindex(&self) -> Result<()> {
        self.maintenance().reindex()
    }

    /// Writes the file anew without its free pages, so that it gets smaller, and what belongs
    /// together is together. <https://sqlite.org/lang_vacuum.html>
    ///
    /// For as long as that takes no other writer has its turn; with a log readers go on. There
    /// must be room for the database twice: in the folder for temporary files, and in the log.
    /// The file itself is smaller when the log has been carried into it, which is done at once
    /// unless a reader has a snapshot open.
    ///
    /// The rowids of a table without an `INTEGER PRIMARY KEY` may be others afterwards: what
    /// is to be found by a number needs that number as a column.
    ///
    /// # Errors
    ///
    /// As [`optimize`](Self::optimize); [`Error::Full`](crate::Error::Full) without room, and
    /// then all is as it was.
    ///
    /// ```
    /// # let db = db_core::Database::open_in_memory()?;
    /// # let free = |db: &db_core::Database| {
    /// #     db.read(|r| r.query_row("PRAGMA freelist_count", [], |row| row.get::<_, i64>(0)))
    /// # };
    /// db.write(|w| {
    ///     w.execute_batch("CREATE TABLE log (line); INSERT INTO log VALUES (zeroblob(100000))")?;
    ///     w.execute_batch("DROP TABLE log")
    /// })?;
    /// assert!(free(&db)? > 0);
    /// db.vacuum()?;
    /// assert_eq!(free(&db)?, 0);
    /// # Ok::<_, db_core::Error>(())
    /// ```
    #[track_caller]
    pub fn vacuum(&self) -> Result<()> {
        self.maintenance().vacuum()
    }

    /// Writes what is committed at this moment to a new file at `path`, without free pages.
    ///
    /// It is a reader: writers go on meanwhile, it may be done with
    /// [`read_only`](crate::Options::read_only), and it counts among
    /// [`max_readers`](crate::Options::max_readers). The file has its name only when it is
    /// whole and on the disk; until then it is beside that, as `path` with `.part` at its end.
    ///
    /// # Errors
    ///
    /// [`Error::Open`](crate::Error::Open) if there is something at `path` already, which is
    /// left as it is, or if no file can be made there (its path must be UTF-8). Otherwise as [`read`](Self::read);
    /// [`Error::NestedWrite`](crate::Error::NestedWrite) inside of a writer, whose changes
    /// would be missing.
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("small.db");
    /// # let db = db_core::Database::open_in_memory()?;
    /// db.vacuum_into(&path)?;
    /// let again = db.vacuum_into(&path).unwrap_err();
    /// assert!(again.to_string().contains("is there already"));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn vacuum_into(&self, path: impl AsRef<Path>) -> Result<()> {
        self.maintenance().vacuum_into(path)
    }

    /// Carries the log into the database. SQLite does that by itself while the file is used;
    /// by hand it is of use to cut a log that has grown large, or before the file is copied.
    ///
    /// All but [`Checkpoint::Passive`] wait for readers that have an older snapshot open.
    /// Meanwhile writers wait for a few milliseconds at most, and go on half of the time at
    /// least: beside many of them, and readers that take long, it may wait in vain. A
    /// checkpoint that another program makes is waited for by all.
    ///
    /// # Errors
    ///
    /// [`Error::Locked`](crate::Error::Locked) if somebody still has the log at the deadline,
    /// named as far as that can be known; at once if a reader of this very thread has it.
    /// Otherwise as [`optimize`](Self::optimize).
    ///
    /// ```
    /// use db_core::Checkpoint;
    /// # let db = db_core::Database::open_in_memory()?;
    ///
    /// # db.write(|w| w.execute_batch("CREATE TABLE stock (sku TEXT PRIMARY KEY)"))?;
    /// let done = db.checkpoint(Checkpoint::Truncate)?;
    /// assert_eq!(done.carried, done.log_pages);
    /// assert_eq!(db.stats().wal_bytes, 0);
    /// # Ok::<_, db_core::Error>(())
    /// ```
    #[track_caller]
    pub fn checkpoint(&self, mode: Checkpoint) -> Result<Checkpointed> {
        self.maintenance().checkpoint(mode)
    }
}

impl Maintenance<'_> {
    /// As [`Database::optimize`].
    ///
    /// # Errors
    ///
    /// The same.
    #[track_caller]
    pub fn optimize(&self) -> Result<()> {
        self.run(Site::caller(), Engine::optimize)
    }

    /// As [`Database::analyze`].
    ///
    /// # Errors
    ///
    /// The same.
    #[track_caller]
    pub fn analyze(&self) -> Result<()> {
        self.run(Site::caller(), Engine::analyze)
    }

    /// As [`Database::reindex`].
    ///
    /// # Errors
    ///
    /// The same.
    #[track_caller]
    pub fn reindex(&self) -> Result<()> {
        self.run(Site::caller(), Engine::reindex)
    }

    /// As [`Database::vacuum`].
    ///
    /// # Errors
    ///
    /// The same.
    #[track_caller]
    pub fn vacuum(&self) -> Result<()> {
        self.run(Site::caller(), Engine::vacuum)
    }

    /// As [`Database::vacuum_into`].
    ///
    /// # Errors
    ///
    /// The same.
    #[track_caller]
    pub fn vacuum_into(&self, path: impl AsRef<Path>) -> Result<()> {
        self.run(Site::caller(), |engine, wait| engine.vacuum_into(path.as_ref(), wait))
    }

    /// As [`Database::checkpoint`].
    ///
    /// # Errors
    ///
    /// The same.
    #[track_caller]
    pub fn checkpoint(&self, mode: Checkpoint) -> Result<Checkpointed> {
        self.run(Site::caller(), |engine, wait| engine.checkpoint(mode, wait))
    }

    fn run<T>(&self, site: Site, work: impl FnOnce(&Engine, &Wait) -> Result<T>) -> Result<T> {
        let engine = self.database.engine();
        let wait = Wait::begin(site, Span::NONE, self.timeout).patiently();
        let done = work(engine, &wait);
        done.map_err(|error| outermost(error, engine, site, wait.began, wait.spent()))
    }
}
