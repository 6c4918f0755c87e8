//! Readers and writers without a closure: open until dropped.

use std::ops::Deref;
use std::time::{Duration, Instant};

use crate::access::{InReader, InWriter, Key, Origin, ReadFrom};
use crate::call;
use crate::effect::Once;
use crate::engine::{Engine, ReadTx, WriteTx};
use crate::error::{Result, Spent};
use crate::faults::Counting;
use crate::reader::Reader;
use crate::site::Site;
use crate::trace::Span;
use crate::writer::Writer;

/// An open [`Reader`]; dropping it lets its snapshot go.
///
/// It counts as a body: it belongs to its thread, and a writer can't be called with
/// it.
#[must_use = "a guard that is dropped at once reads nothing"]
#[derive(Debug)]
pub struct ReadGuard<'db> {
    reader: Reader<'db>,
    _counting: Counting,
}

impl<'db> ReadGuard<'db> {
    pub(crate) fn open(engine: &'db Engine, site: Site) -> Result<Self> {
        let tx = ReadTx::begin(engine, site, &Span::NONE, true, false);
        let tx = tx.map_err(|error| {
            call::outermost(error, engine, site, call::busy_since(engine), Spent::default())
        })?;
        let _counting = engine.options().faults.in_guard(site, tx.ready().session.conn());
        Ok(Self { reader: Reader::pooled(tx), _counting })
    }
}

impl<'db> Deref for ReadGuard<'db> {
    type Target = Reader<'db>;

    fn deref(&self) -> &Reader<'db> {
        &self.reader
    }
}

/// An open [`Writer`]: [`commit`](Self::commit) keeps what it wrote, dropping it
/// without rolls back.
///
/// It counts as a body: all other writers wait while it is open.
///
/// # Threads
///
/// It belongs to its thread, so this does not compile. Give the thread a `&Database` or
/// a clone, and open the guard there.
///
/// ```compile_fail
/// # let db = db_core::Database::open_in_memory()?;
/// let writer = db.writer()?;
/// std::thread::scope(|scope| scope.spawn(move || writer.commit()).join());
/// # Ok::<_, db_core::Error>(())
/// ```
#[must_use = "a guard that is dropped without `commit` writes nothing"]
#[derive(Debug)]
pub struct WriteGuard<'db> {
    writer: Writer<'db, Once>,
    begun: Instant,
    _counting: Counting,
}

impl<'db> WriteGuard<'db> {
    pub(crate) fn open(engine: &'db Engine, site: Site, timeout: Option<Duration>) -> Result<Self> {
        let wait = call::wait(engine, site, Span::NONE, timeout);
        let begun = wait.began;
        let tx = WriteTx::begin(engine, &wait, false);
        let tx = tx.map_err(|error| call::outermost(error, engine, site, begun, wait.spent()))?;
        let _counting = engine.options().faults.in_guard(site, tx.ready().session.conn());
        Ok(Self { writer: Writer::own(tx), begun, _counting })
    }

    /// Commits, lets the next writer in, and runs what was registered with
    /// [`on_commit`](Writer::on_commit).
    ///
    /// # Errors
    ///
    /// Nothing was kept with
    /// [`RolledBack`](crate::Error::RolledBack) if the transaction had ended before,
    /// [`UnfinishedStatement`](crate::Error::UnfinishedStatement),
    /// [`Sqlite`](crate::Error::Sqlite) for a constraint that is checked at the
    /// commit. After [`NotDurable`](crate::Error::NotDurable) all is kept that a power
    /// cut leaves; callbacks do not run.
    ///
    /// # Panics
    ///
    /// If an `on_commit` callback does; the commit stays.
    ///
    /// ```
    /// # let db = db_core::Database::open_in_memory()?;
    /// let writer = db.writer()?;
    /// writer.execute_batch("CREATE TABLE stock (sku TEXT PRIMARY KEY)")?;
    /// writer.commit()?;
    /// # Ok::<_, db_core::Error>(())
    /// ```
    pub fn commit(self) -> Result<()> {
        let tx = self.writer.tx();
        let (engine, site) = (tx.engine(), tx.site());
        let callbacks = self
            .writer
            .end()
            .map_err(|error| call::outermost(error, engine, site, self.begun, Spent::default()))?;
        call::run_callbacks(callbacks);
        Ok(())
    }

    /// Undoes everything and lets the next writer in, as dropping it does.
    pub fn rollback(self) {}
}

impl<'db> Deref for WriteGuard<'db> {
    type Target = Writer<'db, Once>;

    fn deref(&self) -> &Writer<'db, Once> {
        &self.writer
    }
}

#[diagnostic::do_not_recommend]
impl ReadFrom for ReadGuard<'_> {
    type Place = InReader;

    fn origin(&self, key: Key) -> Origin<'_> {
        (**self).origin(key)
    }
}

#[diagnostic::do_not_recommend]
impl ReadFrom for WriteGuard<'_> {
    type Place = InWriter<Once>;

    fn origin(&self, key: Key) -> Origin<'_> {
        (**self).origin(key)
    }
}
