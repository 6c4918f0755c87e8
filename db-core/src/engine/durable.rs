//! A commit's way to the disk with [`Synchronous::Shared`]: SQLite commits without a
//! sync, the lane and the gate are let go, and one sync of the WAL serves all who have
//! committed before it began.
//!
//! A commit that a checkpoint has carried into the database meanwhile is on the disk as
//! well: a checkpoint syncs the WAL before it copies, and the database before the WAL is
//! used again (`walCheckpoint` in SQLite's wal.c).

use std::io;
use std::time::{Duration, Instant};

use super::wait::Wait;
use super::wal::Wal;
use super::{Engine, Ready};
use crate::error::{Error, NotDurable, Result, Spent, SyncProblem};
use crate::options::Synchronous;
use crate::retry::Deadline;
use crate::site::Site;
use crate::sync::{Between, NotSynced};

/// For how long a commit waits for the disk at least: it can't be taken back, and an
/// error would tell less than the truth.
const AT_LEAST: Duration = Duration::from_secs(1);

/// What a transaction keeps of the wait before it, for the wait after it.
pub(crate) struct Patience {
    began: Instant,
    /// How much of the attempt's time was left when its body began.
    left: Option<Duration>,
    /// When all attempts are to end.
    all: Deadline,
    spent: Spent,
}

impl Patience {
    /// For a body that began at that time.
    pub(crate) fn after(wait: &Wait, body: Instant) -> Self {
        let left = wait.deadline.left(body);
        Self { began: wait.began, left, all: wait.all, spent: wait.spent() }
    }

    pub(super) fn until(deadline: Deadline) -> Self {
        let began = Instant::now();
        Self { began, left: deadline.left(began), all: deadline, spent: Spent::default() }
    }

    /// When it ends, for a commit that was made at that time.
    pub(crate) fn end(&self, committed: Instant) -> Deadline {
        let left = self.left.into_iter().chain(self.all.left(committed)).min();
        left.map_or(Deadline::NEVER, |left| Deadline::after(committed, left.max(AT_LEAST)))
    }
}

impl Engine {
    pub(super) fn shares_syncs(&self) -> bool {
        self.options.synchronous == Synchronous::Shared
    }

    /// Sleeps for a moment while a commit would have to wait for the end of a sync before its
    /// own could begin, if nobody outside of this process wants the lock. `false` at once if
    /// it would not.
    pub(super) fn doze_over_sync(&self, time: Duration) -> bool {
        self.shares_syncs() && !self.queue.gate.has_company() && self.sync.doze(time)
    }

    /// Refuses to write after a failed sync.
    pub(super) fn refuse_undurable(&self, site: Site) -> Result<()> {
        if !self.shares_syncs() {
            return Ok(());
        }
        match self.sync.failed() {
            None => Ok(()),
            Some(error) => Err(self.not_durable(site, false, SyncProblem::Failed(error))),
        }
    }

    /// Finds the WAL of a connection that has a transaction open: before that it may have
    /// none. It is the connection's as long as that is open.
    pub(super) fn follow_wal(&self, ready: &Ready, site: Site) -> Result<()> {
        if ready.wal_followed.replace(true) {
            return Ok(());
        }
        let followed = self.open_wal(ready).and_then(|wal| {
            wal.sync_name()?;
            self.sync.follow(wal);
            Ok(())
        });
        followed.map_err(|error| {
            ready.wal_followed.set(false);
            self.unopened(site, error)
        })
    }

    fn open_wal(&self, ready: &Ready) -> io::Result<Wal> {
        Wal::open(ready.session.wal_path()?, &self.file)
    }

    fn unopened(&self, site: Site, error: io::Error) -> Error {
        self.not_durable(site, false, SyncProblem::Unopened(error.into()))
    }

    /// Whether a sync of the WAL has failed, as far as can be told without a lock.
    pub(super) fn may_have_hole(&self, ready: &Ready) -> bool {
        let wal = self.open_wal(ready);
        wal.is_ok_and(|wal| wal.between().is_some_and(Between::has_failed))
    }

    /// Carries a WAL into the database of which a sync has failed, in whatever process:
    /// what that was to bring to the disk may be missing there, and all that is appended
    /// behind it would be lost with it. By whoever has the lane and the gate, before
    /// anything is written.
    pub(super) fn carry_over(&self, ready: &Ready, wait: &Wait) -> Result<()> {
        let wal = self.open_wal(ready).map_err(|error| self.unopened(wait.site, error))?;
        let Some(between) = wal.between().filter(|between| between.has_failed()) else {
            return Ok(());
        };
        let conn = ready.session.conn();
        conn.busy_timeout(Duration::ZERO)?;
        let checkpoint = || {
            let busy = |row: &rusqlite::Row<'_>| row.get::<_, bool>(0);
            match conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], busy)? {
                false => Ok(()),
                true => Err(rusqlite::Error::SqliteFailure(
                    rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY),
                    None,
                )),
            }
        };
        let carried = self.while_busy(wait.deadline, checkpoint, || true);
        carried.map_err(|busy| self.busy_error(busy, wait))?;
        between.forget_failure();
        Ok(())
    }

    /// Counts a commit, by whoever has made it and still has the lane.
    pub(super) fn count_commit(&self) -> u64 {
        self.sync.committed()
    }

    /// Waits until the commit of that number, just made, is on the disk.
    pub(super) fn wait_for_disk(&self, site: Site, number: u64, patience: &Patience) -> Result<()> {
        self.wait_for_disk_since(Instant::now(), site, number, patience)
    }

    /// As [`wait_for_disk`](Self::wait_for_disk), for a commit made at that time.
    pub(crate) fn wait_for_disk_since(
        &self,
        committed: Instant,
        site: Site,
        number: u64,
        patience: &Patience,
    ) -> Result<()> {
        self.synced(number, patience.end(committed)).map_err(|problem| {
            let problem = match problem {
                NotSynced::Failed(error) => SyncProblem::Failed(error),
                NotSynced::Late => {
                    let (whole, mut spent) = (patience.began.elapsed(), patience.spent);
                    spent.disk = committed.elapsed();
                    SyncProblem::Late(whole, spent.of(whole))
                }
            };
            self.not_durable(site, true, problem)
        })
    }

    /// Waits until the commit of that number is on the disk, or is known not to be, or
    /// `until`.
    pub(crate) fn await_disk(&self, number: u64, until: Deadline) {
        // Whoever is told asks again, and is answered at once if the wait was over.
        let _ = self.synced(number, until);
    }

    fn synced(&self, number: u64, until: Deadline) -> Result<(), NotSynced> {
        self.sync.wait(number, until, |wal| match self.options.faults.at_sync(self.own_key()) {
            Some(fault) => Err(fault),
            None => wal.sync(self.queue.gate.has_company()),
        })
    }

    fn not_durable(&self, site: Site, committed: bool, problem: SyncProblem) -> Error {
        let path = self.path.clone();
        Error::NotDurable(Box::new(NotDurable { path, site, committed, problem }))
    }
}
