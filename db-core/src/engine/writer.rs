//! One write transaction: lane, BEGIN IMMEDIATE, body, COMMIT, hand over.
//!
//! Invariant: whoever has a [`WriteTx`] has the lane, the writer's connection and an
//! open transaction; dropping it rolls back and gives all three back, in that order.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use super::hooks::Mode;
use super::open;
use super::poll::{Busy, is_busy};
use super::raw::Control;
use super::ready::Ready;
use super::{Engine, LaneNote};
use crate::error::{Again, Error, NestedWrite, Result, WaitedFor, WriterTimeout};
use crate::lane::{TimedOut, Turn};
use crate::options::JournalMode;
use crate::retry::Deadline;
use crate::site::{Kind, Site};
use crate::watch::{Body, Frame, Inside};

/// What a body registered with `on_commit`.
pub(crate) type Callback = Box<dyn FnOnce() + Send>;

pub(crate) struct WriteTx<'e> {
    engine: &'e Engine,
    /// `Some` until the end.
    ready: Option<Box<Ready>>,
    turn: Option<Turn<'e, LaneNote>>,
    inside: Option<Inside>,
    site: Site,
    pub(super) on_commit: RefCell<Vec<Callback>>,
    pub(super) doom: Cell<Option<Doom>>,
}

/// Why a transaction that is still open must not be committed.
#[derive(Clone, Copy)]
pub(super) enum Doom {
    ReaderWrote(Site),
    /// A savepoint could not be undone.
    Lost,
}

impl<'e> WriteTx<'e> {
    /// Waits for the turn until `deadline`, and begins. `asked` is when the caller
    /// began to wait.
    pub(crate) fn begin(
        engine: &'e Engine,
        site: Site,
        repeatable: bool,
        asked: Instant,
        deadline: Deadline,
    ) -> Result<Self> {
        engine.usable()?;
        if engine.options.read_only {
            return Err(Error::ReadOnly { path: engine.path.clone(), asked: true });
        }
        refuse_nested(engine, site, repeatable)?;
        let turn = engine.lane.acquire(engine.note(site), deadline);
        let turn = turn.map_err(|out| engine.lane_missed(site, asked, out))?;
        // Closed while this one waited.
        engine.usable()?;
        let kept = engine.writer.lock().take();
        let ready = match kept {
            Some(ready) => ready,
            // The one before was given up.
            None => Box::new(open::writer(&engine.path, &engine.options)?),
        };
        let mut tx = Self {
            engine,
            ready: Some(ready),
            turn: Some(turn),
            inside: None,
            site,
            on_commit: RefCell::default(),
            doom: Cell::new(None),
        };
        tx.begin_immediate(asked, deadline)?;
        let watchdog = &tx.ready().watchdog;
        watchdog.forget();
        watchdog.set_mode(Mode::Body);
        tx.inside = Some(Inside::enter(Frame {
            database: engine.file_key(),
            body: Body::Writer,
            repeatable,
            site,
        }));
        Ok(tx)
    }

    fn begin_immediate(&self, asked: Instant, deadline: Deadline) -> Result<()> {
        let session = &self.ready().session;
        // Waiting for other connections is the engine's, not SQLite's; the body before
        // may have thought otherwise.
        session.conn().busy_timeout(Duration::ZERO)?;
        let begin = || session.run(Control::BeginImmediate);
        // Who queues behind must not be told that this one is at work.
        let waits_outside = |waits| {
            if let Some(turn) = &self.turn {
                turn.annotate(|note| note.waits_outside = waits);
            }
        };
        let met = Cell::new(false);
        let begun = self.engine.while_busy(deadline, begin, || {
            waits_outside(true);
            met.set(true);
            true
        });
        if met.get() {
            waits_outside(false);
        }
        begun.map_err(|busy| match busy {
            Busy::Deadline(_) => {
                self.engine.turn_missed(self.site, asked, WaitedFor::OtherConnection)
            }
            Busy::Error(error) => open::explain(&self.engine.path, error),
        })?;
        if self.engine.options.journal_mode != JournalMode::Wal {
            // With a rollback journal a large body may have to wait for readers.
            session.conn().busy_timeout(self.engine.options.busy_timeout_for_sqlite())?;
        }
        Ok(())
    }

