//! Every schedule of small cases.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use queue::WINDOW;
use watched::{Visit, WAKES, Watched, Wish};

use crate::threads::model::exhaustive::{self, prim, threads};

#[path = "errand.rs"]
mod errand;
#[path = "../queue/mod.rs"]
mod queue;
#[path = "watched.rs"]
mod watched;

/// A little, less than the lane's window, and more.
const SHORT: Duration = Duration::from_micros(100);
const MOST: Duration = Duration::from_micros(200);
const LONG: Duration = Duration::from_micros(600);

const fn wish(work: Duration) -> Wish {
    Wish { who: 0, patience: None, work, panics: false, rests: false, group: None, loses: false }
}

/// One who leaves an errand, and runs up to `most` of others with the turn.
const fn grouped(most: usize, work: Duration) -> Wish {
    Wish { group: Some(most), ..wish(work) }
}

/// One who sleeps after each turn, and says so.
const fn resting(work: Duration) -> Wish {
    Wish { rests: true, ..wish(work) }
}

fn impatient(patience: u64, work: Duration) -> Wish {
    Wish { patience: Some(Duration::from_micros(patience)), ..wish(work) }
}

/// As [`exhaustive::explore`], with a lane for each schedule.
fn explore(switches: usize, late: Duration, case: impl Fn(&Arc<Watched>) + Send + Sync + 'static) {
    exhaustive::explore(switches, late, move || {
        let lane = Arc::new(Watched::new());
        case(&lane);
        lane.must_be_free();
    });
}

