//! Random schedules of larger cases.

use std::sync::Arc;

use shuttle::rand::{Rng, thread_rng};
use shuttle::scheduler::{PctScheduler, RandomScheduler, Scheduler};
use shuttle::thread;
use watched::{WAKES, Watched, Wish};

use crate::threads::model::random::{self, prim, some_time, threads};

#[path = "errand.rs"]
mod errand;
#[path = "../queue/mod.rs"]
mod queue;
#[path = "watched.rs"]
mod watched;

fn some_wish(who: u32, may_rest: bool) -> Wish {
    let mut rng = thread_rng();
    let patience = rng.gen_bool(0.5).then(some_time);
    let (panics, rests) = (rng.gen_ratio(1, 8), may_rest && rng.gen_bool(0.5));
    let group = rng.gen_bool(0.5).then(|| rng.gen_range(0..4));
    let loses = rng.gen_ratio(1, 8);
    Wish { who, patience, work: some_time(), panics, rests, group, loses }
}

/// Threads that come several times each, with or without patience.
fn crowd(visitors: u32, rounds: u32) {
    let lane = Arc::new(Watched::new());
    let may_rest = thread_rng().gen_bool(0.5);
    let visitors: Vec<_> = (0..visitors)
        .map(|who| {
            let lane = Arc::clone(&lane);
            thread::spawn(move || {
                let mut wakes = 0;
                for _ in 0..rounds {
                    if thread_rng().gen_ratio(1, 8) {
                        // A wake from elsewhere, which means nothing.
                        threads::current().unpark();
                        wakes += 1;
                    }
                    lane.visit(some_wish(who, may_rest));
                    wakes += WAKES;
                    threads::pass(some_time());
                }
                let woken = threads::current().woken();
                assert!(may_rest || woken <= wakes, "woken too often");
            })
        })
        .collect();
    visitors.into_iter().for_each(|thread| thread.join().unwrap());
    lane.must_be_free();
}

fn run(scheduler: impl Scheduler + 'static, visitors: u32, rounds: u32) {
    println!("{visitors} threads, {rounds} rounds:");
    random::run(scheduler, move || crowd(visitors, rounds));
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
