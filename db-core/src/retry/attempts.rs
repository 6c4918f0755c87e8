//! The loop of attempts. The clock is a parameter, so that tests don't sleep.

use std::time::{Duration, Instant};

use super::{Deadline, RetryPolicy};

/// The clock by which it pauses.
pub(crate) trait Pauses {
    fn now(&self) -> Instant;
    fn sleep(&self, time: Duration);
}

/// What one attempt came to.
pub(crate) enum Step<T, E> {
    /// Ended, well or badly; not to be repeated.
    Done(Result<T, E>),
    /// Met a lock that another attempt may not meet; the error that said so.
    Locked(E),
}

/// All attempts met a lock: how many there were, and from the first to the last failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exhausted {
    pub(crate) attempts: u32,
    pub(crate) waited: Duration,
}

impl Exhausted {
    pub(crate) fn numbers(self) -> (u32, Duration) {
        (self.attempts, self.waited)
    }
}

/// The times of an attempt. They are looked at once, as the clock costs something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    /// When the first attempt began.
    pub(crate) first: Instant,
    /// When this one begins.
    pub(crate) now: Instant,
    /// Which one it is, counted from 1.
    pub(crate) number: u32,
    /// When all are to end.
    pub(crate) all: Deadline,
}

impl Times {
    pub(crate) fn of_the_first(policy: &RetryPolicy, now: Instant) -> Self {
        Self { first: now, now, number: 1, all: policy.deadline_from(now) }
    }
}

/// Runs `attempt` until it is done, the policy's attempts are used up, or the next
/// delay would pass the policy's deadline. `retrying` is told of every delay.
pub(crate) fn run<T, E>(
    clock: &impl Pauses,
    policy: &RetryPolicy,
    mut retrying: impl FnMut(Duration),
    mut attempt: impl FnMut(Times) -> Step<T, E>,
) -> Result<Result<T, E>, Exhausted> {
    let mut times = Times::of_the_first(policy, clock.now());
    let mut delays = None;
    loop {
        let attempts = times.number;
        if let Step::Done(result) = attempt(times) {
            return Ok(result);
        }
        let now = clock.now();
        let exhausted = Exhausted { attempts, waited: now - times.first };
        let Some(delay) = delays.get_or_insert_with(|| policy.backoff()).next() else {
            return Err(exhausted);
        };
        if times.all.left(now).is_some_and(|left| delay >= left) {
            return Err(exhausted);
        }
        retrying(delay);
        clock.sleep(delay);
        times.now = clock.now();
        times.number = attempts.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    struct FakeClock {
        start: Instant,
        slept: RefCell<Vec<Duration>>,
    }

    impl FakeClock {
        fn new() -> Self {
            Self { start: Instant::now(), slept: RefCell::default() }
        }

        fn slept(&self) -> Vec<u128> {
            self.slept.borrow().iter().map(Duration::as_millis).collect()
        }
    }

    impl Pauses for FakeClock {
        fn now(&self) -> Instant {
            self.start + self.slept.borrow().iter().sum::<Duration>()
        }

        fn sleep(&self, time: Duration) {
            self.slept.borrow_mut().push(time);
        }
    }

    fn locked_times(
        n: u32,
        policy: &RetryPolicy,
        clock: &FakeClock,
    ) -> (u32, Result<u32, Exhausted>) {
        let mut ran = 0;
        let result = run(
            clock,
            policy,
            |_| (),
            |_| {
                ran += 1;
                if ran <= n { Step::Locked(()) } else { Step::Done(Ok::<_, ()>(ran)) }
            },
        );
        (ran, result.map(|done| done.unwrap()))
    }

    #[test]
    fn it_backs_off_and_then_succeeds() {
        let clock = FakeClock::new();
        assert_eq!(locked_times(2, &RetryPolicy::attempts(3), &clock), (3, Ok(3)));
        assert_eq!(clock.slept(), [500, 1000]);
    }

    #[test]
    fn it_ends_after_the_last_attempt_without_a_delay() {
        let clock = FakeClock::new();
        let (ran, result) = locked_times(9, &RetryPolicy::attempts(4), &clock);
        let exhausted = result.unwrap_err();
        assert_eq!((ran, exhausted.attempts), (4, 4));
        assert_eq!(exhausted.waited, Duration::from_millis(3500));
        assert_eq!(clock.slept(), [500, 1000, 2000]);
    }

    #[test]
    fn it_does_not_sleep_past_the_deadline() {
        let clock = FakeClock::new();
        let policy = RetryPolicy::attempts(9).deadline(Duration::from_millis(1600));
        let (ran, result) = locked_times(9, &policy, &clock);
        assert_eq!((ran, result.unwrap_err().attempts), (3, 3));
        assert_eq!(clock.slept(), [500, 1000]);
    }

    #[test]
    fn what_is_done_is_not_repeated() {
        let clock = FakeClock::new();
        let mut ran = 0;
        let result = run(
            &clock,
            &RetryPolicy::attempts(5),
            |_| (),
            |_| {
                ran += 1;
                Step::<(), _>::Done(Err("constraint"))
            },
        );
        assert_eq!((ran, result), (1, Ok(Err("constraint"))));
        assert!(clock.slept().is_empty());
    }
}
