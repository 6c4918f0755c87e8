//! The upkeep of a file: the planner's statistics, indexes made anew, and checkpoints.
//!
//! All of it has a writer's turn, so that no writer of db-core's is in its way, or meets a
//! lock because of it. It waits for whoever does not queue until its deadline, and what it
//! does then has no limit of time.

use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::admission::may_write;
use super::ready::Ready;
use super::turn::{POLL, WriteTurn, is_busy};
use super::wait::Wait;
use super::watchdog::Mode;
use super::writer::WriteTx;
use super::{Engine, open};
use crate::error::{Error, Result};
use crate::holder::LockHolder;
use crate::options::JournalMode;
use crate::retry::Deadline;
use crate::trace;
use crate::watch::{Body, Frame, Inside};

/// `ANALYZE` where it is worth it (0x02), with a limit of time (0x10), for all tables
/// (0x10000): the writer's connection has not seen which ones the readers use.
/// <https://sqlite.org/pragma.html#pragma_optimize>
const OPTIMIZE: &str = "PRAGMA optimize = 0x10012";

/// For how long a checkpoint keeps the turn when it meets readers, at first and at most:
/// while it does no writer makes the log longer, and it lets them go on for as long before
/// it tries again.
const KEEP: Duration = Duration::from_millis(10);
const LONGEST_KEEP: Duration = Duration::from_millis(500);

/// How much of the log a checkpoint carries into the database, and what it waits for.
/// <https://sqlite.org/pragma.html#pragma_wal_checkpoint>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checkpoint {
    /// What readers don't need any more; waits for none of them.
    Passive,
    /// All of it; waits for readers of older snapshots.
    Full,
    /// As [`Full`](Self::Full), and until no reader uses the log, so that the next writer
    /// begins it anew.
    Restart,
    /// As [`Restart`](Self::Restart), and cuts the log's file to nothing.
    Truncate,
}

/// What a [`Checkpoint`] came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Checkpointed {
    /// How many pages the log held. 0 without a log, in other journal modes.
    pub log_pages: u64,
    /// How many of them are in the database now. Fewer only after
    /// [`Passive`](Checkpoint::Passive): readers still need the others.
    pub carried: u64,
}

