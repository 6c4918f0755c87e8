//! Every schedule of small cases.

use std::sync::Arc;
use std::time::Duration;

use watched::{Watched, Ways, Wish};

use crate::threads::model::exhaustive::{explore, threads};

#[path = "../shared.rs"]
mod shared;
#[path = "watched.rs"]
mod watched;

const SHORT: Duration = Duration::from_micros(100);

const WAITS: Wish = Wish { patience: None, closes: false, woken: false, dozes: false };
const DOZES: Wish = Wish { dozes: true, ..WAITS };
const LEAVES: Wish = Wish { patience: Some(SHORT), ..WAITS };
const CLOSES: Wish = Wish { closes: true, ..WAITS };

/// One thread for each list of wishes; the first list is the main thread's.
fn committers<const N: usize>(switches: usize, wishes: [&[Wish]; N], ways: Ways) {
    println!("{switches} interruptions, {ways:?}:");
    wishes.iter().for_each(|wishes| println!("    {wishes:?}"));
    let wishes = wishes.map(<[Wish]>::to_vec);
    explore(switches, SHORT, move || {
        let watched = Arc::new(Watched::new(ways));
        let mut visitors = wishes.clone().into_iter().map(|wishes| {
            let watched = Arc::clone(&watched);
            move || watched.visit(wishes)
        });
        let main = visitors.next().unwrap();
        let others: Vec<_> = visitors.map(loom::thread::spawn).collect();
        main();
        others.into_iter().for_each(|thread| thread.join().unwrap());
        watched.must_be_at_rest();
    });
}

const GOOD: Ways = Ways { takes: Duration::ZERO, fails: None, elsewhere: false };

const fn failing(fails: u64) -> Ways {
    Ways { fails: Some(fails), ..GOOD }
}

#[test]
fn whoever_has_no_deadline_is_told() {
    committers(3, [&[WAITS], &[WAITS], &[WAITS]], failing(1));
    for ways in [GOOD, failing(2)] {
        committers(3, [&[WAITS; 2], &[WAITS; 2]], ways);
        committers(3, [&[WAITS], &[WAITS], &[WAITS]], ways);
        committers(2, [&[WAITS; 2], &[WAITS], &[WAITS; 2]], ways);
    }
}

#[test]
fn a_deadline_fires_at_any_moment() {
    for ways in [GOOD, failing(2)] {
        committers(3, [&[WAITS; 2], &[LEAVES; 2]], ways);
        committers(3, [&[WAITS], &[LEAVES], &[WAITS]], ways);
        committers(2, [&[WAITS], &[LEAVES], &[LEAVES]], ways);
    }
}

#[test]
fn the_disk_is_closed_at_any_moment() {
    for ways in [GOOD, failing(2)] {
        committers(3, [&[WAITS], &[CLOSES], &[WAITS]], ways);
        committers(2, [&[WAITS], &[CLOSES, WAITS], &[LEAVES]], ways);
        // Before it knows how the others' ended.
        let closes = Wish { closes: true, ..LEAVES };
        committers(2, [&[WAITS], &[closes], &[WAITS]], ways);
    }
}

#[test]
fn whoever_dozes_is_in_nobodys_way() {
    for ways in [GOOD, failing(1)] {
        committers(3, [&[WAITS; 2], &[DOZES; 2]], ways);
        committers(2, [&[WAITS], &[DOZES], &[DOZES]], ways);
    }
}

/// A wake from elsewhere, or one that came too late for the sleep before, is no answer.
#[test]
fn a_wake_without_an_answer_does_no_harm() {
    let woken = Wish { woken: true, ..WAITS };
    committers(2, [&[WAITS], &[woken], &[woken]], GOOD);
}
