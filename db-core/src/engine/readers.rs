//! The readers' connections: opened on demand, last in first out so that caches stay
//! warm, without a limit unless one is asked for.
//!
//! Invariant: a connection is either idle in the pool or owned by one [`ReadTx`], and
//! an idle one has no transaction and no open statement. Checking one out and in is
//! one lock each, and no statement.

use std::sync::Arc;
use std::time::Instant;

use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use super::Engine;
use super::open;
use super::raw::Control;
use super::ready::Ready;
use super::seat::Seat;
use super::watchdog::{Mode, Watchdog};
use crate::error::{Error, NestedRead, ReaderTimeout, Result};
use crate::open_guard::{Kind, OpenGuard};
use crate::retry::Deadline;
use crate::site::Site;
use crate::trace::{self, Span};
use crate::watch::{Body, Frame, Inside, Opener, oldest_first};

pub(crate) struct Readers {
    pool: Mutex<Pool>,
    freed: Condvar,
    max: Option<usize>,
}

#[derive(Default)]
struct Pool {
    #[expect(clippy::vec_box, reason = "checking out moves a pointer")]
    idle: Vec<Box<Ready>>,
    /// The slots of the readers in use, and since when; a free one is used again.
    slots: Vec<Option<(Seat, Instant)>>,
    free: Vec<usize>,
    closed: bool,
}

pub(crate) struct Count {
    pub(crate) in_use: usize,
    pub(crate) idle: usize,
}

impl Pool {
    fn in_use(&self) -> usize {
        self.slots.len() - self.free.len()
    }

    fn occupy(&mut self, seat: Seat) -> usize {
        let seat = Some((seat, Instant::now()));
        match self.free.pop() {
            Some(slot) => {
                self.slots[slot] = seat;
                slot
            }
            None => {
                self.slots.push(seat);
                self.slots.len() - 1
            }
        }
    }

    /// Whether its connection is not to be used again.
    fn is_outdated(&self, slot: usize) -> bool {
        self.slots[slot].as_ref().is_some_and(|(seat, _)| seat.is_outdated)
    }

    fn vacate(&mut self, slot: usize) {
        self.free.push(slot);
        self.slots[slot] = None;
    }
}

impl Readers {
    pub(super) fn new(max: Option<usize>) -> Self {
        Self { pool: Mutex::default(), freed: Condvar::new(), max }
    }

    /// Keeps a reader's connection that was opened for something else.
    pub(super) fn keep(&self, ready: Ready) {
        self.pool.lock().idle.push(Box::new(ready));
    }

    pub(super) fn in_use(&self) -> Vec<OpenGuard> {
        let pool = self.pool.lock();
        let seats = pool.slots.iter().flatten();
        seats.map(|(seat, since)| seat.seen(*since)).collect()
    }

    /// Looks at each reader in use, while it can't leave.
    pub(super) fn each(&self, mut look: impl FnMut(&mut Seat, Instant)) {
        let mut pool = self.pool.lock();
        pool.slots.iter_mut().flatten().for_each(|(seat, since)| look(seat, *since));
    }

    /// Has readers use new connections from now on: one that is open has the planner's
    /// statistics of the time when it was opened.
    pub(super) fn renew(&self) {
        let mut pool = self.pool.lock();
        // Under the lock, as in `close`.
        pool.idle.clear();
        pool.slots.iter_mut().flatten().for_each(|(seat, _)| seat.is_outdated = true);
    }

    /// Tells the watchdog of a connection that was opened for a slot. What that took is not
    /// the body's time.
    fn seat(&self, slot: usize, watchdog: &Arc<Watchdog>) {
        if let Some((seat, since)) = &mut self.pool.lock().slots[slot] {
            seat.watchdog = Some(Arc::clone(watchdog));
            *since = Instant::now();
        }
    }

    pub(super) fn count(&self) -> Count {
        let pool = self.pool.lock();
        Count { in_use: pool.in_use(), idle: pool.idle.len() }
    }

    /// A connection if one is idle, and a slot in any case.
    fn check_out(
        &self,
        engine: &Engine,
        opener: Opener,
        repeatable: bool,
    ) -> Result<(Option<Box<Ready>>, usize, Inside)> {
        let site = opener.site();
        let mut pool = self.pool.lock();
        // Closing looks at the readers in use under this lock.
        if pool.closed {
            return Err(engine.closed());
        }
        if let Some(max) = self.max
            && pool.in_use() >= max
        {
            pool = self.wait(engine, pool, site, max)?;
        }
        let inside =
            Inside::enter(Frame { place: engine.own_key(), body: Body::Reader, repeatable, site });
        let ready = pool.idle.pop();
        let watchdog = ready.as_ref().map(|ready| Arc::clone(&ready.watchdog));
        let slot = pool.occupy(Seat::new(opener, watchdog));
        drop(pool);
        engine.opened();
        Ok((ready, slot, inside))
    }

