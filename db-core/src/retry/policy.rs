//! The policy of `#[retry_on_locked]`, as a value.

use std::time::{Duration, Instant};

use super::backoff::{Backoff, DEFAULT_BASE, DEFAULT_MAX};
use super::deadline::Deadline;
use crate::error::Error;

/// How often, how soon and until when a body is run again after a lock error.
///
/// `#[retry_on_locked(..)]` builds one; by hand it goes to
/// [`Database::write_idempotent`](crate::Database::write_idempotent).
///
/// ```
/// use std::time::Duration;
/// use db_core::RetryPolicy;
///
/// let policy = RetryPolicy::attempts(5)
///     .base_delay(Duration::from_millis(20))
///     .max_delay(Duration::from_secs(1))
///     .deadline(Duration::from_secs(30));
/// let delays: Vec<_> = policy.backoff().map(|delay| delay.as_millis()).collect();
/// assert_eq!(delays, [20, 40, 80, 160]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    max_attempts: u32,
    base_delay: Duration,
    max_delay: Duration,
    jitter: bool,
    deadline: Option<Duration>,
}

impl RetryPolicy {
    /// At most `max_attempts` runs, the first one included; delays of 0.5, 1, 2,
    /// 4, then 5 seconds between them, no jitter, no deadline.
    #[must_use]
    pub const fn attempts(max_attempts: u32) -> Self {
        Self {
            max_attempts,
            base_delay: DEFAULT_BASE,
            max_delay: DEFAULT_MAX,
            jitter: false,
            deadline: None,
        }
    }

    /// The delay after the first attempt; each later one is twice the one before.
    #[must_use]
    pub const fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// No delay is longer than this, jitter included.
    #[must_use]
    pub const fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// Takes each delay at random between its half and its whole, so that
    /// processes which failed together don't come back together.
    #[must_use]
    pub const fn jitter(mut self, jitter: bool) -> Self {
        self.jitter = jitter;
        self
    }

    /// Ends everything, attempts, waits and delays together, after this long. It
    /// cuts the writer's `timeout` short; it does not end a body that runs.
    #[must_use]
    pub const fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The delays between the attempts: one fewer than there are attempts.
    #[must_use]
    pub fn backoff(&self) -> Backoff {
        Backoff::new(
            self.base_delay,
            self.max_delay,
            self.jitter,
            self.max_attempts.saturating_sub(1),
        )
    }

    pub(crate) fn deadline_from(&self, start: Instant) -> Deadline {
        self.deadline.map_or(Deadline::NEVER, |all| Deadline::after(start, all))
    }

    /// The attributes check this when compiled; a policy made by hand is checked
    /// when it is used.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.max_attempts == 0 {
            return Err(Error::invalid_option(
                "max_attempts",
                "is 0, so the body would never run; 1 means: no retry",
            ));
        }
        if self.base_delay > self.max_delay {
            return Err(Error::invalid_option(
                "base_delay",
                "is longer than max_delay; swap them, or raise max_delay",
            ));
        }
        Ok(())
    }
}

impl Default for RetryPolicy {
    /// Three attempts.
    fn default() -> Self {
        Self::attempts(3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_that_never_runs_is_refused() {
        let text = RetryPolicy::attempts(0).check().unwrap_err().to_string();
        assert!(text.contains("max_attempts"), "{text}");
    }

    #[test]
    fn delays_that_contradict_are_refused() {
        let policy = RetryPolicy::default().base_delay(Duration::from_secs(9));
        let text = policy.check().unwrap_err().to_string();
        assert!(text.contains("base_delay"), "{text}");
    }
}
