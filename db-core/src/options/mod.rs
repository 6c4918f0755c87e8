//! The settings of a database: every connection gets the same.
//!
//! `pragma` holds one small type for each pragma that takes a word; `apply` turns
//! the settings into SQL.

mod apply;
mod pragma;

pub use pragma::{CacheSize, JournalMode, Synchronous, TempStore};

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use crate::error::{Error, Result, Warning};

type Warn = dyn Fn(&Warning) + Send + Sync;
type Connect = dyn Fn(&mut Connection) -> rusqlite::Result<()> + Send + Sync;
pub(crate) type Setup =
    dyn Fn(&mut Connection) -> Result<(), Box<dyn std::error::Error + Send + Sync>> + Send + Sync;

/// How a database is opened and what each of its connections is set to.
///
/// The defaults are meant to be kept.
///
/// ```
/// use std::time::Duration;
/// use db_core::{Options, Synchronous};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("shop.db");
///
/// let db = Options::new()
///     .synchronous(Synchronous::Full)
///     .writer_timeout(Duration::from_secs(30))
///     .migrations(&["CREATE TABLE stock (sku TEXT PRIMARY KEY, qty INTEGER NOT NULL)"])
///     .open(&path)?;
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use = "options do nothing until `open`"]
pub struct Options {
    pub(crate) foreign_keys: bool,
    pub(crate) journal_mode: JournalMode,
    pub(crate) synchronous: Synchronous,
    pub(crate) temp_store: TempStore,
    pub(crate) cache_size: CacheSize,
    pub(crate) busy_timeout: Duration,
    pub(crate) journal_size_limit: Option<u64>,
    pub(crate) trusted_schema: bool,
    pub(crate) writer_timeout: Duration,
    pub(crate) reader_timeout: Duration,
    pub(crate) max_readers: Option<usize>,
    pub(crate) max_group_size: usize,
    pub(crate) max_group_age: Duration,
    pub(crate) statement_cache: usize,
    pub(crate) read_only: bool,
    pub(crate) create: bool,
    pub(crate) migrations: Arc<[String]>,
    pub(crate) on_connect: Option<Arc<Connect>>,
    pub(crate) setup: Option<Arc<Setup>>,
    on_warning: Option<Arc<Warn>>,
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl Options {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            foreign_keys: true,
            journal_mode: JournalMode::Wal,
            synchronous: Synchronous::Normal,
            temp_store: TempStore::Memory,
            cache_size: CacheSize::Kib(64_000),
            busy_timeout: Duration::from_secs(5),
            journal_size_limit: Some(64 << 20),
            trusted_schema: false,
            writer_timeout: Duration::from_secs(10),
            reader_timeout: Duration::from_secs(10),
            max_readers: None,
            max_group_size: 64,
            max_group_age: Duration::from_millis(2),
            statement_cache: 128,
            read_only: false,
            create: true,
            migrations: Arc::new([]),
            on_connect: None,
            setup: None,
            on_warning: None,
        }
    }

    /// Whether foreign keys are enforced. Default: yes.
    /// <https://sqlite.org/pragma.html#pragma_foreign_keys>
    pub fn foreign_keys(mut self, on: bool) -> Self {
        self.foreign_keys = on;
        self
    }

    /// The journal mode of the file. Default: [`JournalMode::Wal`], without which
    /// readers and the writer block each other.
    /// <https://sqlite.org/pragma.html#pragma_journal_mode>
    pub fn journal_mode(mut self, mode: JournalMode) -> Self {
        self.journal_mode = mode;
        self
    }

    /// What is on disk before a writer's `Ok`. Default: [`Synchronous::Normal`].
    /// [`Synchronous::Shared`] is for many writers that must lose nothing.
    /// <https://sqlite.org/pragma.html#pragma_synchronous>
    pub fn synchronous(mut self, mode: Synchronous) -> Self {
        self.synchronous = mode;
        self
    }

    /// Where SQLite keeps its own temporary tables. Default: [`TempStore::Memory`].
    /// <https://sqlite.org/pragma.html#pragma_temp_store>
    pub fn temp_store(mut self, place: TempStore) -> Self {
        self.temp_store = place;
        self
    }

    /// The page cache of each connection. Default: 64,000 KiB.
    /// <https://sqlite.org/pragma.html#pragma_cache_size>
    pub fn cache_size(mut self, size: CacheSize) -> Self {
        self.cache_size = size;
        self
    }

    /// How long one attempt waits for a lock of somebody who does not queue here: a
    /// shell, another library. Default: 5 s. A writer waits no longer than its
    /// [`writer_timeout`](Self::writer_timeout) in all; if that is the shorter one, the
    /// wait ends in [`Error::WriterTimeout`], which no retry repeats.
    /// <https://sqlite.org/pragma.html#pragma_busy_timeout>
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// The size in bytes to which a larger WAL is cut back, `None` for never.
    /// Default: 64 MiB. <https://sqlite.org/pragma.html#pragma_journal_size_limit>
    pub fn journal_size_limit(mut self, bytes: Option<u64>) -> Self {
        self.journal_size_limit = bytes;
        self
    }

    /// Whether functions and virtual tables that are not known to be safe may be
    /// used by the schema. Default: no.
    /// <https://sqlite.org/pragma.html#pragma_trusted_schema>
    pub fn trusted_schema(mut self, on: bool) -> Self {
        self.trusted_schema = on;
        self
    }

    /// How long a writer waits for its turn: behind other threads, behind other
    /// processes and for SQLite's lock together. (Of this at most
    /// [`busy_timeout`](Self::busy_timeout) goes to one lock of somebody outside; then it is
    /// [`Error::Locked`].) Default: 10 s. `#[writer(timeout = ..)]` and
    /// [`writer_within`](crate::Database::writer_within) set it for one call.
    pub fn writer_timeout(mut self, timeout: Duration) -> Self {
        self.writer_timeout = timeout;
        self
    }

    /// How long a reader waits for one of the [`max_readers`](Self::max_readers).
    /// Default: 10 s.
    pub fn reader_timeout(mut self, timeout: Duration) -> Self {
        self.reader_timeout = timeout;
        self
    }

    /// How many readers may be open at once. Default: no limit.
    pub fn max_readers(mut self, readers: usize) -> Self {
        self.max_readers = Some(readers);
        self
    }

    /// How many calls of `#[writer(group)]` share a transaction at most. Default: 64; with
    /// 1 none do.
    pub fn max_group_size(mut self, calls: usize) -> Self {
        self.max_group_size = calls;
        self
    }

    /// For how long calls of `#[writer(group)]` may still join a transaction after it has
    /// begun. Default: 2 ms. Whoever waits behind it waits for so much longer, and for the
    /// body that was the last to join. Zero lets none join.
    pub fn max_group_age(mut self, age: Duration) -> Self {
        self.max_group_age = age;
        self
    }

    /// How many prepared statements each connection keeps for `prepare_cached`.
    /// Default: 128.
    pub fn statement_cache(mut self, statements: usize) -> Self {
        self.statement_cache = statements;
        self
    }

    /// Opens for reading only: the file must exist, writers are refused. Default: no.
    pub fn read_only(mut self, on: bool) -> Self {
        self.read_only = on;
        self
    }

    /// Whether a missing file is created. Default: yes.
    pub fn create(mut self, on: bool) -> Self {
        self.create = on;
        self
    }

    /// The scripts that bring the schema up to date, oldest first.
    ///
    /// The file's `user_version` says how many of them it has had; the missing ones
    /// run at open, in one write transaction, and then it is raised. So scripts are
    /// only ever added at the end. A script can't contain transactions, settings or
    /// VACUUM; see [`setup`](Self::setup) for those.
    ///
    /// For a file that has tables already let the first script say `CREATE TABLE IF NOT
    /// EXISTS`. If another tool has numbered the file by `user_version`, run that tool in
    /// `setup`: its number would be taken for one of these.
    pub fn migrations(mut self, scripts: &[impl AsRef<str>]) -> Self {
        self.migrations = scripts.iter().map(|sql| sql.as_ref().to_owned()).collect();
        self
    }

    /// The program's own set-up of each connection: functions, extensions, a key.
    ///
    /// It runs first on every connection that is opened, also later, from whichever
    /// thread needs one. Commit hook, rollback hook, authorizer and the settings
    /// above are the engine's, and are set after it.
    ///
    /// ```no_run
    /// # use db_core::Options;
    /// let db = Options::new()
    ///     .on_connect(|conn| conn.pragma_update(None, "mmap_size", 256 << 20))
    ///     .open("shop.db")?;
    /// # Ok::<_, db_core::Error>(())
    /// ```
    ///
    /// A `PRAGMA key` belongs here too, but needs an SQLite that is built with
    /// SQLCipher: the one that is compiled in ignores it, and encrypts nothing.
    pub fn on_connect(
        mut self,
        connect: impl Fn(&mut Connection) -> rusqlite::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.on_connect = Some(Arc::new(connect));
        self
    }

    /// The program's own set-up of the database, for whoever brings a migration
    /// library. Runs once at open, after [`migrations`](Self::migrations), on the
    /// writer's connection: no other writer of this process runs meanwhile, and no
    /// transaction is open.
    pub fn setup(
        mut self,
        setup: impl Fn(&mut Connection) -> Result<(), Box<dyn std::error::Error + Send + Sync>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        self.setup = Some(Arc::new(setup));
        self
    }

    /// What is done with what stops nothing but should be known. Default: a line on
    /// stderr. Each is said once for each opened file.
    ///
    /// ```no_run
    /// # use db_core::Options;
    /// let db = Options::new().on_warning(|warning| eprintln!("{warning:#}")).open("shop.db")?;
    /// # Ok::<_, db_core::Error>(())
    /// ```
    pub fn on_warning(mut self, warn: impl Fn(&Warning) + Send + Sync + 'static) -> Self {
        self.on_warning = Some(Arc::new(warn));
        self
    }

    #[allow(clippy::print_stderr, reason = "documented, and another place can be given")]
    pub(crate) fn warn(&self, warning: &Warning) {
        match &self.on_warning {
            Some(warn) => warn(warning),
            None => eprintln!("db-core: warning: {warning}"),
        }
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.max_readers == Some(0) {
            return Err(Error::invalid_option(
                "max_readers",
                "is 0, so nothing could ever be read; leave it out for no limit",
            ));
        }
        if self.max_group_size == 0 {
            return Err(Error::invalid_option(
                "max_group_size",
                "is 0, so nothing could ever be written; 1 means: each call by itself",
            ));
        }
        if self.synchronous == Synchronous::Shared && self.journal_mode != JournalMode::Wal {
            return Err(Error::invalid_option(
                "synchronous",
                "can be Shared only with JournalMode::Wal; take Full with another mode",
            ));
        }
        if self.read_only && self.setup.is_some() {
            return Err(Error::invalid_option(
                "setup",
                "can't run on a database that is opened read_only; leave one of the two out",
            ));
        }
        Ok(())
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("journal_mode", &self.journal_mode)
            .field("synchronous", &self.synchronous)
            .field("busy_timeout", &self.busy_timeout)
            .field("writer_timeout", &self.writer_timeout)
            .field("max_readers", &self.max_readers)
            .field("read_only", &self.read_only)
            .field("migrations", &self.migrations.len())
            .finish_non_exhaustive()
    }
}
