//! A group whose transaction is lost: each member runs again by itself, no member fails for
//! another's fault, and none runs again once it was told.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use db_core::{Error, RetryPolicy};
use rusqlite::ErrorCode;

use super::common::{ForeignLock, Lock};
use super::*;

/// A group of four, of which the third loses it with `body`; what that one came to. The
/// others are kept.
#[track_caller]
fn lost_by(db: &TestDb, body: impl Fn(&rusqlite::Connection) -> Result<()> + Send) -> Result<()> {
    let ran = [(); 4].map(|()| Runs::new());
    let (mut ended, grown) = counted(
        db,
        [
            adds(db, &ran[0], "a"),
            adds(db, &ran[1], "b"),
            write(db, &ran[2], body),
            adds(db, &ran[3], "d"),
        ],
    );
    let third = ended.remove(2);
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
    // The fourth was not there yet when the group was lost, and leads the next.
    assert_eq!(ran.map(|ran| ran.count()), [2, 2, 2, 1]);
    assert_eq!(grown.grouped, 0);
    // A second run is no retry.
    assert_eq!(grown.retries, 0);
    db.assert_whole();
    third
}

#[test]
fn a_trigger_that_rolls_everything_back() {
    let db = open();
    let trigger = "CREATE TRIGGER no BEFORE INSERT ON item WHEN NEW.qty < 0
                   BEGIN SELECT RAISE(ROLLBACK, 'less than nothing'); END";
    db.write(|w| w.execute_batch(trigger)).unwrap();
    let negative = "INSERT INTO item (name, qty) VALUES ('c', -1)";
    let third = lost_by(&db, |w| Ok(w.execute(negative, []).map(drop)?));
    assert!(third.unwrap_err().to_string().contains("less than nothing"));
    assert_eq!(db.names(), ["a", "b", "d"]);
}

#[test]
fn or_rollback() {
    let db = open();
    let sql = "INSERT OR ROLLBACK INTO item (id, name) VALUES (1, 'c'), (1, 'c')";
    lost_by(&db, |w| Ok(w.execute(sql, []).map(drop)?)).unwrap_err();
    assert_eq!(db.names(), ["a", "b", "d"]);
}

/// However long that takes, and however little others are waited for.
#[test]
fn a_second_run_is_no_matter_of_time() {
    let db = TestDb::with(options().busy_timeout(Duration::ZERO));
    let sql = "INSERT OR ROLLBACK INTO item (id, name) VALUES (1, 'c'), (1, 'c')";
    lost_by(&db, |w| Ok(w.execute(sql, []).map(drop)?)).unwrap_err();
    assert_eq!(db.names(), ["a", "b", "d"]);
}

/// And the body goes on as if nothing had happened.
#[test]
fn or_rollback_that_is_ignored() {
    let db = open();
    let sql = "INSERT OR ROLLBACK INTO item (id, name) VALUES (1, 'c'), (1, 'c')";
    let third = lost_by(&db, |w| {
        let _ = w.execute(sql, []);
        // In no transaction: refused.
        let _ = insert(w, "afterwards");
        Ok(())
    });
    assert!(matches!(third, Err(Error::RolledBack { .. })), "{third:?}");
    assert_eq!(db.names(), ["a", "b", "d"]);
}

/// One whose reader has written is undone again, and is nothing to the one after it.
#[test]
fn a_reader_that_wrote_dooms_its_own_second_run_alone() {
    const SMUGGLED: &str = "INSERT INTO item (name) VALUES ('smuggled')";

    #[db_core::reader]
    fn smuggle(conn: &rusqlite::Connection) -> Result<()> {
        conn.prepare_cached(SMUGGLED)?.execute([]).map(drop).map_err(Error::from)
    }

    let (db, ran) = (open(), [(); 3].map(|()| Runs::new()));
    let sql = "INSERT OR ROLLBACK INTO item (id, name) VALUES (1, 'c'), (1, 'c')";
    let (ended, _) = counted(
        &db,
        [
            adds(&db, &ran[0], "a"),
            call(|| {
                db.write_grouped(&RetryPolicy::attempts(1), |w| {
                    ran[1].run();
                    drop(w.prepare_cached(SMUGGLED)?);
                    let _ = smuggle(w);
                    Ok(())
                })
            }),
            write(&db, &ran[2], |w| {
                if ran[2].count() == 1 {
                    w.execute(sql, [])?;
                }
                Ok(insert(w, "c").map(drop)?)
            }),
        ],
    );
    assert!(ended[0].is_ok() && ended[2].is_ok(), "{ended:?}");
    assert!(matches!(ended[1], Err(Error::ReaderWrote { .. })), "{ended:?}");
    assert_eq!(ran.each_ref().map(Runs::count), [2, 2, 2]);
    assert_eq!(db.names(), ["a", "c"]);
}

