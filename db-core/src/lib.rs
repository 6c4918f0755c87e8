//! SQLite for many threads, without `database is locked`: annotated functions take
//! their turn, wait fairly, and are run again only where that is harmless.
//!
//! ```
//! use db_core::{Database, Reader, Result, Writer, reader, retry_on_locked, writer};
//!
//! #[reader]
//! fn stock(db: &Reader, sku: &str) -> Result<i64> {
//!     Ok(db.query_row("SELECT qty FROM stock WHERE sku = ?1", [sku], |row| row.get(0))?)
//! }
//!
//! #[writer]
//! #[retry_on_locked(max_attempts = 3, idempotent)]
//! fn set_stock(db: &Writer, sku: &str, qty: i64) -> Result<()> {
//!     db.execute("UPDATE stock SET qty = ?2 WHERE sku = ?1", (sku, qty))?;
//!     Ok(())
//! }
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("shop.db");
//! let db = Database::open(&path)?;
//! # db.write(|w| w.execute_batch("CREATE TABLE stock (sku, qty); INSERT INTO stock VALUES ('A-1', 1)"))?;
//! set_stock(&db, "A-1", stock(&db, "A-1")? + 5)?;
//! # assert_eq!(stock(&db, "A-1")?, 6);
//! # Ok::<_, db_core::Error>(())
//! ```
//!
//! How it is run in earnest, and what to do when a lock does not come: [`operations`]. What it
//! costs: [`performance`].
//!
//! # Features
//!
//! All are off by default.
//!
//! - `tracing`: spans and events for the crate `tracing`, below.
//! - `testing`: the module `testing`, with faults on demand and a clock that does not wait,
//!   for the tests of programs that use db-core.
//! - `cli`: the command `db-core`, for whoever looks after a database.
//!
//! # Spans and events
//!
//! With the feature `tracing`, all under the target `db_core`. Times are microseconds.
//!
//! | span | level | for | fields |
//! |---|---|---|---|
//! | `read` | DEBUG | each call that reads | `function`, `file`, `line`, `attempt`, `hold_us`, `ok` |
//! | `write` | DEBUG | each call that writes, and each of `#[retry_on_locked]` alone | `function`, `file`, `line`, `attempt`, `wait_us`, `hold_us`, `group_size`, `ok` |
//!
//! `function` is the path of the annotated function, `closure` for closures. `attempt` is
//! the newest attempt, counted from 1, where a call may have several; `wait_us` how long that
//! one waited for its turn; `hold_us` how long it had SQLite's lock, or a reader its snapshot;
//! `ok` whether the call returned `Ok` (one that panicked has none);
//! `group_size` how many calls shared the transaction, if several did, whose time it was is
//! in the `hold_us` of the first of them. A body runs inside the span of its own caller, on
//! whatever thread it runs; a call inside of a body is its child. Guards (`db.reader()`,
//! `db.writer()`) have no span, as they have no end that a span could follow. An event about a
//! call is inside of its span, also where another thread has found it out.
//!
//! | event | level | when | fields |
//! |---|---|---|---|
//! | `retry` | INFO | an attempt has met a lock, and another one follows the pause | `site`, `pause_us` |
//! | `timeout` | WARN | a turn did not come in time | `site`, `wait_us`, `error` |
//! | `locked` | WARN | every attempt has met a lock | `site`, `attempts`, `error` |
//! | `body timeout` | WARN | as [`Error::BodyTimeout`] | `site`, `error` |
//! | `slow hold` | WARN | a writer had the lock for longer than [`Options::slow_hold`] | `site`, `hold_us` |
//! | `leak` | WARN | as [`Warning::Leak`] | `warning` |
//! | `wal pinned` | WARN | as [`Warning::WalPinned`] | `warning`, `wal_bytes` |
//! | `warning` | WARN | as any other [`Warning`] | `warning` |
//! | `checkpoint` | DEBUG | the WAL was carried into the database after a commit | `path`, `pages`, `carried`, `time_us` |
#![cfg_attr(docsrs, feature(doc_cfg))]

// Floor 0: facts.
mod clock;
pub mod effect;
mod error;
mod faults;
mod file_id;
mod file_system;
mod finding;
mod holder;
mod invariant;
mod new_file;
mod open_guard;
mod options;
mod other_process;
mod process;
mod retry;
mod site;
#[cfg(feature = "testing")]
pub mod testing;
mod threads;
mod trace;
mod units;
// Floor 1: waiting, and who waits.
mod gate;
mod lane;
mod locks;
mod sidecar;
mod sync;
mod watch;
// Beside them: whether a database is whole.
mod check;
// Floor 2: the engine.
mod engine;
// Floor 3: handles, and the calls made with them.
mod access;
mod call;
mod guard;
mod reader;
mod writer;
// Floor 4: what users and expansions see.
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[doc(hidden)]
pub mod __faults {
    //! For db-core's own tests of what a disk, or a kill, may do.
    pub use crate::backup::intercept_restore;
    pub use crate::engine::intercept_wal_syncs;
}
mod database;
mod global;
// Beside it: what else can be done with a database.
mod backup;
mod maintain;
mod opening;
mod verify;

pub use access::{ReadFrom, WriteTo};
pub use backup::{BackupFile, Backups, Progress, Restored, restore};
pub use database::Database;
#[doc(inline)]
pub use db_macros::{reader, retry_on_locked, writer};
pub use engine::{Checkpoint, Checkpointed, active_connections, lock_holders};
pub use error::{
    Again, BackupFailed, BackupProblem, BackupTask, BodyTimeout, CheckFailed, Classify, Corrupt,
    Error, InvariantBroken, Locked, Migration, NestedRead, NestedWrite, NotDurable, OpenFailed,
    OpenProblem, PinnedBy, ReaderTimeout, Refused, Result, Spent, SyncProblem, WaitedFor, Warning,
    WriterTimeout,
};
pub use file_system::Drive;
pub use finding::{Finding, FindingKind};
pub use global::{global, install_global};
pub use guard::{ReadGuard, WriteGuard};
pub use holder::{Holder, LockHolder, LockHolders, SqliteLock, Unknown};
pub use invariant::Invariant;
pub use maintain::Maintenance;
pub use open_guard::{Kind, OpenGuard, Waiting};
pub use options::{CacheSize, IntegrityCheck, JournalMode, Options, Synchronous, TempStore};
pub use other_process::{OtherProcess, TheirWriter};
pub use reader::Reader;
pub use retry::{Backoff, RetryPolicy, exponential_backoff};
pub use rusqlite;
pub use site::Site;
pub use watch::{GroupSizes, Stats, Waits};
pub use writer::Writer;

#[doc = include_str!("../docs/operations.md")]
pub mod operations {}
#[doc = include_str!("../docs/performance.md")]
pub mod performance {}

// The README's examples are compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
