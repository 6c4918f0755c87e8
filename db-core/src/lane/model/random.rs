//! Random schedules of larger cases, by shuttle.
//!
//! The seeds are fixed, so a failure comes again with every run of the test. Shuttle
//! prints the failing schedule; with that text in `LANE_SCHEDULE` the test runs that
//! one alone.

use std::sync::Arc;
use std::time::{Duration, Instant};

use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::{Config, Runner, thread};
use watched::{WAKES, Watched, Wish};

mod prim {
    use std::time::Duration;

    use shuttle::rand::{Rng, thread_rng};
    pub(super) use shuttle::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
    pub(super) use shuttle::sync::{Condvar, Mutex, MutexGuard};
    pub(super) use shuttle::{lazy_static, thread_local};

    /// Time that goes by before a look at the clock.
    pub(super) fn hiccup() -> Duration {
        if thread_rng().gen_ratio(3, 4) { Duration::ZERO } else { super::some_time() }
    }
}
#[path = "../queue.rs"]
mod queue;
#[path = "sync.rs"]
mod sync;
#[path = "watched.rs"]
mod watched;

/// Around the times that matter to the lane.
const TIMES: [u64; 9] = [0, 1, 50, 100, 380, 450, 500, 620, 2000];

fn some_time() -> Duration {
    Duration::from_micros(TIMES[thread_rng().gen_range(0..TIMES.len())])
}

fn some_wish(who: u32) -> Wish {
    let mut rng = thread_rng();
    let patience = rng.gen_bool(0.5).then(some_time);
    Wish { who, patience, work: some_time(), panics: rng.gen_ratio(1, 8) }
}

/// Threads that come several times each, with or without patience.
fn crowd(threads: u32, rounds: u32) {
    sync::begin(some_time());
    let lane = Arc::new(Watched::new());
    let threads: Vec<_> = (0..threads)
        .map(|who| {
            let lane = Arc::clone(&lane);
            thread::spawn(move || {
                let mut wakes = 0;
                for _ in 0..rounds {
                    if thread_rng().gen_ratio(1, 8) {
                        // A wake from elsewhere, which means nothing.
                        sync::current().unpark();
                        wakes += 1;
                    }
                    lane.visit(some_wish(who));
                    wakes += WAKES;
                    sync::pass(some_time());
                }
                assert!(sync::current().woken() <= wakes, "woken too often");
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    lane.must_be_free();
}

fn run(scheduler: impl Scheduler + 'static, threads: u32, rounds: u32) {
    super::keep_hooks_apart();
    super::RUNS_SHUTTLE.set(true);
    let case = move || crowd(threads, rounds);
    if let Ok(schedule) = std::env::var("LANE_SCHEDULE") {
        return shuttle::replay(case, &schedule);
    }
    let mut config = Config::new();
    // That it takes every ordering for the strongest: weaker ones are for loom.
    config.silence_warnings = true;
    let start = Instant::now();
    let count = Runner::new(scheduler, config).run(case);
    println!("{threads} threads, {rounds} rounds: {count} schedules in {:?}", start.elapsed());
}

#[test]
fn three_by_chance() {
    run(RandomScheduler::new_from_seed(1, 10_000), 3, 3);
}

#[test]
fn five_by_chance() {
    run(RandomScheduler::new_from_seed(2, 10_000), 5, 3);
}

#[test]
fn three_with_few_switches() {
    run(PctScheduler::new_from_seed(3, 3, 10_000), 3, 2);
}

#[test]
fn five_with_few_switches() {
    run(PctScheduler::new_from_seed(4, 5, 10_000), 5, 3);
}
