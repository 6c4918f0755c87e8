//! The clock by which pauses between attempts are slept, and a call's time is counted.
//!
//! With the feature `testing` a database may have one that does not wait. Waits for somebody
//! else, for the lane, the gate, SQLite's lock or the disk, are always real.

use std::time::{Duration, Instant};

use crate::retry::{Pauses, Times};

/// The clock of a database.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clock {
    #[cfg(feature = "testing")]
    pub(crate) fake: Option<crate::testing::FakeClock>,
}

impl Clock {
    /// That of this thread, for calls that belong to no database.
    pub(crate) fn of_this_thread() -> Self {
        Self {
            #[cfg(feature = "testing")]
            fake: crate::testing::FakeClock::of_this_thread(),
        }
    }

    /// What it is ahead of the real one.
    #[inline]
    fn ahead(&self) -> Duration {
        #[cfg(feature = "testing")]
        if let Some(fake) = &self.fake {
            return fake.skipped();
        }
        Duration::ZERO
    }

    /// The times of an attempt by the real clock, with what was skipped as if it had passed:
    /// it begins now, and the others are as far from that as they were.
    #[inline]
    pub(crate) fn real(&self, times: Times) -> Times {
        #[cfg(feature = "testing")]
        if self.fake.is_some() {
            let Times { first, now, number, all } = times;
            // Not by what the clock is ahead: another thread may have put it forward since.
            let real = Instant::now();
            let moved = |moment: Instant| {
                let left = moment.saturating_duration_since(now);
                (real + left).checked_sub(now.saturating_duration_since(moment)).unwrap_or(real)
            };
            return Times { first: moved(first), now: real, number, all: all.map(moved) };
        }
        times
    }
}

impl Pauses for Clock {
    #[inline]
    fn now(&self) -> Instant {
        Instant::now() + self.ahead()
    }

    fn sleep(&self, time: Duration) {
        #[cfg(feature = "testing")]
        if let Some(fake) = &self.fake {
            fake.advance(time);
            return;
        }
        std::thread::sleep(time);
    }
}
