//! `Shared`, and its sync hangs: followers stop waiting in time, though not at once, and
//! are durable with whoever comes after them.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use super::*;

#[test]
fn followers_stop_waiting() {
    let shop = Shop::open(Synchronous::Shared);
    let (let_go, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let hangs = Arc::new(AtomicBool::new(false));
    let hanging = Arc::clone(&hangs);
    shop.disk.before_shared_syncs(move || {
        if !hanging.swap(true, Ordering::SeqCst) {
            let _ = held.lock().unwrap().recv();
        }
    });
    let db = &shop.db;
    // Its own time is shorter than the least that a commit waits.
    let hurried = || {
        let w = db.writer_within(Duration::from_millis(50))?;
        w.on_commit(|| panic!("it is not durable"));
        add(&w, "b")?;
        let began = Instant::now();
        let result = w.commit().map(drop);
        let waited = began.elapsed();
        assert!(waited >= Duration::from_secs(1), "{waited:?}");
        assert!(waited < Duration::from_secs(5), "{waited:?}");
        result
    };
    thread::scope(|all| {
        // Lets go if the test fails.
        let let_go = let_go;
        let leader = all.spawn(|| add(db, "a"));
        wait_until("the sync hangs", || hangs.load(Ordering::SeqCst));
        match problem(hurried(), true) {
            SyncProblem::Late(whole, _) => assert!(whole >= Duration::from_secs(1), "{whole:?}"),
            other => panic!("{other:?}"),
        }
        // Late is not failed.
        let later = all.spawn(|| add(db, "c"));
        wait_until("it has committed", || count(db).unwrap() == 6);
        let written = shop.disk.look(<[Event]>::len);
        let_go.send(()).unwrap();
        leader.join().unwrap().unwrap();
        later.join().unwrap().unwrap();
        // What `b` has written went to the disk with `c`.
        let covered = shop.disk.look(|events| {
            let covers = |event: &Event| {
                matches!(event, Event::Synced { upto, by: By::Shared, .. } if *upto >= written)
            };
            events.iter().any(covers)
        });
        assert!(covered);
    });
    assert_eq!(names(&shop.path), ["a", "b", "c"]);
}
