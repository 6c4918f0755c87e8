//! A clock that does not wait.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::OnThisThread;

thread_local! {
    static CURRENT: RefCell<Option<FakeClock>> = const { RefCell::new(None) };
}

/// A clock by which the pauses between attempts take no time.
///
/// It goes as the real one does, and ahead of it by what was skipped: each pause, and what
/// [`advance`](Self::advance) adds. `deadline` of a retry counts by it. Waits for somebody
/// else, for another thread, another process or the disk, are real.
///
/// Clones are the same clock.
#[derive(Clone, Debug, Default)]
pub struct FakeClock {
    skipped_micros: Arc<AtomicU64>,
}

impl FakeClock {
    /// A clock that has skipped nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What it has skipped: the pauses of all calls together, and what was added.
    #[must_use]
    pub fn skipped(&self) -> Duration {
        Duration::from_micros(self.skipped_micros.load(Ordering::Acquire))
    }

    /// Skips that time.
    pub fn advance(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.skipped_micros.fetch_add(micros, Ordering::AcqRel);
    }

    /// Also for functions with `#[retry_on_locked]` alone, which have a connection of the
    /// caller's and no [`Options`](crate::Options): those that this thread calls, until what is returned is
    /// dropped.
    pub fn on_this_thread(&self) -> OnThisThread {
        CURRENT.set(Some(self.clone()));
        OnThisThread::new(|| CURRENT.set(None))
    }

    pub(crate) fn of_this_thread() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }
}
