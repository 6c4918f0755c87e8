//! after-commit: what a body registers with `on_commit` runs once, in order, on the
//! caller's thread, after the commit and with the lane free; what is rolled back
//! takes its callbacks with it.

mod common;

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use common::{TestDb, quick};
use db_core::{Database, Error, Result, Writer, retry_on_locked, writer};
use rusqlite::ffi;

/// What callbacks write down.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    /// A callback that writes down `line`.
    fn adds(&self, line: &'static str) -> impl FnOnce() + Send + 'static {
        let log = self.clone();
        move || log.add(line)
    }

    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

fn insert(w: &rusqlite::Connection, name: &str) -> rusqlite::Result<usize> {
    w.execute("INSERT INTO item (name) VALUES (?1)", [name])
}

#[writer]
fn sell(db: &Writer, name: &str, log: &Log) -> Result<()> {
    insert(db, name)?;
    db.on_commit(log.adds("sold"));
    Ok(())
}

fn busy() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None)
}

#[test]
fn callbacks_run_in_the_order_in_which_they_were_registered() -> Result<()> {
    let (db, log) = (TestDb::new(), Log::default());
    db.write(|w| {
        w.on_commit(log.adds("first"));
        sell(w, "apple", &log)?;
        w.on_commit(log.adds("third"));
        w.savepoint(|w| {
            w.on_commit(log.adds("fourth"));
            Ok::<_, Error>(())
        })?;
        w.on_commit(log.adds("fifth"));
        assert_eq!(log.lines(), [""; 0], "none before the commit");
        Ok::<_, Error>(())
    })?;
    assert_eq!(log.lines(), ["first", "sold", "third", "fourth", "fifth"]);
    sell(&*db, "pear", &log)?;
    assert_eq!(log.lines()[5..], ["sold"], "the others run only once");
    Ok(())
}

#[test]
fn callbacks_run_on_the_callers_thread_before_the_call_returns() -> Result<()> {
    let (db, log) = (TestDb::new(), Log::default());
    let (path, here) = (db.path().to_owned(), log.clone());
    let caller = thread::current().id();
    db.write(move |w| {
        insert(w, "apple")?;
        w.on_commit(move || {
            assert_eq!(thread::current().id(), caller);
            here.add(common::names(&path).join(" "));
        });
        Ok::<_, Error>(())
    })?;
    assert_eq!(log.lines(), ["apple"], "committed, as another connection sees");
    Ok(())
}

#[test]
fn the_lane_is_free_while_callbacks_run() -> Result<()> {
    let (db, log) = (TestDb::new(), Log::default());
    let (handle, inner) = (Database::clone(&db), log.clone());
    db.write(|w| {
        insert(w, "apple")?;
        w.on_commit(move || {
            assert_eq!(handle.stats().in_use, 0);
            // This thread may write, and so may every other.
            sell(&handle, "pear", &inner).unwrap();
            thread::scope(|scope| {
                let other = scope.spawn(|| {
                    let guard = handle.writer_within(Duration::ZERO).unwrap();
                    insert(&guard, "fig").unwrap();
                    guard.commit().unwrap();
                });
                other.join().unwrap();
            });
            inner.add("outer");
        });
        Ok::<_, Error>(())
    })?;
    assert_eq!(db.names(), ["apple", "pear", "fig"]);
    assert_eq!(log.lines(), ["sold", "outer"]);
    Ok(())
}

#[test]
fn a_body_that_fails_or_panics_loses_its_callbacks() {
    let (db, log) = (TestDb::new(), Log::default());
    db.write(|w| {
        sell(w, "apple", &log)?;
        Err::<(), _>(Error::NoGlobal)
    })
    .unwrap_err();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        db.write(|w| -> Result<()> {
            sell(w, "apple", &log)?;
            resume_unwind(Box::new("halfway"))
        })
    }));
    assert!(panicked.is_err());
    assert_eq!(log.lines(), [""; 0]);
    assert_eq!(db.names(), [""; 0]);
    // Nor do they come back with the next commit.
    sell(&*db, "pear", &log).unwrap();
    assert_eq!(log.lines(), ["sold"]);
}

