//! A member that fails is undone alone: the others do not notice.

use std::panic::resume_unwind;

use db_core::{Error, Reader, RetryPolicy, reader};
use rusqlite::{Connection, ffi};

use super::*;

/// How a body ends that has written.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Ok,
    Err,
    /// By a constraint.
    Refused,
    Panic,
    /// It ignored an error of its own.
    Ignored,
    /// A reader that it called has written.
    ReaderWrote,
    /// A statement of its own that it has not run to its end, and leaked.
    Unfinished,
    /// A part of it was undone, and it goes on.
    PartUndone,
}

#[reader]
fn smuggle(conn: &Connection, sql: &str) -> Result<()> {
    let mut prepared = conn.prepare_cached(sql)?;
    prepared.execute([])?;
    Ok(())
}

#[writer(group)]
#[retry_on_locked(max_attempts = 1, idempotent)]
fn add_and(db: &Writer, name: &str, end: End, runs: &Runs) -> Result<()> {
    runs.run();
    insert(db, name)?;
    match end {
        End::Ok => Ok(()),
        End::Err => Err(Error::NoGlobal),
        End::Refused => {
            db.execute("INSERT INTO item (id, name) SELECT id, name FROM item", [])?;
            Ok(())
        }
        End::Panic => resume_unwind(Box::new(format!("panic of {name}"))),
        End::Ignored => {
            let _ = db.execute("INSERT INTO item (id, name) VALUES (1, NULL)", []);
            Ok(())
        }
        End::ReaderWrote => {
            const SQL: &str = "INSERT INTO item (name) VALUES ('smuggled')";
            drop(db.prepare_cached(SQL)?);
            let _ = smuggle(db, SQL);
            Ok(())
        }
        End::Unfinished => {
            let sql = "INSERT INTO item (name) VALUES ('x'), ('y') RETURNING id";
            let statement = Box::leak(Box::new(db.prepare(sql)?));
            let mut rows = statement.query([])?;
            rows.next()?;
            std::mem::forget(rows);
            Ok(())
        }
        End::PartUndone => {
            let undone = db.savepoint(|w| {
                insert(w, "part")?;
                Err::<(), Error>(Error::NoGlobal)
            });
            assert!(undone.is_err());
            Ok(())
        }
    }
}

/// Whether a call that ended so has kept what it wrote.
fn keeps(end: End) -> bool {
    matches!(end, End::Ok | End::Ignored | End::PartUndone)
}

#[track_caller]
fn check(name: &str, end: End, ended: &thread::Result<Result<()>>) {
    match (end, ended) {
        (End::Ok | End::Ignored | End::PartUndone, Ok(Ok(())))
        | (End::Err, Ok(Err(Error::NoGlobal)))
        | (End::ReaderWrote, Ok(Err(Error::ReaderWrote { .. })))
        | (End::Unfinished, Ok(Err(Error::UnfinishedStatement { .. }))) => {}
        (End::Refused, Ok(Err(Error::Sqlite(error))))
            if error.sqlite_extended_error_code() == Some(ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {}
        (End::Panic, Err(payload)) => {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            assert_eq!(text, Some(&*format!("panic of {name}")));
        }
        _ => panic!("{end:?} of {name} came to {ended:?}"),
    }
}

const ENDS: [End; 7] = [
    End::Err,
    End::Refused,
    End::Panic,
    End::Ignored,
    End::ReaderWrote,
    End::Unfinished,
    End::PartUndone,
];

/// Makes calls that end so, all waiting at once, and checks what each came to. Returns the
/// number of commits.
#[track_caller]
fn end_as(ends: &[End]) -> u64 {
    let (db, runs) = (open(), Runs::new());
    let before = db.stats();
    let calls = ends.iter().enumerate().map(|(n, &end)| {
        let (db, runs) = (&db, &runs);
        call(move || add_and(&**db, &n.to_string(), end, runs))
    });
    let ended = queued(&db, calls);
    for (n, (end, ended)) in ends.iter().zip(&ended).enumerate() {
        check(&n.to_string(), *end, ended);
    }
    let kept = ends.iter().enumerate().filter(|(_, end)| keeps(**end));
    assert_eq!(db.names(), kept.map(|(n, _)| n.to_string()).collect::<Vec<_>>(), "{ends:?}");
    db.assert_whole();
    assert_eq!(runs.count(), ends.len(), "{ends:?}");
    assert_eq!(db.stats().in_use, 0);
    db.stats().commits - before.commits
}

/// Each way to end, at each place of a group of four. One that leads and fails is alone
/// with its failure, and the next one leads.
#[test]
fn each_failure_is_its_callers_alone() {
    for end in ENDS {
        for place in 0..4 {
            let ends: Vec<End> = (0..4).map(|n| if n == place { end } else { End::Ok }).collect();
            assert_eq!(end_as(&ends), 1, "{end:?} at {place}");
        }
    }
}

/// All in one group, the failures between those that are kept.
#[test]
fn many_failures_in_one_group() {
    let each = ENDS.into_iter().flat_map(|end| [end, End::Ok]);
    assert_eq!(end_as(&std::iter::once(End::Ok).chain(each).collect::<Vec<_>>()), 1);
}

#[test]
fn where_all_fail_nothing_is_left() {
    let (db, runs) = (open(), Runs::new());
    let calls = (0..4).map(|n| {
        let (db, runs) = (&db, &runs);
        call(move || add_and(&**db, &n.to_string(), End::Err, runs))
    });
    for (n, ended) in queued(&db, calls).iter().enumerate() {
        check(&n.to_string(), End::Err, ended);
    }
    assert!(db.names().is_empty());
    assert_eq!(runs.count(), 4);
    add(&*db, "after").unwrap();
}

/// A lock error of its own is an attempt of its own: only that call runs again.
#[test]
fn a_member_that_meets_a_lock_is_retried_by_its_own_caller() {
    let (db, runs) = (open(), Runs::new());
    let busy = || rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None);
    let calls = (0..3).map(|n| {
        let (db, runs) = (&db, &runs);
        call(move || {
            let own = Runs::new();
            db.write_grouped(&super::common::quick(3), |w| {
                runs.run();
                insert(w, &n.to_string())?;
                if n == 1 && own.run() < 3 { Err(busy().into()) } else { Ok::<_, Error>(()) }
            })
            .unwrap();
        })
    });
    let (_, grown) = counted(&db, calls);
    assert_eq!(db.names(), ["0", "2", "1"]);
    assert_eq!((runs.count(), grown.retries, grown.grouped), (5, 2, 2));
}

