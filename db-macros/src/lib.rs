//! The attributes of `db-core`: [`macro@reader`], [`macro@writer`] and
//! [`macro@retry_on_locked`].
//!
//! Use them through that crate, which re-exports them; what they expand to
//! calls it.
//!
//! # What an expansion looks like
//!
//! `DB_CORE_EXPAND=set_stock cargo check` prints what the function `set_stock`
//! becomes, `DB_CORE_EXPAND=all` all of them (several names with commas between
//! them); a name that is not there prints nothing. Cargo expands only what it
//! compiles, so `touch` the file first: for a function in `src/bin` or `examples` that
//! one, the latter with `cargo check --example NAME`.
//!
//! # What it costs to compile
//!
//! `compile-time.sh`, next to this crate's manifest, checks a crate of 500
//! annotated functions and one with the same functions written by hand with
//! `db.read` and `db.write`, on two cores, without optimisation of the macros:
//!
//! | median of 25 | seconds | less an empty crate | a function |
//! |---|---|---|---|
//! | by hand | 0.42 | 0.36 | 0.73 ms |
//! | annotated | 0.67 | 0.62 | 1.23 ms |
//! | ratio | 1.60 | 1.70 | |
//!
//! This file is where the compiler comes in and decides nothing. An attribute
//! is read in `args`, its function in `item`; `validate` says what it is and
//! what is wrong with it, `expand` writes what the compiler gets instead, and
//! `diag` holds the errors until all are found.

mod args;
mod diag;
mod expand;
mod item;
mod show;
mod span;
mod sql;
#[cfg(test)]
mod tests;
mod validate;

use proc_macro::TokenStream;

use args::Attr;

