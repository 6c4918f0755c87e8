//! What a test brings along.

use super::Options;
use crate::testing::{FakeClock, Faults};

impl Options {
    /// Lets calls fail that `faults` asks for, for a test.
    pub fn faults(mut self, faults: &Faults) -> Self {
        self.faults = crate::faults::Faults::new(faults.clone());
        self
    }

    /// Pauses between attempts by that clock, for a test.
    pub fn clock(mut self, clock: &FakeClock) -> Self {
        self.clock.fake = Some(clock.clone());
        self
    }
}