#[test]
fn a_commit_that_fails_loses_the_callbacks() {
    let (db, log) = (TestDb::new(), Log::default());
    db.write(|w| {
        w.execute_batch(
            "CREATE TABLE part (item INTEGER REFERENCES item DEFERRABLE INITIALLY DEFERRED)",
        )
    })
    .unwrap();
    let error = db
        .write(|w| {
            w.on_commit(log.adds("never"));
            w.execute("INSERT INTO part VALUES (77)", [])?;
            Ok::<_, Error>(())
        })
        .unwrap_err();
    assert!(error.to_string().contains("FOREIGN KEY"), "{error}");
    // A transaction that is already gone.
    let error = db
        .write(|w| {
            w.on_commit(log.adds("never"));
            insert(w, "apple")?;
            let _ignored = w.execute("INSERT OR ROLLBACK INTO item VALUES (1, 'x', 0)", []);
            w.on_commit(log.adds("never"));
            Ok::<_, Error>(())
        })
        .unwrap_err();
    assert!(matches!(error, Error::RolledBack { .. }), "{error:?}");
    assert_eq!(log.lines(), [""; 0]);
}

#[test]
fn a_nested_call_that_fails_loses_only_its_own() -> Result<()> {
    let (db, log) = (TestDb::new(), Log::default());
    db.write(|w| {
        w.on_commit(log.adds("before"));
        let failed = w.savepoint(|w| {
            w.on_commit(log.adds("lost"));
            sell(w, "apple", &log)?;
            Err::<(), _>(Error::NoGlobal)
        });
        assert!(failed.is_err());
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            w.savepoint(|w| -> Result<()> {
                w.on_commit(log.adds("lost"));
                sell(w, "pear", &log)?;
                resume_unwind(Box::new("halfway"))
            })
        }));
        assert!(panicked.is_err());
        w.on_commit(log.adds("after"));
        sell(w, "fig", &log)
    })?;
    assert_eq!(log.lines(), ["before", "after", "sold"]);
    assert_eq!(db.names(), ["fig"]);
    Ok(())
}

#[test]
fn an_attempt_that_is_repeated_loses_its_callbacks() {
    #[writer]
    #[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
    fn stubborn(db: &Writer, log: &Log, attempts: &Cell<u32>, enough: u32) -> Result<()> {
        attempts.set(attempts.get() + 1);
        insert(db, &format!("attempt {}", attempts.get()))?;
        db.on_commit(log.adds("committed"));
        if attempts.get() < enough {
            return Err(busy().into());
        }
        Ok(())
    }

    let (db, log) = (TestDb::new(), Log::default());
    let attempts = Cell::new(0);
    stubborn(&*db, &log, &attempts, 3).unwrap();
    assert_eq!(db.names(), ["attempt 3"]);
    assert_eq!(log.lines(), ["committed"]);

    attempts.set(0);
    let error = stubborn(&*db, &log, &attempts, 4).unwrap_err();
    assert!(matches!(error, Error::Locked(_)), "{error:?}");
    assert_eq!(attempts.get(), 3);
    assert_eq!(log.lines(), ["committed"], "and none after the last attempt");

    let error = db.write_idempotent(&quick(2), |w| {
        w.on_commit(log.adds("never"));
        Err::<(), _>(busy())
    });
    assert!(matches!(Error::from(error.unwrap_err()), Error::Locked(_)));
    assert_eq!(log.lines(), ["committed"]);
}

#[test]
fn guards_have_callbacks_too() -> Result<()> {
    let (db, log) = (TestDb::new(), Log::default());
    let guard = db.writer()?;
    sell(&guard, "apple", &log)?;
    guard.on_commit(log.adds("done"));
    assert_eq!(log.lines(), [""; 0]);
    guard.commit()?;
    assert_eq!(log.lines(), ["sold", "done"]);

    let dropped = db.writer()?;
    dropped.on_commit(log.adds("never"));
    drop(dropped);
    let undone = db.writer()?;
    undone.on_commit(log.adds("never"));
    undone.rollback();
    assert_eq!(log.lines(), ["sold", "done"]);
    Ok(())
}

