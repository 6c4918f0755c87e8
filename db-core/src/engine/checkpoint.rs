//! Checkpoints: the log carried into the database, as far as readers let it.
//!
//! One has a writer's turn, so that the log does not grow meanwhile, and gives it back often:
//! a writer is never late because of one that waits for readers.

use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::admission::may_write;
use super::turn::{POLL, is_busy};
use super::wait::Wait;
use super::{Engine, open};
use crate::error::{Error, Result};
use crate::holder::LockHolder;
use crate::retry::Deadline;
use crate::trace;

/// For how long a checkpoint keeps the turn when it meets readers: while it does no writer
/// makes the log longer. It lets those who wait go on for as long before it tries again.
const KEEP: Duration = Duration::from_millis(10);

/// How much of the log a checkpoint carries into the database, and what it waits for.
/// <https://sqlite.org/pragma.html#pragma_wal_checkpoint>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Checkpoint {
    /// What readers don't need any more; waits for none of them, only for another checkpoint
    /// that is being made.
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
        match self.try_to_make(conn) {
            Err(error) if is_busy(&error) => Ok(None),
            made => made,
        }
    }

    fn try_to_make(self, conn: &Connection) -> rusqlite::Result<Option<Checkpointed>> {
        // Before it has read, a connection does not know that another program has given the
        // file a log.
        conn.pragma_query_value(Some("main"), "user_version", |_| Ok(()))?;
        if self == Self::Truncate {
            // What is cut off is not counted any more.
            let Some(before) = Self::Passive.ask(conn)? else { return Ok(None) };
            let done = self.ask(conn)?;
            return Ok(done.map(|_| Checkpointed { carried: before.log_pages, ..before }));
        }
        self.ask(conn)
    }

    fn ask(self, conn: &Connection) -> rusqlite::Result<Option<Checkpointed>> {
        // Of this database only: others may be attached.
        let sql = format!("PRAGMA main.wal_checkpoint({})", self.word());
        let (is_busy, log_pages, carried) = conn.query_row(&sql, [], |row| {
            Ok((row.get::<_, bool>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        })?;
        let done = match (u64::try_from(log_pages), u64::try_from(carried)) {
            (Ok(log_pages), Ok(carried)) => Checkpointed { log_pages, carried },
            // Another checkpoint is being made, and knows the numbers.
            _ if is_busy => return Ok(None),
            _no_log => Checkpointed::default(),
        };
        Ok((!is_busy || self == Self::Passive).then_some(done))
    }
}

/// What a round of a checkpoint came to.
enum Round {
    Done(Checkpointed),
    /// Somebody needs the log. A writer may want the turn.
    InTheWay {
        writers_wait: bool,
    },
}

impl Engine {
    /// Carries the log into the database.
    pub(crate) fn checkpoint(&self, mode: Checkpoint, wait: &Wait) -> Result<Checkpointed> {
        may_write(self, wait.site, false)?;
        // A reader of this thread does not end while it waits here.
        let reads = self.read_here();
        let mut rounds = 1;
        loop {
            let writers_wait = match self.checkpoint_round(mode, wait) {
                Ok(Round::Done(done)) => {
                    self.note_wait(wait);
                    return Ok(done);
                }
                Ok(Round::InTheWay { writers_wait }) => writers_wait,
                // The writers that it has let go on are not what it waits for.
                Err(Error::WriterTimeout(_)) if rounds > 1 => {
                    return Err(self.held_log(rounds, wait));
                }
                Err(error) => return Err(error),
            };
            wait.spend(|spent| &mut spent.outsiders);
            let now = Instant::now();
            if reads || wait.deadline.passed(now) {
                self.note_wait(wait);
                return Err(self.held_log(rounds, wait));
            }
            let pause = if writers_wait { KEEP } else { POLL };
            thread::sleep(wait.deadline.left(now).map_or(pause, |left| left.min(pause)));
            wait.spend(|spent| &mut spent.outsiders);
            rounds += 1;
        }
    }

    /// Tries for a while to make one.
    fn checkpoint_round(&self, mode: Checkpoint, wait: &Wait) -> Result<Round> {
        let turn = self.upkeep_turn(wait)?;
        let ready = self.take_writer(wait)?;
        turn.begins(&ready.watchdog);
        let inside = self.inside_turn(wait);
        let until = Deadline::after(Instant::now(), KEEP).earlier(wait.deadline);
        let done = try_checkpoint(mode, until, ready.session.conn());
        drop(inside);
        *self.writer.lock() = Some(ready);
        self.close_writer_after_readers();
        let done = done.map_err(|error| open::explain(&self.path, error))?;
        let writers_wait = || turn.somebody_waits() || self.queue.gate.has_company();
        Ok(done.map_or_else(|| Round::InTheWay { writers_wait: writers_wait() }, Round::Done))
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

fn try_checkpoint(
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