/// One that panics, in a transaction that is gone.
#[test]
fn or_rollback_and_a_panic() {
    let db = open();
    let sql = "INSERT OR ROLLBACK INTO item (id, name) VALUES (1, 'c'), (1, 'c')";
    let (first, third) = (Runs::new(), Runs::new());
    let ended = queued(
        &db,
        [
            adds(&db, &first, "a"),
            write(&db, &third, |w| {
                let _ = w.execute(sql, []);
                std::panic::resume_unwind(Box::new("gone"));
            }),
        ],
    );
    assert!(matches!(ended[0], Ok(Ok(()))));
    assert_eq!(ended[1].as_ref().unwrap_err().downcast_ref(), Some(&"gone"));
    assert_eq!((first.count(), third.count()), (2, 2));
    assert_eq!(db.names(), ["a"]);
}

/// A database of which a statement is interrupted, once, when the switch is on: as by a
/// handle that somebody has kept, which stops whatever runs on the connection.
fn interruptible() -> (TestDb, Arc<AtomicBool>) {
    let switch = Arc::new(AtomicBool::new(false));
    let own = Arc::clone(&switch);
    let db = TestDb::with(options().on_connect(move |conn| {
        let own = Arc::clone(&own);
        conn.progress_handler(1, Some(move || own.swap(false, SeqCst)))
    }));
    (db, switch)
}

/// SQLite rolls back if it was a write, and does not if it was a read.
#[test]
fn an_interrupt_is_nobodys_fault() {
    for sql in ["INSERT INTO item (name) VALUES ('c')", "SELECT count(*) FROM item"] {
        let (db, switch) = interruptible();
        let times = AtomicUsize::new(0);
        let third = lost_by(&db, |w| {
            switch.store(times.fetch_add(1, SeqCst) == 0, SeqCst);
            w.prepare_cached(sql)?.query([])?.next()?;
            Ok(())
        });
        third.unwrap();
        let names = db.names();
        let others = names.iter().filter(|name| *name != "c");
        assert_eq!(others.collect::<Vec<_>>(), ["a", "b", "d"], "{sql}");
    }
}

