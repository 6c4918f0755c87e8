//! Random schedules of larger cases.

use std::sync::Arc;

use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::thread;
use watched::{Watched, Ways, Wish};

use crate::threads::model::random::{self, some_time, threads};

#[path = "../shared.rs"]
mod shared;
#[path = "watched.rs"]
mod watched;

fn some_ways() -> Ways {
    let mut rng = thread_rng();
    let fails = rng.gen_bool(0.5).then(|| rng.gen_range(1..6));
    Ways { takes: some_time(), fails, elsewhere: rng.gen_bool(0.5) }
}

fn some_wish() -> Wish {
    let mut rng = thread_rng();
    let patience = rng.gen_bool(0.5).then(some_time);
    let dozes = rng.gen_ratio(1, 3);
    Wish { patience, closes: rng.gen_ratio(1, 8), woken: rng.gen_ratio(1, 8), dozes }
}

/// Threads that commit several times each, with or without patience.
fn crowd(committers: u32, rounds: u32) {
    let watched = Arc::new(Watched::new(some_ways()));
    let committers: Vec<_> = (0..committers)
        .map(|_| {
            let watched = Arc::clone(&watched);
            thread::spawn(move || {
                watched.visit((0..rounds).map(|_| {
                    threads::pass(some_time());
                    some_wish()
                }));
            })
        })
        .collect();
    committers.into_iter().for_each(|thread| thread.join().unwrap());
    watched.must_be_at_rest();
}

fn run(scheduler: impl Scheduler + 'static, committers: u32, rounds: u32) {
    println!("{committers} threads, {rounds} rounds:");
    random::run(scheduler, move || crowd(committers, rounds));
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
