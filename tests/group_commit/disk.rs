//! Groups on a disk that tells what is done to it, takes its time, and fails.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use db_core::{Error, RetryPolicy, Synchronous};
use rusqlite::ffi;

use super::vfs::{Disk, Fault, Kind, Name};
use super::*;

/// A database on a disk of its own.
fn open_on_disk(mode: Synchronous) -> (TestDb, Arc<Disk>) {
    let mut disk = None;
    let db =
        TestDb::watched(options().synchronous(mode), |folder| disk = Some(Disk::watch(folder)));
    (db, disk.unwrap())
}

/// With `Shared` the commit comes before the sync, and telling after it.
#[test]
fn nobody_is_told_before_the_sync() {
    let (db, disk) = open_on_disk(Synchronous::Shared);
    let returned = Arc::new(AtomicUsize::new(0));
    let (seen, syncs) = (Arc::clone(&returned), Arc::new(AtomicUsize::new(0)));
    let begun = Arc::clone(&syncs);
    let watched = db.path().to_owned();
    disk.before_shared_syncs(move || {
        begun.fetch_add(1, SeqCst);
        // Visible, and nobody knows.
        assert_eq!(super::common::names(&watched).len(), 4);
        thread::sleep(Duration::from_millis(20));
        assert_eq!(seen.load(SeqCst), 0, "told before the sync has ended");
    });
    let write = |name: &'static str| {
        let (db, returned) = (&db, Arc::clone(&returned));
        call(move || {
            let result = db.write_grouped(&RetryPolicy::attempts(1), |w| match name {
                "fails" => Err(Error::NoGlobal),
                _ => insert(w, name).map_err(Error::from),
            });
            returned.fetch_add(1, SeqCst);
            result.is_ok()
        })
    };
    let (ok, grown) = counted(&db, ["a", "b", "fails", "c", "d"].map(write));
    assert_eq!(ok, [true, true, false, true, true]);
    assert_eq!((grown.commits, grown.grouped), (1, 4));
    // One for all of them.
    assert_eq!(syncs.load(SeqCst), 1);
}

/// While a sync is under way a group waits for others to join it, but not for its end.
#[test]
fn a_sync_that_hangs_keeps_nobody_from_committing() {
    let (db, disk) = open_on_disk(Synchronous::Shared);
    let (let_go, held) = mpsc::channel::<()>();
    let (begins, begun) = mpsc::channel();
    let held = Mutex::new(held);
    disk.before_shared_syncs(move || {
        let _ = begins.send(());
        // Those after the first go through.
        let _ = held.lock().unwrap().recv();
    });
    thread::scope(|scope| {
        let (db, let_go) = (&db, let_go);
        scope.spawn(move || add(db, "a").unwrap());
        super::common::received(&begun);
        for name in ["b", "c"] {
            scope.spawn(move || add(db, name).unwrap());
            wait_until("it has committed", || db.names().contains(&name.to_owned()));
        }
        drop(let_go);
    });
    assert_eq!(db.names(), ["a", "b", "c"]);
}

/// A disk that fails once, at the commit of the group.
#[test]
fn a_failed_write_or_sync_at_the_commit() {
    for (kind, code) in [
        (Kind::Write, ffi::SQLITE_IOERR_WRITE),
        (Kind::Write, ffi::SQLITE_FULL),
        (Kind::Sync, ffi::SQLITE_IOERR_FSYNC),
    ] {
        let (db, disk) = open_on_disk(Synchronous::Full);
        add(&db, "before").unwrap();
        disk.fail(move |call| {
            let now = call.kind == kind && call.name == Name::Wal && call.nth == 1;
            now.then_some(Fault { code, half: false })
        });
        let ran = [(); 3].map(|()| Runs::new());
        let names = ["a", "b", "c"];
        let calls = (0..3).map(|n| adds(&db, &ran[n], names[n]));
        let (ended, grown) = counted(&db, calls.collect::<Vec<_>>());
        assert!(ended.iter().all(Result::is_ok), "{kind:?}: {ended:?}");
        assert_eq!(ran.each_ref().map(Runs::count), [2, 2, 2], "{kind:?}");
        assert_eq!((grown.commits, grown.grouped), (3, 0), "{kind:?}");
        assert_eq!(db.names(), ["before", "a", "b", "c"]);
    }
}

/// The commit is there, its sync is not: each of them is told so, and nobody runs again.
#[test]
fn a_failed_shared_sync() {
    let (db, disk) = open_on_disk(Synchronous::Shared);
    disk.fail(|call| (call.kind == Kind::SharedSync).then_some(Fault { code: 0, half: false }));
    let ran = [(); 4].map(|()| Runs::new());
    let names = ["a", "b", "c", "d"];
    let calls = (0..4).map(|n| {
        write(&db, &ran[n], move |w| {
            insert(w, names[n])?;
            if n == 2 { Err(Error::NoGlobal) } else { Ok(()) }
        })
    });
    let (ended, grown) = counted(&db, calls.collect::<Vec<_>>());
    for (n, ended) in ended.iter().enumerate() {
        match ended {
            Err(Error::NoGlobal) if n == 2 => {}
            Err(Error::NotDurable(error)) if n != 2 => assert!(error.committed),
            other => panic!("{n}: {other:?}"),
        }
    }
    assert_eq!(ran.map(|ran| ran.count()), [1; 4]);
    assert_eq!((grown.commits, grown.grouped), (1, 3));
    assert_eq!(db.names(), ["a", "b", "d"]);
}
