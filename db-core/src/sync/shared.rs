//! One sync of the disk for many threads: whoever finds none under way does it, the
//! others share the next.
//!
//! It knows no SQLite: commits are numbers, and what is synced is a `W`. Invariants, all
//! under the one mutex: while a sync is under way, or somebody has been told to lead the
//! next, `leading` is set; whoever waits is in `next` until somebody else has taken him
//! into a sync, and is then told how it ended; a sync covers the commits that were
//! counted before it began, and no other; whoever leads the next one is not covered.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use super::threads::{self, AtomicU8, AtomicU64, Mutex, Ordering, Thread};
use crate::retry::Deadline;

/// The commits of one database that are, or are to be, on the disk.
pub(crate) struct SharedSync<W> {
    /// How many there have been.
    committed: AtomicU64,
    /// How many syncs.
    syncs: AtomicU64,
    pub(super) state: Mutex<State<W>>,
}

pub(super) struct State<W> {
    /// What the commits go to.
    disk: Option<Arc<W>>,
    /// The commits up to this one are on the disk.
    durable: u64,
    pub(super) leading: bool,
    pub(super) next: Vec<Arc<Follower>>,
    /// Whoever sleeps until no sync is under way.
    dozes: Option<Thread>,
    /// The first sync that failed. What the disk has of the commits since the one before
    /// is unknown, and a later sync would not tell: the kernel forgets what it could not
    /// write (<https://wiki.postgresql.org/wiki/Fsync_Errors>).
    failed: Option<Arc<io::Error>>,
}

/// Somebody who waits.
pub(super) struct Follower {
    commit: u64,
    told: AtomicU8,
    thread: Thread,
}

/// Nothing yet.
const WAITS: u8 = 0;
/// To do the next sync.
const LEADS: u8 = 1;
/// That the commit is on the disk.
const DURABLE: u8 = 2;
/// That the sync failed.
const FAILED: u8 = 3;

/// Who has done a sync.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Synced {
    Here,
    /// Another process, and it serves this one as well.
    Elsewhere,
}

/// A commit that is not known to be on the disk.
#[derive(Debug)]
pub(crate) enum NotSynced {
    /// The sync failed, this one or an earlier one.
    Failed(Arc<io::Error>),
    /// It did not end in time.
    Late,
}

impl<W> SharedSync<W> {
    pub(crate) fn new() -> Self {
        Self {
            committed: AtomicU64::new(0),
            syncs: AtomicU64::new(0),
            state: Mutex::new(State {
                disk: None,
                durable: 0,
                leading: false,
                next: Vec::new(),
                dozes: None,
                failed: None,
            }),
        }
    }

    /// From now on commits go to `disk`. What went elsewhere before must be safe there.
    pub(crate) fn follow(&self, disk: W) {
        self.state.lock().disk = Some(Arc::new(disk));
    }

