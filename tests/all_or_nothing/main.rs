//! Guarantee **all-or-nothing**: a top-level call that returns `Ok` has committed; one
//! that returns `Err`, panics or dies has left nothing. A nested call that fails is
//! undone to its savepoint.

#[path = "../common/mod.rs"]
mod common;
mod killed_holder;
mod lost;
mod refused_commits;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::abort;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use common::{
    ForeignLock, Lock, Process, Runs, TestDb, assert_whole, busy, quick, received, wait_until,
};
use db_core::{CacheSize, Database, Error, JournalMode, Options, Result, Writer};
use db_core::{retry_on_locked, writer};
use rusqlite::Connection;

fn insert(conn: &Connection, name: &str) -> rusqlite::Result<usize> {
    conn.execute("INSERT INTO item (name) VALUES (?1)", [name])
}

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    insert(db, name)?;
    Ok(())
}

/// Two rows, with something in between that may fail.
#[writer]
fn add_pair(db: &Writer, between: impl FnOnce(&Writer<'_>) -> Result<()>) -> Result<()> {
    insert(db, "one")?;
    between(db)?;
    insert(db, "two")?;
    Ok(())
}

/// What is committed was committed before, the file is whole, and it can be written.
#[track_caller]
fn left_nothing(db: &TestDb) {
    assert_eq!(db.names(), ["kept"]);
    assert_eq!(db.stats().waiting, 0);
    db.assert_whole();
    add(db, "next").unwrap();
    let after = db.names();
    assert_eq!(after, ["kept", "next"]);
    db.write(|w| w.execute("DELETE FROM item WHERE name = 'next'", [])).unwrap();
}

/// A database with one committed row.
fn kept(options: Options) -> TestDb {
    let db = TestDb::with(options);
    add(&db, "kept").unwrap();
    db
}

#[test]
fn ok_is_committed_for_everybody() {
    let db = kept(Options::new());
    add_pair(&db, |_w| Ok(())).unwrap();
    // `names` reads with a connection of its own.
    assert_eq!(db.names(), ["kept", "one", "two"]);
    let guard = db.writer().unwrap();
    insert(&guard, "three").unwrap();
    guard.commit().unwrap();
    assert_eq!(db.names(), ["kept", "one", "two", "three"]);
    assert_eq!(db.stats().commits, 3);
}

#[test]
fn an_err_leaves_nothing() {
    let db = kept(Options::new());
    let failing = |w: &Writer<'_>| {
        insert(w, "between")?;
        w.execute("INSERT INTO item (id, name) VALUES (1, 'again')", [])?;
        Ok(())
    };
    let error = add_pair(&db, failing).unwrap_err();
    assert!(error.to_string().contains("UNIQUE"), "{error}");
    left_nothing(&db);
}

#[derive(Debug, PartialEq, thiserror::Error)]
enum ShopError {
    #[error("no stock")]
    NoStock,
    #[error("database: {0}")]
    Database(String),
}

impl From<Error> for ShopError {
    fn from(error: Error) -> Self {
        Self::Database(error.to_string())
    }
}

/// Returns early, with an error that has nothing to do with the database.
#[writer]
fn order(db: &Writer, stock: i64) -> Result<i64, ShopError> {
    insert(db, "ordered").map_err(Error::from)?;
    if stock == 0 {
        return Err(ShopError::NoStock);
    }
    if stock == 1 {
        return Ok(0);
    }
    add(db, "restock")?;
    Ok(stock - 1)
}

#[test]
fn an_early_return_decides_as_any_other() {
    let db = kept(Options::new());
    assert_eq!(order(&db, 0), Err(ShopError::NoStock));
    left_nothing(&db);
    assert_eq!(order(&db, 1), Ok(0));
    assert_eq!(db.names(), ["kept", "ordered"]);
}