#[test]
fn a_panicking_callback_panics_its_caller_and_nothing_else() {
    let (db, log) = (TestDb::new(), Log::default());
    let panics = |text: &'static str| move || resume_unwind(Box::new(text));
    let register = |w: &Writer| {
        w.on_commit(log.adds("before"));
        w.on_commit(panics("the first panic"));
        w.on_commit(log.adds("between"));
        w.on_commit(panics("the second panic"));
        w.on_commit(log.adds("after"));
    };

    let call = || {
        db.write(|w| {
            register(w);
            insert(w, "apple")
        })
    };
    let payload = catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"the first panic"));
    assert_eq!(log.lines(), ["before", "between", "after"]);
    assert_eq!(db.names(), ["apple"], "the commit stays");

    let guard = db.writer().unwrap();
    register(&guard);
    insert(&guard, "pear").unwrap();
    let payload = catch_unwind(AssertUnwindSafe(|| guard.commit())).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"the first panic"));
    assert_eq!(log.lines().len(), 6);

    let call = || {
        db.write_idempotent(&quick(3), |w| {
            w.on_commit(panics("once"));
            insert(w, "fig")
        })
    };
    let payload = catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&"once"));
    assert_eq!(db.names(), ["apple", "pear", "fig"], "not repeated");

    sell(&*db, "plum", &log).unwrap();
    assert_eq!(db.stats().in_use, 0);
}

#[test]
fn a_callback_may_register_another_through_its_own_writer() -> Result<()> {
    let (db, log) = (TestDb::new(), Log::default());
    let (handle, inner) = (Database::clone(&db), log.clone());
    db.write(|w| {
        let last = log.adds("last");
        w.on_commit(move || {
            sell(&handle, "pear", &inner).unwrap();
            inner.add("callback");
        });
        w.on_commit(last);
        insert(w, "apple")?;
        Ok::<_, Error>(())
    })?;
    assert_eq!(log.lines(), ["sold", "callback", "last"]);
    assert_eq!(db.names(), ["apple", "pear"]);
    Ok(())
}

#[test]
fn a_lost_callback_is_dropped_with_all_it_holds() {
    let db = TestDb::new();
    let held = Arc::new(());
    let holds = |held: &Arc<()>| {
        let held = Arc::clone(held);
        move || drop(held)
    };
    db.write(|w| {
        w.on_commit(holds(&held));
        let nested = w.savepoint(|w| {
            w.on_commit(holds(&held));
            assert_eq!(Arc::strong_count(&held), 3);
            Err::<(), _>(Error::NoGlobal)
        });
        assert!(nested.is_err());
        assert_eq!(Arc::strong_count(&held), 2);
        Err::<(), _>(Error::NoGlobal)
    })
    .unwrap_err();
    assert_eq!(Arc::strong_count(&held), 1);
    db.write(|w| {
        w.on_commit(holds(&held));
        Ok::<_, Error>(())
    })
    .unwrap();
    assert_eq!(Arc::strong_count(&held), 1);
}

/// No order is promised between callers, but each runs its own callbacks, all of
/// them, and only for what it has committed.
#[test]
fn every_caller_runs_its_own() {
    const EACH: usize = 25;
    let (db, log) = (TestDb::new(), Log::default());
    thread::scope(|scope| {
        for name in ["a", "b", "c", "d"] {
            let (db, log) = (&db, &log);
            scope.spawn(move || {
                let caller = thread::current().id();
                for n in 0..EACH {
                    let result = db.write(|w| {
                        insert(w, name)?;
                        let log = log.clone();
                        w.on_commit(move || {
                            assert_eq!(thread::current().id(), caller);
                            log.add(name);
                        });
                        if n % 5 == 4 {
                            return Err(Error::NoGlobal);
                        }
                        Ok(())
                    });
                    assert_eq!(result.is_ok(), n % 5 != 4);
                }
            });
        }
    });
    let (mut called, mut committed) = (log.lines(), db.names());
    called.sort();
    committed.sort();
    assert_eq!(called.len(), 4 * EACH / 5 * 4);
    assert_eq!(called, committed);
}
