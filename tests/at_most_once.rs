//! Guarantee **at-most-once**: the body of a `#[writer]` that is not declared
//! `idempotent` runs at most once a call, on the caller's own thread, whatever fails.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use common::{ForeignLock, Kit, Lock, Runs, TestDb, quick, wait_until};
use db_core::testing::{Fault, Injection};
use db_core::{Database, Error, Options, Reader, Result, RetryPolicy, Writer};
use db_core::{reader, retry_on_locked, writer};
use rusqlite::Connection;
use rusqlite::ffi::ErrorCode;

/// Writes a row, and then does `more`. May not run twice.
#[writer]
fn once(db: &Writer, runs: &Runs, more: impl FnOnce(&Writer<'_>) -> Result<()>) -> Result<()> {
    runs.run();
    db.execute("INSERT INTO item (name) VALUES ('once')", [])?;
    more(db)
}

/// May run again.
#[writer]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn again(
    db: &Writer,
    runs: &Runs,
    more: &dyn Fn(&Database) -> Result<()>,
    on: &Database,
) -> Result<()> {
    runs.run();
    db.execute("INSERT INTO item (name) VALUES ('again')", [])?;
    more(on)
}

#[reader]
#[retry_on_locked(max_attempts = 3)]
fn read_again(
    db: &Reader,
    runs: &Runs,
    more: &dyn Fn(&Database) -> Result<()>,
    on: &Database,
) -> Result<i64> {
    runs.run();
    let items = db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?;
    more(on)?;
    Ok(items)
}

#[retry_on_locked(max_attempts = 3, idempotent)]
fn bare(
    _conn: &Connection,
    runs: &Runs,
    more: &dyn Fn(&Database) -> Result<()>,
    on: &Database,
) -> Result<()> {
    runs.run();
    more(on)
}

fn code(error: &Error) -> Option<ErrorCode> {
    match error {
        Error::Sqlite(error) => error.sqlite_error_code(),
        _ => None,
    }
}

/// Whatever it meets, and wherever: it has run once, or, if it was before, not at all.
#[test]
fn a_body_that_meets_a_fault_runs_once() {
    type Place = (fn(Fault) -> Injection, usize);
    const PLACES: [Place; 4] = [
        (Fault::at_turn, 0),
        (|fault| fault.at_statement(1), 1),
        (|fault| fault.at_statement(2), 1),
        (Fault::at_commit, 1),
    ];
    let Kit { faults, clock, db } = &Kit::new();
    let two: fn(&Writer<'_>) -> Result<()> = |w| Ok(w.execute("DELETE FROM item", []).map(drop)?);
    for fault in
        [Fault::Busy, Fault::BusySnapshot, Fault::Locked, Fault::DiskFull, Fault::FailedSync]
    {
        for (place, ran) in PLACES {
            for is_closure in [false, true] {
                let runs = Runs::new();
                faults.inject(place(fault).times(2));
                let called = if is_closure {
                    db.write(|w| {
                        runs.run();
                        w.execute("INSERT INTO item (name) VALUES ('once')", [])?;
                        two(w)
                    })
                } else {
                    once(db, &runs, two)
                };
                let error = called.unwrap_err();
                assert_eq!(faults.pending().len(), 1, "{fault:?}");
                faults.clear();
                let is_disk = matches!(fault, Fault::DiskFull | Fault::FailedSync);
                assert_eq!(error.is_locked(), !is_disk, "{error}");
                assert_eq!(runs.threads(), vec![thread::current().id(); ran], "{fault:?}");
                assert!(db.names().is_empty());
            }
        }
    }
    assert_eq!((clock.skipped(), db.stats().retries), (Duration::ZERO, 0));
}

#[test]
fn each_call_runs_once_on_its_callers_thread_however_many_wait() {
    let db = TestDb::new();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let runs = Runs::new();
                    once(&db, &runs, |_w| Ok(())).unwrap();
                    assert_eq!(runs.threads(), [thread::current().id()]);
                }
            });
        }
    });
    assert_eq!(db.names().len(), 8 * 20);
}