/// The body's error comes out as it went in, also if the body had tried something
/// before that was refused, and had done without it.
#[test]
fn a_body_that_fails_for_a_reason_of_its_own_is_told_so() {
    let db = kept(Options::new());
    for refused in ["PRAGMA cache_size = 5", "COMMIT", "SAVEPOINT mine"] {
        let error = db.write(|w| {
            w.execute_batch(refused).unwrap_err();
            Err::<(), _>(ShopError::NoStock)
        });
        assert_eq!(error, Err(ShopError::NoStock), "{refused}");
    }
    let error = db.read(|r| {
        insert(r, "x").unwrap_err();
        Err::<(), _>(ShopError::NoStock)
    });
    assert_eq!(error, Err(ShopError::NoStock));
    left_nothing(&db);
}

/// A setting that is no pragma, and so is refused by nobody, ends with the body.
#[test]
fn what_a_body_sets_on_its_connection_is_gone_after_it() {
    use rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY;
    let db = kept(Options::new());
    db.write(|w| {
        w.set_db_config(SQLITE_DBCONFIG_ENABLE_FKEY, false)?;
        Err::<(), _>(Error::NoGlobal)
    })
    .unwrap_err();
    let asks = |w: &Writer<'_>| w.query_row("PRAGMA foreign_keys", [], |row| row.get(0));
    assert_eq!(db.write(asks), Ok(true), "foreign keys are enforced again");
    left_nothing(&db);
}

#[test]
fn a_panic_leaves_nothing() {
    let db = kept(Options::new());
    let call = || add_pair(&db, |_w| panic!("between"));
    catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    left_nothing(&db);
    let call = || {
        db.write_idempotent(&quick(3), |w| {
            insert(w, "half")?;
            match w.is_autocommit() {
                true => Ok::<_, Error>(()),
                false => panic!("after"),
            }
        })
    };
    catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    left_nothing(&db);
}

#[test]
fn a_guard_without_commit_leaves_nothing() {
    let db = kept(Options::new());
    let guard = db.writer().unwrap();
    add(&guard, "dropped").unwrap();
    drop(guard);
    left_nothing(&db);
    let guard = db.writer_within(Duration::ZERO).unwrap();
    add(&guard, "rolled back").unwrap();
    guard.rollback();
    left_nothing(&db);
    let unwound = || {
        let guard = db.writer().unwrap();
        add(&guard, "unwound").unwrap();
        panic!("with the guard open");
    };
    catch_unwind(AssertUnwindSafe(unwound)).unwrap_err();
    left_nothing(&db);
}

#[test]
fn a_full_database_leaves_nothing() {
    let full = |conn: &mut Connection| conn.execute_batch("PRAGMA max_page_count = 20");
    let db = kept(Options::new().on_connect(full));
    let large = "x".repeat(5_000);
    // Returned, ignored, and ignored in a part of its own.
    let returned = db.write(|w| {
        for _ in 0..100 {
            insert(w, &large)?;
        }
        Ok(())
    });
    let error: Error = returned.unwrap_err();
    assert!(matches!(error, Error::Full(_)), "{error}");
    left_nothing(&db);
    let ignored = |w: &Writer<'_>| {
        let failed = (0..100).filter(|_| insert(w, &large).is_err()).count();
        assert!(failed > 0);
        let _ = insert(w, "small");
        Ok::<_, Error>(())
    };
    db.write(ignored).unwrap_err();
    left_nothing(&db);
    db.write(|w| {
        insert(w, "before")?;
        let _ = w.savepoint(ignored);
        let _ = insert(w, "after");
        Ok::<_, Error>(())
    })
    .unwrap_err();
    left_nothing(&db);
}

/// Rows of a `RETURNING` that were not read to their end.
#[test]
fn an_unfinished_statement_leaves_nothing() {
    let db = kept(Options::new());
    let leave = |w: &Writer<'_>| {
        let mut insert = w.prepare("INSERT INTO item (name) VALUES ('a'), ('b') RETURNING id")?;
        let mut rows = insert.query([])?;
        assert!(rows.next()?.is_some());
        std::mem::forget(rows);
        std::mem::forget(insert);
        Ok::<_, Error>(())
    };
    let error = db.write(leave).unwrap_err();
    assert!(matches!(error, Error::UnfinishedStatement { .. }), "{error}");
    left_nothing(&db);
    // Undone with the nested call that left it.
    let result = db.write(|w| {
        insert(w, "outer")?;
        w.savepoint(|w| {
            leave(w)?;
            Err::<(), _>(Error::NoGlobal)
        })
        .unwrap_err();
        Ok::<_, Error>(())
    });
    match result {
        Ok(()) => {
            assert_eq!(db.names(), ["kept", "outer"]);
            db.write(|w| w.execute("DELETE FROM item WHERE id > 1", [])).unwrap();
        }
        Err(_) => assert_eq!(db.names(), ["kept"]),
    }
    left_nothing(&db);
}

