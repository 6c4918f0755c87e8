//! Somebody who waits, and what the others tell it.

use super::super::threads::{self, AtomicU8, Ordering, Thread};
use super::STAND_BY;

/// Whoever waits, as far as the lane has to know: a thread, or a task.
pub(super) trait Wake: Send + Sync {
    fn wake(&self);
}

impl Wake for Thread {
    fn wake(&self) {
        self.unpark();
    }
}

/// What somebody who waits was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Told {
    Nothing,
    /// It has the turn.
    Turn,
    /// Its job was taken, and it is to wait for the end of that.
    Taken,
    /// Whoever took its job is done with it.
    Served,
}

/// Allocated once for each wait, together with what wakes. `Told` is written by whoever
/// has the lane locked, and `Served` by whoever took the job.
pub(super) struct Waiter<W: ?Sized = dyn Wake> {
    told: AtomicU8,
    wake: W,
}

impl<W: Wake> Waiter<W> {
    pub(super) fn new(wake: W) -> Self {
        Self { told: AtomicU8::new(Told::Nothing as u8), wake }
    }
}

impl Waiter {
    pub(super) fn told(&self) -> Told {
        match self.told.load(Ordering::Acquire) {
            0 => Told::Nothing,
            1 => Told::Turn,
            2 => Told::Taken,
            _ => Told::Served,
        }
    }

    pub(super) fn tell(&self, told: Told) {
        self.told.store(told as u8, Ordering::Release);
    }

    pub(super) fn wake(&self) {
        self.wake.wake();
    }

    /// Waits awake to be told something, for a while.
    pub(super) fn stand_by(&self) {
        let start = threads::now();
        while self.told() == Told::Nothing && threads::now().duration_since(start) < 2 * STAND_BY {
            threads::spin();
        }
    }

    /// Waits for whoever took the job, however long that takes.
    pub(super) fn until_served(&self) {
        while self.told() != Told::Served {
            threads::park();
        }
    }
}
