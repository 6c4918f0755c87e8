//! The upkeep of a file: the planner's statistics, and indexes made anew.
//!
//! All of it has a writer's turn, so that no writer of db-core's is in its way, or meets a
//! lock because of it. It waits for whoever does not queue until its deadline, and what it
//! does then has no limit of time. It changes no rows, so what the options say of those is not
//! asked, and what else is attached is left alone.

use std::cell::Cell;
use std::sync::Weak;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::admission::may_write;
use super::durable::Patience;
use super::raw::Control;
use super::ready::Ready;
use super::turn::{Busy, WriteTurn, is_busy};
use super::wait::Wait;
use super::watchdog::Mode;
use super::writer::WriteTx;
use super::{ENGINES, Engine, open};
use crate::error::Result;
use crate::options::JournalMode;
use crate::retry::Deadline;
use crate::watch::{Body, Inside};

/// `ANALYZE` where it is worth it (0x02), with a limit of time (0x10), for all tables
/// (0x10000): the writer's connection has not seen which ones the readers use.
/// <https://sqlite.org/pragma.html#pragma_optimize>
const OPTIMIZE: &str = "PRAGMA main.optimize = 0x10012";
/// What that would do, a row for each table.
const WOULD_OPTIMIZE: &str = "PRAGMA main.optimize = 0x10013";

/// A table at a time: without a name it is for all that is attached as well.
const TABLES_WITH_INDEXES: &str = "
    SELECT DISTINCT 'REINDEX main.\"' || replace(tbl_name, '\"', '\"\"') || '\"'
    FROM main.sqlite_schema WHERE type = 'index'";

/// For how long others are let in between two slices: SQLite's own wait asks every 100 ms.
const LET_IN: Duration = Duration::from_millis(150);

impl Engine {
    /// Brings the planner's statistics up to date where they are out of date.
    pub(crate) fn optimize(&self, wait: &Wait) -> Result<()> {
        let changed = self.run_in_transaction(wait, |conn| {
            let changes = conn.prepare(WOULD_OPTIMIZE)?.exists([])?;
            if changes {
                conn.execute_batch(OPTIMIZE)?;
            }
            Ok(changes)
        })?;
        if changed {
            self.readers.renew();
        }
        Ok(())
    }

    /// Counts what the planner needs to know, in every table.
    pub(crate) fn analyze(&self, wait: &Wait) -> Result<()> {
        self.run_in_transaction(wait, |conn| conn.execute_batch("ANALYZE main"))?;
        self.readers.renew();
        Ok(())
    }

    /// Makes all indexes anew.
    pub(crate) fn reindex(&self, wait: &Wait) -> Result<()> {
        self.run_in_transaction(wait, |conn| {
            let mut tables = conn.prepare(TABLES_WITH_INDEXES)?;
            let all: Vec<String> =
                tables.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
            all.iter().try_for_each(|sql| conn.execute_batch(sql))
        })
    }

    fn run_in_transaction<T>(
        &self,
        wait: &Wait,
        work: impl Fn(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        self.in_slices(wait, || {
            let turn = self.upkeep_turn(wait)?;
            let mut tx = WriteTx::open(self, turn, wait, false)?;
            let Ready { session, watchdog, .. } = tx.ready();
            watchdog.set_mode(Mode::Engine);
            // Without a log SQLite would wait for readers, as long as a body may.
            session.conn().busy_timeout(Duration::ZERO)?;
            let done = work(session.conn()).map_err(|error| open::explain(&self.path, error))?;
            tx.still_open()?;
            if !self.commit_upkeep(&tx, wait)? {
                return Ok(None);
            }
            if self.shares_syncs() {
                let number = self.count_commit();
                tx.rests_after();
                drop(tx);
                // It is done, and can't be taken back: only a sync that fails is an error.
                self.wait_for_disk(wait.site, number, &Patience::until(Deadline::NEVER))?;
            }
            Ok(Some(done))
        })
    }

    /// `false` if readers were in the way for a slice.
    fn commit_upkeep(&self, tx: &WriteTx<'_>, wait: &Wait) -> Result<bool> {
        let session = &tx.ready().session;
        if let Some(fault) = self.options.faults.at_commit(wait.site, self.shares_syncs()) {
            return Err(open::explain(&self.path, fault));
        }
        let begun = Instant::now();
        let limits = (self.upkeep_deadline(wait), self.upkeep_slice());
        let waited = Cell::new(false);
        let may_help = || {
            waited.set(true);
            true
        };
        let committed = self.while_busy_for(limits, || tx.commit_once(), may_help);
        if waited.get() {
            wait.spend_since(begun, |spent| &mut spent.outsiders);
        }
        match committed {
            Ok(()) => {}
            Err(Busy::Error(error)) if is_busy(&error) => return Ok(false),
            Err(busy) => {
                // So that only those have the file who are in the way.
                let _ = session.run(Control::Rollback);
                return Err(self.busy_error(busy, wait));
            }
        }
        self.counters.commits.add();
        self.note_checkpoint(session);
        Ok(true)
    }

    /// Repeats what gave up after a slice of its time, and lets others go on in between.
    pub(super) fn in_slices<T>(
        &self,
        wait: &Wait,
        attempt: impl Fn() -> Result<Option<T>>,
    ) -> Result<T> {
        loop {
            if let Some(done) = attempt()? {
                return Ok(done);
            }
            let left = wait.deadline.left(Instant::now());
            thread::sleep(left.map_or(LET_IN, |left| left.min(LET_IN)));
            wait.spend(|spent| &mut spent.outsiders);
        }
    }

    /// For how long one who waits for readers may keep new ones out, and writers: no longer
    /// than either of them waits. With a log readers are in nobody's way.
    pub(super) fn upkeep_slice(&self) -> Duration {
        if self.options.journal_mode == JournalMode::Wal {
            return Duration::MAX;
        }
        self.options.busy_timeout.min(self.options.writer_timeout) / 2
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

    /// Until when whoever has SQLite's lock is waited for. Without a log a reader of this
    /// thread is in the way, and does not end while it waits here.
    pub(super) fn upkeep_deadline(&self, wait: &Wait) -> Deadline {
        if self.options.journal_mode != JournalMode::Wal && self.read_here() {
            Deadline::after(Instant::now(), Duration::ZERO)
        } else {
            wait.deadline
        }
    }

    /// Whether this thread has a reader of the file open, through whatever database.
    pub(super) fn read_here(&self) -> bool {
        // The last reference to one may be that here, and is dropped without the lock.
        let engines: Vec<_> = ENGINES.lock().iter().filter_map(Weak::upgrade).collect();
        let lane = self.lane_key();
        let is_ours = |place| {
            engines.iter().any(|other| other.own_key() == place && other.lane_key() == lane)
        };
        Inside::find(|open| open.body == Body::Reader && is_ours(open.place)).is_some()
    }
}