/// Makes a function a reader: its body sees one state of the database and
/// cannot change it.
///
/// The first parameter after `self` is the handle that the body reads through:
/// `&Reader`, or `&Connection` for a function written for rusqlite. Callers pass
/// a `&Database` in its place, for a snapshot of its own, or the `&Reader` or
/// `&Writer` that they were given, to read what they see.
///
/// ```
/// use db_core::{Database, Reader, Result, reader};
///
/// #[reader]
/// fn stock(db: &Reader, sku: &str) -> Result<i64> {
///     Ok(db.query_row("SELECT qty FROM stock WHERE sku = ?1", [sku], |row| row.get(0))?)
/// }
///
/// fn report(db: &Database) -> Result<i64> {
///     stock(db, "A-1")
/// }
/// ```
///
/// # Options
///
/// | option | default | |
/// |---|---|---|
/// | `db = EXPR` | | where the database comes from, if callers are not to pass it: any expression for a `Database` or for what derefs to one, such as `self.db`, `db_core::global()?` or a static. The function keeps its first parameter, as the name and type of the handle in the body; callers do not see it. For outermost functions only: see below. |
/// | `autocommit` | off | no transaction around the body: cheaper for a body of a single statement, but two statements may see different states. |
/// | `crate = PATH` | `::db_core` | the path of `db_core`, if it is re-exported or renamed. |
///
/// ```
/// # use db_core::{Database, Reader, Result, reader};
/// struct Shop {
///     db: Database,
/// }
///
/// impl Shop {
///     #[reader(db = self.db, autocommit)]
///     fn count(&self, db: &Reader) -> Result<i64> {
///         Ok(db.query_row("SELECT count(*) FROM stock", (), |row| row.get(0))?)
///     }
/// }
///
/// fn report(shop: &Shop) -> Result<i64> {
///     shop.count()
/// }
/// ```
///
/// A function with `db = EXPR` joins nobody: called in a reader it reads another
/// moment, in a writer what was there before. So put it on the outermost functions
/// only. What they call takes the handle:
///
/// ```
/// # use db_core::{Database, Reader, Result, reader};
/// # struct Shop {
/// #     db: Database,
/// # }
/// impl Shop {
///     #[reader(db = self.db)]
///     fn report(&self, db: &Reader) -> Result<(i64, i64)> {
///         Ok((self.kinds(db)?, self.units(db)?)) // of one moment
///     }
///
///     #[reader]
///     fn kinds(&self, db: &Reader) -> Result<i64> {
///         Ok(db.query_row("SELECT count(*) FROM stock", (), |row| row.get(0))?)
///     }
///
///     #[reader]
///     fn units(&self, db: &Reader) -> Result<i64> {
///         Ok(db.query_row("SELECT sum(qty) FROM stock", (), |row| row.get(0))?)
///     }
/// }
/// ```
///
/// # Errors
///
/// The function returns a `Result` with any error that is
/// `From<db_core::Error>`; `rusqlite::Error` is. Before the body runs it can fail
/// with `Locked` (a recovery or an exclusive lock lasted longer than
/// `busy_timeout`), `ReaderTimeout` (all of `max_readers` are in use), `NestedRead`
/// (the same, and this thread has one of them: called through the `Database` inside of
/// a reader), `Closed` or `Forked`.
///
/// # Where it works
///
/// [As a writer does](macro@writer#where-it-works). Statements and rows can't leave the
/// body: collect them inside.
///
/// # With `#[retry_on_locked]`
///
/// A reader seldom meets a lock: while a file is recovered, or in exclusive
/// mode. With [`macro@retry_on_locked`] next to it, in either order, it runs
/// again then. That a reader can be repeated needs no saying.
///
/// # What it refuses
///
/// SQL that writes, as far as it stands in the body as a literal. The rest is
/// refused when it is run: the connection is read-only.
///
/// ```compile_fail
/// # use db_core::{Reader, Result, reader};
/// #[reader]
/// fn tidy(db: &Reader) -> Result<usize> {
///     Ok(db.execute("DELETE FROM stock WHERE qty = 0", ())?)
/// }
/// ```
///
/// SQL that begins, ends or nests a transaction, or that changes the connection
/// (settings by `PRAGMA`, `ATTACH`, temporary objects); and `VACUUM`.
///
/// ```compile_fail
/// # use db_core::{Reader, Result, reader};
/// #[reader]
/// fn stock(db: &Reader) -> Result<i64> {
///     db.execute_batch("BEGIN")?;
///     Ok(db.query_row("SELECT sum(qty) FROM stock", (), |row| row.get(0))?)
/// }
/// ```
///
/// A call of a writer through the handle.
///
/// ```compile_fail
/// # use db_core::{Reader, Result, Writer, reader, writer};
/// # #[writer]
/// # fn tidy(db: &Writer) -> Result<()> {
/// #     db.execute("DELETE FROM stock WHERE qty = 0", ())?;
/// #     Ok(())
/// # }
/// #[reader]
/// fn report(db: &Reader) -> Result<()> {
///     tidy(db)
/// }
/// ```
///
/// A `&Writer` as handle, and `#[writer]` on the same function.
///
/// ```compile_fail
/// # use db_core::{Result, Writer, reader};
/// #[reader]
/// fn stock(db: &Writer) -> Result<i64> {
///     Ok(db.query_row("SELECT sum(qty) FROM stock", (), |row| row.get(0))?)
/// }
/// ```
///
/// ```compile_fail
/// # use db_core::{Reader, Result, reader, writer};
/// #[reader]
/// #[writer]
/// fn stock(db: &Reader) -> Result<i64> {
///     Ok(db.query_row("SELECT sum(qty) FROM stock", (), |row| row.get(0))?)
/// }
/// ```
///
/// What [all three attributes](macro@writer#what-all-three-refuse) refuse.
#[proc_macro_attribute]
pub fn reader(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Attr::Reader, args.into(), item.into()).into()
}

