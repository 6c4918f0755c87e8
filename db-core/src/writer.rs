//! What a writer's body writes through.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use rusqlite::Connection;

use crate::effect::{Effect, Once};
use crate::engine::{Callback, WriteTx};
use crate::error::see::{See, known};
use crate::error::{Error, Result};
use crate::open_guard::Kind;
use crate::site::Site;
use crate::trace::Span;

/// The one open write transaction of the database.
///
/// It derefs to rusqlite's [`Connection`], and what that offers works, except what would
/// take the transaction out of the engine's hands: BEGIN, COMMIT, ROLLBACK and
/// savepoints (also `unchecked_transaction`), settings, ATTACH, VACUUM and temporary
/// objects are refused. `Ok` commits, `Err` and a panic roll back.
///
/// Write just `&Writer`; the attributes fill in `E`, which says whether the body may run
/// again ([`effect`](crate::effect)). A helper without an attribute takes `&Connection`,
/// which works from every body, or is generic: `fn help<E: Effect>(w: &Writer<'_, E>)`,
/// with `use db_core::effect::Effect`.
///
/// It stays on the thread of its body. Other threads get the
/// [`Database`](crate::Database); what they write waits for the end of this body.
///
/// Made by `#[writer]`,
/// [`Database::write`](crate::Database::write) and
/// [`Database::writer`](crate::Database::writer).
pub struct Writer<'c, E: Effect = Once> {
    source: Source<'c>,
    effect: PhantomData<fn() -> E>,
}

enum Source<'c> {
    /// The top-level call's own transaction.
    Own(WriteTx<'c>),
    /// The transaction of the writer that called.
    Caller(&'c WriteTx<'c>),
}

impl<'c, E: Effect> Writer<'c, E> {
    pub(crate) fn own(tx: WriteTx<'c>) -> Self {
        Self { source: Source::Own(tx), effect: PhantomData }
    }

    pub(crate) fn joined(tx: &'c WriteTx<'c>) -> Self {
        Self { source: Source::Caller(tx), effect: PhantomData }
    }

    pub(crate) fn tx(&self) -> &WriteTx<'c> {
        match &self.source {
            Source::Own(tx) => tx,
            Source::Caller(tx) => tx,
        }
    }

    /// Runs `body` in a savepoint of `tx`, once.
    pub(crate) fn join<T, F: From<Error> + 'static>(
        tx: &WriteTx<'_>,
        site: Site,
        see: See<F>,
        body: impl FnOnce(&Writer<'_, E>) -> Result<T, F>,
    ) -> Result<T, F> {
        let savepoint = tx.savepoint(site)?;
        let span = Span::of_call(Kind::Writer, site);
        let run = || tx.engine().options().faults.in_body(site, || body(&Writer::joined(tx)));
        let result = match span.in_scope(run) {
            Ok(value) => savepoint.release().map(|()| value).map_err(F::from),
            Err(error) => Err(tx.explain(error, see, site)),
        };
        span.ended(result.is_ok());
        result
    }

    /// Commits a transaction of its own; a caller's is the caller's to commit.
    pub(crate) fn end(self) -> Result<Vec<Callback>> {
        match self.source {
            Source::Own(tx) => tx.commit(),
            Source::Caller(_) => Ok(Vec::new()),
        }
    }

    /// Runs `callback` once after the commit that makes the call `Ok`, on the
    /// caller's thread and with the lane free, so it may call writers. If the
    /// transaction, the attempt or the savepoint is rolled back, it never runs. If it
    /// panics, the call panics, and the commit stays.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// # let db = db_core::Database::open_in_memory()?;
    /// let (mail, sent) = mpsc::channel();
    /// db.write(|w| {
    ///     w.execute_batch("CREATE TABLE orders (id INTEGER PRIMARY KEY)")?;
    ///     w.on_commit(move || mail.send("ordered").unwrap());
    ///     assert!(sent.try_recv().is_err());
    ///     Ok::<_, db_core::Error>(sent)
    /// })
    /// .map(|sent| assert_eq!(sent.recv(), Ok("ordered")))?;
    /// # Ok::<_, db_core::Error>(())
    /// ```
    pub fn on_commit(&self, callback: impl FnOnce() + Send + 'static) {
        self.tx().on_commit(Box::new(callback));
    }

    /// Runs `body` as a part of this transaction that can fail alone: on `Err` or a
    /// panic what it wrote is undone, and nothing else.
    ///
    /// A `#[writer]` that is called with this `&Writer` does the same.
    ///
    /// # Errors
    ///
    /// What `body` returns; [`Error::RolledBack`] if the whole transaction was ended
    /// inside it.
    #[track_caller]
    pub fn savepoint<T, F>(&self, body: impl FnOnce(&Writer<'_, E>) -> Result<T, F>) -> Result<T, F>
    where
        F: From<Error> + 'static,
    {
        Self::join(self.tx(), Site::caller(), known, body)
    }
}

impl<E: Effect> Deref for Writer<'_, E> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.tx().ready().session.conn()
    }
}

impl<E: Effect> fmt::Debug for Writer<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("path", &self.tx().engine().path()).finish_non_exhaustive()
    }
}
