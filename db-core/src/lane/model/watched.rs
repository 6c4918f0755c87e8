//! A lane whose turns are watched: every visit checks what must hold of all.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex as Unseen;
use std::time::{Duration, Instant};

use super::prim::{AtomicBool, AtomicU32, Ordering};
use super::queue::{Lane, TimedOut, Turn, WINDOW};
use super::threads;
use crate::retry::Deadline;

pub(super) struct Watched {
    lane: Lane<u32>,
    inside: AtomicBool,
    /// Counts the turns as a writer would that relies on the lane alone: reads, and
    /// writes one more.
    counted: AtomicU32,
    /// Who had the lane, since when, in order. Not seen by the checker.
    served: Unseen<Vec<(u32, Instant)>>,
}

/// How often one who waits is woken at most while nobody rests: to look, and with the
/// turn.
pub(super) const WAKES: u32 = 2;

/// Somebody in the lane, until dropped.
pub(super) struct Visit<'a> {
    inside: &'a AtomicBool,
    turn: Option<Turn<'a, u32>>,
}

/// What somebody wants of the lane.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wish {
    pub(super) who: u32,
    /// For how long it waits; for ever if `None`.
    pub(super) patience: Option<Duration>,
    /// For how long it stays.
    pub(super) work: Duration,
    /// Whether it panics at the end of that.
    pub(super) panics: bool,
    /// Whether it says that it rests after its turn.
    pub(super) rests: bool,
}

impl Watched {
    pub(super) fn new() -> Self {
        Self {
            lane: Lane::new(),
            inside: AtomicBool::new(false),
            counted: AtomicU32::new(0),
            served: Unseen::default(),
        }
    }

    /// Comes, works and leaves, if it gets its turn.
    pub(super) fn visit(&self, wish: Wish) {
        let Some(mut visit) = self.enter(wish.who, wish.patience) else { return };
        if wish.rests {
            visit.rests_after();
        }
        let work = AssertUnwindSafe(|| {
            let _visit = visit;
            if !wish.work.is_zero() {
                threads::pass(wish.work);
            }
            if wish.panics {
                // Without the hook, which would print each one.
                resume_unwind(Box::new("in the lane"));
            }
        });
        assert_eq!(catch_unwind(work).is_err(), wish.panics);
    }

    /// Whoever has no deadline is let in, or the checker finds a deadlock.
    pub(super) fn enter(&self, who: u32, patience: Option<Duration>) -> Option<Visit<'_>> {
        let deadline = match patience {
            Some(patience) => Deadline::after(threads::now(), patience),
            None => Deadline::NEVER,
        };
        match self.lane.acquire(who, deadline) {
            Ok(turn) => Some(self.watch(who, turn)),
            Err(TimedOut { holder }) => {
                assert!(deadline.passed(threads::now()), "left before its deadline");
                assert!(holder.is_none_or(|held| held.note != who), "left with the turn");
                None
            }
        }
    }

    fn watch<'a>(&'a self, who: u32, turn: Turn<'a, u32>) -> Visit<'a> {
        assert!(!self.inside.swap(true, Ordering::Relaxed), "two holders");
        let before = self.counted.load(Ordering::Relaxed);
        self.counted.store(before + 1, Ordering::Relaxed);
        // The lane is let go before anything can fail: a failure gives the turn back.
        let (held, freed) = {
            let state = self.lane.state.lock();
            (state.holder.clone(), state.freed)
        };
        let held = held.unwrap();
        assert_eq!(held.note, who, "another one's note");
        self.served.lock().unwrap().push((who, held.since));
        if let Some(freed) = freed {
            // Somebody is still waiting since then.
            let passed_after = held.since.duration_since(freed);
            assert!(passed_after < WINDOW, "passed the head too late");
        }
        turn.annotate(|_| ());
        Visit { inside: &self.inside, turn: Some(turn) }
    }

    pub(super) fn holder(&self) -> Option<u32> {
        self.lane.holder().map(|held| held.note)
    }

    pub(super) fn is_used(&self) -> bool {
        self.lane.is_used()
    }

    pub(super) fn waiting(&self) -> usize {
        self.lane.waiting()
    }

    pub(super) fn served(&self) -> Vec<(u32, Instant)> {
        self.served.lock().unwrap().clone()
    }

    /// After all threads have ended: the lane is free, nobody is left behind, and
    /// every turn saw what the one before had written.
    pub(super) fn must_be_free(&self) {
        assert_eq!(self.holder(), None, "held by nobody");
        assert_eq!(self.waiting(), 0, "left in the queue");
        assert!(!self.is_used(), "used by nobody");
        let counted = self.counted.load(Ordering::Relaxed);
        assert_eq!(counted as usize, self.served().len(), "a turn did not see the one before");
        let visit = self.enter(u32::MAX, Some(Duration::ZERO));
        let queued = visit.as_ref().map(Visit::queued);
        assert_eq!(queued, Some(false), "free, and not to be had");
        assert!(self.is_used(), "held, and not used");
    }
}

impl Visit<'_> {
    pub(super) fn queued(&self) -> bool {
        self.turn.as_ref().is_some_and(Turn::queued)
    }

    pub(super) fn rests_after(&mut self) {
        if let Some(turn) = &mut self.turn {
            turn.rests_after();
        }
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.inside.store(false, Ordering::Relaxed);
        drop(self.turn.take());
    }
}
