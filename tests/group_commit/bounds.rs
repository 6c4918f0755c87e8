//! How large a group is, for how long it is open, for how long a thread serves others, and
//! until when a member's deadline holds.

use std::sync::{Mutex, mpsc};
use std::time::Duration;

use db_core::{Error, RetryPolicy};

use super::common::received;
use super::*;

#[track_caller]
fn add_seven(db: &TestDb) -> Stats {
    let calls = (0..7).map(|n| call(move || add(&**db, &n.to_string()).unwrap()));
    let (_, grown) = counted(db, calls);
    assert_eq!(db.names(), (0..7).map(|n| n.to_string()).collect::<Vec<_>>());
    grown
}

#[test]
fn a_group_has_a_largest_size() {
    for (size, commits) in [(1, 7), (2, 4), (3, 3), (7, 1), (64, 1)] {
        let grown = add_seven(&TestDb::with(options().max_group_size(size)));
        assert_eq!((grown.commits, grown.grouped), (commits, 7 - commits), "{size}");
    }
}

#[test]
fn a_group_that_is_closed_at_once_has_one_member() {
    let grown = add_seven(&TestDb::with(options().max_group_age(Duration::ZERO)));
    assert_eq!((grown.commits, grown.grouped), (7, 0));
}

/// The body that was the last to join may be a long one; nobody joins after it.
#[test]
fn a_group_has_a_largest_age() {
    let age = Duration::from_millis(300);
    let db = TestDb::with(options().max_group_age(age));
    let calls = (0..4).map(|n| {
        let db = &db;
        call(move || {
            db.write_grouped(&RetryPolicy::attempts(1), |w| {
                if n == 1 {
                    thread::sleep(age);
                }
                insert(w, &n.to_string()).map_err(Error::from)
            })
            .unwrap();
        })
    });
    let (_, grown) = counted(&db, calls);
    // 0 with 1 and 2 with 3, unless the machine stood still between the two.
    assert!((2..=4).contains(&grown.commits), "{grown:?}");
    assert_eq!(db.names(), ["0", "1", "2", "3"]);
}

#[test]
fn a_size_that_makes_no_sense_is_refused() {
    let error = options().max_group_size(0).open_in_memory().unwrap_err();
    assert_eq!(
        error.to_string(),
        "the option max_group_size is 0, so nothing could ever be written; 1 means: each call by itself"
    );
}

/// Whoever leads is back once its own group is committed, however many wait.
#[test]
fn a_thread_serves_one_group() {
    let db = TestDb::with(options().max_group_size(2));
    let (returns, returned) = mpsc::channel();
    let returned = Mutex::new(returned);
    let calls = (0..4).map(|n| {
        let (db, returns, returned) = (&db, returns.clone(), &returned);
        call(move || {
            db.write_grouped(&RetryPolicy::attempts(1), |w| {
                if n == 2 {
                    // Two of the first group have returned, while this one runs.
                    let returned = returned.lock().unwrap();
                    let mut both = [received(&returned), received(&returned)];
                    both.sort_unstable();
                    assert_eq!(both, [0, 1]);
                }
                insert(w, &n.to_string()).map_err(Error::from)
            })
            .unwrap();
            returns.send(n).unwrap();
        })
    });
    let (_, grown) = counted(&db, calls);
    assert_eq!((grown.commits, grown.grouped), (2, 2));
}

#[writer(group, timeout = timeout)]
#[retry_on_locked(max_attempts = 1, idempotent)]
fn add_within(db: &Writer, name: &str, timeout: Duration, runs: &Runs) -> Result<()> {
    runs.run();
    insert(db, name)?;
    Ok(())
}

#[track_caller]
fn timed_out(result: Result<()>) -> String {
    match result {
        Err(error @ Error::WriterTimeout(_)) => error.to_string(),
        other => panic!("no timeout: {other:?}"),
    }
}