#[test]
fn a_refused_commit_does_not_run_it_again() {
    let options = Options::new().migrations(&["CREATE TABLE part (
        item INTEGER REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED)"]);
    let (db, runs) = (TestDb::with(options), Runs::new());
    let error = once(&db, &runs, |w| {
        w.execute("INSERT INTO part VALUES (77)", [])?;
        Ok(())
    })
    .unwrap_err();
    assert_eq!(code(&error), Some(ErrorCode::ConstraintViolation));
    assert_eq!(runs.count(), 1);
    assert!(db.names().is_empty());
}

#[test]
fn a_lost_transaction_does_not_run_it_again() {
    let (db, runs) = (TestDb::new(), Runs::new());
    let error = once(&db, &runs, |w| {
        let twice = "INSERT OR ROLLBACK INTO item (id, name) VALUES (5, 'a'), (5, 'b')";
        w.execute(twice, []).unwrap_err();
        Ok(())
    })
    .unwrap_err();
    assert!(matches!(error, Error::RolledBack { .. }), "{error}");
    assert_eq!(runs.count(), 1);
    assert!(db.names().is_empty());
}

#[test]
fn a_panic_does_not_run_it_again() {
    let (db, runs) = (TestDb::new(), Runs::new());
    let call = || once(&db, &runs, |_w| panic!("in the body"));
    let panic = catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"in the body"));
    assert_eq!(runs.threads(), [thread::current().id()]);
    assert!(db.names().is_empty());
}

#[test]
fn a_body_whose_lock_never_comes_never_runs() {
    let options = Options::new().busy_timeout(Duration::from_millis(30));
    let (db, runs) = (TestDb::with(options), Runs::new());
    let lock = ForeignLock::take(db.path(), Lock::Exclusive);
    match once(&db, &runs, |_w| Ok(())).unwrap_err() {
        Error::Locked(locked) => assert_eq!(locked.attempts, 1),
        error => panic!("{error}"),
    }
    lock.release();
    assert_eq!(runs.count(), 0);
    assert!(db.names().is_empty());
    once(&db, &runs, |_w| Ok(())).unwrap();
    assert_eq!(runs.count(), 1);
}

/// A call that gave up does not come back when its turn would have come.
#[test]
fn a_body_whose_turn_came_too_late_never_runs() {
    let options = Options::new().writer_timeout(Duration::from_millis(30));
    let (db, runs) = (TestDb::with(options), Runs::new());
    let holder = db.writer().unwrap();
    let error = thread::scope(|scope| {
        let late = scope.spawn(|| once(&db, &runs, |_w| Ok(())));
        late.join().unwrap().unwrap_err()
    });
    assert!(matches!(error, Error::WriterTimeout(_)), "{error}");
    holder.commit().unwrap();
    assert_eq!(db.stats().waiting, 0);
    db.writer().unwrap().commit().unwrap();
    assert_eq!(runs.count(), 0);
    assert!(db.names().is_empty());
}

#[test]
fn a_nested_once_only_writer_runs_once_too() {
    let (Kit { faults, db, .. }, outer, inner) = (&Kit::new(), Runs::new(), Runs::new());
    once(db, &outer, |w| {
        faults.inject(Fault::Busy.at_statement(1));
        let error = once(w, &inner, |_w| Ok(())).unwrap_err();
        assert!(error.is_locked(), "{error}");
        Ok(())
    })
    .unwrap();
    faults.assert_all_met();
    assert_eq!((outer.count(), inner.count()), (1, 1));
    assert_eq!(db.names(), ["once"]);
}