    fn wait<'p>(
        &'p self,
        engine: &Engine,
        mut pool: parking_lot::MutexGuard<'p, Pool>,
        site: Site,
        max: usize,
    ) -> Result<parking_lot::MutexGuard<'p, Pool>> {
        let place = engine.own_key();
        if let Some(outer) =
            Inside::find(|frame| frame.body == Body::Reader && frame.place == place)
        {
            return Err(Error::NestedRead(Box::new(NestedRead {
                inner: site,
                outer: outer.site,
                max_readers: max,
            })));
        }
        let asked = Instant::now();
        let deadline = Deadline::after(asked, engine.options.reader_timeout);
        while pool.in_use() >= max {
            let timed_out = match deadline.instant() {
                Some(end) => self.freed.wait_until(&mut pool, end).timed_out(),
                None => {
                    self.freed.wait(&mut pool);
                    false
                }
            };
            if timed_out && pool.in_use() >= max {
                drop(pool);
                engine.counters.timeouts.add();
                let waited = asked.elapsed();
                let error = Error::ReaderTimeout(Box::new(ReaderTimeout {
                    site,
                    waited,
                    max_readers: max,
                    in_use: oldest_first(self.in_use()),
                }));
                trace::timeout(site, waited, &error);
                return Err(error);
            }
        }
        engine.usable()?;
        Ok(pool)
    }

    /// Gives the slot back, and the connection if it is clean. One that is not kept is closed
    /// first: whoever waits for the last reader goes on to close the writer.
    fn check_in(&self, mut ready: Option<Box<Ready>>, slot: usize) {
        let mut pool = self.pool.lock();
        if pool.closed || pool.is_outdated(slot) {
            drop(pool);
            drop(ready.take());
            pool = self.pool.lock();
        }
        pool.vacate(slot);
        pool.idle.extend(ready);
        let closed = pool.closed;
        drop(pool);
        if closed {
            self.freed.notify_all();
        } else if self.max.is_some() {
            self.freed.notify_one();
        }
    }

    /// Closes the idle connections, and from now on those that come back. Waits until
    /// none is in use, or until `deadline`.
    pub(super) fn close(&self, deadline: Deadline) {
        let mut pool = self.pool.lock();
        pool.closed = true;
        // Under the lock: whoever finds the pool closed and unused closes the writer.
        pool.idle.clear();
        self.freed.notify_all();
        while pool.in_use() > 0 {
            match deadline.instant() {
                Some(end) => {
                    if self.freed.wait_until(&mut pool, end).timed_out() {
                        return;
                    }
                }
                None => self.freed.wait(&mut pool),
            }
        }
    }

    /// Whether no reader's connection is open, nor ever will be.
    pub(super) fn are_closed(&self) -> bool {
        let pool = self.pool.lock();
        pool.closed && pool.in_use() == 0
    }
}

/// A reader at work: a connection of the pool, in a deferred transaction unless it
/// is for a single statement.
pub(crate) struct ReadTx<'e> {
    engine: &'e Engine,
    /// `Some` from the beginning to the end.
    ready: Option<Box<Ready>>,
    slot: usize,
    in_transaction: bool,
    _inside: Inside,
}

impl<'e> ReadTx<'e> {
    /// Takes a reader; with `snapshot` all its queries see one moment, that of the
    /// first.
    pub(crate) fn begin(
        engine: &'e Engine,
        site: Site,
        span: &Span,
        snapshot: bool,
        repeatable: bool,
    ) -> Result<Self> {
        let open = || engine.open_another(open::reader, &engine.options);
        Self::begin_with(engine, site, span, (snapshot, repeatable), open)
    }

    /// As [`begin`](Self::begin), with a connection opened like that if none is idle.
    pub(super) fn begin_with(
        engine: &'e Engine,
        site: Site,
        span: &Span,
        (snapshot, repeatable): (bool, bool),
        open: impl FnOnce() -> Result<Ready>,
    ) -> Result<Self> {
        engine.usable()?;
        let opener = Opener::new(Kind::Reader, site).in_span(span);
        let (ready, slot, inside) = engine.readers.check_out(engine, opener, repeatable)?;
        let mut tx = Self { engine, ready, slot, in_transaction: false, _inside: inside };
        if tx.ready.is_none() {
            let ready = open()?;
            engine.readers.seat(slot, &ready.watchdog);
            tx.ready = Some(Box::new(ready));
        }
        let Ready { session, watchdog, .. } = tx.ready();
        if let Some(fault) = engine.options.faults.at_turn(site) {
            return Err(fault.into());
        }
        if snapshot {
            session.run(Control::Begin)?;
        }
        watchdog.forget();
        watchdog.set_mode(Mode::Body);
        tx.in_transaction = snapshot;
        Ok(tx)
    }

    pub(crate) fn ready(&self) -> &Ready {
        match &self.ready {
            Some(ready) => ready,
            None => unreachable!("opened when it began, taken only when it ends"),
        }
    }

    /// Whether all was read in one transaction, if it was to be: SQLite ends one after
    /// some errors, and a body may have ignored them.
    pub(crate) fn is_whole(&self) -> bool {
        !self.in_transaction || !self.ready().session.conn().is_autocommit()
    }

    /// Lends the connection for work of the engine's own, which no limit of a body ends.
    pub(crate) fn without_limit<T>(&self, work: impl FnOnce(&Connection) -> T) -> T {
        let Ready { session, watchdog, .. } = self.ready();
        watchdog.set_mode(Mode::Engine);
        work(session.conn())
    }

    pub(crate) fn engine(&self) -> &'e Engine {
        self.engine
    }
}

impl Drop for ReadTx<'_> {
    fn drop(&mut self) {
        let mut ready = self.ready.take();
        if self.engine.forked() {
            std::mem::forget(ready);
            return;
        }
        ready = ready.filter(|ready| {
            ready.watchdog.set_mode(Mode::Engine);
            // A COMMIT that fails leaves the transaction to be rolled back.
            if self.in_transaction {
                let _ = ready.session.run(Control::Commit);
            }
            // A body may have set another.
            let timeout = self.engine.busy_millis;
            ready.end_transaction() && ready.session.set_busy_timeout(timeout)
        });
        self.engine.readers.check_in(ready, self.slot);
        self.engine.close_writer_after_readers();
    }
}
