//! What a test brings along.

use super::Options;
use crate::testing::{FakeClock, Faults};

impl Options {
    /// Lets calls fail that `faults` asks for, and lists what became of all calls, for a test:
    /// see [`testing`](crate::testing).
    ///
    /// It takes the trace of each connection, from one that
    /// [`on_connect`](Self::on_connect) has set too.
    ///
    /// ```
    /// use db_core::testing::{Fault, Faults};
    /// use db_core::Options;
    ///
    /// let faults = Faults::new();
    /// let db = Options::new().faults(&faults).open_in_memory()?;
    /// faults.inject(Fault::Busy.at_turn());
    /// assert!(db.writer().unwrap_err().is_locked());
    /// # Ok::<_, db_core::Error>(())
    /// ```
    pub fn faults(mut self, faults: &Faults) -> Self {
        self.faults = crate::faults::Faults::new(faults.clone());
        self
    }

    /// Pauses between attempts by that clock, which does not wait, for a test: see
    /// [`FakeClock`].
    pub fn clock(mut self, clock: &FakeClock) -> Self {
        self.clock.fake = Some(clock.clone());
        self
    }
}
