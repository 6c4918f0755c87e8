//! The settings of a database: every connection gets the same.
//!
//! `pragma` holds one small type for each pragma that takes a word, `limits` how long and
//! how many, `set_up` what the program brings along; `check` refuses what makes no sense,
//! `checks` are those of a database,
//! `apply` turns the settings into SQL.

mod apply;
mod backups;
mod check;
mod checks;
mod limits;
mod pragma;
mod set_up;
#[cfg(feature = "testing")]
mod testing;

pub use checks::IntegrityCheck;
pub use pragma::{CacheSize, JournalMode, Synchronous, TempStore};

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;

use crate::clock::Clock;
use crate::error::{Result, Warning};
use crate::faults::Faults;
use crate::invariant::Invariant;

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
    pub(crate) leak_after: Duration,
    pub(crate) read_timeout: Option<Duration>,
    pub(crate) write_timeout: Option<Duration>,
    pub(crate) slow_hold: Duration,
    pub(crate) strict: bool,
    pub(crate) startup_check: IntegrityCheck,
    pub(crate) invariants: Arc<[Invariant]>,
    pub(crate) before_commit: Arc<[Invariant]>,
    pub(crate) schema_version: Option<i64>,
    pub(crate) backups: Option<PathBuf>,
    pub(crate) keep_backups: Option<usize>,
    find_backup: Option<backups::FindBackup>,
    pub(crate) statement_cache: usize,
    pub(crate) read_only: bool,
    pub(crate) create: bool,
    pub(crate) migrations: Arc<[String]>,
    pub(crate) on_connect: Option<Arc<Connect>>,
    pub(crate) setup: Option<Arc<Setup>>,
    on_warning: Option<Arc<Warn>>,
    pub(crate) clock: Clock,
    pub(crate) faults: Faults,
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
            leak_after: Duration::from_mins(1),
            read_timeout: None,
            write_timeout: None,
            slow_hold: Duration::from_secs(1),
            strict: false,
            startup_check: IntegrityCheck::None,
            invariants: Arc::new([]),
            before_commit: Arc::new([]),
            schema_version: None,
            backups: None,
            keep_backups: None,
            find_backup: None,
            statement_cache: 128,
            read_only: false,
            create: true,
            migrations: Arc::new([]),
            on_connect: None,
            setup: None,
            on_warning: None,
            clock: Clock::default(),
            faults: Faults::NONE,
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
