//! One write transaction: lane, BEGIN IMMEDIATE, body, COMMIT, hand over.
//!
//! Invariant: whoever has a [`WriteTx`] has the lane, the writer's connection and an
//! open transaction; dropping it rolls back and gives all three back, in that order.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::admission::{may_write, refuse_in_repeatable};
use super::durable::Patience;
use super::lend::Lent;
use super::open;
use super::raw::Control;
use super::ready::Ready;
use super::seat::Seat;
use super::turn::{Busy, WriteTurn, is_busy};
use super::wait::Wait;
use super::watchdog::Mode;
use super::{Engine, LaneNote};
use crate::error::see::See;
use crate::error::{Error, Result, SqliteCode, refusal};
use crate::lane::{Held, Taken};
use crate::open_guard::Kind;
use crate::retry::Deadline;
use crate::site::Site;
use crate::trace::Hold;
use crate::watch::{Body, Frame, Inside, Opener};

/// What a body registered with `on_commit`.
pub(crate) type Callback = Box<dyn FnOnce() + Send>;

pub(crate) struct WriteTx<'e> {
    engine: &'e Engine,
    /// `Some` until the end.
    ready: Option<Box<Ready>>,
    turn: Option<WriteTurn<'e>>,
    inside: Option<Inside>,
    repeatable: bool,
    /// Whose body runs, or ran last.
    site: Cell<Site>,
    /// For the wait after the commit, if there is one.
    patience: Option<Box<Patience>>,
    pub(super) on_commit: RefCell<Vec<Callback>>,
    pub(super) doom: Cell<Option<Doom>>,
    /// The number of the newest commit, with [`Synchronous::Shared`].
    ///
    /// [`Synchronous::Shared`]: crate::Synchronous::Shared
    newest: Cell<Option<u64>>,
    hold: Hold,
}

/// Why a transaction that is still open must not be committed.
#[derive(Clone, Copy)]
pub(super) enum Doom {
    ReaderWrote(Site),
    /// A savepoint could not be undone.
    Lost,
}

impl<'e> WriteTx<'e> {
    /// Waits for the turn, and begins.
    pub(crate) fn begin(engine: &'e Engine, wait: &Wait, repeatable: bool) -> Result<Self> {
        may_write(engine, wait.site, repeatable)?;
        Self::open(engine, engine.acquire(wait)?, wait, repeatable)
    }

    /// Begins in a turn that was waited for.
    pub(super) fn open(
        engine: &'e Engine,
        turn: WriteTurn<'e>,
        wait: &Wait,
        repeatable: bool,
    ) -> Result<Self> {
        let site = wait.site;
        // Closed while this one waited: its connection is not to be opened again.
        engine.usable()?;
        engine.refuse_undurable(site)?;
        let ready = engine.take_writer(wait)?;
        let mut tx = Self {
            engine,
            ready: Some(ready),
            turn: Some(turn),
            inside: None,
            repeatable,
            site: Cell::new(site),
            patience: None,
            on_commit: RefCell::default(),
            doom: Cell::new(None),
            newest: Cell::new(None),
            hold: Hold::NONE,
        };
        if let Some(turn) = &tx.turn {
            engine.begin_immediate(tx.ready(), turn, wait)?;
            // Closed while it waited for somebody outside.
            engine.usable()?;
        }
        engine.note_wait(wait);
        tx.hold = Hold::begin(&wait.span);
        if engine.shares_syncs() {
            engine.follow_wal(tx.ready(), site)?;
            tx.patience = Some(Box::new(Patience::after(wait, Instant::now())));
        }
        tx.hand_to_body();
        tx.inside = Some(Inside::enter(Frame {
            place: engine.lane_key(),
            body: Body::Writer,
            repeatable,
            site,
        }));
        Ok(tx)
    }

    /// As at the beginning, and in the same turn: SQLite's lock.
    pub(super) fn take_lock_again(&self) -> Result<()> {
        match &self.turn {
            Some(turn) => self.engine.begin_again(self.ready(), turn, self.site()),
            None => unreachable!("kept to the end"),
        }
    }

