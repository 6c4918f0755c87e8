//! A shared sync and a disk that are watched: every answer is checked against what a
//! sync has brought to the disk.

use std::io;
use std::sync::{Arc, Mutex as Unseen};
use std::time::Duration;

use super::shared::{NotSynced, SharedSync, Synced};
use super::threads::{self, AtomicU64, Mutex, Ordering};
use crate::retry::Deadline;

pub(super) struct Watched {
    shared: SharedSync<Arc<Disk>>,
    /// Commits are made one at a time. Whether they have a disk to go to.
    lane: Mutex<bool>,
    disk: Arc<Disk>,
    /// What was told of which commits. Not seen by the checker.
    answers: Unseen<Vec<(u64, Answer)>>,
}

/// Commits are counted in the order in which they are written, so their count says all.
///
/// It relies on the shared sync for the order of memory, as the system's would: what is
/// written is seen by a sync that is after it, and what a sync has done by whoever is
/// told of it.
struct Disk {
    ways: Ways,
    written: AtomicU64,
    safe: AtomicU64,
    /// Not seen by the checker.
    done: Unseen<Done>,
}

#[derive(Default)]
struct Done {
    syncing: bool,
    syncs: u64,
    elsewhere: u64,
    failed: bool,
}

/// How a disk syncs.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ways {
    pub(super) takes: Duration,
    /// Which sync fails; the first is 1.
    pub(super) fails: Option<u64>,
    /// Whether another process does every other one.
    pub(super) elsewhere: bool,
}

/// What somebody does.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Wish {
    /// For how long it waits; for ever if `None`.
    pub(super) patience: Option<Duration>,
    /// Whether it closes the disk after the others' commits, and makes none.
    pub(super) closes: bool,
    /// Whether it is woken first, which means nothing.
    pub(super) woken: bool,
    /// Whether it dozes over a sync before it commits.
    pub(super) dozes: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Safe,
    Failed,
    Late,
}

impl Watched {
    pub(super) fn new(ways: Ways) -> Self {
        let (written, safe) = (AtomicU64::new(0), AtomicU64::new(0));
        let disk = Arc::new(Disk { ways, written, safe, done: Unseen::default() });
        let shared = SharedSync::new();
        shared.follow(Arc::clone(&disk));
        Self { shared, lane: Mutex::new(true), disk, answers: Unseen::default() }
    }

    /// All that a thread does.
    pub(super) fn visit(&self, wishes: impl IntoIterator<Item = Wish>) {
        let mut wakes = 0;
        for wish in wishes {
            if wish.woken {
                threads::current().unpark();
                wakes += 1;
            }
            match wish.closes {
                true => self.close(wish.patience),
                false => _ = self.ask(self.commit(wish.dozes), wish.patience),
            }
            // To be told how it ended, or to lead; and to doze no more.
            wakes += 1 + u32::from(wish.dozes);
        }
        assert!(threads::current().woken() <= wakes, "woken too often");
    }

    fn commit(&self, dozes: bool) -> u64 {
        let mut has_disk = self.lane.lock();
        if dozes {
            self.shared.doze(Duration::from_micros(100));
        }
        if !std::mem::replace(&mut *has_disk, true) {
            self.shared.follow(Arc::clone(&self.disk));
        }
        let number = self.disk.written.load(Ordering::Relaxed) + 1;
        self.disk.written.store(number, Ordering::Relaxed);
        assert_eq!(self.shared.committed(), number, "counted in another order");
        number
    }

    /// Whoever has no deadline is told how it ended, or the checker finds a deadlock.
    fn ask(&self, number: u64, patience: Option<Duration>) -> Answer {
        let deadline = match patience {
            Some(patience) => Deadline::after(threads::now(), patience),
            None => Deadline::NEVER,
        };
        let known = self.told(Answer::Failed);
        let answer = match self.shared.wait(number, deadline, |disk| disk.sync()) {
            Ok(()) => {
                let safe = self.disk.safe.load(Ordering::Relaxed);
                assert!(safe >= number, "not on the disk, and told so");
                Answer::Safe
            }
            Err(NotSynced::Failed(error)) => {
                assert!(self.disk.done.lock().unwrap().failed, "{error}");
                Answer::Failed
            }
            Err(NotSynced::Late) => {
                assert!(deadline.passed(threads::now()), "left before its deadline");
                assert!(!known, "waited after a failure");
                Answer::Late
            }
        };
        self.answers.lock().unwrap().push((number, answer));
        answer
    }

    fn told(&self, answer: Answer) -> bool {
        self.answers.lock().unwrap().iter().any(|(_, told)| *told == answer)
    }

    /// While nobody can commit.
    fn close(&self, patience: Option<Duration>) {
        let mut has_disk = self.lane.lock();
        self.ask(self.shared.newest(), patience);
        // It must know itself whether it may.
        self.shared.close();
        *has_disk = false;
    }

    /// After all threads have ended: nobody is at it, nobody is left behind, and whoever
    /// asks again is told the same without another sync.
    pub(super) fn must_be_at_rest(&self) {
        {
            let state = self.shared.state.lock();
            assert!(!state.leading, "led by nobody");
            assert!(state.next.is_empty(), "left waiting");
        }
        let answers = self.answers.lock().unwrap().clone();
        for (number, answer) in answers.into_iter().filter(|told| told.1 != Answer::Late) {
            let again = |_: &_| panic!("synced {number} again");
            let again = self.shared.wait(number, Deadline::NEVER, again);
            let safe = answer == Answer::Safe;
            assert_eq!(again.is_ok(), safe, "{number}: first {answer:?}, then {again:?}");
        }
        let failed = self.told(Answer::Failed);
        assert!(!self.shared.has_dozer(), "left asleep");
        let newest = self.ask(self.commit(true), None);
        assert!(!failed || newest == Answer::Failed, "safe after a failure");
        self.shared.close();
        if newest == Answer::Safe {
            assert_eq!(Arc::strong_count(&self.disk), 1, "left open");
        }
        let done = self.disk.done.lock().unwrap();
        assert_eq!(self.shared.failed().is_some(), done.failed);
        assert_eq!(self.shared.syncs(), done.syncs - done.elsewhere, "counted wrongly");
    }
}

impl Disk {
    fn sync(&self) -> io::Result<Synced> {
        let number = {
            let mut done = self.done.lock().unwrap();
            assert!(!done.syncing, "two syncs at once");
            assert!(!done.failed, "a sync after one that failed");
            done.syncing = true;
            done.syncs += 1;
            done.syncs
        };
        let written = self.written.load(Ordering::Relaxed);
        if !self.ways.takes.is_zero() {
            threads::pass(self.ways.takes);
        }
        let fails = self.ways.fails == Some(number);
        if !fails {
            self.safe.store(written, Ordering::Relaxed);
        }
        let mut done = self.done.lock().unwrap();
        (done.syncing, done.failed) = (false, fails);
        if fails {
            return Err(io::Error::other("broken"));
        }
        let elsewhere = self.ways.elsewhere && number.is_multiple_of(2);
        done.elsewhere += u64::from(elsewhere);
        Ok(if elsewhere { Synced::Elsewhere } else { Synced::Here })
    }
}
