//! no-poison: a panic, an early return, a leaked statement or a killed process
//! leaves lock, pool and file usable.

mod common;

use std::cell::Cell;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Duration;

use common::{Process, TestDb, quick, received, wait_until};
use db_core::{Database, Error, Options, Reader, Result, Writer, reader, writer};
use rusqlite::Connection;

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

#[writer]
fn add_and_panic(db: &Writer, name: &str) -> Result<()> {
    add(db, name)?;
    resume_unwind(Box::new("in a writer"))
}

#[reader]
fn count(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

#[reader]
fn count_and_panic(db: &Reader) -> Result<i64> {
    count(db)?;
    resume_unwind(Box::new("in a reader"))
}

/// Runs `body`, which must panic with `text`.
#[track_caller]
fn panics<T>(text: &str, body: impl FnOnce() -> T) {
    let Err(payload) = catch_unwind(AssertUnwindSafe(body)) else { panic!("it did not panic") };
    assert_eq!(payload.downcast_ref::<&str>(), Some(&text));
}

/// Nobody is at work, everybody can be: this thread and another.
#[track_caller]
fn usable(db: &Database) {
    assert_eq!(db.stats().in_use, 0, "{:?}", db.open_guards());
    let before = count(db).unwrap();
    db.write(|w| add(w, "usable")).unwrap();
    let guard = thread::scope(|scope| {
        let other = scope.spawn(|| {
            let guard = db.writer_within(Duration::ZERO).unwrap();
            add(&guard, "usable").unwrap();
            guard.commit().unwrap();
            count(&db.reader().unwrap()).unwrap()
        });
        other.join().unwrap()
    });
    assert_eq!(guard, before + 2);
    db.write(|w| w.execute("DELETE FROM item WHERE name = 'usable'", [])).unwrap();
    assert_eq!(count(db).unwrap(), before);
}

/// No connection of this process reads an old moment: a checkpoint gets through to
/// the end of the log and empties it.
#[track_caller]
fn nothing_is_pinned(db: &Database) {
    db.write(|w| add(w, "checked")).unwrap();
    let conn = Connection::open(db.path()).unwrap();
    let busy: i64 =
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
    assert_eq!(busy, 0, "a snapshot is still open");
    db.write(|w| w.execute("DELETE FROM item WHERE name = 'checked'", [])).unwrap();
}

#[test]
fn a_panicking_reader_gives_its_connection_back() {
    let db = TestDb::new();
    count(&*db).unwrap();
    let connections = db.stats().connections;
    panics("in a reader", || count_and_panic(&*db));
    panics("in a reader", || {
        db.read(|r| {
            count(r)?;
            count_and_panic(r)
        })
    });
    panics("here", || {
        let guard = db.reader().unwrap();
        count(&guard).unwrap();
        resume_unwind(Box::new("here"))
    });
    assert_eq!(db.stats().connections, connections, "the same one each time");
    nothing_is_pinned(&db);
    usable(&db);
}

#[test]
fn a_panicking_writer_rolls_back_and_lets_the_next_one_in() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let (entered, inside) = mpsc::channel();
        let (go_on, told) = mpsc::channel::<()>();
        let db = &db;
        scope.spawn(move || {
            panics("with a waiter", || {
                db.write(|w| -> Result<()> {
                    add(w, "lost")?;
                    entered.send(()).unwrap();
                    received(&told);
                    resume_unwind(Box::new("with a waiter"))
                })
            });
        });
        received(&inside);
        let waiter = scope.spawn(move || add(db, "kept"));
        wait_until("the second writer waits", || db.stats().waiting == 1);
        go_on.send(()).unwrap();
        waiter.join().unwrap().unwrap();
    });
    assert_eq!(db.names(), ["kept"]);
    panics("in a writer", || add_and_panic(&*db, "lost"));
    assert_eq!(db.names(), ["kept"]);
    usable(&db);
}

