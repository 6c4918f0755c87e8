//! The database as its users see it.

use std::fmt;
use std::ops::Deref;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::access::{From as Joins, Key, Origin, Outside, ReadFrom};
use crate::call;
use crate::effect::{Idempotent, Once};
use crate::engine::Engine;
use crate::error::see::known;
use crate::error::{Classify, Error, Result};
use crate::guard::{ReadGuard, WriteGuard};
use crate::holder::LockHolders;
use crate::open_guard::OpenGuard;
use crate::options::Options;
use crate::reader::Reader;
use crate::retry::RetryPolicy;
use crate::site::Site;
use crate::watch::Stats;
use crate::writer::Writer;

/// An SQLite database file, open for any number of threads.
///
/// It is `Clone + Send + Sync`: give each thread a reference or a clone, no `Arc` and no
/// `Mutex`. Cloning is cheap and gives another handle to the same connections; they
/// close when the last handle is dropped, or with [`close`](Self::close).
///
/// ```
/// use db_core::{Database, Result};
///
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("shop.db");
/// let db = Database::open(&path)?;
/// db.write(|w| w.execute_batch("CREATE TABLE stock (sku TEXT PRIMARY KEY, qty INTEGER)"))?;
/// db.write(|w| w.execute("INSERT INTO stock VALUES ('A-1', 5)", []))?;
/// let qty: i64 = db.read(|r| r.query_row("SELECT qty FROM stock", [], |row| row.get(0)))?;
/// assert_eq!(qty, 5);
/// # Ok::<_, db_core::Error>(())
/// ```
///
/// # After a fork
///
/// SQLite's connections do not survive `fork`, and what SQLite knows of a file's locks
/// is inherited without the locks: a child that uses a database which its parent had
/// open, or opens that file, gets [`Error::Forked`]
/// (<https://sqlite.org/howtocorrupt.html>, section 2.6). Open databases after the
/// fork. `std::process::Command` is not affected.
#[derive(Clone)]
pub struct Database {
    engine: Arc<Engine>,
}

impl Database {
    pub(crate) fn of(engine: Arc<Engine>) -> Self {
        Self { engine }
    }

