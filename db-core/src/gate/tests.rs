use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tempfile::TempDir;

use super::*;

/// Another process, as far as the kernel is concerned: `flock` belongs to the open file,
/// so two gates on one file exclude each other as two processes do.
fn two_gates() -> (TempDir, Gate, Gate) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("shop.db");
    std::fs::write(&file, "").unwrap();
    let gates = (Gate::new(file.clone()), Gate::new(file));
    (folder, gates.0, gates.1)
}

fn nobody() -> bool {
    false
}

fn within(millis: u64) -> Deadline {
    Deadline::after(Instant::now(), Duration::from_millis(millis))
}

#[track_caller]
fn enters(gate: &Gate) {
    assert!(matches!(gate.enter(within(60_000), || ()), Ok(Entered::Inside)));
}

#[track_caller]
fn misses(gate: &Gate, millis: u64) {
    assert!(gate.enter(within(millis), || ()).is_err());
}

fn place(gate: &Gate) -> Place {
    gate.shared.state.lock().place
}

fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "never came true: {what}");
        thread::yield_now();
    }
}

#[test]
fn one_at_a_time_and_the_next_is_let_in() {
    let (_folder, one, two) = two_gates();
    enters(&one);
    misses(&two, 0);
    assert_eq!(place(&two), Place::Outside, "who asks in passing does not queue");
    let waits = AtomicU64::new(0);
    thread::scope(|scope| {
        let second = scope.spawn(|| {
            let told = || waits.store(1, Ordering::SeqCst);
            assert!(matches!(two.enter(within(60_000), told), Ok(Entered::Inside)));
        });
        until("it waits", || waits.load(Ordering::SeqCst) == 1);
        one.leave(nobody);
        second.join().unwrap();
    });
    misses(&one, 0);
    two.leave(nobody);
    enters(&one);
    one.leave(nobody);
}

#[test]
fn a_wait_ends_by_its_deadline_and_what_comes_too_late_is_let_go() {
    let (_folder, one, two) = two_gates();
    enters(&one);
    misses(&two, 20);
    assert_eq!(place(&two), Place::AtWriter);
    one.leave(nobody);
    // The helper gets it for nobody.
    until("it is let go", || place(&two) == Place::Outside);
    enters(&one);
    // And the next one that wants it takes the helper's place in the queue.
    misses(&two, 20);
    thread::scope(|scope| {
        let second = scope.spawn(|| enters(&two));
        until("it wants it", || two.shared.state.lock().wanted);
        one.leave(nobody);
        second.join().unwrap();
    });
    two.leave(nobody);
}

#[test]
fn it_is_kept_for_others_of_the_process_until_others_wait_too_long() {
    let (_folder, one, two) = two_gates();
    enters(&one);
    one.leave(|| true);
    assert_eq!(place(&one), Place::Kept);
    misses(&two, 0);
    enters(&one);
    // Nobody else wants it, so the time begins anew.
    one.shared.state.lock().since -= KEEP;
    one.leave(|| true);
    assert_eq!(place(&one), Place::Kept);
    enters(&one);
    thread::scope(|scope| {
        let second = scope.spawn(|| enters(&two));
        until("it is the next", || place(&two) == Place::AtWriter);
        let begun = one.shared.state.lock().since;
        one.shared.state.lock().since = Instant::now() + Duration::from_secs(60);
        one.leave(|| true);
        assert_eq!(place(&one), Place::Kept, "not for long yet");
        enters(&one);
        one.shared.state.lock().since = begun - KEEP;
        one.leave(|| true);
        assert_eq!(place(&one), Place::Outside);
        second.join().unwrap();
    });
    two.leave(nobody);
}

#[test]
fn what_is_kept_for_a_waiter_that_gives_up_is_let_go() {
    let (_folder, one, two) = two_gates();
    enters(&one);
    // The waiter may be gone before the lane is free: whoever left has to look again.
    assert_eq!(one.leave(|| true), Left::ForOthers);
    one.leave_unused(|| true);
    assert_eq!(place(&one), Place::Kept);
    one.leave_unused(nobody);
    assert_eq!(place(&one), Place::Outside);
    enters(&two);
    assert_eq!(two.leave(nobody), Left::Outside);
}

#[test]
fn what_is_kept_for_a_thread_that_comes_back_often_is_let_go_when_it_does_not() {
    let (_folder, one, two) = two_gates();
    enters(&one);
    one.shared.state.lock().streak = STREAK;
    one.leave(nobody);
    assert_eq!(place(&one), Place::Kept);
    enters(&two);
    two.leave(nobody);
    until("it is noticed", || !one.shared.state.lock().watched);
}

#[test]
fn dropping_a_gate_frees_it_and_does_not_wait_for_its_helper() {
    let (folder, one, two) = two_gates();
    enters(&one);
    misses(&two, 20);
    drop(two);
    drop(one);
    let next = Gate::new(folder.path().join("shop.db"));
    enters(&next);
    next.leave(nobody);
}

#[test]
fn a_shortage_that_passes_costs_this_turn_only_its_place_in_the_queue() {
    let gate = Gate::new("/nowhere/shop.db".into());
    let mut state = gate.shared.state.lock();
    let shortage = || io::Error::from(io::ErrorKind::OutOfMemory);
    assert!(matches!(state.go_without(shortage()), Entered::NoGate(_)));
    assert_eq!(state.place, Place::Outside, "to be tried again");
    assert!(matches!(state.go_without(shortage()), Entered::Inside), "told once");
    assert!(matches!(state.go_without(io::ErrorKind::Unsupported.into()), Entered::Inside));
    assert_eq!(state.place, Place::Without);
}

#[test]
fn without_a_folder_to_write_in_there_is_no_gate_and_that_is_said_once() {
    let gate = Gate::new("/nowhere/shop.db".into());
    assert!(matches!(gate.enter(within(0), || ()), Ok(Entered::NoGate(_))));
    gate.leave(nobody);
    assert!(matches!(gate.enter(within(0), || ()), Ok(Entered::Inside)));
}

/// Two processes of two threads each; threads of one process take turns by a lock, as
/// they do in the lane.
#[test]
fn never_two_inside_and_nobody_is_forgotten() {
    let (_folder, one, two) = two_gates();
    let lanes = [parking_lot::FairMutex::new(()), parking_lot::FairMutex::new(())];
    let inside = std::sync::atomic::AtomicBool::new(false);
    let gates = [one, two];
    let served: u64 = thread::scope(|scope| {
        let threads: Vec<_> = (0..4u64)
            .map(|n| {
                let (gates, lanes, inside) = (&gates, &lanes, &inside);
                scope.spawn(move || {
                    let (gate, lane) = (&gates[n as usize % 2], &lanes[n as usize % 2]);
                    let mut served = 0;
                    for round in 0..300 {
                        let _lane = lane.lock();
                        let patience = if (n + round) % 5 == 0 { 0 } else { 60_000 };
                        if gate.enter(within(patience), || ()).is_ok() {
                            assert!(!inside.swap(true, Ordering::SeqCst));
                            served += 1;
                            inside.store(false, Ordering::SeqCst);
                            gate.leave(|| round % 3 == 0);
                        }
                    }
                    let _lane = lane.lock();
                    gate.leave_unused(nobody);
                    served
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert!(served >= 4 * 300 * 4 / 5, "{served}");
    for gate in &gates {
        enters(gate);
        gate.leave(nobody);
        until("the helper has let go", || place(gate) == Place::Outside);
    }
}
