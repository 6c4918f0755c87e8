//! Waiting for a turn: in the lane for the writers of this process, at the gate for other
//! processes, then by a poll for whoever does not queue, the `sqlite3` shell or another
//! library.

use std::cell::Cell;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::lend::Lent;
use super::raw::Control;
use super::ready::Ready;
use super::report::{waiting, writer_of};
use super::wait::Wait;
use super::watchdog::Watchdog;
use super::{Engine, LaneNote, Queue, Stage, open};
use crate::error::{Error, Result, SqliteCode, WaitedFor, Warning, WriterTimeout};
use crate::file_system::Drive;
use crate::gate::{Entered, Left, Missed};
use crate::lane::{Held, Seen, Taken, TimedOut, Turn};
use crate::open_guard::{Kind, Waiting};
use crate::options::JournalMode;
use crate::retry::Deadline;
use crate::site::Site;
use crate::trace;
use crate::watch::Opener;

/// How often the lock is asked for.
pub(super) const POLL: Duration = Duration::from_millis(1);

pub(super) fn is_busy(error: &rusqlite::Error) -> bool {
    SqliteCode::find(error).is_some_and(|code| code.is_busy())
}

/// Why the waiting ended.
pub(super) enum Busy {
    /// The deadline came before `busy_timeout` was over.
    Deadline(rusqlite::Error),
    /// Any other error, or BUSY when `busy_timeout` was over.
    Error(rusqlite::Error),
}

/// The right to write: the lane, and the gate. Dropping it lets the next one in.
#[must_use]
pub(crate) struct WriteTurn<'e> {
    /// `Some` until the end.
    lane: Option<Turn<'e, LaneNote, Lent>>,
    engine: &'e Engine,
    /// To be said when others can go on: who hears it may want to write it down here.
    warning: Option<Box<Warning>>,
}

impl WriteTurn<'_> {
    /// As [`Turn::rests_after`].
    pub(super) fn rests_after(&mut self) {
        if let Some(lane) = &mut self.lane {
            lane.rests_after();
        }
    }

    pub(super) fn at(&self, stage: Stage) {
        self.annotate(|note| note.stage = stage);
    }

    /// From now on the body may run, on the connection of that watchdog.
    pub(super) fn begins(&self, watchdog: &Arc<Watchdog>) {
        self.annotate(|note| {
            note.stage = Stage::Writing;
            note.seat.watchdog = Some(Arc::clone(watchdog));
        });
        self.engine.opened();
    }

    /// As [`Turn::annotate`].
    pub(super) fn annotate(&self, change: impl FnOnce(&mut LaneNote)) {
        if let Some(lane) = &self.lane {
            lane.annotate(change);
        }
    }

    pub(super) fn somebody_waits(&self) -> bool {
        self.engine.queue.lane.waiting() > 0
    }

    /// As [`Turn::take`].
    pub(super) fn take(
        &self,
        wanted: impl FnOnce(&Held<LaneNote>, &mut LaneNote, Instant) -> bool,
    ) -> Option<Taken<Lent>> {
        self.lane.as_ref()?.take(wanted)
    }
}

impl Drop for WriteTurn<'_> {
    fn drop(&mut self) {
        let Queue { lane, gate } = &*self.engine.queue;
        // While the lane is still held: nobody else of this process is at the gate.
        let left = gate.leave(|| lane.waiting() > 0);
        self.lane = None;
        if left == Left::ForOthers {
            gate.leave_unused(|| lane.is_used());
        }
        if let Some(warning) = self.warning.take() {
            self.engine.options.warn(&warning);
        }
    }
}