    /// Runs `body` as a reader: what `#[reader]` does, by hand.
    ///
    /// A closure with a `?` in it must name its error, because any type that is
    /// `From<db_core::Error>` will do:
    ///
    /// ```
    /// # let db = db_core::Database::open_in_memory()?;
    /// let (one, two) = db.read(|r| {
    ///     let one = r.query_row("SELECT 1", [], |row| row.get::<_, i64>(0))?;
    ///     let two = r.query_row("SELECT 2", [], |row| row.get::<_, i64>(0))?;
    ///     Ok::<_, db_core::Error>((one, two))
    /// })?;
    /// # assert_eq!((one, two), (1, 2));
    /// # Ok::<_, db_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// What `body` returns; [`Error::ReaderTimeout`] and [`Error::NestedRead`] with
    /// [`max_readers`](Options::max_readers); [`Error::Closed`], [`Error::Forked`].
    #[doc(alias = "query_row", alias = "prepare")]
    #[track_caller]
    pub fn read<T, E>(&self, body: impl FnOnce(&Reader<'_>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<Error> + 'static,
    {
        call::read(self, Site::caller(), true, known, body)
    }

    /// Runs `body` as a writer that runs once: what `#[writer]` does, by hand. `Ok`
    /// commits; `Err` and a panic roll back. A closure with a `?` in it must name its
    /// error, as for [`read`](Self::read).
    ///
    /// # Errors
    ///
    /// What `body` returns; [`Error::WriterTimeout`] if the turn does not come in
    /// time, [`Error::Locked`] if somebody outside keeps SQLite's lock;
    /// [`Error::RolledBack`], [`Error::Refused`], [`Error::UnfinishedStatement`] for
    /// what the body did to its transaction; [`Error::NestedWrite`],
    /// [`Error::OnceInRetried`] inside another body of this thread;
    /// [`Error::ReadOnly`], [`Error::Closed`], [`Error::Forked`]. With
    /// [`Synchronous::Shared`](crate::Synchronous::Shared) also [`Error::NotDurable`],
    /// which may follow the commit.
    ///
    /// # Panics
    ///
    /// If `body` or an `on_commit` callback does.
    #[doc(alias = "execute", alias = "transaction")]
    #[track_caller]
    pub fn write<T, E>(&self, body: impl FnOnce(&Writer<'_, Once>) -> Result<T, E>) -> Result<T, E>
    where
        E: From<Error> + 'static,
    {
        call::write(self, Site::caller(), None, known, body)
    }

    /// Runs `body` as a writer that may run again after a lock error, as `policy`
    /// says. Every attempt is a transaction of its own, and the failed ones are rolled
    /// back: harmless to repeat must be only what `body` does outside the database.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write); [`Error::Locked`] after the last attempt.
    ///
    /// # Panics
    ///
    /// If `body` or an `on_commit` callback does.
    ///
    /// ```
    /// # let db = db_core::Database::open_in_memory()?;
    /// use db_core::RetryPolicy;
    ///
    /// db.write_idempotent(&RetryPolicy::attempts(3), |w| {
    ///     w.execute_batch("CREATE TABLE IF NOT EXISTS stock (sku TEXT PRIMARY KEY)")
    /// })?;
    /// # Ok::<_, db_core::Error>(())
    /// ```
    #[track_caller]
    pub fn write_idempotent<T, E, K>(
        &self,
        policy: &RetryPolicy,
        body: impl Fn(&Writer<'_, Idempotent>) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<Error> + Classify<K> + 'static,
    {
        call::write_retried(self, Site::caller(), None, policy, body)
    }

    /// As [`write_idempotent`](Self::write_idempotent); if it has to wait for its turn,
    /// `body` may share a transaction with others that wait: what `#[writer(group)]`
    /// does, by hand. `body` may then run **on the thread of another caller**, and once more
    /// if the shared transaction is lost; a lock that a caller holds over this call, and that
    /// a `body` takes, is a deadlock. See the documentation of
    /// [`#[writer]`](macro@crate::writer#many-writers-in-one-transaction-group).
    ///
    /// # Errors
    ///
    /// As [`write_idempotent`](Self::write_idempotent).
    ///
    /// # Panics
    ///
    /// If `body` or an `on_commit` callback does.
    ///
    /// ```
    /// # let db = db_core::Database::open_in_memory()?;
    /// use db_core::RetryPolicy;
    ///
    /// # db.write(|w| w.execute_batch("CREATE TABLE seen (page TEXT PRIMARY KEY, n INTEGER)"))?;
    /// let seen = "INSERT INTO seen VALUES (?1, 1) ON CONFLICT DO UPDATE SET n = n + 1";
    /// std::thread::scope(|scope| {
    ///     for page in ["/", "/cart", "/"] {
    ///         let db = &db;
    ///         scope.spawn(move || {
    ///             db.write_grouped(&RetryPolicy::attempts(3), |w| w.execute(seen, [page]))
    ///         });
    ///     }
    /// });
    /// # let n: i64 = db.read(|r| r.query_row("SELECT sum(n) FROM seen", [], |row| row.get(0)))?;
    /// # assert_eq!(n, 3);
    /// # Ok::<_, db_core::Error>(())
    /// ```
    #[track_caller]
    pub fn write_grouped<T, E, K>(
        &self,
        policy: &RetryPolicy,
        body: impl Fn(&Writer<'_, Idempotent>) -> Result<T, E> + Send,
    ) -> Result<T, E>
    where
        T: Send,
        E: From<Error> + Classify<K> + Send + 'static,
    {
        call::write_grouped(self, Site::caller(), None, policy, body)
    }

    /// Opens a reader that stays open until it is dropped.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read) before its body.
    #[track_caller]
    pub fn reader(&self) -> Result<ReadGuard<'_>> {
        ReadGuard::open(&self.engine, Site::caller())
    }

    /// Opens the writer, waiting for its turn up to
    /// [`writer_timeout`](Options::writer_timeout). Nobody else writes until it is
    /// committed or dropped.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write) before its body.
    #[track_caller]
    pub fn writer(&self) -> Result<WriteGuard<'_>> {
        WriteGuard::open(&self.engine, Site::caller(), None)
    }

    /// As [`writer`](Self::writer), waiting up to `timeout`; zero doesn't wait.
    ///
    /// # Errors
    ///
    /// As [`writer`](Self::writer).
    #[track_caller]
    pub fn writer_within(&self, timeout: Duration) -> Result<WriteGuard<'_>> {
        WriteGuard::open(&self.engine, Site::caller(), Some(timeout))
    }

    /// Closes the database for all its handles: refuses new guards, waits for the open
    /// ones up to [`writer_timeout`](Options::writer_timeout), closes the readers and
    /// then the writer, after `PRAGMA optimize`.
    ///
    /// Dropping the last handle is just as safe; it does not wait, because no guard
    /// can be open then, and leaves out the `optimize`.
    ///
    /// # Errors
    ///
    /// [`Error::StillOpen`] with the guards that are open after the wait. The database
    /// is closed all the same, and their connections close with them. What this thread itself
    /// has open is not waited for: it could not end meanwhile.
    /// [`Error::Closed`] if it was closed before.
    #[track_caller]
    pub fn close(&self) -> Result<()> {
        self.engine.close(self.engine.options().writer_timeout, Site::caller())
    }

    /// As [`close`](Self::close), waiting up to `timeout`.
    ///
    /// # Errors
    ///
    /// As [`close`](Self::close).
    #[track_caller]
    pub fn close_within(&self, timeout: Duration) -> Result<()> {
        self.engine.close(timeout, Site::caller())
    }

    /// The database's file, as an absolute path.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.engine.path()
    }

    pub(crate) fn options(&self) -> &Options {
        self.engine.options()
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The numbers of this database, at this moment.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.engine.stats()
    }

    /// Which processes have locks of SQLite's on the file at this moment: who writes, and who
    /// has a snapshot open, this process included. Read from the system's table of locks,
    /// which Linux has; of processes in another container nothing is told.
    ///
    /// ```
    /// let db = db_core::Database::open_in_memory()?;
    /// let reader = db.reader()?;
    /// let _: i64 = reader.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    /// let holders = db.lock_holders();
    /// assert!(holders.writers.is_empty());
    /// if holders.is_told {
    ///     assert!(holders.readers[0].is_this);
    /// }
    /// # Ok::<_, db_core::Error>(())
    /// ```
    #[must_use]
    pub fn lock_holders(&self) -> LockHolders {
        self.engine.lock_holders()
    }

    /// The guards and calls that are open at this moment, longest first.
    #[must_use]
    pub fn open_guards(&self) -> Vec<OpenGuard> {
        self.engine.open_guards()
    }
}

// A panic leaves lock, pool and file usable (guarantee *no-poison*).
impl UnwindSafe for Database {}
impl RefUnwindSafe for Database {}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("path", &self.path()).finish_non_exhaustive()
    }
}

// As in `access`: the label of the error says this.
#[diagnostic::do_not_recommend]
impl ReadFrom for Database {
    type Place = Outside;

    fn origin(&self, _key: Key) -> Origin<'_> {
        Origin(Joins::Database(&self.engine))
    }
}

// Not recommended, so that what is no database is told to be none, instead of what it
// derefs to.
#[diagnostic::do_not_recommend]
impl<D: Deref<Target = Database>> ReadFrom for D {
    type Place = Outside;

    fn origin(&self, _key: Key) -> Origin<'_> {
        Origin(Joins::Database(&self.engine))
    }
}