    /// Goes on with another connection, as this one can't be cleaned.
    pub(super) fn exchange(&mut self, ready: Ready) {
        self.ready = Some(Box::new(ready));
    }

    pub(super) fn hand_to_body(&self) {
        let watchdog = &self.ready().watchdog;
        watchdog.forget();
        watchdog.set_mode(Mode::Body);
    }

    /// From now on the body of another call runs.
    pub(super) fn act_for(&self, site: Site) {
        // What the body before was refused is no business of this one.
        refusal::take();
        self.site.set(site);
        if let Some(inside) = &self.inside {
            inside.act_for(site);
        }
    }

    /// Lets another call stand for the holder of the lane.
    pub(super) fn name_holder(&self, opener: Opener) {
        if let Some(turn) = &self.turn {
            let watchdog = Some(Arc::clone(&self.ready().watchdog));
            turn.annotate(|note| note.seat = Seat::new(opener, watchdog));
        }
    }

    /// As [`WriteTurn::rests_after`].
    pub(super) fn rests_after(&mut self) {
        if let Some(turn) = &mut self.turn {
            turn.rests_after();
        }
    }

    /// Takes the call of the next one who waits, if it is `wanted`.
    pub(super) fn take(
        &self,
        wanted: impl FnOnce(&Held<LaneNote>, &mut LaneNote, Instant) -> bool,
    ) -> Option<Taken<Lent>> {
        self.turn.as_ref()?.take(wanted)
    }

    /// Whether somebody waits for the lane.
    pub(super) fn somebody_waits(&self) -> bool {
        self.turn.as_ref().is_some_and(WriteTurn::somebody_waits)
    }

    /// The number of the newest commit made in this turn, if that still has to get to the
    /// disk.
    pub(super) fn newest_commit(&self) -> Option<u64> {
        self.newest.get()
    }

    /// For the wait after the commit, of whoever began this transaction.
    pub(crate) fn take_patience(&mut self) -> Option<Box<Patience>> {
        self.patience.take()
    }