#[test]
fn a_panicking_nested_call_that_is_caught_undoes_only_itself() {
    let db = TestDb::new();
    db.write(|w| {
        add(w, "before")?;
        panics("in a writer", || add_and_panic(w, "lost"));
        panics("in a reader", || count_and_panic(w));
        panics("in a writer", || {
            w.savepoint(|w| {
                add(w, "lost")?;
                w.savepoint(|w| add_and_panic(w, "lost"))
            })
        });
        assert_eq!(count(w)?, 1);
        add(w, "after")
    })
    .unwrap();
    assert_eq!(db.names(), ["before", "after"]);

    let guard = db.writer().unwrap();
    panics("in a writer", || add_and_panic(&guard, "lost"));
    add(&guard, "by guard").unwrap();
    guard.commit().unwrap();
    assert_eq!(db.names(), ["before", "after", "by guard"]);
    usable(&db);
}

#[test]
fn a_panicking_nested_call_that_is_not_caught_undoes_everything() {
    let db = TestDb::new();
    panics("in a writer", || {
        db.write(|w| {
            add(w, "lost")?;
            add_and_panic(w, "lost")
        })
    });
    panics("in a reader", || {
        db.write(|w| {
            add(w, "lost")?;
            count_and_panic(w)
        })
    });
    assert_eq!(db.names(), [""; 0]);
    usable(&db);
}

#[test]
fn a_panicking_callback_leaves_the_lane_free() {
    let db = TestDb::new();
    for _ in 0..3 {
        panics("in a callback", || {
            db.write(|w| {
                w.on_commit(|| resume_unwind(Box::new("in a callback")));
                add(w, "kept")
            })
        });
    }
    assert_eq!(db.names(), ["kept"; 3]);
    usable(&db);
}

#[test]
fn guards_that_are_dropped_on_unwinding_end_what_they_began() {
    let db = TestDb::new();
    panics("here", || {
        let reader = db.reader().unwrap();
        count(&reader).unwrap();
        let writer = db.writer().unwrap();
        add(&writer, "lost").unwrap();
        let second = db.reader().unwrap();
        assert_eq!(count(&second).unwrap(), 0);
        resume_unwind(Box::new("here"))
    });
    assert_eq!(db.names(), [""; 0]);
    nothing_is_pinned(&db);
    usable(&db);
}

#[test]
fn guards_may_end_in_any_order() {
    let db = TestDb::new();
    let first = db.reader().unwrap();
    count(&first).unwrap();
    let writer = db.writer().unwrap();
    let second = db.reader().unwrap();
    drop(first);
    add(&writer, "lost").unwrap();
    drop(writer);
    assert_eq!(count(&second).unwrap(), 0);
    drop(second);
    usable(&db);
}

#[test]
fn an_early_return_is_a_rollback_and_nothing_more() {
    #[writer]
    fn early(db: &Writer) -> Result<Option<i64>, rusqlite::Error> {
        add(db, "lost")?;
        let mut find = db.prepare_cached("SELECT id FROM item WHERE name = 'nobody'")?;
        let id = find.query_row([], |row| row.get(0))?;
        Ok(Some(id))
    }

    let db = TestDb::new();
    for _ in 0..3 {
        assert_eq!(early(&*db), Err(rusqlite::Error::QueryReturnedNoRows));
        usable(&db);
    }
    assert_eq!(db.names(), [""; 0]);
}

/// Leaves a statement begun and never ended, as a leaked iterator does.
fn leak(conn: &Connection, sql: &str) -> rusqlite::Result<()> {
    let mut statement = conn.prepare(sql)?;
    let mut rows = statement.query([])?;
    assert!(rows.next()?.is_some(), "it has rows");
    mem::forget(rows);
    mem::forget(statement);
    Ok(())
}

const RETURNING: &str =
    "INSERT INTO item (name) VALUES ('leaked'), ('leaked'), ('leaked') RETURNING id";

#[test]
fn a_leaked_returning_statement_is_reported_and_the_writer_stays_usable() {
    let db = TestDb::new();
    for _ in 0..3 {
        let error = db
            .write(|w| {
                add(w, "lost")?;
                leak(w, RETURNING)?;
                Ok::<_, Error>(())
            })
            .unwrap_err();
        let Error::UnfinishedStatement { sql, site } = &error else { panic!("{error:?}") };
        assert_eq!(sql, RETURNING);
        assert!(site.file().ends_with("no_poison.rs"));
        assert!(error.report().contains("read all rows"), "{error:#}");
        assert_eq!(db.names(), [""; 0]);
        usable(&db);
    }
    let guard = db.writer().unwrap();
    leak(&guard, RETURNING).unwrap();
    let error = guard.commit().unwrap_err();
    assert!(matches!(error, Error::UnfinishedStatement { .. }));
    assert_eq!(db.names(), [""; 0]);
    usable(&db);
}

