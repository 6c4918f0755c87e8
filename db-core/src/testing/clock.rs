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
/// [`advance`](Self::advance) adds. The `deadline` of a retry counts by it, and so do the
/// times that its errors tell. Waits for somebody else, for another thread, another process or
/// the disk, are real, and so are the timeouts that end them.
///
/// Clones are the same clock, and the pauses of all who have it add up. So a test whose
/// threads are to count by a `deadline` each gives each thread's database a clock of its own.
///
/// ```
/// use std::time::Duration;
/// use db_core::testing::{FakeClock, Fault, Faults};
/// use db_core::{Error, Options, RetryPolicy};
///
/// let (faults, clock) = (Faults::new(), FakeClock::new());
/// let db = Options::new().faults(&faults).clock(&clock).open_in_memory()?;
///
/// faults.inject(Fault::Busy.at_turn().times(100));
/// let policy = RetryPolicy::attempts(100).deadline(Duration::from_secs(60));
/// let error = db.write_idempotent(&policy, |w| w.execute_batch("")).unwrap_err();
/// let Error::Locked(locked) = Error::from(error) else { panic!() };
/// // After 0.5, 1, 2 and 4 s, and ten times 5 s, the next pause would have passed it.
/// assert_eq!(locked.attempts, 15);
/// assert_eq!(locked.waited.as_secs(), 57);
/// # Ok::<_, Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct FakeClock {
    /// 584 years are enough for any test.
    skipped_nanos: Arc<AtomicU64>,
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
        Duration::from_nanos(self.skipped_nanos.load(Ordering::Acquire))
    }

    /// Skips that time: for a `deadline` that passes while a body runs.
    pub fn advance(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let add = |skipped: u64| Some(skipped.saturating_add(nanos));
        // Adds in any case, so there is nothing to be told.
        let _ = self.skipped_nanos.fetch_update(Ordering::AcqRel, Ordering::Acquire, add);
    }

    /// Puts it in effect for the functions with `#[retry_on_locked]` alone that this thread
    /// calls, until what is returned is dropped. Those have a connection of the caller's, and
    /// no [`Options`](crate::Options). See
    /// [`Faults::on_this_thread`](super::Faults::on_this_thread).
    pub fn on_this_thread(&self) -> OnThisThread {
        let before = CURRENT.replace(Some(self.clone()));
        OnThisThread::new(move || drop(CURRENT.replace(before)))
    }

    pub(crate) fn of_this_thread() -> Option<Self> {
        CURRENT.with_borrow(Clone::clone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_not_go_back() {
        let clock = FakeClock::new();
        clock.advance(Duration::from_nanos(1));
        assert_eq!(clock.skipped(), Duration::from_nanos(1));
        clock.advance(Duration::MAX);
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.skipped(), Duration::from_nanos(u64::MAX));
    }
}