    /// Closes the disk, once all commits are known to be on it. Whoever still asks after
    /// one is told so.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock();
        if state.durable == self.committed.load(Ordering::Acquire) {
            state.disk = None;
        }
    }

    /// How many commits there have been.
    pub(crate) fn newest(&self) -> u64 {
        self.committed.load(Ordering::Acquire)
    }

    /// Counts a commit that has just been made, while no other can be.
    pub(crate) fn committed(&self) -> u64 {
        self.committed.fetch_add(1, Ordering::AcqRel) + 1
    }

    pub(crate) fn syncs(&self) -> u64 {
        self.syncs.load(Ordering::Relaxed)
    }

    /// Sleeps while a sync is under way, and no longer than `time`. `false` at once if none
    /// is. For one thread at a time: of several only one is woken at the end.
    pub(crate) fn doze(&self, time: Duration) -> bool {
        {
            let mut state = self.state.lock();
            if !state.leading {
                return false;
            }
            state.dozes = Some(threads::current());
        }
        threads::park_timeout(time);
        self.state.lock().dozes = None;
        true
    }

    #[cfg(test)]
    pub(super) fn has_dozer(&self) -> bool {
        self.state.lock().dozes.is_some()
    }

    /// The failure after which nothing is safe any more, if there was one.
    pub(crate) fn failed(&self) -> Option<Arc<io::Error>> {
        self.state.lock().failed.clone()
    }

    /// Returns once a sync has ended that began after the commit of that number. Does
    /// it, with `sync`, if nobody else is at it.
    ///
    /// Whoever does it stays until it ends: a system call can't be left. The others
    /// wait until `deadline`.
    pub(crate) fn wait(
        &self,
        commit: u64,
        deadline: Deadline,
        sync: impl FnOnce(&W) -> io::Result<Synced>,
    ) -> Result<(), NotSynced> {
        let follower = {
            let mut state = self.state.lock();
            if state.durable >= commit {
                return Ok(());
            }
            if let Some(error) = &state.failed {
                return Err(NotSynced::Failed(Arc::clone(error)));
            }
            if !state.leading {
                state.leading = true;
                drop(state);
                return self.lead(sync);
            }
            let (told, thread) = (AtomicU8::new(WAITS), threads::current());
            let follower = Arc::new(Follower { commit, told, thread });
            state.next.push(Arc::clone(&follower));
            follower
        };
        match self.told(&follower, deadline) {
            LEADS => self.lead(sync),
            DURABLE => Ok(()),
            FAILED => Err(self.failed().map_or(NotSynced::Late, NotSynced::Failed)),
            _ => Err(NotSynced::Late),
        }
    }

    fn told(&self, follower: &Arc<Follower>, deadline: Deadline) -> u8 {
        loop {
            let told = follower.told.load(Ordering::Acquire);
            if told != WAITS {
                return told;
            }
            let now = threads::now();
            if deadline.passed(now) {
                let mut state = self.state.lock();
                state.next.retain(|other| !Arc::ptr_eq(other, follower));
                let told = follower.told.load(Ordering::Acquire);
                if told != LEADS {
                    return told;
                }
                // Told to lead at the last moment: somebody else must.
                let leader = state.next_leader();
                drop(state);
                wake(leader);
                return WAITS;
            }
            match deadline.left(now) {
                Some(left) => threads::park_timeout(left),
                None => threads::park(),
            }
        }
    }

    /// Does the sync, tells everybody whom it served, and who does the next one.
    fn lead(&self, sync: impl FnOnce(&W) -> io::Result<Synced>) -> Result<(), NotSynced> {
        let (disk, served, upto) = {
            let mut state = self.state.lock();
            let served = std::mem::take(&mut state.next);
            // Asked after the followers were taken, so that all of theirs are among them;
            // and while nobody can follow another disk, so that none is of another.
            let upto = self.committed.load(Ordering::Acquire);
            (state.disk.clone(), served, upto)
        };
        let synced = match disk {
            // Who waits must not wait for ever for one that panics.
            Some(disk) => catch_unwind(AssertUnwindSafe(|| sync(&disk)))
                .unwrap_or_else(|_| Err(io::Error::other("the sync panicked"))),
            None => Err(io::Error::other("nothing to sync is known")),
        };
        if !matches!(synced, Ok(Synced::Elsewhere)) {
            self.syncs.fetch_add(1, Ordering::Relaxed);
        }
        let mut state = self.state.lock();
        let (told, result, leader, others) = match synced {
            Ok(_) => {
                state.durable = upto;
                // Whoever came too late to be taken may have committed in time. To lead
                // would be to ask for what is done, of a disk that may be closed by now.
                let covered = state.next.extract_if(.., |follower| follower.commit <= upto);
                let covered = covered.collect();
                (DURABLE, Ok(()), state.next_leader(), covered)
            }
            Err(error) => {
                let error = Arc::clone(state.failed.get_or_insert_with(|| Arc::new(error)));
                state.leading = false;
                let rest = std::mem::take(&mut state.next);
                (FAILED, Err(NotSynced::Failed(error)), None, rest)
            }
        };
        let dozes = if state.leading { None } else { state.dozes.take() };
        drop(state);
        // First, so that the disk does not wait for the others to be woken.
        wake(leader);
        if let Some(thread) = dozes {
            thread.unpark();
        }
        for follower in served.into_iter().chain(others) {
            follower.told.store(told, Ordering::Release);
            follower.thread.unpark();
        }
        result
    }
}

impl<W> State<W> {
    /// Tells the first of those who wait to lead; with nobody there, nobody leads.
    fn next_leader(&mut self) -> Option<Arc<Follower>> {
        self.leading = !self.next.is_empty();
        if !self.leading {
            return None;
        }
        let leader = self.next.remove(0);
        leader.told.store(LEADS, Ordering::Release);
        Some(leader)
    }
}

fn wake(follower: Option<Arc<Follower>>) {
    if let Some(follower) = follower {
        follower.thread.unpark();
    }
}
