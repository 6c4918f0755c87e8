use std::sync::atomic::AtomicU32;
use std::sync::mpsc;

use super::*;

const SOON: Duration = Duration::from_millis(20);

fn never(lane: &Lane<u32>, note: u32) -> Turn<'_, u32> {
    lane.acquire(note, Deadline::NEVER).unwrap()
}

fn holder(lane: &Lane<u32>) -> Option<u32> {
    lane.holder().map(|held| held.note)
}

fn until_waiting(lane: &Lane<u32>, count: usize) {
    while lane.waiting() != count {
        thread::yield_now();
    }
}

#[test]
fn a_free_lane_is_taken_at_once_and_names_its_holder() {
    let lane = Lane::new();
    assert_eq!(holder(&lane), None);
    let turn = never(&lane, 7);
    assert_eq!(holder(&lane), Some(7));
    drop(turn);
    assert_eq!(holder(&lane), None);
}

#[test]
fn waiters_are_served_in_order_of_arrival() {
    let lane = Lane::new();
    let (told, hear) = mpsc::channel();
    thread::scope(|scope| {
        let first = never(&lane, 0);
        for n in 1..=10u32 {
            let (lane, told) = (&lane, told.clone());
            scope.spawn(move || {
                let turn = never(lane, n);
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
    let lane = Lane::new();
    thread::scope(|scope| {
        let first = never(&lane, 1);
        let leaver = scope.spawn(|| {
            let deadline = Deadline::after(Instant::now(), SOON);
            lane.acquire(2, deadline).map(drop).map_err(|out| out.holder.map(|held| held.note))
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
    let lane = Lane::new();
    let past = || Deadline::after(Instant::now(), Duration::ZERO);
    let turn = lane.acquire(1, past()).unwrap();
    assert_eq!(lane.acquire(2, past()).map(drop).unwrap_err().holder.unwrap().note, 1);
    drop(turn);
    drop(lane.acquire(3, past()).unwrap());
}

/// A waiter that is never scheduled, and counts how often it was woken.
struct Asleep(Arc<AtomicU32>);

impl Wake for Asleep {
    fn wake(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn sleeper(lane: &Lane<u32>, note: u32) -> Arc<AtomicU32> {
    let woken = Arc::new(AtomicU32::new(0));
    lane.state.lock().queue.push_back(Arc::new(Waiter {
        note: Mutex::new(Some(note)),
        granted: AtomicBool::new(false),
        wake: Box::new(Asleep(Arc::clone(&woken))),
    }));
    woken
}

#[test]
fn within_the_window_a_running_thread_passes_a_head_that_is_woken_once() {
    let lane = Lane::new();
    let turn = never(&lane, 1);
    let woken = sleeper(&lane, 2);
    drop(turn);
    assert_eq!(holder(&lane), None);
    lane.state.lock().freed = Some(Instant::now() + WINDOW);
    for _ in 0..3 {
        drop(never(&lane, 1));
    }
    assert_eq!((lane.waiting(), woken.load(Ordering::SeqCst)), (1, 1));
}

#[test]
fn after_the_window_the_lane_is_handed_over_and_nobody_passes() {
    let lane = Lane::new();
    let turn = never(&lane, 1);
    let woken = sleeper(&lane, 2);
    lane.state.lock().freed = Some(Instant::now() - WINDOW);
    drop(turn);
    assert_eq!((holder(&lane), lane.waiting()), (Some(2), 0));
    assert_eq!(woken.load(Ordering::SeqCst), 1);

    let lane = Lane::new();
    drop(never(&lane, 1));
    let _woken = sleeper(&lane, 2);
    lane.state.lock().freed = Some(Instant::now() - WINDOW);
    let late = lane.acquire(3, Deadline::after(Instant::now(), SOON));
    assert!(late.map(drop).unwrap_err().holder.is_none());
}

/// Many threads, some of which give up: never two holders, nobody forgotten.
#[test]
fn one_holder_at_a_time_and_nobody_is_forgotten() {
    let lane = Lane::new();
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
    let lane = Lane::new();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _turn = never(&lane, 1);
        panic!("in the lane");
    }));
    assert!(panicked.is_err());
    drop(never(&lane, 2));
}
