//! A moment at which waiting ends; `NEVER` for none.

use std::time::{Duration, Instant};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    pub(crate) const NEVER: Self = Self(None);

    /// A duration too long for the clock (`Duration::MAX`) means: never.
    pub(crate) fn after(from: Instant, wait: Duration) -> Self {
        Self(from.checked_add(wait))
    }

    pub(crate) fn earlier(self, other: Self) -> Self {
        match (self.0, other.0) {
            (Some(a), Some(b)) => Self(Some(a.min(b))),
            (a, b) => Self(a.or(b)),
        }
    }

    #[cfg(feature = "testing")]
    pub(crate) fn map(self, change: impl FnOnce(Instant) -> Instant) -> Self {
        Self(self.0.map(change))
    }

    pub(crate) fn instant(self) -> Option<Instant> {
        self.0
    }

    pub(crate) fn passed(self, now: Instant) -> bool {
        self.0.is_some_and(|end| now >= end)
    }

    /// What is left, `None` for ever.
    pub(crate) fn left(self, now: Instant) -> Option<Duration> {
        self.0.map(|end| end.saturating_duration_since(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earlier_one_counts_and_never_is_latest() {
        let now = Instant::now();
        let soon = Deadline::after(now, Duration::from_secs(1));
        let late = Deadline::after(now, Duration::from_secs(2));
        assert_eq!(soon.earlier(late), soon);
        assert_eq!(late.earlier(soon), soon);
        assert_eq!(Deadline::NEVER.earlier(soon), soon);
        assert_eq!(soon.earlier(Deadline::NEVER), soon);
        assert!(!Deadline::after(now, Duration::MAX).passed(now));
        assert!(soon.passed(now + Duration::from_secs(1)));
        assert_eq!(soon.left(now), Some(Duration::from_secs(1)));
    }
}