impl Checkpoint {
    fn word(self) -> &'static str {
        match self {
            Self::Passive => "PASSIVE",
            Self::Full => "FULL",
            Self::Restart => "RESTART",
            Self::Truncate => "TRUNCATE",
        }
    }

    /// Makes one, without waiting; `None` if somebody is in the way.
    pub(super) fn make(self, conn: &Connection) -> rusqlite::Result<Option<Checkpointed>> {
        if self == Self::Truncate {
            // What is cut off is not counted any more.
            let before = Self::Passive.make(conn)?.unwrap_or_default();
            let done = self.ask(conn)?;
            return Ok(done.map(|_| Checkpointed { carried: before.log_pages, ..before }));
        }
        self.ask(conn)
    }

    fn ask(self, conn: &Connection) -> rusqlite::Result<Option<Checkpointed>> {
        // Of this database only: others may be attached.
        let sql = format!("PRAGMA main.wal_checkpoint({})", self.word());
        let asked = conn.query_row(&sql, [], |row| {
            // -1 where there is no log.
            let number = |pages: i64| u64::try_from(pages).unwrap_or(0);
            let (log_pages, carried) = (number(row.get(1)?), number(row.get(2)?));
            Ok((row.get::<_, bool>(0)?, Checkpointed { log_pages, carried }))
        });
        match asked {
            Ok((is_busy, done)) => Ok((!is_busy || self == Self::Passive).then_some(done)),
            Err(error) if is_busy(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Engine {
    /// Brings the planner's statistics up to date where they are out of date.
    pub(crate) fn optimize(&self, wait: &Wait) -> Result<()> {
        self.run_in_transaction(OPTIMIZE, wait)?;
        self.readers.renew();
        Ok(())
    }

    /// Counts what the planner needs to know, in every table.
    pub(crate) fn analyze(&self, wait: &Wait) -> Result<()> {
        self.run_in_transaction("ANALYZE main", wait)?;
        self.readers.renew();
        Ok(())
    }

    /// Makes all indexes anew.
    pub(crate) fn reindex(&self, wait: &Wait) -> Result<()> {
        self.run_in_transaction("REINDEX", wait)
    }

    fn run_in_transaction(&self, sql: &str, wait: &Wait) -> Result<()> {
        let turn = self.upkeep_turn(wait)?;
        let tx = WriteTx::open(self, turn, wait, false)?;
        let Ready { session, watchdog, .. } = tx.ready();
        watchdog.set_mode(Mode::Engine);
        let ran = session.conn().execute_batch(sql);
        ran.map_err(|error| open::explain(&self.path, error))?;
        tx.commit().map(drop)
    }

    /// Waits for the turn, as a writer that has no limit of time.
    pub(super) fn upkeep_turn(&self, wait: &Wait) -> Result<WriteTurn<'_>> {
        may_write(self, wait.site, false)?;
        let turn = self.acquire(wait)?;
        turn.annotate(|note| note.seat.has_no_limit = true);
        // Closed while this one waited.
        self.usable()?;
        self.refuse_undurable(wait.site)?;
        Ok(turn)
    }

    /// To be kept while something is done in the turn outside of a transaction: the program's
    /// own functions may be called by it, and are not to write.
    pub(super) fn inside_upkeep(&self, wait: &Wait) -> Inside {
        let (place, site) = (self.lane_key(), wait.site);
        Inside::enter(Frame { place, body: Body::Writer, repeatable: false, site })
    }

    /// Carries the log into the database.
    pub(crate) fn checkpoint(&self, mode: Checkpoint, wait: &Wait) -> Result<Checkpointed> {
        may_write(self, wait.site, false)?;
        if self.options.journal_mode != JournalMode::Wal {
            return Ok(Checkpointed::default());
        }
        // A reader of this thread does not end while it waits here.
        let own = self.own_key();
        let reads = Inside::find(|open| open.body == Body::Reader && open.place == own).is_some();
        let mut keep = KEEP;
        let mut rounds = 1;
        loop {
            match self.checkpoint_round(mode, keep, wait) {
                Ok(Some(done)) => {
                    self.note_wait(wait);
                    return Ok(done);
                }
                Ok(None) => {}
                // The writers that it has let go on are not what it waits for.
                Err(Error::WriterTimeout(_)) if rounds > 1 => {
                    return Err(self.held_log(rounds, wait));
                }
                Err(error) => return Err(error),
            }
            wait.spend(|spent| &mut spent.outsiders);
            let now = Instant::now();
            if reads || wait.deadline.passed(now) {
                self.note_wait(wait);
                return Err(self.held_log(rounds, wait));
            }
            let rest = wait.deadline.left(now).map_or(keep, |left| left.min(keep));
            thread::sleep(rest);
            wait.spend(|spent| &mut spent.outsiders);
            keep = (keep * 2).min(LONGEST_KEEP);
            rounds += 1;
        }
    }

    /// Tries for a while to make one; `None` if somebody is in the way.
    fn checkpoint_round(
        &self,
        mode: Checkpoint,
        keep: Duration,
        wait: &Wait,
    ) -> Result<Option<Checkpointed>> {
        let turn = self.upkeep_turn(wait)?;
        let kept = self.writer.lock().take();
        let ready = match kept {
            Some(ready) => ready,
            None => Box::new(self.open_another(open::writer)?),
        };
        turn.begins(&ready.watchdog);
        let inside = self.inside_upkeep(wait);
        let until = Deadline::after(Instant::now(), keep).earlier(wait.deadline);
        let done = self.try_checkpoint(mode, until, ready.session.conn());
        drop(inside);
        *self.writer.lock() = Some(ready);
        self.close_writer_after_readers();
        done.map_err(|error| open::explain(&self.path, error))
    }

    fn try_checkpoint(
        &self,
        mode: Checkpoint,
        until: Deadline,
        conn: &Connection,
    ) -> rusqlite::Result<Option<Checkpointed>> {
        conn.busy_timeout(Duration::ZERO)?;
        loop {
            let done = mode.make(conn)?;
            if done.is_some() || until.passed(Instant::now()) {
                return Ok(done);
            }
            thread::sleep(POLL);
        }
    }

    /// Somebody needs the log, and has not let go of it.
    fn held_log(&self, rounds: u32, wait: &Wait) -> Error {
        let mut found = self.lock_holders();
        // Those of this process queue, and are not in the way for long.
        found.writers.retain(|writer| !writer.is_this);
        let is_new = |reader: &LockHolder| {
            found.writers.iter().all(|writer| writer.process.id != reader.process.id)
        };
        let readers: Vec<_> =
            found.readers.iter().filter(|reader| is_new(reader)).cloned().collect();
        found.writers.extend(readers);
        let holder = found.of_a_lock(false);
        let numbers = (rounds, wait.began.elapsed());
        let error = Error::locked(Some(&self.path), Some(wait.site), numbers, wait.spent(), holder);
        trace::locked(wait.site, rounds, &error);
        error
    }
}
