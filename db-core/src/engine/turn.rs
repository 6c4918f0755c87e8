//! Waiting for a turn: in the lane for the writers of this process, then by a poll for
//! whoever does not queue here, the `sqlite3` shell or another library.

use std::time::{Duration, Instant};

use super::raw::Control;
use super::ready::Ready;
use super::{Engine, LaneNote, Stage, open};
use crate::error::{Error, NestedWrite, Result, SqliteCode, WaitedFor, WriterTimeout};
use crate::lane::{TimedOut, Turn};
use crate::options::JournalMode;
use crate::retry::Deadline;
use crate::site::Site;
use crate::watch::{Body, Inside};

/// How often the lock is asked for.
const POLL: Duration = Duration::from_millis(1);

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

/// One wait: whose it is, when it began, and when it ends.
pub(crate) struct Wait {
    pub(crate) site: Site,
    pub(crate) asked: Instant,
    pub(crate) deadline: Deadline,
}

impl Wait {
    pub(crate) fn begin(site: Site, timeout: Duration) -> Self {
        let asked = Instant::now();
        Self { site, asked, deadline: Deadline::after(asked, timeout) }
    }
}

impl Engine {
    /// Waits in the lane.
    pub(super) fn acquire(&self, wait: &Wait) -> Result<Turn<'_, LaneNote>> {
        let turn = self.lane.acquire(self.note(wait.site), wait.deadline);
        turn.map_err(|TimedOut { holder }| {
            let waited_for = match holder {
                Some(held) if held.note.stage == Stage::WaitsOutside => WaitedFor::OtherConnection,
                Some(held) => WaitedFor::Writer(held.note.opener.seen(held.since)),
                None => WaitedFor::Queue,
            };
            self.turn_missed(wait, waited_for)
        })
    }

    /// Refuses what would wait for a turn that this very thread has.
    pub(super) fn refuse_inside_writer(&self, site: Site) -> Result<()> {
        let lane = self.lane_key();
        match Inside::find(|frame| frame.body == Body::Writer && frame.place == lane) {
            None => Ok(()),
            Some(outer) => {
                let outer = outer.site;
                Err(Error::NestedWrite(Box::new(NestedWrite { inner: site, outer })))
            }
        }
    }

    /// Takes SQLite's lock, for the holder of the lane.
    pub(super) fn begin_immediate(
        &self,
        ready: &Ready,
        turn: &Turn<'_, LaneNote>,
        wait: &Wait,
    ) -> Result<()> {
        let session = &ready.session;
        // Waiting for other connections is the engine's, not SQLite's; the body before
        // may have thought otherwise.
        session.conn().busy_timeout(Duration::ZERO)?;
        let begin = || session.run(Control::BeginImmediate);
        // Who queues behind must not be told that this one is at work.
        let stage = |stage| turn.annotate(|note| note.stage = stage);
        let begun = self.while_busy(wait.deadline, begin, || {
            stage(Stage::WaitsOutside);
            true
        });
        begun.map_err(|busy| self.busy_error(busy, wait))?;
        stage(Stage::Writing);
        if self.options.journal_mode != JournalMode::Wal {
            // With a rollback journal a large body may have to wait for readers.
            session.conn().busy_timeout(self.options.busy_timeout_for_sqlite())?;
        }
        Ok(())
    }

    pub(super) fn busy_error(&self, busy: Busy, wait: &Wait) -> Error {
        match busy {
            Busy::Deadline(_) => self.turn_missed(wait, WaitedFor::OtherConnection),
            Busy::Error(error) => open::explain(&self.path, error),
        }
    }

    fn turn_missed(&self, wait: &Wait, waited_for: WaitedFor) -> Error {
        self.counters.timeouts.add();
        Error::WriterTimeout(Box::new(WriterTimeout {
            path: self.path.clone(),
            site: wait.site,
            waited: wait.asked.elapsed(),
            waited_for,
        }))
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
        let mut patience = None;
        loop {
            let Err(error) = run() else { return Ok(()) };
            if !is_busy(&error) || (patience.is_none() && !may_help()) {
                return Err(Busy::Error(error));
            }
            let now = Instant::now();
            let patience = *patience.get_or_insert_with(|| {
                self.counters.locks_met.add();
                Deadline::after(now, self.options.busy_timeout)
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