/// Makes a function a writer: its body is one transaction, the only one that
/// writes to the database while it runs.
///
/// The first parameter after `self` is the handle that the body works through:
/// `&Writer`, or `&Connection` for a function written for rusqlite. Callers pass
/// a `&Database` in its place, or the `&Writer` that they were given, and then
/// the body is a part of their transaction: undone alone on `Err`, kept with
/// theirs. `Ok` commits; `Err` and a panic leave nothing.
///
/// The call waits for its turn, in order of arrival, before the body runs. So
/// the body runs once, and no attribute is needed for the waiting.
///
/// ```
/// use db_core::{Database, Result, Writer, writer};
///
/// #[writer]
/// fn sell(db: &Writer, sku: &str, qty: i64) -> Result<()> {
///     db.execute("UPDATE stock SET qty = qty - ?2 WHERE sku = ?1", (sku, qty))?;
///     Ok(())
/// }
///
/// fn checkout(db: &Database) -> Result<()> {
///     sell(db, "A-1", 3)
/// }
/// ```
///
/// # Options
///
/// | option | default | |
/// |---|---|---|
/// | `db = EXPR` | | where the database comes from, if callers are not to pass it: any expression for a `Database` or for what derefs to one, such as `self.db`, `db_core::global()?` or a static. The function keeps its first parameter, as the name and type of the handle in the body; callers do not see it. For outermost functions only: see below. |
/// | `timeout = 10s` | the database's `writer_timeout`, 10 s | how long one attempt waits for its turn at most. `0s` does not wait. Other programs that hold the lock are waited for up to `busy_timeout`, if that is shorter. |
/// | `group` | off | shares a transaction with other calls that wait, on one of their threads: see [below](#many-writers-in-one-transaction-group). Needs `#[retry_on_locked(idempotent)]`. |
/// | `crate = PATH` | `::db_core` | the path of `db_core`, if it is re-exported or renamed. |
///
/// A duration is a literal with one of the units `ns`, `us`, `ms`, `s`, `min`, such
/// as `250ms` or `1.5s`, or any expression of type `Duration`.
///
/// ```
/// # use db_core::{Database, Result, Writer, writer};
/// struct Shop {
///     db: Database,
/// }
///
/// impl Shop {
///     #[writer(db = self.db, timeout = 500ms)]
///     fn restock(&self, db: &Writer, sku: &str) -> Result<()> {
///         db.execute("UPDATE stock SET qty = 100 WHERE sku = ?1", [sku])?;
///         Ok(())
///     }
/// }
///
/// fn refill(shop: &Shop) -> Result<()> {
///     shop.restock("A-1")
/// }
/// ```
///
/// A function with `db = EXPR` begins a transaction of its own: inside of another
/// writer of the same database it fails with `NestedWrite`. So put it on the outermost
/// functions only. What they call takes the handle:
///
/// ```
/// # use db_core::{Database, Reader, Result, Writer, reader, writer};
/// # struct Shop {
/// #     db: Database,
/// # }
/// impl Shop {
///     #[writer(db = self.db)]
///     fn checkout(&self, db: &Writer, sku: &str) -> Result<i64> {
///         self.sell(db, sku)?; // a part of this transaction
///         self.stock(db, sku) // sees what was sold
///     }
///
///     #[writer]
///     fn sell(&self, db: &Writer, sku: &str) -> Result<()> {
///         db.execute("UPDATE stock SET qty = qty - 1 WHERE sku = ?1", [sku])?;
///         Ok(())
///     }
///
///     #[reader]
///     fn stock(&self, db: &Reader, sku: &str) -> Result<i64> {
///         Ok(db.query_row("SELECT qty FROM stock WHERE sku = ?1", [sku], |row| row.get(0))?)
///     }
/// }
/// ```
///
/// # A part that may fail, and what follows the commit
///
/// `db_core::Writer::savepoint` undoes a part alone, as a call of another writer does;
/// `db_core::Writer::on_commit` runs something once, when all of it has been committed.
///
/// ```
/// # use db_core::{Result, Writer, writer};
/// #[writer]
/// fn sell(db: &Writer, sku: &str) -> Result<()> {
///     db.execute("UPDATE stock SET qty = qty - 1 WHERE sku = ?1", [sku])?;
///     let _unlogged = db.savepoint(|db| db.execute("INSERT INTO log VALUES (?1)", [sku]));
///     let sku = sku.to_owned();
///     db.on_commit(move || println!("{sku} sold"));
///     Ok(())
/// }
/// ```
///
/// # Many writers in one transaction: `group`
///
/// A commit that waits for the disk, and a thread that has to be woken, cost more than the
/// body of a small transaction. With `group` they are paid once for all who wait: whoever
/// has the turn runs its own body, then those of the grouped calls that wait next, each in a
/// savepoint, in order of arrival, and commits once. One that finds nobody waiting is an
/// ordinary writer.
///
/// ```
/// use db_core::{Result, Writer, retry_on_locked, writer};
///
/// #[writer(group)]
/// #[retry_on_locked(idempotent)]
/// fn count_view(db: &Writer, page: &str) -> Result<()> {
///     db.execute("UPDATE page SET views = views + 1 WHERE path = ?1", [page])?;
///     Ok(())
/// }
/// ```
///
/// What its callers see is what they would see without it. `Ok` has committed; an `Err` or a
/// panic is undone alone and reaches its own caller only; nobody is told anything before the
/// commit, and with `Synchronous::Shared` before the sync. `on_commit` callbacks run on
/// their own caller's thread. Writers without `group` are in nobody's group, run on their own
/// thread, and are not passed. A timeout counts until the body starts.
///
/// What is different is where the body runs, and that it may run once more:
///
/// - **It may run on the thread of another caller** that waits for the same database. A
///   thread-local is then the other's; so are the thread's name, under which a panic is
///   printed, its priority and its stack. Parameters, result and error must be `Send`, which
///   is checked at each type.
/// - **It may run again for another's fault.** If the shared transaction is lost (the commit
///   is refused, a statement rolls everything back, a disk is full or fails, an interrupt),
///   each call runs again in a transaction of its own. That is no attempt and does not count
///   as one, and it is why `idempotent` is asked for. So does a body that leaves foreign keys
///   for the commit to check: no other one is to settle them.
/// - **No caller may hold a lock that another body of the group takes.** Whoever is in a
///   group returns when all of it is committed: a lock that is held over the call is held
///   until then, and the body that waits for it is to run before that:
///
/// ```no_run
/// # use db_core::{Database, Result, Writer, retry_on_locked, writer};
/// # use std::sync::Mutex;
/// # use std::thread;
/// static NEWEST: Mutex<i64> = Mutex::new(0);
///
/// #[writer(group)]
/// #[retry_on_locked(idempotent)]
/// fn add(db: &Writer, id: i64) -> Result<()> {
///     db.execute("INSERT OR IGNORE INTO item VALUES (?1)", [id])?;
///     Ok(())
/// }
///
/// #[writer(group)]
/// #[retry_on_locked(idempotent)]
/// fn add_newest(db: &Writer) -> Result<()> {
///     let id = *NEWEST.lock().unwrap(); // a body takes the lock
///     db.execute("INSERT OR IGNORE INTO item VALUES (?1)", [id])?;
///     Ok(())
/// }
///
/// fn deadlock(db: &Database) {
///     thread::scope(|scope| {
///         scope.spawn(|| {
///             let newest = NEWEST.lock().unwrap(); // a caller holds it
///             add(db, *newest)
///         });
///         // In a group with `add` it waits for ever: on the thread that holds the lock,
///         // or for one that waits for the end of the group.
///         scope.spawn(|| add_newest(db));
///     });
/// }
/// ```
///
/// Once the caller that holds the lock is in the group, no timeout ends this. The way out, for
/// both of them: copy what the lock guards before the call, `let id = *NEWEST.lock().unwrap();`,
/// which lets it go at once, and pass the copy in. Of what db-core itself hands out callers may
/// hold anything: inside of another body or guard, of whatever database, a call runs by itself
/// on its own thread.
///
/// How many calls share a transaction, and for how long it is open for them, is set with
/// `Options::max_group_size` and `Options::max_group_age`. Without the macro it is
/// `Database::write_grouped`.
///
/// # Errors
///
/// The function returns a `Result` with any error that is
/// `From<db_core::Error>`; `rusqlite::Error` is. Before the body runs it can fail
/// with `WriterTimeout` (the turn did not come in time; it names the holder),
/// `Locked` (another program holds the lock), `NestedWrite` (called through the
/// `Database` inside of a writer of the same file), `OnceInRetried` (inside of a body
/// that may run again, which types can't see: called through a `Database` without
/// being idempotent, or with the handle of a writer that runs once), `ReadOnly`,
/// `Closed` or `Forked`.
///
/// # Where it works
///
/// - On functions, methods and associated functions, also with type parameters and
///   lifetimes, and inside of other functions.
/// - In a trait: on the method in the trait and on the one in each `impl`. Callers of a
///   `dyn` trait can't pass a handle, so there it takes `db = EXPR`.
/// - In `macro_rules!`: a body that comes from the macro's caller sees the handle only if
///   its name comes from there too (`$db:ident`).
/// - A helper without an attribute takes `&Connection`; one that calls annotated
///   functions takes `&Writer<'_, E>` with `E: db_core::effect::Effect`, and can call
///   readers and idempotent writers.
/// - On any thread; the handle stays on that of its body. Give other threads the
///   `Database`, and don't wait for their writes in the body: they would wait for its end.
///
/// ```
/// # use db_core::{Result, Writer, writer};
/// trait Stock {
///     #[writer]
///     fn put(&self, db: &Writer, sku: &str) -> Result<()>;
/// }
///
/// struct Shop;
///
/// impl Stock for Shop {
///     #[writer]
///     fn put(&self, db: &Writer, sku: &str) -> Result<()> {
///         db.execute("INSERT INTO stock VALUES (?1, 0)", [sku])?;
///         Ok(())
///     }
/// }
///
/// macro_rules! deletes {
///     ($name:ident($db:ident) $body:block) => {
///         #[writer]
///         fn $name($db: &Writer) -> Result<usize> $body
///     };
/// }
///
/// deletes!(tidy(db) { Ok(db.execute("DELETE FROM stock WHERE qty = 0", ())?) });
/// ```
///
/// # What it refuses
///
/// SQL that begins, ends or nests a transaction, as far as it stands in the body
/// as a literal, and `transaction()` and its kin: the attribute does that. To undo a
/// part, call another writer, or `db_core::Writer::savepoint`.
///
/// ```compile_fail
/// # use db_core::{Result, Writer, writer};
/// #[writer]
/// fn set(db: &Writer, qty: i64) -> Result<()> {
///     db.execute("UPDATE stock SET qty = ?1", [qty])?;
///     db.execute_batch("COMMIT")?;
///     Ok(())
/// }
/// ```
///
/// ```compile_fail
/// # use db_core::{Result, Writer, writer};
/// #[writer]
/// fn set(db: &Writer, qty: i64) -> Result<()> {
///     db.execute_batch("SAVEPOINT before")?;
///     db.execute("UPDATE stock SET qty = ?1", [qty])?;
///     Ok(())
/// }
/// ```
///
/// SQL that changes the connection, which other bodies use after this one:
/// settings by `PRAGMA` (and by `pragma_update`), `ATTACH`, temporary objects; and what
/// is upkeep of the whole file: `VACUUM` and `PRAGMA wal_checkpoint`, for which there are
/// `Database::vacuum` and `Database::checkpoint`.
///
/// ```compile_fail
/// # use db_core::{Result, Writer, writer};
/// #[writer]
/// fn set(db: &Writer, qty: i64) -> Result<()> {
///     db.execute_batch("PRAGMA foreign_keys = OFF")?;
///     db.execute("UPDATE stock SET qty = ?1", [qty])?;
///     Ok(())
/// }
/// ```
///
/// A `&Reader` as handle.
///
/// ```compile_fail
/// # use db_core::{Reader, Result, writer};
/// #[writer]
/// fn set(db: &Reader) -> Result<()> {
///     Ok(())
/// }
/// ```
///
/// A writer without [`macro@retry_on_locked`] cannot be called from a body that
/// may run again: see there.
///
/// `group` on a function that may not run again, or that takes or returns what can't go to
/// another thread.
///
/// ```compile_fail
/// # use db_core::{Result, Writer, writer};
/// #[writer(group)]
/// fn set(db: &Writer, qty: i64) -> Result<()> {
///     db.execute("UPDATE stock SET qty = ?1", [qty])?;
///     Ok(())
/// }
/// ```
///
/// ```compile_fail
/// # use db_core::{Result, Writer, retry_on_locked, writer};
/// # use std::rc::Rc;
/// #[writer(group)]
/// #[retry_on_locked(idempotent)]
/// fn set(db: &Writer, qty: Rc<i64>) -> Result<()> {
///     db.execute("UPDATE stock SET qty = ?1", [*qty])?;
///     Ok(())
/// }
/// ```
///
/// # What all three refuse
///
/// A function that does not return a `Result`, or whose error cannot be made from
/// a `db_core::Error`.
///
/// ```compile_fail
/// # use db_core::{Writer, writer};
/// #[writer]
/// fn set(db: &Writer) -> usize {
///     0
/// }
/// ```
///
/// ```compile_fail
/// # use db_core::{Writer, writer};
/// struct Failed;
///
/// #[writer]
/// fn set(db: &Writer) -> Result<(), Failed> {
///     Ok(())
/// }
/// ```
///
/// A handle that is not the first parameter, and a second one: callers pass one
/// database. Of another database take `&impl ReadFrom`, or a `&Connection`.
///
/// ```compile_fail
/// # use db_core::{Result, Writer, writer};
/// #[writer]
/// fn set(qty: i64, db: &Writer) -> Result<()> {
///     Ok(())
/// }
/// ```
///
/// ```compile_fail
/// # use db_core::{Reader, Result, Writer, writer};
/// #[writer]
/// fn copy(to: &Writer, from: &Reader) -> Result<()> {
///     Ok(())
/// }
/// ```
///
/// `const`, `async`, `unsafe`, `extern` and variadic functions, `main` and tests (nobody
/// passes them a handle), and what is no function.
///
/// ```compile_fail
/// # use db_core::{Result, Writer, writer};
/// #[writer]
/// async fn set(db: &Writer) -> Result<()> {
///     Ok(())
/// }
/// ```
///
/// Options that are unknown, doubled, of another attribute or without sense, such as
/// a duration without a unit.
///
/// ```compile_fail
/// # use db_core::{Result, Writer, writer};
/// #[writer(timeout = 10)]
/// fn set(db: &Writer) -> Result<()> {
///     Ok(())
/// }
/// ```
#[proc_macro_attribute]
pub fn writer(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Attr::Writer, args.into(), item.into()).into()
}