#[test]
fn a_nested_call_that_fails_is_undone_alone() {
    let db = kept(Options::new());
    db.write(|w| {
        insert(w, "outer")?;
        add_pair(w, |_w| Err(Error::NoGlobal)).unwrap_err();
        let panics = || add_pair(w, |_w| panic!("nested"));
        catch_unwind(AssertUnwindSafe(panics)).unwrap_err();
        // A part of the part.
        add_pair(w, |w| {
            add_pair(w, |_w| Err(Error::NoGlobal)).unwrap_err();
            add(w, "deep")
        })
    })
    .unwrap();
    assert_eq!(db.names(), ["kept", "outer", "one", "deep", "two"]);
}

#[test]
fn a_nested_ok_goes_with_its_caller() {
    let db = kept(Options::new());
    let result = db.write(|w| {
        add_pair(w, |w| add(w, "deep"))?;
        Err::<(), _>(Error::NoGlobal)
    });
    assert!(matches!(result, Err(Error::NoGlobal)));
    left_nothing(&db);
    let guard = db.writer().unwrap();
    add_pair(&guard, |_w| Ok(())).unwrap();
    drop(guard);
    left_nothing(&db);
}

/// Readers never see the half of a writer's pair.
#[test]
fn readers_see_all_of_a_writer_or_nothing() {
    const PAIRS: usize = 100;
    let db = TestDb::new();
    let done = AtomicBool::new(false);
    let (begun, begins) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..2 {
            let (db, done, begun) = (&db, &done, begun.clone());
            scope.spawn(move || {
                let mut last = 0;
                while !done.load(SeqCst) {
                    let seen: u32 = db
                        .read(|r| r.query_row("SELECT count(*) FROM item", [], |row| row.get(0)))
                        .unwrap();
                    assert!(seen.is_multiple_of(2) && seen >= last, "{seen} after {last}");
                    last = seen;
                    let _ = begun.send(());
                }
            });
        }
        received(&begins);
        let writers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    for n in 0..PAIRS {
                        let fails = n % 4 == 3;
                        let result = add_pair(&db, |_w| {
                            thread::yield_now();
                            if fails { Err(Error::NoGlobal) } else { Ok(()) }
                        });
                        assert_eq!(result.is_err(), fails);
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, SeqCst);
    });
    assert_eq!(db.names().len(), 2 * 2 * (PAIRS - PAIRS / 4));
}

/// What the process does that dies in the middle of a body: so large a transaction
/// that SQLite has written part of it to the file's log already.
#[test]
fn a_process_that_dies_in_a_body() {
    let Some(path) = Process::role() else { return };
    let options = Options::new().cache_size(CacheSize::Pages(10));
    let db = options.open(Path::new(&path)).unwrap();
    let large = "x".repeat(3_000);
    db.write(|w| {
        for _ in 0..200 {
            insert(w, &large)?;
        }
        Process::say("body: written");
        let mut order = String::new();
        std::io::stdin().read_line(&mut order).unwrap();
        match order.trim() {
            "abort" => abort(),
            "exit" => std::process::exit(0),
            _ => insert(w, "survived"),
        }
    })
    .unwrap();
}

#[test]
fn a_process_killed_in_a_body_leaves_nothing() {
    for order in ["kill", "abort", "exit"] {
        let db = kept(Options::new());
        let mut other = Process::again("a_process_that_dies_in_a_body", db.path());
        assert_eq!(other.hear("body: ").as_deref(), Some("written"));
        thread::scope(|scope| {
            // Somebody waits for it, and goes on when it is gone.
            let waiter = scope.spawn(|| add(&db, "waited"));
            wait_until("it meets the lock", || db.stats().locks_met == 1);
            match order {
                "kill" => other.kill(),
                order => {
                    other.tell(order);
                    other.ended();
                }
            }
            waiter.join().unwrap().unwrap();
        });
        assert_eq!(db.names(), ["kept", "waited"], "{order}");
        db.assert_whole();
        let path = db.path();
        // As the next program that opens the file finds it.
        let next = Database::open(path).unwrap();
        add(&next, "next").unwrap();
        assert_eq!(db.names(), ["kept", "waited", "next"], "{order}");
    }
}

