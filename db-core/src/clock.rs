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

    /// The times of an attempt by the real clock, with what was skipped as if it had passed.
    #[inline]
    pub(crate) fn real(&self, Times { first, now, number, all }: Times) -> Times {
        let ahead = self.ahead();
        let real = |moment: Instant| moment.checked_sub(ahead).unwrap_or(moment);
        Times { first: real(first), now: real(now), number, all: all.map(real) }
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