    pub(crate) fn engine(&self) -> &'e Engine {
        self.engine
    }

    pub(crate) fn site(&self) -> Site {
        self.site.get()
    }

    pub(crate) fn ready(&self) -> &Ready {
        match &self.ready {
            Some(ready) => ready,
            None => unreachable!("taken only when the transaction ends"),
        }
    }

    /// Refuses a call that is repeated in a transaction that is not: its handle was
    /// captured by a body of another database's that may run again.
    pub(super) fn refuse_repeated(&self, site: Site) -> Result<()> {
        refuse_in_repeatable(site, self.repeatable)
    }

    /// An error that a body of `site` returned.
    pub(crate) fn explain<E: From<Error> + 'static>(&self, error: E, see: See<E>, site: Site) -> E {
        self.ready().explain(error, see, Kind::Writer, site, self.engine)
    }

    pub(crate) fn on_commit(&self, callback: Callback) {
        self.on_commit.borrow_mut().push(callback);
    }

    /// Commits, frees the lane, waits for the disk if the commit is not there yet, and
    /// returns what is to run now.
    pub(crate) fn commit(mut self) -> Result<Vec<Callback>> {
        self.run_commit()?;
        let callbacks = self.on_commit.take();
        let (engine, site, patience) = (self.engine, self.site(), self.patience.take());
        let newest = self.newest_commit();
        drop(self);
        if let (Some(number), Some(patience)) = (newest, patience) {
            engine.wait_for_disk(site, number, &patience)?;
        }
        Ok(callbacks)
    }

    pub(super) fn run_commit(&self) -> Result<()> {
        self.run_commit_of(&[self.site()])
    }

    /// Commits what these calls have written.
    pub(super) fn run_commit_of(&self, calls: &[Site]) -> Result<()> {
        self.refuse_forked()?;
        self.in_time()?;
        self.still_open()?;
        match self.doom.get() {
            Some(Doom::ReaderWrote(site)) => return Err(Error::ReaderWrote { site }),
            Some(Doom::Lost) => {
                return Err(match self.ready().session.unfinished_write() {
                    Some(sql) => Error::UnfinishedStatement { site: self.site(), sql },
                    None => Error::RolledBack { site: self.site() },
                });
            }
            None => {}
        }
        self.check_before_commit()?;
        let Ready { session, watchdog, .. } = self.ready();
        watchdog.set_mode(Mode::Engine);
        // With a rollback journal SQLite would wait too, and the two would add up.
        session.conn().busy_timeout(Duration::ZERO)?;
        // SQLite calls an unfinished statement BUSY too, but no wait will finish it.
        let unfinished = || session.unfinished_write();
        let shared = self.engine.shares_syncs();
        let faults = &self.engine.options.faults;
        if let Some(fault) = calls.iter().find_map(|call| faults.at_commit(*call, shared)) {
            return Err(open::explain(&self.engine.path, fault));
        }
        let commit = || self.commit_once();
        let committed = self.engine.while_busy(Deadline::NEVER, commit, || unfinished().is_none());
        if let Err(Busy::Deadline(error) | Busy::Error(error)) = committed {
            // The interrupt may have come just now. Of a commit that waited it is not said.
            if SqliteCode::find(&error).is_some_and(|code| code.is_interrupt()) {
                self.in_time()?;
            }
            return Err(match unfinished().filter(|_| is_busy(&error)) {
                Some(sql) => Error::UnfinishedStatement { site: self.site(), sql },
                None => open::explain(&self.engine.path, error),
            });
        }
        self.engine.counters.commits.add();
        // Of a group it is the first one's.
        self.hold.in_scope(|| self.engine.note_checkpoint(session));
        if shared {
            calls.iter().for_each(|call| faults.committed(*call, self.engine.own_key()));
            self.newest.set(Some(self.engine.count_commit()));
        }
        Ok(())
    }

    pub(super) fn commit_once(&self) -> rusqlite::Result<()> {
        let Ready { session, watchdog, .. } = self.ready();
        match session.run(Control::Commit) {
            // A WAL hook of the program's own runs after the commit, and what it fails with
            // is what SQLite returns (`doWalCallbacks` in vdbeapi.c).
            Err(_) if session.conn().is_autocommit() && !watchdog.rolled_back() => Ok(()),
            result => result,
        }
    }

    /// The body may have been interrupted, and not have noticed.
    pub(super) fn in_time(&self) -> Result<()> {
        let late = self.ready().late(Kind::Writer, self.site(), &self.engine.options);
        late.map_or(Ok(()), Err)
    }

    /// The transaction may have ended behind the body's back.
    pub(super) fn still_open(&self) -> Result<()> {
        let Ready { session, watchdog, .. } = self.ready();
        if watchdog.rolled_back() || session.conn().is_autocommit() {
            return Err(Error::RolledBack { site: self.site() });
        }
        Ok(())
    }

    /// A fork inside a body has two processes end it; the transaction is the parent's.
    fn refuse_forked(&self) -> Result<()> {
        self.engine.usable_here()
    }

    /// Runs a control statement between two statements of a body.
    pub(super) fn control(&self, control: Control) -> Result<()> {
        self.refuse_forked()?;
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
            // So is the lane, whose lock may have been held when the process forked.
            std::mem::forget((ready, self.turn.take()));
            return;
        }
        ready.watchdog.set_mode(Mode::Engine);
        self.hold.end(self.site.get(), Some(self.engine.options.slow_hold));
        let foreign_keys = self.engine.options.foreign_keys;
        if ready.end_transaction() && ready.enforce_foreign_keys(foreign_keys) {
            *self.engine.writer.lock() = Some(ready);
        }
        self.engine.close_writer_after_readers();
        if self.newest.get().is_some() {
            self.rests_after();
        }
        // The frame and the turn go with the fields, after the connection is back.
        self.inside = None;
        self.turn = None;
    }
}