/// What is idempotent may join what is not; then it runs once as well, because a
/// second run would have to begin the caller's transaction anew.
#[test]
fn a_retried_writer_inside_a_once_only_one_does_not_repeat_it() {
    let (Kit { faults, db, .. }, outer, inner) = (&Kit::new(), Runs::new(), Runs::new());
    faults.inject(Fault::Busy.at_statement(1).of("again"));
    let error = once(db, &outer, |w| again(w, &inner, &|_on| Ok(()), db)).unwrap_err();
    faults.assert_all_met();
    assert!(error.is_locked(), "{error}");
    assert_eq!((outer.count(), inner.count()), (1, 1));
    assert!(db.names().is_empty());
}

type Once = fn(&Database, &Runs) -> Result<()>;

/// Every way to write once only, on a captured database.
const WAYS: [(&str, Once); 4] = [
    ("annotated", |db, runs| once(db, runs, |_w| Ok(()))),
    ("closure", |db, runs| {
        db.write(|_w| {
            runs.run();
            Ok(())
        })
    }),
    ("guard", |db, runs| {
        let guard = db.writer()?;
        runs.run();
        guard.commit()
    }),
    ("guard, without waiting", |db, runs| {
        let guard = db.writer_within(Duration::ZERO)?;
        runs.run();
        guard.commit()
    }),
];

#[track_caller]
fn is_refused(result: Result<()>, what: &str) {
    match result {
        Err(Error::OnceInRetried(_)) => {}
        other => panic!("{what}: {other:?}"),
    }
}

#[test]
fn a_once_only_write_to_another_database_is_refused_in_a_body_that_may_run_again() {
    let (db, other) = (TestDb::new(), TestDb::new());
    for (way, write) in WAYS {
        let (outer, inner) = (Runs::new(), Runs::new());
        let more = |on: &Database| write(on, &inner);
        is_refused(again(&db, &outer, &more, &other), way);
        // A refusal is no lock: the outer one is not repeated for it.
        assert_eq!((outer.count(), inner.count()), (1, 0), "{way}");
    }
    let runs = Runs::new();
    let closure = db.write_idempotent(&quick(3), |_w| once(&other, &runs, |_w| Ok(())));
    is_refused(closure, "in a closure");
    assert_eq!(runs.count(), 0);
    assert!(db.names().is_empty() && other.names().is_empty());
    assert_eq!(other.stats().timeouts, 0);
}

#[test]
fn a_once_only_write_is_refused_in_a_retried_reader() {
    let db = TestDb::new();
    for (way, write) in WAYS {
        let (outer, inner) = (Runs::new(), Runs::new());
        let read = read_again(&db, &outer, &|on| write(on, &inner), &db);
        is_refused(read.map(drop), way);
        assert_eq!((outer.count(), inner.count()), (1, 0), "{way}");
    }
    assert!(db.names().is_empty());
}

#[test]
fn a_once_only_write_is_refused_in_a_retried_function_over_a_connection() {
    let db = TestDb::new();
    let conn = Connection::open(db.path()).unwrap();
    for (way, write) in WAYS {
        let (outer, inner) = (Runs::new(), Runs::new());
        let more = |on: &Database| write(on, &inner);
        is_refused(bare(&conn, &outer, &more, &db), way);
        assert_eq!((outer.count(), inner.count()), (1, 0), "{way}");
    }
    assert!(db.names().is_empty());
}

/// However deep it is hidden, and behind bodies that are not retried themselves.
#[test]
fn a_once_only_write_is_refused_at_any_depth() {
    let (db, other, third) = (TestDb::new(), TestDb::new(), TestDb::new());
    let (outer, inner) = (Runs::new(), Runs::new());
    let deep = |on: &Database| {
        other.read(|_r| {
            third.write_idempotent(&quick(3), |w| w.savepoint(|_w| once(on, &inner, |_w| Ok(()))))
        })
    };
    let deepest = TestDb::new();
    is_refused(again(&db, &outer, &deep, &deepest), "three deep");
    assert_eq!((outer.count(), inner.count()), (1, 0));
}