/// What a caller's values do when they are dropped is that caller's matter, on whatever
/// thread it happens.
#[test]
fn a_value_that_panics_when_it_is_dropped_hits_its_own_caller() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            resume_unwind(Box::new("the bomb"));
        }
    }
    let db = open();
    let calls = (0..4).map(|n| {
        let db = &db;
        call(move || {
            db.write_grouped(&RetryPolicy::attempts(1), |w| {
                insert(w, &n.to_string())?;
                if n == 2 {
                    let bomb = Bomb;
                    w.on_commit(move || std::mem::forget(bomb));
                    return Err(Error::NoGlobal);
                }
                Ok(())
            })
        })
    });
    let ended = queued(&db, calls);
    let bomb = ended[2].as_ref().unwrap_err();
    assert_eq!(bomb.downcast_ref(), Some(&"the bomb"));
    assert_eq!(ended.iter().filter(|ended| matches!(ended, Ok(Ok(())))).count(), 3);
    assert_eq!(db.names(), ["0", "1", "3"]);
}

#[reader]
fn count(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

/// A member sees what the members before it wrote, as it would have, had it come after
/// them; and not what was undone.
#[test]
fn a_member_sees_those_before_it() {
    let (db, runs) = (open(), Runs::new());
    let calls = (0..4).map(|n| {
        let (db, runs) = (&db, &runs);
        call(move || {
            if n == 1 {
                let _ = add_and(&**db, "undone", End::Err, runs);
                return 0;
            }
            db.write_grouped(&RetryPolicy::attempts(1), |w| {
                insert(w, "kept")?;
                count(w)
            })
            .unwrap()
        })
    });
    let (counts, grown) = counted(&db, calls);
    assert_eq!((counts, grown.grouped), (vec![1, 0, 2, 3], 3));
}

/// A statement that a member has leaked reads a table which the next one drops.
#[test]
fn a_leaked_statement_is_nothing_to_the_next() {
    let db = open();
    db.write(|w| w.execute_batch("CREATE TABLE old (n); INSERT INTO old VALUES (1), (2)")).unwrap();
    for leaks_first in [true, false] {
        let calls = (0..3).map(|n| {
            let db = &db;
            call(move || {
                db.write_grouped(&RetryPolicy::attempts(1), |w| {
                    if n == usize::from(!leaks_first) {
                        let statement = Box::leak(Box::new(w.prepare("SELECT n FROM old")?));
                        let mut rows = statement.query([])?;
                        rows.next()?;
                        std::mem::forget(rows);
                    }
                    if n == 2 {
                        w.execute_batch("DROP TABLE old; CREATE TABLE old (n)")?;
                        w.execute_batch("INSERT INTO old VALUES (1), (2)")?;
                    }
                    Ok::<_, Error>(())
                })
            })
        });
        let (ended, grown) = counted(&db, calls);
        assert!(ended.iter().all(Result::is_ok), "{ended:?}");
        assert_eq!(grown.grouped, 2);
    }
}

/// What a body does by `thread::panicking` must be about its own caller.
#[test]
fn a_thread_that_unwinds_runs_no_other_body() {
    struct AtTheEnd<'a>(&'a Database, &'a Runs);
    impl Drop for AtTheEnd<'_> {
        fn drop(&mut self) {
            add_noting(self.0, "unwinding", self.1).unwrap();
        }
    }
    let (db, runs) = (open(), Runs::new());
    let calls = (0..3).map(|n| {
        let (db, runs) = (&db, &runs);
        call(move || {
            if n == 0 {
                let _at_the_end = AtTheEnd(db, runs);
                resume_unwind(Box::new("unwinds"));
            }
            db.write_grouped(&RetryPolicy::attempts(1), |w| {
                assert!(!thread::panicking());
                insert(w, &n.to_string()).map_err(Error::from)
            })
            .map(drop)
        })
    });
    let before = db.stats();
    let ended = queued(&db, calls);
    assert_eq!(ended[0].as_ref().unwrap_err().downcast_ref(), Some(&"unwinds"));
    assert!(matches!((&ended[1], &ended[2]), (Ok(Ok(())), Ok(Ok(())))));
    assert_eq!(db.names(), ["unwinding", "1", "2"]);
    assert_eq!((db.stats().commits - before.commits, db.stats().grouped), (2, 1));
}
