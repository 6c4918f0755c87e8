//! A database whose calls fail on demand, and whose pauses take no time.

use db_core::Options;
use db_core::testing::{FakeClock, Faults};

use super::TestDb;

/// A [`TestDb`] with faults and a clock, that are in nobody else's way.
pub struct Kit {
    pub faults: Faults,
    pub clock: FakeClock,
    pub db: TestDb,
}

impl Kit {
    pub fn new() -> Self {
        Self::with(Options::new())
    }

    pub fn with(options: Options) -> Self {
        let (faults, clock) = (Faults::new(), FakeClock::new());
        let db = TestDb::with(options.faults(&faults).clock(&clock));
        Self { faults, clock, db }
    }

    /// Attempts and outcome of the call that has ended last.
    #[track_caller]
    pub fn last(&self) -> (u32, bool) {
        let call = self.faults.last_call().unwrap();
        (call.attempts, call.is_ok)
    }

    /// The faults that no call has met, as they are told.
    pub fn left(&self) -> Vec<String> {
        self.faults.pending().iter().map(ToString::to_string).collect()
    }
}
