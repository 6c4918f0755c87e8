//! Where the time of a call went.

use std::fmt;
use std::time::Duration;

use crate::units::seconds;

/// How long a call waited for whom, all its attempts together.
///
/// Its text names what matters of it, and is empty if that is no more than one thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Spent {
    /// In the lane, behind other threads of this process.
    pub threads: Duration,
    /// At the gate, behind other processes that use db-core.
    pub processes: Duration,
    /// For SQLite's lock, held by somebody who does not queue.
    pub outsiders: Duration,
    /// For the disk, with [`Synchronous::Shared`](crate::Synchronous::Shared).
    pub disk: Duration,
    /// In the pauses between attempts.
    pub pauses: Duration,
    /// At work: in bodies, and in SQLite.
    pub work: Duration,
}

impl Spent {
    fn parts(&self) -> [(Duration, &'static str); 6] {
        [
            (self.threads, "behind other threads"),
            (self.processes, "behind other processes"),
            (self.outsiders, "for the lock of somebody who does not queue"),
            (self.disk, "for the disk"),
            (self.pauses, "in pauses between attempts"),
            (self.work, "at work"),
        ]
    }

    fn whole(&self) -> Duration {
        self.parts().iter().fold(Duration::ZERO, |whole, (time, _)| whole.saturating_add(*time))
    }

    pub(crate) fn after_pause(mut self, pause: Duration) -> Self {
        // By a clock of a test's, which never waits, it may be longer than any time.
        self.pauses = self.pauses.saturating_add(pause);
        self
    }

    /// With what is left of the whole time as work.
    pub(crate) fn of(mut self, whole: Duration) -> Self {
        self.work += whole.saturating_sub(self.whole());
        self
    }
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (parts, whole) = (self.parts(), self.whole());
        // A hundredth explains nothing.
        let matters =
            |(time, _): &&(Duration, &str)| time.saturating_mul(100) >= whole && !time.is_zero();
        let parts: Vec<_> = parts.iter().filter(matters).collect();
        if parts.len() < 2 {
            return Ok(());
        }
        let parts: Vec<_> =
            parts.iter().map(|(time, what)| format!("{} {what}", seconds(*time))).collect();
        write!(f, " ({})", parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_that_matter_are_named_and_a_single_one_is_not() {
        let ms = Duration::from_millis;
        let mut spent = Spent { threads: ms(2100), ..Spent::default() };
        assert_eq!(spent.of(ms(2105)).to_string(), "");
        spent.processes = ms(7900);
        assert_eq!(
            spent.of(ms(10_000)).to_string(),
            " (2.1 s behind other threads, 7.9 s behind other processes)"
        );
        assert_eq!(spent.of(ms(11_000)).work, ms(1000));
    }
}
