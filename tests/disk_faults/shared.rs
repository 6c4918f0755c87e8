//! `Shared`, and its sync fails: nobody hears `Ok` whose commit it was to cover, and
//! nothing is written any more until the database is opened anew.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use super::*;

/// How many have committed when the sync that fails is let go: its leader, three who
/// wait for the next one.
const WRITERS: usize = 4;

/// The sync of the first commit fails if `nth` is 1; that of the three others if it is 2.
fn fails_at(nth: usize) {
    let mut shop = Shop::open(Synchronous::Shared);
    let (let_go, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let syncs = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&syncs);
    shop.disk.before_shared_syncs(move || {
        // Later ones go through.
        if seen.fetch_add(1, Ordering::SeqCst) == 0 {
            let _ = held.lock().unwrap().recv();
        }
    });
    shop.disk.fail(move |call: Call| {
        let now = call.kind == Kind::SharedSync && call.nth == nth;
        now.then_some(Fault { code: 0, half: false })
    });
    let called = Arc::new(AtomicUsize::new(0));
    let before = shop.db.stats().commits;
    let db = &shop.db;
    let write = |name: &'static str| {
        let called = Arc::clone(&called);
        db.write(move |w| {
            w.on_commit(move || {
                called.fetch_add(1, Ordering::SeqCst);
            });
            add(w, name)
        })
    };
    let results: Vec<Result<()>> = thread::scope(|all| {
        // Lets go if the test fails.
        let let_go = let_go;
        let leader = all.spawn(|| write("a"));
        wait_until("the sync has begun", || syncs.load(Ordering::SeqCst) == 1);
        let others = ["b", "c", "d"].map(|name| all.spawn(move || write(name)));
        wait_until("all have committed", || db.stats().commits == before + WRITERS as u64);
        // They are visible before they are durable.
        assert_eq!(count(db).unwrap(), 2 * WRITERS as i64);
        let_go.send(()).unwrap();
        let results = std::iter::once(leader).chain(others);
        results.map(|thread| thread.join().unwrap()).collect()
    });
    let (fine, failed) = results.into_iter().partition::<Vec<_>, _>(Result::is_ok);
    assert_eq!(fine.len(), nth - 1);
    for result in failed {
        assert!(matches!(problem(result, true), SyncProblem::Failed(_)));
    }
    assert_eq!(called.load(Ordering::SeqCst), nth - 1, "a callback ran, or was lost");

    // Nothing is written any more, though the disk is well again.
    let syncs = db.stats().syncs;
    let writes = |disk: &Disk| {
        disk.look(|events| events.iter().filter(|at| matches!(at, Event::Written { .. })).count())
    };
    let written = writes(&shop.disk);
    for _ in 0..3 {
        assert!(matches!(problem(write("e"), false), SyncProblem::Failed(_)));
        assert_eq!(count(db).unwrap(), 2 * WRITERS as i64);
    }
    assert_eq!(writes(&shop.disk), written);
    assert_eq!(db.stats().syncs, syncs);
    assert_eq!(called.load(Ordering::SeqCst), nth - 1);

    shop.reopen();
    add(&shop.db, "f").unwrap();
    assert_eq!(names(&shop.path), ["a", "b", "c", "d", "f"]);
}

#[test]
fn the_leader_fails_with_all_who_wait() {
    fails_at(1);
}

#[test]
fn the_followers_fail_with_their_leader() {
    fails_at(2);
}

/// At random moments, with several threads: what was `Ok` is there, and whoever was
/// refused has left nothing.
#[test]
fn at_random() {
    for seed in 1..=20 {
        let mut shop = Shop::open(Synchronous::Shared);
        let nth = 1 + Random(seed).below(25);
        shop.disk.fail(move |call| {
            let now = call.kind == Kind::SharedSync && call.nth == nth;
            now.then_some(Fault { code: 0, half: false })
        });
        let db = &shop.db;
        let one = |thread, n| {
            let name = format!("{thread}-{n}");
            let result = add_as(thread, db, &name);
            (name, result)
        };
        let one = &one;
        let results: Vec<(String, Result<()>)> = thread::scope(|all| {
            let threads: Vec<_> = (0..6)
                .map(|thread| {
                    all.spawn(move || (10..20).map(|n| one(thread, n)).collect::<Vec<_>>())
                })
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let mut visible = Vec::new();
        let mut failed = 0;
        for (name, result) in results {
            match result {
                Ok(()) => visible.push(name),
                Err(Error::NotDurable(error)) => {
                    failed += 1;
                    if error.committed {
                        visible.push(name);
                    }
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        visible.sort();
        assert_eq!(names(&shop.path), visible, "seed {seed}");
        let met = shop
            .disk
            .look(|events| events.iter().any(|event| matches!(event, Event::SyncFailed { .. })));
        assert_eq!(failed > 0, met, "seed {seed}");
        shop.disk.heal();
        shop.reopen();
        assert_eq!(names(&shop.path), visible, "seed {seed}");
        add(&shop.db, "z").unwrap();
    }
}