/// The program is killed, and nobody else has the file open.
#[test]
fn a_file_whose_only_program_was_killed_in_a_body_is_recovered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    common::make_file(&path);
    let mut other = Process::again("a_process_that_dies_in_a_body", &path);
    assert_eq!(other.hear("body: ").as_deref(), Some("written"));
    other.kill();
    let db = Database::open(&path).unwrap();
    assert!(common::names(&path).is_empty());
    add(&db, "next").unwrap();
    assert_eq!(common::names(&path), ["next"]);
    assert_whole(&path);
}

/// Writes two rows, and meets another's lock in between for the first two times.
#[writer]
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
fn add_pair_past_locks(db: &Writer, runs: &Runs, locks: usize, path: &Path) -> Result<()> {
    insert(db, "one")?;
    if runs.run() <= locks {
        return Err(busy(path).into());
    }
    insert(db, "two")?;
    Ok(())
}

#[test]
fn no_partial_writes_on_lock() {
    let db = kept(Options::new());
    let runs = Runs::new();
    // A lock at every attempt.
    let error = add_pair_past_locks(&db, &runs, 3, db.path()).unwrap_err();
    assert!(matches!(error, Error::Locked(_)), "{error}");
    assert_eq!(runs.count(), 3);
    left_nothing(&db);
    // At the first two.
    let runs = Runs::new();
    add_pair_past_locks(&db, &runs, 2, db.path()).unwrap();
    assert_eq!(runs.count(), 3);
    assert_eq!(db.names(), ["kept", "one", "two"]);
    db.assert_whole();
}

/// With a rollback journal the lock may be met as late as the commit.
#[test]
fn no_partial_writes_on_a_lock_that_is_met_by_the_commit() {
    let options =
        Options::new().journal_mode(JournalMode::Delete).busy_timeout(Duration::from_millis(20));
    let db = kept(options);
    let reading = ForeignLock::take(db.path(), Lock::Reading);
    let error = add_pair(&db, |_w| Ok(())).unwrap_err();
    assert!(matches!(error, Error::Locked(_)), "{error}");
    let runs = Runs::new();
    let error = add_pair_past_locks(&db, &runs, 0, db.path()).unwrap_err();
    assert!(matches!(error, Error::Locked(_)), "{error}");
    assert_eq!(runs.count(), 3);
    let guard = db.writer().unwrap();
    add(&guard, "guarded").unwrap();
    assert!(matches!(guard.commit(), Err(Error::Locked(_))));
    reading.release();
    left_nothing(&db);
    add_pair_past_locks(&db, &Runs::new(), 0, db.path()).unwrap();
    assert_eq!(db.names(), ["kept", "one", "two"]);
}

#[test]
fn integrity_after_lock_error() {
    for mode in [JournalMode::Wal, JournalMode::Delete] {
        let options = Options::new().journal_mode(mode).busy_timeout(Duration::from_millis(20));
        let db = kept(options);
        let lock = ForeignLock::take(
            db.path(),
            Lock::Writing("INSERT INTO item (name) VALUES ('foreign')"),
        );
        let errors: Vec<_> = thread::scope(|scope| {
            let write = || add_pair(&db, |_w| Ok(())).unwrap_err();
            let writers: Vec<_> = (0..4).map(|_| scope.spawn(write)).collect();
            writers.into_iter().map(|writer| writer.join().unwrap()).collect()
        });
        for error in errors {
            assert!(matches!(error, Error::Locked(_)), "{error}");
        }
        lock.commit();
        db.assert_whole();
        assert_eq!(db.names(), ["kept", "foreign"]);
        add_pair(&db, |_w| Ok(())).unwrap();
        assert_eq!(db.names(), ["kept", "foreign", "one", "two"]);
        db.assert_whole();
    }
}
