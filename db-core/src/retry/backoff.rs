//! The delays between attempts: an iterator that knows no clock.

use std::time::Duration;

pub(crate) const DEFAULT_BASE: Duration = Duration::from_millis(500);
pub(crate) const DEFAULT_MAX: Duration = Duration::from_secs(5);

/// The delay after the failed attempt number `attempt`, counted from 0: 0.5, 1, 2
/// and 4 seconds, then 5 for ever.
///
/// ```
/// use db_core::exponential_backoff;
///
/// let seconds: Vec<_> = (0..6).map(|n| exponential_backoff(n).as_secs_f64()).collect();
/// assert_eq!(seconds, [0.5, 1.0, 2.0, 4.0, 5.0, 5.0]);
/// ```
#[must_use]
pub fn exponential_backoff(attempt: u32) -> Duration {
    delay(DEFAULT_BASE, DEFAULT_MAX, attempt)
}

/// The cap comes last, so that no factor can lift a delay over it.
fn delay(base: Duration, max: Duration, attempt: u32) -> Duration {
    2u32.checked_pow(attempt)
        .and_then(|factor| base.checked_mul(factor))
        .map_or(max, |delay| delay.min(max))
}

/// The delays of a [`RetryPolicy`](crate::RetryPolicy), in order.
#[derive(Clone, Debug)]
pub struct Backoff {
    base: Duration,
    max: Duration,
    jitter: bool,
    attempt: u32,
    left: u32,
}

impl Backoff {
    pub(crate) fn new(base: Duration, max: Duration, jitter: bool, delays: u32) -> Self {
        Self { base, max, jitter, attempt: 0, left: delays }
    }
}

impl Iterator for Backoff {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        self.left = self.left.checked_sub(1)?;
        let mut delay = delay(self.base, self.max, self.attempt);
        self.attempt = self.attempt.saturating_add(1);
        if self.jitter {
            delay = delay.mul_f64(fastrand::f64().mul_add(0.5, 0.5));
        }
        Some(delay.min(self.max))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        (left, Some(left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn exponential_backoff_calculation() {
        let expected = [500, 1000, 2000, 4000, 5000, 5000];
        for (attempt, millis) in (0..).zip(expected) {
            assert_eq!(exponential_backoff(attempt), Duration::from_millis(millis));
        }
        assert_eq!(exponential_backoff(31), DEFAULT_MAX);
        assert_eq!(exponential_backoff(u32::MAX), DEFAULT_MAX);
    }

    #[test]
    fn there_is_one_delay_fewer_than_attempts() {
        let policy = crate::RetryPolicy::attempts(4);
        assert_eq!(policy.backoff().count(), 3);
        assert_eq!(crate::RetryPolicy::attempts(1).backoff().count(), 0);
    }

    proptest! {
        #[test]
        fn a_delay_never_passes_the_cap(
            base in 0u64..10_000, max in 0u64..10_000, jitter: bool,
        ) {
            let (base, max) = (Duration::from_millis(base), Duration::from_millis(max));
            for (n, got) in Backoff::new(base, max, jitter, 40).enumerate() {
                let whole = delay(base, max, u32::try_from(n).unwrap());
                prop_assert!(got <= max && got <= whole);
                prop_assert!(got >= whole.mul_f64(0.49));
            }
        }
    }
}