    pub(crate) fn engine(&self) -> &'e Engine {
        self.engine
    }

    pub(crate) fn site(&self) -> Site {
        self.site
    }

    pub(crate) fn ready(&self) -> &Ready {
        match &self.ready {
            Some(ready) => ready,
            None => unreachable!("taken only when the transaction ends"),
        }
    }

    /// An error that a body of `site` returned.
    pub(crate) fn explain<E: From<Error> + 'static>(&self, error: E, site: Site) -> E {
        self.ready().explain(error, Kind::Writer, site, &self.engine.path)
    }

    pub(crate) fn on_commit(&self, callback: Callback) {
        self.on_commit.borrow_mut().push(callback);
    }

    /// Commits, frees the lane, and returns what is to run now.
    pub(crate) fn commit(self) -> Result<Vec<Callback>> {
        self.still_open()?;
        match self.doom.get() {
            Some(Doom::ReaderWrote(site)) => return Err(Error::ReaderWrote { site }),
            Some(Doom::Lost) => return Err(Error::RolledBack { site: self.site }),
            None => {}
        }
        let Ready { session, watchdog, .. } = self.ready();
        watchdog.set_mode(Mode::Engine);
        // SQLite calls an unfinished statement BUSY too, but no wait will finish it.
        let unfinished = || session.unfinished_write();
        let commit = || session.run(Control::Commit);
        let committed = self.engine.while_busy(Deadline::NEVER, commit, || unfinished().is_none());
        if let Err(Busy::Deadline(error) | Busy::Error(error)) = committed {
            return Err(match unfinished().filter(|_| is_busy(&error)) {
                Some(sql) => Error::UnfinishedStatement { site: self.site, sql },
                None => open::explain(&self.engine.path, error),
            });
        }
        self.engine.counters.commits.add();
        Ok(self.on_commit.take())
    }

    /// The transaction may have ended behind the body's back.
    pub(super) fn still_open(&self) -> Result<()> {
        let Ready { session, watchdog, .. } = self.ready();
        if watchdog.rolled_back() || session.conn().is_autocommit() {
            return Err(Error::RolledBack { site: self.site });
        }
        Ok(())
    }

    /// Runs a control statement between two statements of a body.
    pub(super) fn control(&self, control: Control) -> Result<()> {
        let Ready { session, watchdog, .. } = self.ready();
        let mode = watchdog.mode();
        watchdog.set_mode(Mode::Engine);
        let result = session.run(control);
        watchdog.set_mode(mode);
        result.map_err(Error::from)
    }
}

impl Drop for WriteTx<'_> {
    fn drop(&mut self) {
        let Some(ready) = self.ready.take() else {
            return;
        };
        if self.engine.forked() {
            // The connection is the other process's; closing it would touch its locks.
            std::mem::forget(ready);
            return;
        }
        ready.watchdog.set_mode(Mode::Engine);
        if ready.end_transaction() && !self.engine.is_closed() {
            *self.engine.writer.lock() = Some(ready);
        }
        // The frame and the turn go with the fields, after the connection is back.
        self.inside = None;
        self.turn = None;
    }
}

/// What types can't see: a captured `Database` used inside a body of this thread.
fn refuse_nested(engine: &Engine, site: Site, repeatable: bool) -> Result<()> {
    let file = engine.file_key();
    if let Some(outer) = Inside::find(|frame| frame.body == Body::Writer && frame.database == file)
    {
        return Err(Error::NestedWrite(Box::new(NestedWrite { inner: site, outer: outer.site })));
    }
    if !repeatable && let Some(outer) = Inside::find(|frame| frame.repeatable) {
        return Err(Error::OnceInRetried(Box::new(Again { inner: site, outer: outer.site })));
    }
    Ok(())
}

impl Engine {
    pub(super) fn lane_missed(&self, site: Site, asked: Instant, out: TimedOut<LaneNote>) -> Error {
        let waited_for = match out.holder {
            Some(held) if held.note.waits_outside => WaitedFor::OtherConnection,
            Some(held) => WaitedFor::Writer(held.note.opener.seen(held.since)),
            None => WaitedFor::Queue,
        };
        self.turn_missed(site, asked, waited_for)
    }

    fn turn_missed(&self, site: Site, asked: Instant, waited_for: WaitedFor) -> Error {
        self.counters.timeouts.add();
        Error::WriterTimeout(Box::new(WriterTimeout {
            path: self.path.clone(),
            site,
            waited: asked.elapsed(),
            waited_for,
        }))
    }
}
