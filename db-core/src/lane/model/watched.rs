//! A lane whose turns are watched: every visit checks what must hold of all.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex as Unseen;
use std::time::{Duration, Instant};

use super::errand::{Errand, Left};
use super::prim::{AtomicBool, AtomicU32, Ordering};
use super::queue::{Entered, Lane, Taken, TimedOut, Turn, WINDOW};
use super::threads;
use crate::retry::Deadline;

pub(super) struct Watched {
    lane: Lane<u32, Left>,
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
    turn: Option<Turn<'a, u32, Left>>,
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
    /// Whether it leaves an errand while it waits, and with the turn runs so many of others
    /// at most.
    pub(super) group: Option<usize>,
    /// Whether what it runs for a group comes to nothing at first, and is run again.
    pub(super) loses: bool,
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
        if let Some(most) = wish.group {
            return self.share(wish, most);
        }
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

    /// Comes with an errand, which it runs itself or finds run, unless its patience ends
    /// first.
    fn share(&self, wish: Wish, most: usize) {
        let errand = Errand::new();
        let deadline = deadline(wish.patience);
        let entered = self.lane.acquire_or_leave(wish.who, || errand.leave(), deadline);
        errand.must_be_back();
        match entered {
            Ok(Entered::Turn(turn)) => self.lead(wish, most, &errand, turn),
            Ok(Entered::Served) => (),
            Err(out) => {
                errand.must_not_have_run();
                self.left(wish.who, deadline, &out);
                return;
            }
        }
        errand.must_be_done();
    }

    /// Runs the errands of a group, and tells each who left one once all are done.
    fn lead(&self, wish: Wish, most: usize, own: &Errand, turn: Turn<'_, u32, Left>) {
        own.must_not_have_run();
        let mut visit = self.watch(wish.who, turn);
        if wish.rests {
            visit.rests_after();
        }
        own.run();
        let mut taken = Vec::new();
        while taken.len() < most {
            let Some(mut next) = visit.take() else { break };
            // Nobody but a holder serves, and those who wait in their order.
            assert!(self.inside.load(Ordering::Relaxed), "served from outside");
            self.counts(self.holder().unwrap(), next.since());
            next.job().run();
            taken.push(next);
        }
        if !wish.work.is_zero() {
            threads::pass(wish.work);
        }
        if wish.panics {
            // As a failure of the leader's own would: nobody's errand is done, and each is
            // told all the same.
            own.give_up();
            taken.iter_mut().for_each(|left| left.job().give_up());
        } else {
            if wish.loses {
                own.run();
                taken.iter_mut().for_each(|left| left.job().run());
            }
            own.done();
            taken.iter_mut().for_each(|left| left.job().done());
        }
        drop(visit);
        drop(taken);
    }

    /// Whoever has no deadline is let in, or the checker finds a deadlock.
    pub(super) fn enter(&self, who: u32, patience: Option<Duration>) -> Option<Visit<'_>> {
        let deadline = deadline(patience);
        match self.lane.acquire(who, deadline) {
            Ok(turn) => Some(self.watch(who, turn)),
            Err(out) => {
                self.left(who, deadline, &out);
                None
            }
        }
    }

    fn left(&self, who: u32, deadline: Deadline, TimedOut { seen }: &TimedOut<u32>) {
        assert!(deadline.passed(threads::now()), "left before its deadline");
        assert!(seen.holder.as_ref().is_none_or(|held| held.note != who), "left with the turn");
        assert!(seen.queue.iter().all(|held| held.note != who), "left, and waits");
    }

    /// Notes that somebody is at work, by itself or through a leader.
    fn counts(&self, who: u32, since: Instant) {
        let before = self.counted.load(Ordering::Relaxed);
        self.counted.store(before + 1, Ordering::Relaxed);
        self.served.lock().unwrap().push((who, since));
    }

    fn watch<'a>(&'a self, who: u32, turn: Turn<'a, u32, Left>) -> Visit<'a> {
        assert!(!self.inside.swap(true, Ordering::Relaxed), "two holders");
        // The lane is let go before anything can fail: a failure gives the turn back.
        let (held, freed) = {
            let state = self.lane.state.lock();
            (state.holder.clone(), state.freed)
        };
        let held = held.unwrap();
        assert_eq!(held.note, who, "another one's note");
        self.counts(who, held.since);
        if let Some(freed) = freed {
            // Somebody is still waiting since then.
            let passed_after = held.since.duration_since(freed);
            assert!(passed_after < WINDOW, "passed the head too late");
        }
        turn.annotate(|_| ());
        Visit { inside: &self.inside, turn: Some(turn) }
    }

    pub(super) fn holder(&self) -> Option<u32> {
        self.lane.with_holder(|held| held.note)
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
        let seen = self.lane.seen();
        assert!(seen.holder.is_none(), "held by nobody");
        assert!(seen.queue.is_empty(), "left in the queue");
        assert_eq!(self.waiting(), 0, "counted, and not there");
        assert!(!self.is_used(), "used by nobody");
        let counted = self.counted.load(Ordering::Relaxed);
        assert_eq!(counted as usize, self.served().len(), "a turn did not see the one before");
        let visit = self.enter(u32::MAX, Some(Duration::ZERO));
        let queued = visit.as_ref().map(Visit::queued);
        assert_eq!(queued, Some(false), "free, and not to be had");
        assert!(self.is_used(), "held, and not used");
    }
}

fn deadline(patience: Option<Duration>) -> Deadline {
    match patience {
        Some(patience) => Deadline::after(threads::now(), patience),
        None => Deadline::NEVER,
    }
}

impl Visit<'_> {
    fn take(&self) -> Option<Taken<Left>> {
        self.turn.as_ref()?.take(|_, _, _| true)
    }

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
