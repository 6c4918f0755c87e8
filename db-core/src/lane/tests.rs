//! The lane over the system's threads and clock. What depends on the moment is
//! checked in `model`.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::{Lane, Turn};
use crate::retry::Deadline;

const SOON: Duration = Duration::from_millis(20);

fn never(lane: &Lane<u32, ()>, note: u32) -> Turn<'_, u32, ()> {
    lane.acquire(note, Deadline::NEVER).unwrap()
}

fn holder(lane: &Lane<u32, ()>) -> Option<u32> {
    lane.with_holder(|held| held.note)
}

fn until_waiting(lane: &Lane<u32, ()>, count: usize) {
    while lane.waiting() != count {
        thread::yield_now();
    }
}

#[test]
fn a_free_lane_is_taken_at_once_and_names_its_holder() {
    let lane = Lane::<u32, ()>::new();
    assert_eq!(holder(&lane), None);
    let turn = never(&lane, 7);
    assert_eq!(holder(&lane), Some(7));
    drop(turn);
    assert_eq!(holder(&lane), None);
}

#[test]
fn waiters_are_served_in_order_of_arrival() {
    let lane = Lane::<u32, ()>::new();
    let (told, hear) = mpsc::channel();
    thread::scope(|scope| {
        let first = never(&lane, 0);
        for n in 1..=10u32 {
            let (lane, told) = (&lane, told.clone());
            scope.spawn(move || {
                let turn = never(lane, n);
                assert!(turn.queued());
                told.send(n).unwrap();
                drop(turn);
            });
            until_waiting(lane, n as usize);
        }
        drop(first);
    });
    drop(told);
    assert_eq!(hear.iter().collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
}

#[test]
fn a_waiter_leaves_at_its_deadline_and_the_next_one_is_served() {
    let lane = Lane::<u32, ()>::new();
    thread::scope(|scope| {
        let first = never(&lane, 1);
        let leaver = scope.spawn(|| {
            let deadline = Deadline::after(Instant::now(), SOON);
            lane.acquire(2, deadline).map(drop).map_err(|out| out.seen.holder.map(|held| held.note))
        });
        // On a busy machine it may have left before this thread looks.
        while lane.waiting() != 1 && !leaver.is_finished() {
            thread::yield_now();
        }
        let stayer = scope.spawn(|| drop(never(&lane, 3)));
        assert_eq!(leaver.join().unwrap(), Err(Some(1)));
        until_waiting(&lane, 1);
        drop(first);
        stayer.join().unwrap();
    });
    assert_eq!((lane.waiting(), holder(&lane)), (0, None));
}

#[test]
fn a_deadline_that_has_passed_takes_a_free_lane_but_never_waits() {
    let lane = Lane::<u32, ()>::new();
    let past = || Deadline::after(Instant::now(), Duration::ZERO);
    let turn = lane.acquire(1, past()).unwrap();
    assert_eq!(lane.acquire(2, past()).map(drop).unwrap_err().seen.holder.unwrap().note, 1);
    drop(turn);
    drop(lane.acquire(3, past()).unwrap());
}

/// Many threads, some of which give up: never two holders, nobody forgotten.
#[test]
fn one_holder_at_a_time_and_nobody_is_forgotten() {
    let lane = Lane::<u32, ()>::new();
    let inside = AtomicBool::new(false);
    let (lane, inside) = (&lane, &inside);
    let served: u32 = thread::scope(|scope| {
        let threads: Vec<_> = (0..8u32)
            .map(|n| {
                scope.spawn(move || {
                    let mut served = 0;
                    for round in 0..500u32 {
                        let patience = match (n + round) % 4 {
                            0 => Deadline::after(Instant::now(), Duration::from_micros(30)),
                            _ => Deadline::NEVER,
                        };
                        if let Ok(turn) = lane.acquire(n, patience) {
                            assert!(!inside.swap(true, Ordering::SeqCst));
                            served += 1;
                            inside.store(false, Ordering::SeqCst);
                            drop(turn);
                        }
                    }
                    served
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(served >= 8 * 500 * 3 / 4);
    assert_eq!((lane.waiting(), holder(lane)), (0, None));
}

#[test]
fn a_panic_while_holding_frees_the_lane() {
    let lane = Lane::<u32, ()>::new();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _turn = never(&lane, 1);
        panic!("in the lane");
    }));
    assert!(panicked.is_err());
    drop(never(&lane, 2));
}