#[test]
fn a_leaked_returning_statement_of_a_body_that_fails_changes_nothing() {
    let db = TestDb::new();
    let error = db
        .write(|w| {
            leak(w, RETURNING)?;
            Err::<(), _>(Error::NoGlobal)
        })
        .unwrap_err();
    assert!(matches!(error, Error::NoGlobal), "its own error: {error:?}");
    panics("after the leak", || {
        db.write(|w| -> Result<()> {
            leak(w, RETURNING)?;
            resume_unwind(Box::new("after the leak"))
        })
    });
    let guard = db.writer().unwrap();
    leak(&guard, RETURNING).unwrap();
    drop(guard);
    assert_eq!(db.names(), [""; 0]);
    nothing_is_pinned(&db);
    usable(&db);
}

#[test]
fn a_leaked_statement_of_a_nested_call_that_fails_loses_no_more_than_it_must() {
    let db = TestDb::new();
    let result = db.write(|w| {
        add(w, "outer")?;
        let nested = w.savepoint(|w| {
            leak(w, RETURNING)?;
            Err::<(), _>(Error::NoGlobal)
        });
        assert!(nested.is_err());
        Ok::<_, Error>(())
    });
    // Undoing the savepoint ends the statement, or the commit says what is unfinished.
    match result {
        Ok(()) => assert_eq!(db.names(), ["outer"]),
        Err(Error::UnfinishedStatement { .. }) => assert_eq!(db.names(), [""; 0]),
        Err(error) => panic!("{error:?}"),
    }
    usable(&db);
}

/// SQLite calls it BUSY that a savepoint can't be released, but it is no lock.
#[test]
fn a_leaked_statement_of_a_nested_call_is_reported_as_that() {
    let db = TestDb::new();
    let leaks = |w: &Writer| w.savepoint(|w| Ok::<_, Error>(leak(w, RETURNING)?));
    let error = db.write(leaks).unwrap_err();
    assert!(matches!(&error, Error::UnfinishedStatement { sql, .. } if sql == RETURNING));
    assert!(!error.is_locked(), "{error:?}");
    assert_eq!(db.names(), [""; 0]);
    usable(&db);

    let attempts = Cell::new(0);
    let error = db
        .write_idempotent(&quick(3), |w| {
            attempts.set(attempts.get() + 1);
            w.savepoint(|w| Ok::<_, Error>(leak(w, RETURNING)?))
        })
        .unwrap_err();
    assert_eq!(attempts.get(), 1, "repeating it helps nobody: {error:?}");
    assert_eq!(db.names(), [""; 0]);
    usable(&db);
}

#[test]
fn a_leaked_select_pins_no_snapshot() {
    let db = TestDb::new();
    db.write(|w| {
        add(w, "apple")?;
        add(w, "pear")
    })
    .unwrap();
    let select = "SELECT name FROM item";
    count(&*db).unwrap();
    let connections = db.stats().connections;
    for _ in 0..3 {
        db.read(|r| leak(r, select)).unwrap();
        nothing_is_pinned(&db);
        let guard = db.reader().unwrap();
        leak(&guard, select).unwrap();
        drop(guard);
        nothing_is_pinned(&db);
        panics("in a reader", || {
            db.read(|r| {
                leak(r, select)?;
                count_and_panic(r)
            })
        });
        nothing_is_pinned(&db);
    }
    assert!(db.stats().connections <= connections);
    usable(&db);
}

#[reader(autocommit)]
fn leak_in_autocommit(db: &Reader, sql: &str) -> Result<()> {
    Ok(leak(db, sql)?)
}

#[test]
fn a_leaked_select_of_an_autocommit_reader_or_a_writer_pins_no_snapshot() {
    let db = TestDb::new();
    db.write(|w| {
        add(w, "apple")?;
        add(w, "pear")
    })
    .unwrap();
    let select = "SELECT name FROM item";
    leak_in_autocommit(&*db, select).unwrap();
    nothing_is_pinned(&db);

    db.write(|w| {
        leak(w, select)?;
        leak_in_autocommit(w, select)?;
        add(w, "fig")
    })
    .unwrap();
    assert_eq!(db.names(), ["apple", "pear", "fig"]);
    nothing_is_pinned(&db);
    usable(&db);
}

