//! An errand that somebody who waits leaves for others: how often it was run, and what it
//! came to, is for the checker to see.

use std::sync::Arc;

use super::prim::{AtomicBool, AtomicU32, Ordering};

/// What both sides see. Only the order that the lane makes keeps these from racing: each
/// is read and then written, or read without a wait.
struct Seen {
    runs: AtomicU32,
    outcomes: AtomicU32,
    given_up: AtomicBool,
    /// Whoever had it has it no more.
    back: AtomicBool,
}

/// Its owner's.
pub(super) struct Errand(Arc<Seen>);

/// In the queue, and then with whoever took it.
pub(super) struct Left(Arc<Seen>);

impl Seen {
    fn count(number: &AtomicU32) {
        number.store(number.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    fn run(&self) {
        assert_eq!(self.outcomes.load(Ordering::Relaxed), 0, "run after its outcome");
        Self::count(&self.runs);
    }
}

impl Errand {
    pub(super) fn new() -> Self {
        Self(Arc::new(Seen {
            runs: AtomicU32::new(0),
            outcomes: AtomicU32::new(0),
            given_up: AtomicBool::new(false),
            back: AtomicBool::new(true),
        }))
    }

    pub(super) fn leave(&self) -> Left {
        self.0.back.store(false, Ordering::Relaxed);
        Left(Arc::clone(&self.0))
    }

    pub(super) fn run(&self) {
        self.0.run();
    }

    pub(super) fn done(&self) {
        Seen::count(&self.0.outcomes);
    }

    pub(super) fn give_up(&self) {
        self.0.given_up.store(true, Ordering::Relaxed);
    }

    pub(super) fn must_be_back(&self) {
        assert!(self.0.back.load(Ordering::Relaxed), "told, and somebody still has it");
    }

    pub(super) fn must_not_have_run(&self) {
        assert_eq!(self.0.runs.load(Ordering::Relaxed), 0, "run for somebody who has left");
    }

    /// Once, or given up by whoever had it.
    pub(super) fn must_be_done(&self) {
        let outcomes = self.0.outcomes.load(Ordering::Relaxed);
        let given_up = self.0.given_up.load(Ordering::Relaxed);
        assert!(self.0.runs.load(Ordering::Relaxed) > 0, "told, and not run");
        assert_eq!(outcomes, u32::from(!given_up), "outcomes");
    }
}

impl Left {
    pub(super) fn run(&mut self) {
        self.0.run();
    }

    pub(super) fn done(&mut self) {
        Seen::count(&self.0.outcomes);
    }

    pub(super) fn give_up(&mut self) {
        self.0.given_up.store(true, Ordering::Relaxed);
    }
}

impl Drop for Left {
    fn drop(&mut self) {
        self.0.back.store(true, Ordering::Relaxed);
    }
}