#[test]
fn the_refusal_names_both() {
    let (db, other, runs) = (TestDb::new(), TestDb::new(), Runs::new());
    let error = again(&db, &runs, &|on| once(on, &runs, |_w| Ok(())), &other).unwrap_err();
    let Error::OnceInRetried(nested) = &error else {
        panic!("{error}");
    };
    assert_eq!(nested.inner.function(), Some("at_most_once::once"));
    assert_eq!(nested.outer.function(), Some("at_most_once::again"));
    assert_eq!(nested.inner.file(), "tests/at_most_once.rs");
    assert_eq!(
        error.to_string(),
        format!(
            "{} writes in a transaction that runs once only, and would do so each time {} runs again",
            nested.inner, nested.outer
        )
    );
    assert!(error.report().contains("on_commit"), "{error:#}");
}

/// The two pieces of advice that the refusal gives.
#[test]
fn what_is_declared_idempotent_or_runs_after_the_commit_is_allowed() {
    let (Kit { faults, db, .. }, other) = (&Kit::new(), Arc::new(TestDb::new()));
    let (outer, inner, after) = (Runs::new(), Runs::new(), Arc::new(AtomicUsize::new(0)));
    faults.inject(Fault::Busy.at_commit().times(2));
    db.write_idempotent(&RetryPolicy::attempts(3), |w| {
        let (other, after) = (Arc::clone(&other), Arc::clone(&after));
        outer.run();
        again(&*other, &inner, &|_on| Ok(()), db)?;
        w.on_commit(move || {
            let runs = Runs::new();
            once(&*other, &runs, |_w| Ok(())).unwrap();
            after.fetch_add(runs.count(), SeqCst);
        });
        Ok::<_, Error>(())
    })
    .unwrap();
    assert_eq!((outer.count(), inner.count()), (3, 3));
    // The attempts that were rolled back have lost theirs.
    assert_eq!(after.load(SeqCst), 1);
    assert_eq!(other.names(), ["again", "again", "again", "once"]);
}

/// The caller's own transaction is never repeated, so a once-only write in it
/// is no danger.
#[test]
fn a_once_only_write_is_allowed_in_a_single_attempt() {
    let db = TestDb::new();
    let conn = Connection::open_in_memory().unwrap();
    let transaction = conn.unchecked_transaction().unwrap();
    let (outer, inner) = (Runs::new(), Runs::new());
    let more = |on: &Database| once(on, &inner, |_w| Ok(()));
    bare(&transaction, &outer, &more, &db).unwrap();
    assert_eq!((outer.count(), inner.count()), (1, 1));
    assert_eq!(db.names(), ["once"]);
}

/// Another thread is not inside the retried body: its writes are its own.
#[test]
fn another_thread_may_write_once_meanwhile() {
    let (db, other, runs) = (TestDb::new(), TestDb::new(), Runs::new());
    let more = |on: &Database| {
        thread::scope(|scope| {
            let thread = scope.spawn(|| once(on, &Runs::new(), |_w| Ok(())));
            thread.join().unwrap()
        })
    };
    again(&db, &runs, &more, &other).unwrap();
    assert_eq!(runs.count(), 1);
    assert_eq!(other.names(), ["once"]);
}

/// A waiter that is woken runs its body itself, not whoever wakes it.
#[test]
fn a_waiter_runs_on_its_own_thread() {
    let (db, runs) = (TestDb::new(), Runs::new());
    let holder = db.writer().unwrap();
    thread::scope(|scope| {
        let waiter = scope.spawn(|| {
            once(&db, &runs, |_w| Ok(())).unwrap();
            thread::current().id()
        });
        wait_until("it waits", || db.stats().waiting == 1);
        holder.commit().unwrap();
        let its_own = waiter.join().unwrap();
        assert_eq!(runs.threads(), [its_own]);
    });
}
