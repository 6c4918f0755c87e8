//! Dozing over a sync, over threads of the system: that it ends in time shows there only.

use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::{SharedSync, Synced};
use crate::retry::Deadline;

const LONG: Duration = Duration::from_mins(1);

#[test]
fn with_no_sync_under_way_nobody_dozes() {
    let sync = SharedSync::new();
    sync.follow(());
    assert!(!sync.doze(LONG));
    sync.wait(sync.committed(), Deadline::NEVER, |()| Ok(Synced::Here)).unwrap();
    assert!(!sync.doze(LONG));
}

/// Whoever dozes is woken when the last sync ends, not when the next begins.
#[test]
fn the_end_of_the_sync_ends_it() {
    let sync = SharedSync::new();
    sync.follow(());
    let (sync, start) = (&sync, Instant::now());
    thread::scope(|scope| {
        let (begins, begun) = mpsc::channel();
        let (lets_go, go) = mpsc::channel();
        scope.spawn(move || {
            sync.wait(sync.committed(), Deadline::NEVER, |()| {
                begins.send(()).unwrap();
                go.recv().unwrap();
                Ok(Synced::Here)
            })
            .unwrap();
        });
        begun.recv().unwrap();
        let dozer = scope.spawn(|| sync.doze(LONG));
        while !sync.has_dozer() {
            thread::yield_now();
        }
        lets_go.send(()).unwrap();
        assert!(dozer.join().unwrap());
    });
    assert!(start.elapsed() < LONG / 2, "not woken");
    assert!(!sync.has_dozer());
}

#[test]
fn its_time_ends_it() {
    let sync = SharedSync::new();
    sync.follow(());
    let sync = &sync;
    thread::scope(|scope| {
        let (begins, begun) = mpsc::channel();
        let (lets_go, go) = mpsc::channel::<()>();
        scope.spawn(move || {
            sync.wait(sync.committed(), Deadline::NEVER, |()| {
                begins.send(()).unwrap();
                let _ = go.recv();
                Ok(Synced::Here)
            })
        });
        begun.recv().unwrap();
        assert!(sync.doze(Duration::from_millis(1)));
        assert!(!sync.has_dozer());
        drop(lets_go);
    });
}