#[test]
fn a_panic_while_a_connection_is_set_up_gives_its_place_back() {
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    let db = TestDb::with(Options::new().max_readers(1).on_connect(move |_conn| {
        // The writer's, then the first reader's.
        if counter.fetch_add(1, Ordering::Relaxed) == 1 {
            resume_unwind(Box::new("while connecting"));
        }
        Ok(())
    }));
    panics("while connecting", || count(&*db));
    assert_eq!(db.stats().in_use, 0);
    assert_eq!(count(&*db).unwrap(), 0, "another try opens another");
    usable(&db);
    assert_eq!(connections.load(Ordering::Relaxed), 3);
}

/// In a process of its own: a connection that is closed with its transaction open
/// runs the rollback hook, and one that is freed by then is a crash, not a failure.
#[test]
fn a_panic_in_the_setup_leaves_the_file_usable() {
    let Some(path) = Process::role() else {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        common::make_file(&path);
        let mut child = Process::again("a_panic_in_the_setup_leaves_the_file_usable", &path);
        let status = child.ended();
        assert!(status.success(), "{status}");
        assert_eq!(common::names(&path), [""; 0]);
        return;
    };
    let first = Database::open(&path).unwrap();
    for _ in 0..50 {
        panics("in the setup", || {
            Options::new()
                .setup(|conn| {
                    conn.execute_batch("BEGIN; INSERT INTO item (name) VALUES ('lost')")?;
                    resume_unwind(Box::new("in the setup"))
                })
                .open(&path)
        });
    }
    usable(&first);
    usable(&Database::open(&path).unwrap());
}

#[test]
fn panics_on_many_threads_lose_nothing_but_themselves() {
    const THREADS: usize = 6;
    const ROUNDS: usize = 30;
    let db = TestDb::new();
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (db, start) = (&db, &start);
            scope.spawn(move || {
                start.wait();
                for round in 0..ROUNDS {
                    match (thread + round) % 4 {
                        0 => panics("in a writer", || add_and_panic(&**db, "lost")),
                        1 => panics("in a reader", || count_and_panic(&**db)),
                        2 => panics("in a writer", || {
                            let guard = db.writer().unwrap();
                            add(&guard, "lost").unwrap();
                            add_and_panic(&guard, "lost")
                        }),
                        _ => add(&**db, "kept").unwrap(),
                    }
                }
            });
        }
    });
    let kept = (0..THREADS)
        .flat_map(|thread| (0..ROUNDS).map(move |round| (thread + round) % 4))
        .filter(|kind| *kind == 3)
        .count();
    assert_eq!(db.names(), vec!["kept"; kept]);
    db.assert_whole();
    usable(&db);
}

/// In the child: writes, says so, and is killed before it commits.
fn write_until_killed(path: &Path) {
    let db = Database::open(path).unwrap();
    add(&db, "kept").unwrap();
    let guard = db.writer().unwrap();
    add(&guard, "lost").unwrap();
    Process::say("child: writing");
    // Ends with the process, or with the pipe if the parent is gone.
    let _ = std::io::stdin().read_line(&mut String::new());
}

#[test]
fn a_killed_process_leaves_the_file_usable() {
    if let Some(path) = Process::role() {
        return write_until_killed(Path::new(&path));
    }
    let db = TestDb::new();
    add(&*db, "first").unwrap();
    for _ in 0..3 {
        let mut child = Process::again("a_killed_process_leaves_the_file_usable", db.path());
        assert!(child.hear("child: writing").is_some(), "it has ended");
        let busy = db.writer_within(Duration::from_millis(1)).unwrap_err();
        assert!(busy.is_locked(), "{busy:?}");
        // One writer is waiting for the child when that dies.
        thread::scope(|scope| {
            let waiting = scope.spawn(|| add(&*db, "waited"));
            wait_until("the writer met the lock", || db.stats().locks_met >= 2);
            child.kill();
            waiting.join().unwrap().unwrap();
        });
    }
    assert_eq!(db.names(), ["first", "kept", "waited", "kept", "waited", "kept", "waited"]);
    db.assert_whole();
    usable(&db);
}