/// One thread for each list of wishes; the first list is the main thread's. Time goes
/// by at any moment, by as much as each of `jumps` says.
fn visitors<const N: usize>(
    (switches, late): (usize, Duration),
    wishes: [&[Wish]; N],
    jumps: &[Duration],
) {
    println!("{switches} interruptions, sleeps {late:?} late, {jumps:?} go by:");
    wishes.iter().for_each(|wishes| println!("    {wishes:?}"));
    let (wishes, jumps) = (wishes.map(<[Wish]>::to_vec), jumps.to_vec());
    explore(switches, late, move |lane| {
        let clocks = jumps.iter().map(|&jump| loom::thread::spawn(move || _ = threads::pass(jump)));
        let mut visitors = (1..).zip(wishes.clone()).map(|(who, wishes)| {
            let lane = Arc::clone(lane);
            move || wishes.iter().for_each(|wish| lane.visit(Wish { who, ..*wish }))
        });
        let main = visitors.next().unwrap();
        let others: Vec<_> = visitors.map(loom::thread::spawn).chain(clocks).collect();
        main();
        others.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

#[test]
fn whoever_has_no_deadline_is_served() {
    for late in [SHORT, LONG] {
        for work in [SHORT, LONG] {
            let once = &[wish(work)][..];
            let twice = &[wish(work); 2][..];
            visitors((3, late), [twice, twice], &[]);
            visitors((3, late), [once, once, once], &[]);
            visitors((2, late), [twice, once, twice], &[]);
        }
    }
}

#[test]
fn whoever_rests_leaves_nobody_behind() {
    for work in [SHORT, LONG] {
        let (once, twice) = (&[resting(work)][..], &[resting(work); 2][..]);
        visitors((3, SHORT), [twice, twice], &[]);
        visitors((2, SHORT), [twice, once, &[wish(work)]], &[]);
        let leaves = &[Wish { rests: true, ..impatient(250, work) }][..];
        visitors((2, SHORT), [twice, leaves, once], &[]);
    }
}

#[test]
fn a_deadline_fires_at_any_moment() {
    for patience in [50, 250, 1000] {
        let leaves = &[impatient(patience, SHORT)][..];
        visitors((3, SHORT), [&[wish(SHORT)], leaves, &[wish(SHORT)]], &[]);
        for late in [SHORT, LONG] {
            visitors((4, late), [&[wish(LONG); 2], leaves], &[]);
        }
    }
}

#[test]
fn several_deadlines_fire_at_any_moment() {
    for patience in [50, 250] {
        let leaves = &[impatient(patience, MOST)][..];
        visitors((3, SHORT), [&[wish(SHORT)], leaves, leaves], &[]);
        let again = &[impatient(patience, MOST), wish(MOST)][..];
        visitors((2, SHORT), [&[wish(SHORT); 2], again, again], &[]);
    }
}

#[test]
fn the_clock_goes_on_at_any_moment() {
    let once = &[wish(Duration::ZERO)][..];
    let leaves = &[impatient(250, SHORT)][..];
    for jump in [MOST, LONG] {
        visitors((2, SHORT), [&[wish(SHORT); 2], once], &[jump, jump]);
        visitors((3, SHORT), [&[wish(SHORT); 2], leaves], &[jump]);
        visitors((2, SHORT), [&[wish(SHORT); 2], leaves, once], &[jump]);
    }
}

#[test]
fn whoever_leaves_an_errand_finds_it_run_once() {
    for work in [SHORT, LONG] {
        let (once, twice) = (&[grouped(2, work)][..], &[grouped(2, work); 2][..]);
        visitors((3, SHORT), [twice, twice], &[]);
        visitors((2, SHORT), [twice, once, once], &[]);
        visitors((2, LONG), [once, once, once], &[]);
        // Groups of two at most, beside somebody who is in none.
        let pair = &[grouped(1, work)][..];
        visitors((2, SHORT), [pair, pair, pair], &[]);
        visitors((2, SHORT), [twice, &[wish(work)], once], &[]);
    }
}

#[test]
fn a_group_that_is_lost_is_run_again_before_anybody_is_told() {
    let loses = &[Wish { loses: true, ..grouped(2, SHORT) }][..];
    let fails = &[Wish { panics: true, ..grouped(2, SHORT) }][..];
    let (once, twice) = (&[grouped(2, SHORT)][..], &[grouped(2, SHORT); 2][..]);
    visitors((3, SHORT), [loses, twice], &[]);
    visitors((2, SHORT), [loses, once, once], &[]);
    visitors((2, SHORT), [fails, once, once], &[]);
}

#[test]
fn a_deadline_holds_until_the_errand_is_taken() {
    for patience in [50, 250, 1000] {
        let leaves = &[Wish { group: Some(1), ..impatient(patience, SHORT) }][..];
        for late in [SHORT, LONG] {
            visitors((3, late), [&[grouped(2, LONG); 2], leaves], &[]);
        }
        visitors((2, SHORT), [&[grouped(2, SHORT); 2], leaves, leaves], &[]);
        visitors((2, SHORT), [&[grouped(2, SHORT)], leaves, &[wish(SHORT)]], &[MOST]);
    }
}

/// Lets a thread wait in the lane, behind those who wait there already.
fn enqueue(lane: &Arc<Watched>, who: u32) -> loom::thread::JoinHandle<()> {
    let waiting = lane.waiting();
    let own = Arc::clone(lane);
    let thread = loom::thread::spawn(move || {
        own.visit(Wish { who, ..wish(SHORT) });
        assert!(threads::current().woken() <= WAKES, "woken too often");
    });
    while lane.waiting() == waiting {
        loom::thread::yield_now();
    }
    thread
}

#[test]
fn the_order_of_arrival_is_kept() {
    explore(3, SHORT, |lane| {
        let first = lane.enter(0, None);
        let waiters = [1, 2, 3].map(|who| enqueue(lane, who));
        drop(first);
        waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
        assert_eq!(served(lane), [0, 1, 2, 3]);
    });
}

/// An errand is run in its place in the queue: not before somebody who waits for a turn
/// of his own, nor after the one who came next.
#[test]
fn a_group_passes_nobody() {
    explore(3, SHORT, |lane| {
        let first = lane.enter(0, None);
        let mut waiting = 0;
        let waiters = [(1, true), (2, true), (3, false), (4, true)].map(|(who, joins)| {
            let own = Arc::clone(lane);
            let group = joins.then_some(4);
            let thread = loom::thread::spawn(move || own.visit(Wish { who, group, ..wish(SHORT) }));
            waiting += 1;
            while lane.waiting() < waiting {
                loom::thread::yield_now();
            }
            thread
        });
        drop(first);
        waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
        assert_eq!(served(lane), [0, 1, 2, 3, 4]);
    });
}

/// Who had the lane, in order.
fn served(lane: &Watched) -> Vec<u32> {
    lane.served().into_iter().map(|(who, _)| who).collect()
}

/// Takes a turn while number 1 is the head of the queue since before `freed`; whether
/// that passed it.
fn come_back(lane: &Watched, freed: Instant) -> bool {
    let _visit = lane.enter(0, None);
    let passed = !served(lane).contains(&1);
    let in_time = lane.served().last().is_some_and(|(_, since)| *since < freed + WINDOW);
    assert!(!passed || in_time, "passed the head too late");
    passed
}

/// A thread that keeps coming back passes the head while its window is open, and does
/// not once it is over, whenever the head wakes up.
#[test]
fn the_head_is_passed_within_its_window_only() {
    for (gap, may_pass) in [(MOST, true), (WINDOW, false)] {
        let passed = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&passed);
        explore(3, SHORT, move |lane| {
            let first = lane.enter(0, None);
            let head = enqueue(lane, 1);
            drop(first);
            assert!(lane.is_used() || served(lane).contains(&1), "waited for, and not used");
            let freed = threads::now();
            threads::pass(gap);
            for _ in 0..2 {
                seen.fetch_or(come_back(lane, freed), Ordering::Relaxed);
            }
            head.join().unwrap();
        });
        assert_eq!(passed.load(Ordering::Relaxed), may_pass);
    }
}

/// The window is the head's: who leaves from behind it does not open it again.
#[test]
fn a_leaver_does_not_prolong_the_window_of_another() {
    explore(2, SHORT, |lane| {
        let first = lane.enter(0, None);
        let head = enqueue(lane, 1);
        let own = Arc::clone(lane);
        let leaver = loom::thread::spawn(move || {
            own.visit(Wish { who: 2, ..impatient(50, SHORT) });
        });
        drop(first);
        let freed = threads::now();
        for _ in 0..2 {
            threads::pass(MOST);
            come_back(lane, freed);
        }
        [head, leaver].into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// Whoever passed the head, and stayed until its window was over, leaves the lane to
/// it, and not free.
#[test]
fn after_the_window_the_lane_is_handed_over() {
    explore(3, SHORT, |lane| {
        let first = lane.enter(0, None);
        let head = enqueue(lane, 1);
        drop(first);
        let again = lane.enter(0, None);
        threads::pass(WINDOW);
        drop(again);
        assert!(lane.holder() == Some(1) || served(lane).contains(&1), "left free");
        head.join().unwrap();
    });
}

/// Whoever passed the head, and rests now, wakes it, also if it looks by itself.
#[test]
fn whoever_rests_wakes_the_head() {
    explore(3, SHORT, |lane| {
        let first = lane.enter(0, None);
        let (own, thread) = (Arc::clone(lane), Arc::new(Mutex::new(None)));
        let told = Arc::clone(&thread);
        let head = loom::thread::spawn(move || {
            *told.lock().unwrap() = Some(threads::current());
            own.visit(Wish { who: 1, ..wish(SHORT) });
        });
        while lane.waiting() == 0 {
            loom::thread::yield_now();
        }
        drop(first);
        let mut again = lane.enter(0, None);
        again.iter_mut().for_each(Visit::rests_after);
        let thread = thread.lock().unwrap().clone().unwrap();
        let before = thread.woken();
        drop(again);
        let woken = thread.woken() > before;
        let seated = || lane.holder() == Some(1) || served(lane).contains(&1);
        assert!(woken || seated(), "left to look by itself");
        head.join().unwrap();
    });
}

/// A wake from elsewhere, or one that came too late for the sleep before, is neither
/// a turn nor lost time.
#[test]
fn a_wake_without_a_turn_does_no_harm() {
    explore(3, SHORT, |lane| {
        let threads = [1, 2].map(|who| {
            let lane = Arc::clone(lane);
            loom::thread::spawn(move || {
                threads::current().unpark();
                lane.visit(Wish { who, ..wish(SHORT) });
            })
        });
        lane.visit(wish(SHORT));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}