/// Runs the body again when a lock made it fail.
///
/// Next to [`macro@writer`] or [`macro@reader`], in either order, each attempt
/// is a transaction of its own. Alone, it is for a function over a connection of
/// the caller's, `&Connection` or `&mut Connection`, and repeats its SQL as it
/// is; inside a transaction of the caller's it makes one attempt.
///
/// Only lock errors are retried, and only by the outermost annotated call. A
/// writer waits for its turn without this: what is left for a retry is another
/// program that holds the lock.
///
/// ```
/// use db_core::{Result, Writer, retry_on_locked, writer};
///
/// #[writer]
/// #[retry_on_locked(max_attempts = 3, idempotent)]
/// fn set_stock(db: &Writer, sku: &str, qty: i64) -> Result<()> {
///     db.execute("UPDATE stock SET qty = ?2 WHERE sku = ?1", (sku, qty))?;
///     Ok(())
/// }
/// ```
///
/// # Options
///
/// | option | default | |
/// |---|---|---|
/// | `idempotent` or `idempotent = "reason"` | | the author's word that running the body again does no harm. Required, except on a reader. On a writer it is about what the body does outside the database, as a failed attempt was rolled back; alone it is about the SQL too. |
/// | `max_attempts = 3` | 3 | how often the body runs at most, the first time included. A number from 1, or an expression of type `u32`. |
/// | `base_delay = 500ms` | 500 ms | the pause before the second attempt; each further pause is twice as long. |
/// | `max_delay = 5s` | 5 s | the longest pause. |
/// | `jitter` | off | each pause is cut at random to between half and all of its length. |
/// | `deadline = 30s` | none | the limit on all attempts, waits and pauses together. Without one, a writer's call takes at most `max_attempts` times its `timeout` and the pauses between them. |
/// | `crate = PATH` | `::db_core` | the path of `db_core`, if it is re-exported or renamed. |
///
/// A duration is a literal with one of the units `ns`, `us`, `ms`, `s`, `min`, such
/// as `250ms` or `1.5s`, or any expression of type `Duration`.
///
/// ```
/// # use db_core::rusqlite::{Connection, Result};
/// # use db_core::retry_on_locked;
/// # struct Order { id: i64, total: i64 }
/// #[retry_on_locked(idempotent = "the order id is unique", base_delay = 50ms, deadline = 2s)]
/// fn place(conn: &Connection, order: &Order) -> Result<()> {
///     conn.execute("INSERT INTO orders VALUES (?1, ?2)", (order.id, order.total))?;
///     Ok(())
/// }
/// ```
///
/// # Parameters
///
/// Each attempt gets its own clone of a parameter taken by value, which must be
/// `Clone`; one taken by reference is used as it is. What a body changes through a
/// `&Cell` or a `&Mutex` stays changed for the next attempt.
///
/// # Errors
///
/// `Locked` after the last attempt, with their number and the time waited, in
/// whatever error type the function returns. All other errors come at once.
///
/// Whether an error is a lock error is read from its chain of `source`s. That its type
/// has such a chain is checked when compiled; what a variant leaves out of it is not, and
/// an error in which SQLite's is lost is never retried. In an enum made with thiserror a
/// variant keeps it by `#[from]`, `#[source]` or `#[error(transparent)]`, and
/// `#[error("db {0}")] Sql(String)`, made of `error.to_string()`, loses it.
///
/// # What it refuses
///
/// A missing `idempotent`, except on a reader, and an empty reason.
///
/// ```compile_fail
/// # use db_core::{Result, Writer, retry_on_locked, writer};
/// #[writer]
/// #[retry_on_locked(max_attempts = 3)]
/// fn set(db: &Writer, qty: i64) -> Result<()> {
///     db.execute("UPDATE stock SET qty = ?1", [qty])?;
///     Ok(())
/// }
/// ```
///
/// A call of a writer that runs once, at any depth.
///
/// ```compile_fail
/// # use db_core::{Result, Writer, retry_on_locked, writer};
/// # #[writer]
/// # fn sell(db: &Writer) -> Result<()> {
/// #     db.execute("UPDATE stock SET qty = qty - 1", ())?;
/// #     Ok(())
/// # }
/// #[writer]
/// #[retry_on_locked(idempotent)]
/// fn sell_two(db: &Writer) -> Result<()> {
///     sell(db)?;
///     sell(db)
/// }
/// ```
///
/// Alone, a literal of SQL that adds up when it is repeated: an `INSERT` without
/// `OR IGNORE`, `OR REPLACE` or `ON CONFLICT`; a column that is computed from
/// those that are set; rows that are computed from the table that they go into;
/// rows that a `LIMIT` picks. What settles, such as `coalesce(?1, n)` or `max(n, ?1)`, is
/// let through, and a reason lets all of it through. SQL that is no literal is not looked
/// at, and nothing looks at it later.
///
/// ```compile_fail
/// # use db_core::retry_on_locked;
/// # use db_core::rusqlite::{Connection, Result};
/// #[retry_on_locked(idempotent)]
/// fn sell(conn: &Connection, sku: &str) -> Result<usize> {
///     conn.execute("UPDATE stock SET qty = qty - 1 WHERE sku = ?1", [sku])
/// }
/// ```
///
/// Parameters that an attempt changes or uses up: `&mut` (except the connection of
/// the bare form), `self` by value, and what is not `Clone`.
///
/// ```compile_fail
/// # use db_core::{Result, Writer, retry_on_locked, writer};
/// #[writer]
/// #[retry_on_locked(idempotent)]
/// fn set(db: &Writer, log: &mut Vec<i64>) -> Result<()> {
///     log.push(1);
///     Ok(())
/// }
/// ```
///
/// ```compile_fail
/// # use db_core::{Result, Writer, retry_on_locked, writer};
/// # struct Shop;
/// # impl Shop {
/// #[writer]
/// #[retry_on_locked(idempotent)]
/// fn close(self, db: &Writer) -> Result<()> {
///     Ok(())
/// }
/// # }
/// ```
///
/// ```compile_fail
/// # use db_core::{Result, Writer, retry_on_locked, writer};
/// struct Ticket(i64);
///
/// #[writer]
/// #[retry_on_locked(idempotent)]
/// fn sell(db: &Writer, ticket: Ticket) -> Result<()> {
///     db.execute("DELETE FROM ticket WHERE id = ?1", [ticket.0])?;
///     Ok(())
/// }
/// ```
///
/// An error in which a lock error could not be found: it is to be `db_core::Error`,
/// `rusqlite::Error`, an error of your own whose `source` leads to one of them,
/// `anyhow::Error` or a boxed error.
///
/// ```compile_fail
/// # use db_core::{Result, Writer, retry_on_locked, writer};
/// struct Failed;
/// # impl From<db_core::Error> for Failed {
/// #     fn from(_: db_core::Error) -> Self {
/// #         Failed
/// #     }
/// # }
///
/// #[writer]
/// #[retry_on_locked(idempotent)]
/// fn set(db: &Writer) -> std::result::Result<(), Failed> {
///     Ok(())
/// }
/// ```
///
/// `max_attempts = 0`, and a `base_delay` over `max_delay`.
///
/// ```compile_fail
/// # use db_core::{Result, Writer, retry_on_locked, writer};
/// #[writer]
/// #[retry_on_locked(idempotent, base_delay = 10s)] // longer than 5s
/// fn set(db: &Writer) -> Result<()> {
///     Ok(())
/// }
/// ```
///
/// A `&Writer` or `&Reader` without its own attribute.
///
/// ```compile_fail
/// # use db_core::{Result, Writer, retry_on_locked};
/// #[retry_on_locked(idempotent)]
/// fn set(db: &Writer) -> Result<()> {
///     Ok(())
/// }
/// ```
///
/// What [all three attributes](macro@writer#what-all-three-refuse) refuse.
///
/// # Names
///
/// The attributes find each other on a function by their names, so import this
/// one as `retry_on_locked`.
#[proc_macro_attribute]
pub fn retry_on_locked(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Attr::Retry, args.into(), item.into()).into()
}