/// Each time: then it is that member's error, and only that member's.
#[test]
fn an_interrupt_that_comes_again() {
    let (db, switch) = interruptible();
    let third = lost_by(&db, |w| {
        switch.store(true, SeqCst);
        Ok(insert(w, "c").map(drop)?)
    });
    match third {
        Err(Error::Sqlite(error)) => {
            assert_eq!(error.sqlite_error_code(), Some(ErrorCode::OperationInterrupted));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(db.names(), ["a", "b", "d"]);
}

/// The largest size that the database may have: the two before would have had room alone.
#[test]
fn a_full_disk_is_nobodys_fault() {
    let limit = |conn: &mut rusqlite::Connection| {
        conn.query_row("PRAGMA max_page_count = 40", [], |_| Ok(()))
    };
    let db = TestDb::with(options().on_connect(limit));
    let text = "x".repeat(300_000);
    let third = lost_by(&db, |w| Ok(insert(w, &text).map(drop)?));
    assert!(matches!(third, Err(Error::Full(_))), "{third:?}");
    assert_eq!(db.names(), ["a", "b", "d"]);
}

/// All that the group wrote, together, is too much; each alone is not.
#[test]
fn what_is_too_much_together_is_done_one_by_one() {
    let limit = |conn: &mut rusqlite::Connection| {
        conn.query_row("PRAGMA max_page_count = 40", [], |_| Ok(()))
    };
    let db = TestDb::with(options().on_connect(limit));
    let text = "x".repeat(80_000);
    let ran = [(); 3].map(|()| Runs::new());
    let replace = |w: &rusqlite::Connection| {
        insert(w, &text)?;
        let size: i64 = w.query_row("SELECT max(length(name)) FROM item", [], |row| row.get(0))?;
        assert_eq!(size, 80_000);
        w.execute("DELETE FROM item", [])?;
        Ok(())
    };
    let (ended, _) = counted(&db, ran.each_ref().map(|ran| write(&db, ran, replace)));
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
    db.assert_whole();
}

/// With a rollback journal a commit waits for readers, and is refused in the end.
#[test]
fn a_refused_commit() {
    let db = TestDb::with(
        options()
            .journal_mode(db_core::JournalMode::Delete)
            .busy_timeout(Duration::from_millis(30)),
    );
    add(&*db, "before").unwrap();
    let ran = [(); 3].map(|()| Runs::new());
    let reader = db.reader().unwrap();
    reader.query_row("SELECT count(*) FROM item", [], |_| Ok(())).unwrap();
    let names = ["a", "b", "c"];
    let calls = (0..3).map(|n| adds(&db, &ran[n], names[n]));
    let (ended, grown) = counted(&db, calls.collect::<Vec<_>>());
    // Of each alone as well: the reader is still there.
    assert!(ended.iter().all(|ended| matches!(ended, Err(Error::Locked(_)))), "{ended:?}");
    // The first met the lock; the others queued again.
    let counts = ran.each_ref().map(Runs::count);
    assert!(counts[0] == 2 && counts[1..].iter().all(|&ran| ran >= 2), "{counts:?}");
    assert_eq!(grown.commits, 0);
    drop(reader);
    assert_eq!(db.names(), ["before"]);
    let calls = (0..3).map(|n| adds(&db, &ran[n], names[n]));
    let (ended, grown) = counted(&db, calls.collect::<Vec<_>>());
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
    assert_eq!(grown.commits, 1);
    assert_eq!(db.names(), ["before", "a", "b", "c"]);
}

/// The time that each of these waits for its turn.
const OWN_TIME: Duration = Duration::from_secs(2);

#[writer(group, timeout = OWN_TIME)]
#[retry_on_locked(max_attempts = 1, idempotent)]
fn add_in_time(db: &Writer, name: &str, runs: &Runs) -> Result<()> {
    runs.run();
    insert(db, name)?;
    Ok(())
}

/// Loses the group the first time, and lets somebody outside take the lock.
#[writer(group, timeout = OWN_TIME)]
#[retry_on_locked(max_attempts = 1, idempotent)]
fn lose_to(db: &Writer, outside: &Mutex<Option<ForeignLock>>, runs: &Runs) -> Result<()> {
    if runs.run() == 1 {
        let _ = db.execute("INSERT OR ROLLBACK INTO item (id, name) VALUES (1, 'x'), (1, 'x')", []);
        let path = std::path::PathBuf::from(db.path().unwrap());
        let sql = "INSERT INTO item (name) VALUES ('outside')";
        *outside.lock().unwrap() = Some(ForeignLock::take(&path, Lock::Writing(sql)));
        return Ok(());
    }
    insert(db, "c")?;
    Ok(())
}

/// A group that is lost while somebody outside takes the lock, who lets go as `until` says,
/// which is given how many calls have returned; what the two calls came to, and how often each ran.
fn lost_to_somebody_outside(
    db: &TestDb,
    until: impl Fn(usize) -> bool + Sync,
) -> (Vec<Result<()>>, [usize; 2]) {
    let ran = [(); 2].map(|()| Runs::new());
    let (outside, returned) = (Mutex::new(None::<ForeignLock>), AtomicUsize::new(0));
    let returns = |ended| {
        returned.fetch_add(1, SeqCst);
        ended
    };
    let (ended, _) = thread::scope(|scope| {
        scope.spawn(|| {
            wait_until("somebody outside has it", || outside.lock().unwrap().is_some());
            wait_until("it is to let go", || until(returned.load(SeqCst)));
            outside.lock().unwrap().take().unwrap().commit();
        });
        counted(
            db,
            [
                call(|| returns(add_in_time(&**db, "a", &ran[0]))),
                call(|| returns(lose_to(&**db, &outside, &ran[1]))),
            ],
        )
    });
    (ended, ran.map(|ran| ran.count()))
}

/// Also by those whose own time is over meanwhile: their bodies had begun in time.
#[test]
fn somebody_outside_is_waited_for_before_the_second_run() {
    let db = TestDb::with(options().busy_timeout(PATIENCE));
    let start = Instant::now();
    let (ended, ran) = lost_to_somebody_outside(&db, |_| start.elapsed() > OWN_TIME * 2);
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
    assert_eq!(ran, [2, 2]);
    assert_eq!(db.names(), ["outside", "a", "c"]);
}

/// But not for ever, and not by each of them anew.
#[test]
fn somebody_outside_is_waited_for_only_so_long() {
    let db = TestDb::with(options().busy_timeout(Duration::from_millis(100)));
    let (ended, ran) = lost_to_somebody_outside(&db, |returned| returned == 2);
    assert!(ended.iter().all(|ended| matches!(ended, Err(Error::Locked(_)))), "{ended:?}");
    // Their bodies had run once, for nothing.
    assert_eq!(ran, [1, 1]);
    assert_eq!(db.names(), ["outside"]);
}

/// A hook of the program's own fails after the commit: that is committed, and nobody runs
/// again.
#[test]
fn a_wal_hook_that_fails_undoes_nothing() {
    let busy = |conn: &mut rusqlite::Connection| {
        conn.wal_hook(Some(|_: &mut rusqlite::hooks::Wal, _| {
            let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
            Err(rusqlite::Error::SqliteFailure(busy, None))
        }))
    };
    let db = TestDb::with(options().on_connect(busy));
    let ran = [(); 3].map(|()| Runs::new());
    let names = ["a", "b", "c"];
    let calls = (0..3).map(|n| adds(&db, &ran[n], names[n]));
    let (ended, grown) = counted(&db, calls.collect::<Vec<_>>());
    assert!(ended.iter().all(Result::is_ok), "{ended:?}");
    assert_eq!(ran.map(|ran| ran.count()), [1; 3]);
    assert_eq!((grown.commits, grown.grouped), (1, 2));
    // Nor a writer without group.
    db.write(|w| insert(w, "d")).unwrap();
    assert_eq!(db.names(), ["a", "b", "c", "d"]);
}
