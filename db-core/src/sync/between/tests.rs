use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU32};
use std::sync::mpsc;

use tempfile::TempDir;

use super::*;

/// As two processes see it: each has the file open, with a lock of its own.
fn two(wals: [u64; 2]) -> (TempDir, [Between; 2]) {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("shop.db");
    std::fs::write(&database, "").unwrap();
    let both = wals.map(|wal| Between::open(&database, wal).unwrap());
    (folder, both)
}

/// So long that nobody gives up waiting for the other in a test.
fn patient(between: &Between) {
    between.took.store(20_000_000_000, Ordering::Relaxed);
}

fn once(syncs: &AtomicU32) -> impl Fn() -> io::Result<()> {
    || {
        syncs.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[test]
fn a_sync_that_ended_before_serves_nobody_who_asks_after() {
    let (_folder, [one, two]) = two([7, 7]);
    let syncs = AtomicU32::new(0);
    for between in [&one, &two, &one] {
        assert_eq!(between.sync(once(&syncs)).unwrap(), Synced::Here);
    }
    assert_eq!(syncs.load(Ordering::SeqCst), 3);
}

/// `second` asks while `first` is at it; what `second` came to, and how often it synced.
fn asked_during(first: &Between, second: &Between, fails: bool) -> (io::Result<Synced>, u32) {
    // Both have numbers to compare.
    first.sync(|| Ok(())).unwrap();
    let (inside, is_inside) = mpsc::channel();
    let (asks, go_on) = mpsc::channel();
    let go_on = parking_lot::Mutex::new(go_on);
    let syncs = AtomicU32::new(0);
    thread::scope(|scope| {
        let long = scope.spawn(|| {
            first.sync(|| {
                inside.send(()).unwrap();
                go_on.lock().recv().unwrap();
                if fails { Err(io::ErrorKind::Other.into()) } else { Ok(()) }
            })
        });
        is_inside.recv().unwrap();
        let late = scope.spawn(|| second.sync(once(&syncs)));
        // What began before it asked does not serve it, so it can't have ended yet unless
        // it has synced by itself.
        thread::sleep(Duration::from_millis(5));
        asks.send(()).unwrap();
        assert_eq!(long.join().unwrap().is_err(), fails);
        (late.join().unwrap(), syncs.load(Ordering::SeqCst))
    })
}

#[test]
fn a_sync_under_way_does_not_serve_who_comes_later() {
    let (_folder, [one, two]) = two([7, 7]);
    patient(&two);
    let (synced, syncs) = asked_during(&one, &two, false);
    assert_eq!((synced.unwrap(), syncs), (Synced::Here, 1));
}

#[test]
fn one_that_fails_is_everybodys_failure_until_the_wal_is_carried_over() {
    let (_folder, [one, two]) = two([7, 7]);
    patient(&two);
    assert!(!two.has_failed());
    let (synced, syncs) = asked_during(&one, &two, true);
    assert_eq!((synced.is_err(), syncs), (true, 1), "its own went well, as the kernel says");
    for between in [&one, &two] {
        assert!(between.has_failed());
        assert!(between.sync(|| Ok(())).is_err());
        assert!(between.sync_alone(&|| Ok(())).is_err());
    }
    one.forget_failure();
    assert_eq!(two.sync(|| Ok(())).unwrap(), Synced::Here);
}

#[test]
fn a_failure_of_another_wal_is_nobodys() {
    let (_folder, [one, two]) = two([7, 8]);
    assert!(one.sync(|| Err(io::ErrorKind::Other.into())).is_err());
    assert!(one.has_failed() && !two.has_failed());
    assert!(two.sync(|| Ok(())).is_ok());
}

/// As of another user who made it and gave no rights to it, or on a full disk.
#[test]
fn a_file_that_can_not_be_written_is_no_failure() {
    let (folder, [mut one, _two]) = two([7, 7]);
    one.sync(|| Ok(())).unwrap();
    one.file = File::open(folder.path().join("shop.db-sync")).unwrap();
    let syncs = AtomicU32::new(0);
    assert_eq!(one.sync(once(&syncs)).unwrap(), Synced::Here);
    assert_eq!(syncs.load(Ordering::SeqCst), 1);
}

#[test]
fn a_process_that_is_stopped_in_its_sync_is_waited_for_once() {
    let (_folder, [one, two]) = two([7, 7]);
    one.sync(|| Ok(())).unwrap();
    let _lock = one.try_lock().unwrap();
    two.took.store(1_000_000, Ordering::Relaxed);
    two.sync(|| Ok(())).unwrap();
    patient(&two);
    // Patient as it is now, it would never return.
    assert_eq!(two.sync(|| Ok(())).unwrap(), Synced::Here);
}

#[test]
fn nobody_waits_long_for_another_process() {
    let (_folder, [one, two]) = two([7, 7]);
    two.took.store(1000, Ordering::Relaxed);
    one.sync(|| Ok(())).unwrap();
    assert!(sidecar::try_lock(&one.file).unwrap(), "as one that is stopped in its sync");
    let syncs = AtomicU32::new(0);
    assert_eq!(two.sync(once(&syncs)).unwrap(), Synced::Here);
    assert_eq!(syncs.load(Ordering::SeqCst), 1);
}

#[test]
fn a_later_sync_serves_who_waits_for_one_but_not_that_of_another_wal() {
    for (wals, expected) in [([7, 7], Synced::Elsewhere), ([7, 8], Synced::Here)] {
        let (_folder, [one, two]) = two(wals);
        two.sync(|| Ok(())).unwrap();
        patient(&two);
        assert!(sidecar::try_lock(&one.file).unwrap());
        let waits = Barrier::new(2);
        thread::scope(|scope| {
            let waiter = scope.spawn(|| {
                waits.wait();
                two.sync(|| Ok(()))
            });
            waits.wait();
            // Gone on for a while, so that it has read the number by now.
            thread::sleep(Duration::from_millis(20));
            one.numbered(&|| Ok(())).unwrap();
            one.file.unlock().unwrap();
            assert_eq!(waiter.join().unwrap().unwrap(), expected);
        });
    }
}

#[test]
fn what_is_half_written_is_not_believed() {
    let (_folder, [one, two]) = two([7, 7]);
    one.sync(|| Ok(())).unwrap();
    sidecar::write_at(&one.file, &9_u64.to_ne_bytes(), Place::Ended.offset()).unwrap();
    assert_eq!(two.read(Place::Ended), None);
    assert_eq!(two.read(Place::Begun), Some(1));
    assert_eq!(two.sync(|| Ok(())).unwrap(), Synced::Here);
    assert_eq!(one.read(Place::Ended), Some(2));
}

/// What each commits is on the disk when it is told so, whoever did it: the disk is a
/// number that a sync copies.
#[test]
fn nobody_is_told_too_early() {
    let (_folder, both) = two([7, 7]);
    let written = AtomicU64::new(0);
    let disk = AtomicU64::new(0);
    let ends = AtomicBool::new(false);
    thread::scope(|scope| {
        for between in &both {
            scope.spawn(|| {
                for _ in 0..2000 {
                    let mine = written.fetch_add(1, Ordering::SeqCst) + 1;
                    let sync = || {
                        let now = written.load(Ordering::SeqCst);
                        thread::yield_now();
                        disk.fetch_max(now, Ordering::SeqCst);
                        Ok(())
                    };
                    between.sync(sync).unwrap();
                    assert!(disk.load(Ordering::SeqCst) >= mine);
                }
                ends.store(true, Ordering::SeqCst);
            });
        }
    });
    assert!(ends.load(Ordering::SeqCst));
}
