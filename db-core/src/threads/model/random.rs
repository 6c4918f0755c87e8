//! Random schedules of a case, by shuttle.
//!
//! The seeds are fixed, so a failure comes again with every run of the test. Shuttle
//! prints the failing schedule; with that text in `SHUTTLE_SCHEDULE` the test runs
//! that one alone.

use std::time::{Duration, Instant};

use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::Scheduler;
use shuttle::{Config, Runner};

pub(crate) mod prim {
    use std::time::Duration;

    use shuttle::rand::{Rng, thread_rng};
    pub(crate) use shuttle::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
    pub(crate) use shuttle::sync::{Condvar, Mutex, MutexGuard};
    pub(crate) use shuttle::thread::yield_now;
    pub(crate) use shuttle::{lazy_static, thread_local};

    /// Time that goes by before a look at the clock.
    pub(crate) fn hiccup() -> Duration {
        if thread_rng().gen_ratio(3, 4) { Duration::ZERO } else { super::some_time() }
    }
}
#[allow(dead_code, unused_imports, reason = "some models are over the other checker alone")]
#[path = "stand_in.rs"]
pub(crate) mod threads;

/// Around the times that matter to the lane.
const TIMES: [u64; 9] = [0, 1, 50, 100, 180, 250, 300, 420, 2000];

pub(crate) fn some_time() -> Duration {
    Duration::from_micros(TIMES[thread_rng().gen_range(0..TIMES.len())])
}

/// Runs `case` under the schedules of `scheduler`; in each, every sleep is late by some
/// time of its own.
pub(crate) fn run(scheduler: impl Scheduler + 'static, case: impl Fn() + Send + Sync + 'static) {
    super::keep_hooks_apart();
    super::RUNS_SHUTTLE.set(true);
    let case = move || {
        threads::begin(some_time());
        case();
    };
    if let Ok(schedule) = std::env::var("SHUTTLE_SCHEDULE") {
        return shuttle::replay(case, &schedule);
    }
    let mut config = Config::new();
    // That it takes every ordering for the strongest: weaker ones are for loom.
    config.silence_warnings = true;
    let start = Instant::now();
    let count = Runner::new(scheduler, config).run(case);
    println!("{count} schedules in {:?}", start.elapsed());
}