impl Engine {
    /// Waits in the lane, and at the gate.
    pub(super) fn acquire(&self, wait: &Wait) -> Result<WriteTurn<'_>> {
        let opener = Opener::new(Kind::Writer, wait.site).in_span(&wait.span);
        let lane = self.queue.lane.acquire(self.note_of(opener), wait.deadline);
        self.at_gate(lane.map_err(|out| self.passed_over(wait, out))?, wait)
    }

    /// The lane was not to be had in time.
    pub(super) fn passed_over(
        &self,
        wait: &Wait,
        TimedOut { seen: Seen { holder, queue } }: TimedOut<LaneNote>,
    ) -> Error {
        let Queue { lane, gate } = &*self.queue;
        gate.leave_unused(|| lane.is_used());
        wait.spend(|spent| &mut spent.threads);
        self.turn_missed(wait, || {
            let waited_for = match &holder {
                Some(held) => match held.note.stage {
                    Stage::WaitsOutside => self.outsider(),
                    Stage::AtGate => WaitedFor::Process(gate.holder()),
                    _ => return (WaitedFor::Writer(writer_of(held, &queue)), Vec::new()),
                },
                None => WaitedFor::Queue,
            };
            // Whoever has the lane waits as well, before the others.
            let all: Vec<_> = holder.into_iter().chain(queue).collect();
            (waited_for, waiting(&all))
        })
    }

    /// Waits at the gate, for whoever has the lane.
    pub(super) fn at_gate<'e>(
        &'e self,
        lane: Turn<'e, LaneNote, Lent>,
        wait: &Wait,
    ) -> Result<WriteTurn<'e>> {
        let queue = &*self.queue;
        if lane.queued() {
            wait.spend(|spent| &mut spent.threads);
        }
        let mut turn = WriteTurn { lane: Some(lane), engine: self, warning: None };
        let waits = Cell::new(false);
        let entered = queue.gate.enter(wait.deadline, || {
            waits.set(true);
            self.counters.locks_met.add();
            turn.at(Stage::AtGate);
        });
        if waits.get() {
            turn.at(Stage::Beginning);
            wait.spend(|spent| &mut spent.processes);
        }
        match entered {
            Ok(Entered::Inside) => Ok(turn),
            Ok(Entered::NoGate(source)) => {
                let path = self.path.clone();
                turn.warning = Some(Box::new(Warning::NoGate { path, source }));
                Ok(turn)
            }
            Err(Missed) => Err(self.turn_missed(wait, || {
                (WaitedFor::Process(queue.gate.holder()), waiting(&queue.lane.seen().queue))
            })),
        }
    }

    /// Takes SQLite's lock, for the holder of the lane.
    pub(super) fn begin_immediate(
        &self,
        ready: &Ready,
        turn: &WriteTurn<'_>,
        wait: &Wait,
    ) -> Result<()> {
        let waits = Cell::new(false);
        let site = wait.site;
        let (until, patience) = (wait.deadline, wait.patience(&self.options));
        let begun = self.take_lock(ready, turn, site, (until, patience), || waits.set(true));
        if waits.get() {
            wait.spend(|spent| &mut spent.outsiders);
        }
        begun.map_err(|busy| self.busy_error(busy, wait))
    }

    /// As [`begin_immediate`](Self::begin_immediate), for a call whose own time counts no
    /// more: a lock that stays for `busy_timeout` is SQLite's error.
    pub(super) fn begin_again(
        &self,
        ready: &Ready,
        turn: &WriteTurn<'_>,
        site: Site,
    ) -> Result<()> {
        // From here on nobody interrupts what the body before was late with: the watcher looks
        // under the lock that this takes.
        turn.at(Stage::Beginning);
        let limits = (Deadline::NEVER, self.options.busy_timeout);
        self.take_lock(ready, turn, site, limits, || ()).map_err(|busy| match busy {
            Busy::Deadline(error) | Busy::Error(error) => open::explain(&self.path, error),
        })
    }

    fn take_lock(
        &self,
        ready: &Ready,
        turn: &WriteTurn<'_>,
        site: Site,
        limits: (Deadline, Duration),
        waits: impl Fn(),
    ) -> std::result::Result<(), Busy> {
        if let Some(fault) = self.options.faults.at_turn(site) {
            if is_busy(&fault) {
                self.counters.locks_met.add();
            }
            return Err(Busy::Error(fault));
        }
        let session = &ready.session;
        // Waiting for other connections is the engine's, not SQLite's; the body before
        // may have thought otherwise.
        session.conn().busy_timeout(Duration::ZERO).map_err(Busy::Error)?;
        let begin = || session.run(Control::BeginImmediate);
        self.while_busy_for(limits, begin, || {
            // Who queues behind must not be told that this one is at work.
            turn.at(Stage::WaitsOutside);
            waits();
            true
        })?;
        turn.begins(&ready.watchdog);
        if self.options.journal_mode != JournalMode::Wal {
            // With a rollback journal a large body may have to wait for readers.
            let timeout = self.options.busy_timeout_for_sqlite();
            session.conn().busy_timeout(timeout).map_err(Busy::Error)?;
        }
        Ok(())
    }

    pub(super) fn busy_error(&self, busy: Busy, wait: &Wait) -> Error {
        match busy {
            Busy::Deadline(_) => {
                self.turn_missed(wait, || (self.outsider(), waiting(&self.queue.lane.seen().queue)))
            }
            Busy::Error(error) => {
                self.note_wait(wait);
                open::explain(&self.path, error)
            }
        }
    }

    /// Whoever has SQLite's lock and does not queue.
    fn outsider(&self) -> WaitedFor {
        WaitedFor::OtherConnection(self.lock_holder())
    }

    /// `waited_for` tells who was waited for, and who else waits.
    fn turn_missed(
        &self,
        wait: &Wait,
        waited_for: impl FnOnce() -> (WaitedFor, Vec<Waiting>),
    ) -> Error {
        self.counters.timeouts.add();
        self.note_wait(wait);
        let waited = wait.began.elapsed();
        // Found out last: asking the system takes time of its own.
        let (waited_for, queue) = waited_for();
        let drive = match waited_for {
            WaitedFor::OtherConnection(_) => Drive::of(&self.file),
            _ => Drive::Unknown,
        };
        let error = Error::WriterTimeout(Box::new(WriterTimeout {
            path: self.path.clone(),
            site: wait.site,
            waited,
            spent: wait.spent().of(waited),
            waited_for,
            queue,
            drive,
        }));
        wait.span.in_scope(|| trace::timeout(wait.site, waited, &error));
        error
    }

    /// Counts how long somebody has waited for the turn, whatever that came to.
    pub(crate) fn note_wait(&self, wait: &Wait) {
        self.counters.waited(wait.waited());
        wait.span.waited(wait.waited());
    }

    /// Repeats `run` while it is BUSY: a short constant poll, because SQLite's own
    /// ladder of sleeps starves whoever sleeps longest. `may_help` is asked once, before
    /// the first pause, whether waiting is of any use.
    pub(super) fn while_busy(
        &self,
        deadline: Deadline,
        run: impl Fn() -> rusqlite::Result<()>,
        may_help: impl Fn() -> bool,
    ) -> std::result::Result<(), Busy> {
        self.while_busy_for((deadline, self.options.busy_timeout), run, may_help)
    }

    /// As [`while_busy`](Self::while_busy), with another time than `busy_timeout`.
    pub(super) fn while_busy_for(
        &self,
        (deadline, longest): (Deadline, Duration),
        run: impl Fn() -> rusqlite::Result<()>,
        may_help: impl Fn() -> bool,
    ) -> std::result::Result<(), Busy> {
        let mut patience = None;
        loop {
            let Err(error) = run() else { return Ok(()) };
            if !is_busy(&error) || (patience.is_none() && !may_help()) {
                return Err(Busy::Error(error));
            }
            let now = Instant::now();
            let patience = *patience.get_or_insert_with(|| {
                self.counters.locks_met.add();
                Deadline::after(now, longest)
            });
            if deadline.passed(now) {
                return Err(Busy::Deadline(error));
            }
            if patience.passed(now) {
                return Err(Busy::Error(error));
            }
            let pause = POLL.mul_f64(0.5 + fastrand::f64());
            let end = deadline.earlier(patience);
            std::thread::sleep(end.left(now).map_or(pause, |left| left.min(pause)));
        }
    }
}
