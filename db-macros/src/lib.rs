//! The attributes of `db-core`: [`macro@reader`], [`macro@writer`] and
//! [`macro@retry_on_locked`].
//!
//! Use them through that crate, which re-exports them; what they expand to
//! calls it.
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
/// `&Writer` that they were given, to read what they see. The function returns
/// a `Result` whose error is `From<db_core::Error>`.
///
/// ```ignore
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
/// | `db = EXPR` | | where the handle comes from, if callers are not to pass it: the parameter is then gone from the signature. Any expression for a `Database` or for what derefs to one, such as `self.db`, `db_core::global()?` or a static. |
/// | `autocommit` | off | no transaction around the body: cheaper for a body of a single statement, but two statements may see different states. |
/// | `crate = PATH` | `::db_core` | where `db_core` is found, if it is re-exported or renamed. |
///
/// ```ignore
/// #[reader(db = self.db, autocommit)]
/// fn count(&self, db: &Reader) -> Result<i64> {
///     Ok(db.query_row("SELECT count(*) FROM stock", (), |row| row.get(0))?)
/// }
/// // called as: shop.count()?
/// ```
///
/// # With `#[retry_on_locked]`
///
/// A reader seldom meets a lock: while a file is recovered, or in exclusive
/// mode. With [`macro@retry_on_locked`] next to it, in either order, it runs
/// again then. That a reader can be repeated needs no saying.
///
/// # What it refuses
///
/// A `&Writer` as handle, a call of any writer through the handle, a return
/// type that is no `Result`, and `async`, `const`, `unsafe` or `extern`
/// functions.
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
/// the body is a part of their transaction. The function returns a `Result`
/// whose error is `From<db_core::Error>`. `Ok` commits; `Err` and a panic leave
/// nothing.
///
/// The call waits for its turn, in order of arrival, before the body runs. So
/// the body runs once, and no attribute is needed for the waiting.
///
/// ```ignore
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
/// | `db = EXPR` | | where the handle comes from, if callers are not to pass it: the parameter is then gone from the signature. Any expression for a `Database` or for what derefs to one, such as `self.db`, `db_core::global()?` or a static. |
/// | `timeout = 10s` | the database's `writer_timeout`, 10 s | how long one attempt waits for its turn at most: a literal with one of the units `ns`, `us`, `ms`, `s`, `min`, or any expression of type `Duration`. `0s` does not wait. |
/// | `group` | off | shares a transaction with other waiting writers. Not available in this version. |
/// | `crate = PATH` | `::db_core` | where `db_core` is found, if it is re-exported or renamed. |
///
/// ```ignore
/// #[writer(db = self.db, timeout = 500ms)]
/// fn restock(&self, db: &Writer, sku: &str) -> Result<()> {
///     db.execute("UPDATE stock SET qty = 100 WHERE sku = ?1", [sku])?;
///     Ok(())
/// }
/// // called as: shop.restock("A-1")?
/// ```
///
/// # What it refuses
///
/// A `&Reader` as handle, `#[reader]` on the same function, a return type that
/// is no `Result`, and `async`, `const`, `unsafe` or `extern` functions. A
/// writer without [`macro@retry_on_locked`] cannot be called from a body that
/// may run again.
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
/// Only lock errors are retried, and only by the outermost annotated call.
///
/// ```ignore
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
/// | `deadline = 30s` | none | the limit on all attempts, waits and pauses together. |
/// | `crate = PATH` | `::db_core` | where `db_core` is found, if it is re-exported or renamed. |
///
/// Durations are a literal with one of the units `ns`, `us`, `ms`, `s`, `min`,
/// or any expression of type `Duration`.
///
/// ```ignore
/// #[retry_on_locked(idempotent = "the order id is unique", base_delay = 50ms, deadline = 2s)]
/// fn place(conn: &Connection, order: Order) -> rusqlite::Result<()> {
///     conn.execute("INSERT INTO orders VALUES (?1, ?2)", (order.id, order.total))?;
///     Ok(())
/// }
/// ```
///
/// # Parameters
///
/// Each attempt gets its own clone of a parameter taken by value, which must be
/// `Clone`; one taken by reference is used as it is.
///
/// # What it refuses
///
/// A missing `idempotent`, `&mut` parameters (except the connection of the bare
/// form), `self` by value and `&mut self`, a `&Writer` or `&Reader` without its
/// own attribute, and a call of a writer that runs once.
///
/// # Names
///
/// The attributes find each other on a function by their names, so import this
/// one as `retry_on_locked`.
#[proc_macro_attribute]
pub fn retry_on_locked(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::attribute(Attr::Retry, args.into(), item.into()).into()
}
