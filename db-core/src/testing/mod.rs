//! A fault kit for the tests of programs that use db-core: faults on demand, a clock that
//! does not wait, and what became of each call. With the feature `testing`, which is for
//! `[dev-dependencies]`:
//!
//! ```toml
//! [dev-dependencies]
//! db-core = { version = "..", features = ["testing"] }
//! ```
//!
//! A test of a function that is run again after it met a lock, with ten seconds of pauses
//! that take no time:
//!
//! ```
//! use db_core::testing::{Fault, Faults, FakeClock};
//! use db_core::{Options, Result, Writer, retry_on_locked, writer};
//!
//! #[writer]
//! #[retry_on_locked(max_attempts = 5, idempotent)]
//! fn sell(db: &Writer, sku: &str) -> Result<()> {
//!     db.execute("UPDATE stock SET qty = qty - 1 WHERE sku = ?1", [sku])?;
//!     Ok(())
//! }
//!
//! # fn main() -> Result<()> {
//! let (faults, clock) = (Faults::new(), FakeClock::new());
//! let table = "CREATE TABLE stock (sku TEXT PRIMARY KEY, qty INTEGER NOT NULL)";
//! let db = Options::new()
//!     .migrations(&[table])
//!     .faults(&faults)
//!     .clock(&clock)
//!     .open_in_memory()?;
//!
//! faults.inject(Fault::Busy.at_turn().of("sell"));
//! faults.inject(Fault::Busy.at_statement(1).of("sell").times(2));
//! faults.inject(Fault::BusySnapshot.at_commit().of("sell"));
//! sell(&db, "A-1")?;
//!
//! let call = faults.last_call().unwrap();
//! assert_eq!((call.attempts, call.is_ok), (5, true));
//! assert_eq!(clock.skipped().as_secs_f64(), 0.5 + 1.0 + 2.0 + 4.0);
//! faults.assert_all_met();
//! # Ok(())
//! # }
//! ```
//!
//! # What is injected, and how
//!
//! | | what the call meets | what becomes of its transaction |
//! |---|---|---|
//! | [`at_turn`](Fault::at_turn) | the error, where `BEGIN` would be run: as after all of `busy_timeout`, and without waiting for it | there is none |
//! | [`at_statement`](Fault::at_statement) | the error, from SQLite itself: the statement can't read a page of the file | as SQLite does: a statement that fails is undone, for a full disk all may be rolled back |
//! | [`at_commit`](Fault::at_commit) | the error, in the place of `COMMIT` | it is rolled back; with [`Synchronous::Shared`](crate::Synchronous::Shared) a failed sync follows the commit, and is [`Error::NotDurable`](crate::Error::NotDurable) |
//!
//! What the caller gets is what it would get of a real one:
//!
//! | | at the turn, at the commit | at a statement |
//! |---|---|---|
//! | [`Busy`](Fault::Busy), [`BusySnapshot`](Fault::BusySnapshot), [`Locked`](Fault::Locked) | [`Error::Locked`](crate::Error::Locked) | what the body makes of SQLite's error |
//! | the same, with `#[retry_on_locked]` | another attempt; after the last one [`Error::Locked`](crate::Error::Locked) | the same |
//! | [`DiskFull`](Fault::DiskFull) | [`Error::Full`](crate::Error::Full) | what the body makes of it; if it takes no notice, [`Error::RolledBack`](crate::Error::RolledBack) where all was |
//! | [`FailedSync`](Fault::FailedSync) | [`Error::Sqlite`](crate::Error::Sqlite) or [`Error::NotDurable`](crate::Error::NotDurable) | the same |
//!
//! A database in memory ([`Options::open_in_memory`](crate::Options::open_in_memory)) has all
//! of this. Functions with `#[retry_on_locked]` alone have a connection of their caller's:
//! [`Faults::on_this_thread`] and [`Faults::connect`] are for them.
//!
//! For errors that need no fault a test can be in the way itself: hold `db.writer()?` on
//! another thread for [`Error::WriterTimeout`](crate::Error::WriterTimeout), which waits in
//! real time and so wants a short [`Options::writer_timeout`](crate::Options::writer_timeout).

// `vfs` is where reading fails, `statements` counts them, `seam` is what the rest of the
// crate asks.

mod call;
mod clock;
mod fault;
mod faults;
pub(crate) mod seam;
mod statements;
mod this_thread;
mod vfs;

pub use call::Call;
pub use clock::FakeClock;
pub use fault::{Fault, Injection};
pub use faults::Faults;
pub use this_thread::OnThisThread;