/// One whose time is over before the group begins leaves, has done nothing, and the group
/// goes on without it.
#[test]
fn a_deadline_ends_the_wait_for_a_group() {
    let (db, runs) = (open(), Runs::new());
    let before = db.stats();
    thread::scope(|scope| {
        let other = db.writer().unwrap();
        let (db, runs) = (&db, &runs);
        let first = scope.spawn(move || add(&**db, "first"));
        wait_until("the first waits", || db.stats().waiting == 1);
        let leaves =
            scope.spawn(move || add_within(&**db, "leaves", Duration::from_millis(30), runs));
        wait_until("it waits, or has left", || {
            db.stats().waiting == 2 || db.stats().timeouts > before.timeouts
        });
        let last = scope.spawn(move || add(&**db, "last"));
        timed_out(leaves.join().unwrap());
        wait_until("the others wait", || db.stats().waiting == 2);
        drop(other);
        first.join().unwrap().unwrap();
        last.join().unwrap().unwrap();
    });
    let stats = db.stats();
    assert_eq!((stats.commits - before.commits, stats.grouped), (1, 1));
    assert_eq!((runs.count(), stats.waiting), (0, 0));
    assert_eq!(db.names(), ["first", "last"]);
}

/// The group that it would have joined has begun, but not yet its body.
#[test]
fn a_deadline_ends_the_wait_in_a_group() {
    let (db, runs) = (open(), Runs::new());
    let (left, leaves) = mpsc::channel::<()>();
    let leaves = Mutex::new(leaves);
    let calls = [
        call(|| {
            db.write_grouped(&RetryPolicy::attempts(1), |w| {
                received(&leaves.lock().unwrap());
                insert(w, "leads").map_err(Error::from)
            })
            .map(drop)
        }),
        call(|| {
            let ended = add_within(&*db, "leaves", Duration::from_millis(500), &runs);
            left.send(()).unwrap();
            ended
        }),
    ];
    let (mut ended, grown) = counted(&db, calls);
    let text = timed_out(ended.remove(1));
    // Of the one that leads, unless that was not yet there.
    assert!(text.contains("bounds.rs") || text.contains("main.rs"), "{text}");
    ended.remove(0).unwrap();
    assert_eq!((grown.commits, grown.grouped, runs.count()), (1, 0, 0));
    assert_eq!(db.names(), ["leads"]);
}

/// A body that has begun is not given up, on whatever thread it runs.
#[test]
fn a_deadline_counts_no_more_once_the_body_runs() {
    // On a busy machine the first may be too short to get that far.
    for time in [200, 1_000, 5_000].map(Duration::from_millis) {
        let (db, runs) = (open(), Runs::new());
        let calls = [
            call(|| add(&*db, "leads")),
            call(|| {
                let called = std::time::Instant::now();
                #[writer(group, timeout = time)]
                #[retry_on_locked(max_attempts = 1, idempotent)]
                fn outlast(
                    db: &Writer,
                    time: Duration,
                    called: std::time::Instant,
                    runs: &Runs,
                ) -> Result<()> {
                    runs.run();
                    let end = called + time + Duration::from_millis(50);
                    thread::sleep(end.saturating_duration_since(std::time::Instant::now()));
                    insert(db, "lasts")?;
                    Ok(())
                }
                outlast(&*db, time, called, &runs)
            }),
        ];
        let (mut ended, grown) = counted(&db, calls);
        let ended = ended.remove(1);
        if runs.count() == 0 {
            timed_out(ended);
            continue;
        }
        ended.unwrap();
        assert_eq!((runs.count(), grown.grouped), (1, 1));
        assert_eq!(db.names(), ["leads", "lasts"]);
        return;
    }
    panic!("the body never began");
}

/// Whoever waits when the database is closed is told that, and is in nobody's group.
#[test]
fn who_waits_while_it_is_closed_does_not_run() {
    let (db, runs) = (open(), Runs::new());
    let (closes, closing) = mpsc::channel::<()>();
    let closing = Mutex::new(closing);
    let (inside, is_inside) = mpsc::channel();
    thread::scope(|scope| {
        let (db, runs, closing) = (&db, &runs, &closing);
        let leader = scope.spawn(move || {
            db.write_grouped(&RetryPolicy::attempts(1), |w| {
                inside.send(()).unwrap();
                received(&closing.lock().unwrap());
                insert(w, "leads").map_err(Error::from)
            })
        });
        received(&is_inside);
        let waits = scope.spawn(move || add_noting(&**db, "waits", runs));
        wait_until("it waits", || db.stats().waiting == 1);
        let close = scope.spawn(|| db.close());
        wait_until("it is closing", || matches!(db.reader(), Err(Error::Closed { .. })));
        closes.send(()).unwrap();
        leader.join().unwrap().unwrap();
        let ended = waits.join().unwrap();
        assert!(matches!(ended, Err(Error::Closed { .. })), "{ended:?}");
        close.join().unwrap().unwrap();
    });
    assert_eq!(runs.count(), 0);
    assert_eq!(db.names(), ["leads"]);
}
