//! Closing: it waits for guards up to its deadline and names those that stay, refuses
//! what comes later, and leaves one file behind; so does dropping.

mod common;

use std::fs;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use common::{ForeignLock, Lock, TestDb, names, received, wait_until};
use db_core::{Database, Error, Kind, Options, Reader, Result, Writer, reader, writer};
use rusqlite::Connection;

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

#[reader]
fn count(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

const SOON: Duration = Duration::from_millis(20);

/// Closing has begun: what comes now is refused.
fn is_closing(db: &Database) -> bool {
    matches!(count(db), Err(Error::Closed { .. }))
}

/// The names of the files in the database's folder, but for the two at which processes
/// queue: those are never removed.
fn files(db: &TestDb) -> Vec<String> {
    let entries = fs::read_dir(db.beside("")).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.ends_with("-next") && !name.ends_with("-writer"));
    names.sort();
    names
}

fn closed<T>(result: Result<T>) -> bool {
    matches!(result, Err(Error::Closed { .. }))
}

#[track_caller]
fn everything_is_refused(db: &Database) {
    assert!(closed(count(db)));
    assert!(closed(add(db, "late")));
    assert!(closed(db.reader()));
    assert!(closed(db.writer()));
    assert!(closed(db.writer_within(Duration::ZERO)));
    assert!(closed(db.read(|_r| Ok(()))));
    assert!(closed(db.write(|_w| Ok(()))));
    assert!(closed(db.close()));
    assert!(closed(db.close_within(SOON)));
    assert_eq!(db.open_guards(), []);
}

#[test]
fn a_closed_database_is_one_file_and_refuses_everything() {
    let db = TestDb::new();
    add(&*db, "apple").unwrap();
    drop((db.reader().unwrap(), db.reader().unwrap()));
    assert!(files(&db).len() > 1, "{:?}", files(&db));
    let clone = Database::clone(&db);
    db.close().unwrap();
    assert_eq!(files(&db), ["shop.db"], "no WAL is left");
    everything_is_refused(&db);
    everything_is_refused(&clone);
    assert_eq!(db.stats().connections, 0);
    let error = add(&clone, "late").unwrap_err();
    assert!(error.to_string().contains("shop.db is closed"), "{error}");
    assert!(error.report().contains("Database::open"), "{error:#}");

    // Who wants more opens it anew.
    let again = Database::open(db.path()).unwrap();
    add(&again, "pear").unwrap();
    assert_eq!(db.names(), ["apple", "pear"]);
}

#[test]
fn closing_waits_for_a_reader() {
    let db = TestDb::new();
    add(&*db, "apple").unwrap();
    thread::scope(|scope| {
        let guard = db.reader().unwrap();
        let closer = scope.spawn(|| db.close());
        wait_until("closing has begun", || is_closing(&db));
        assert!(!closer.is_finished());
        // What is open goes on.
        assert_eq!(count(&guard).unwrap(), 1);
        drop(guard);
        closer.join().unwrap().unwrap();
    });
    assert_eq!(files(&db), ["shop.db"]);
    assert_eq!(db.stats().connections, 0);
}

#[test]
fn closing_waits_for_a_writer() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let guard = db.writer().unwrap();
        let closer = scope.spawn(|| db.close());
        wait_until("closing has begun", || is_closing(&db));
        assert!(!closer.is_finished());
        add(&guard, "apple").unwrap();
        guard.commit().unwrap();
        closer.join().unwrap().unwrap();
    });
    assert_eq!(db.names(), ["apple"]);
    assert_eq!(files(&db), ["shop.db"]);
}

#[test]
fn closing_waits_for_a_call() {
    let db = TestDb::new();
    let (entered, inside) = mpsc::channel();
    let (go_on, told) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let db = &db;
        let writer = scope.spawn(move || {
            db.write(|w| {
                entered.send(()).unwrap();
                received(&told);
                // Nested calls belong to it.
                add(w, "apple")?;
                w.savepoint(|w| add(w, "pear"))?;
                count(w)
            })
        });
        received(&inside);
        let closer = scope.spawn(|| db.close());
        wait_until("closing has begun", || is_closing(db));
        go_on.send(()).unwrap();
        assert_eq!(writer.join().unwrap().unwrap(), 2);
        closer.join().unwrap().unwrap();
    });
    assert_eq!(db.names(), ["apple", "pear"]);
}

#[test]
fn a_guard_that_stays_is_named_after_the_deadline() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let (opened, is_open) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        let inner = &db;
        let opener = thread::Builder::new().name("slow reader".into());
        let reader = move || {
            let guard = inner.reader().unwrap();
            opened.send(()).unwrap();
            received(&ended);
            assert_eq!(count(&guard).unwrap(), 1, "it goes on in peace");
        };
        opener.spawn_scoped(scope, reader).unwrap();
        received(&is_open);
        let (line, writer) = (line!(), db.writer().unwrap());

        let start = Instant::now();
        let error = db.close_within(SOON).unwrap_err();
        assert!(start.elapsed() >= SOON);
        let text = error.to_string();
        let report = error.report();
        let Error::StillOpen { path, guards } = error else { panic!("{error:?}") };
        assert_eq!(path, db.path());
        let kinds: Vec<_> = guards.iter().map(|guard| guard.kind).collect();
        assert_eq!(kinds, [Kind::Reader, Kind::Writer], "longest first");
        assert_eq!(guards[0].thread, "slow reader");
        assert_eq!(guards[1].site.line(), line);
        for words in ["slow reader", file!(), &format!(":{line}"), "writer open for"] {
            assert!(text.contains(words), "{text}");
        }
        assert!(report.contains("drop these guards"), "{report}");

        // Closed it is all the same, but for what is open.
        assert!(closed(db.reader()));
        assert!(closed(db.close()));
        add(&writer, "apple").unwrap();
        writer.commit().unwrap();
        end.send(()).unwrap();
    });
    assert_eq!(db.names(), ["apple"]);
    everything_is_refused(&db);
}

#[test]
fn connections_that_were_still_open_close_with_their_guards() {
    let db = TestDb::new();
    add(&*db, "apple").unwrap();
    let (first, second) = (db.reader().unwrap(), db.reader().unwrap());
    let error = db.close_within(Duration::ZERO).unwrap_err();
    assert!(matches!(error, Error::StillOpen { .. }), "{error:?}");
    drop(first);
    assert_eq!(count(&second).unwrap(), 1);
    drop(second);
    assert_eq!(db.stats().connections, 0, "{:?}", db.stats());
    assert_eq!(files(&db), ["shop.db"]);

    let db = TestDb::new();
    let guard = db.writer().unwrap();
    drop(db.reader().unwrap());
    db.close_within(Duration::ZERO).unwrap_err();
    add(&guard, "apple").unwrap();
    guard.commit().unwrap();
    assert_eq!(db.stats().connections, 0, "{:?}", db.stats());
    assert_eq!(files(&db), ["shop.db"]);
    assert_eq!(db.names(), ["apple"]);
}

#[test]
fn writers_that_wait_are_refused_when_their_turn_comes() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let guard = db.writer().unwrap();
        let waiters: Vec<_> = (0..3).map(|_| scope.spawn(|| add(&*db, "late"))).collect();
        wait_until("they wait", || db.stats().waiting == 3);
        let closer = scope.spawn(|| db.close());
        wait_until("closing has begun", || is_closing(&db));
        add(&guard, "in time").unwrap();
        guard.commit().unwrap();
        for waiter in waiters {
            assert!(closed(waiter.join().unwrap()));
        }
        closer.join().unwrap().unwrap();
    });
    assert_eq!(db.names(), ["in time"]);
    assert_eq!(db.stats().connections, 0);
}

#[test]
fn readers_that_wait_are_refused_when_their_turn_comes() {
    let db = TestDb::with(Options::new().max_readers(1));
    thread::scope(|scope| {
        let guard = db.reader().unwrap();
        let (waiting, waits) = mpsc::channel();
        let inner = &db;
        let waiter = scope.spawn(move || {
            waiting.send(()).unwrap();
            count(&**inner)
        });
        received(&waits);
        let closer = scope.spawn(|| db.close());
        // Asked as a writer: a reader would wait as well.
        wait_until("closing has begun", || closed(db.writer_within(Duration::ZERO)));
        drop(guard);
        assert!(closed(waiter.join().unwrap()));
        closer.join().unwrap().unwrap();
    });
}

#[test]
fn closing_inside_a_body_names_the_body() {
    let db = TestDb::new();
    let error = db.write(|w| {
        add(w, "kept")?;
        let error = db.close_within(SOON).unwrap_err();
        let Error::StillOpen { guards, .. } = &error else { panic!("{error:?}") };
        assert_eq!(guards.len(), 1);
        assert!(guards[0].site.file().ends_with("close.rs"));
        Ok::<_, Error>(error)
    });
    assert!(error.is_ok());
    assert_eq!(db.names(), ["kept"]);
    assert!(closed(count(&*db)));
}

#[test]
fn threads_that_close_at_once_close_once() {
    for _ in 0..60 {
        let db = TestDb::new();
        add(&*db, "apple").unwrap();
        let start = std::sync::Barrier::new(4);
        let results: Vec<_> = thread::scope(|scope| {
            let close = || {
                start.wait();
                db.close()
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(close)).collect();
            threads.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let (done, refused): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
        assert_eq!(done.len(), 1);
        assert!(refused.into_iter().all(closed));
        assert_eq!(files(&db), ["shop.db"]);
    }
}

#[test]
fn closing_while_others_come_and_go_ends_all_of_them() {
    for _ in 0..20 {
        let db = TestDb::new();
        thread::scope(|scope| {
            let (first, began) = mpsc::channel();
            for n in 0..4 {
                let (db, first) = (&db, first.clone());
                scope.spawn(move || {
                    loop {
                        let result = match n % 2 {
                            0 => add(&**db, "apple"),
                            _ => count(&**db).map(drop),
                        };
                        let _ = first.send(());
                        match result {
                            Ok(()) => {}
                            Err(Error::Closed { .. }) => return,
                            Err(error) => panic!("{error:?}"),
                        }
                    }
                });
            }
            for _ in 0..8 {
                received(&began);
            }
            db.close().unwrap();
            assert_eq!(db.stats().connections, 0, "{:?}", db.stats());
            assert_eq!(files(&db), ["shop.db"]);
        });
        everything_is_refused(&db);
        db.assert_whole();
    }
}

#[test]
fn dropping_is_as_safe_as_closing() {
    let test_db = TestDb::new();
    let db = Database::open(test_db.path()).unwrap();
    test_db.close().unwrap();
    add(&db, "apple").unwrap();
    drop((db.reader().unwrap(), db.reader().unwrap()));
    let clone = db.clone();
    drop(db);
    add(&clone, "pear").unwrap();
    assert!(files(&test_db).len() > 1);
    // The last handle may be anywhere.
    thread::spawn(move || drop(clone)).join().unwrap();
    assert_eq!(files(&test_db), ["shop.db"]);
    assert_eq!(test_db.names(), ["apple", "pear"]);
    test_db.assert_whole();
}

#[test]
fn closing_one_database_leaves_the_others_on_the_file_alone() {
    let db = TestDb::new();
    let other = Database::open(db.path()).unwrap();
    let reader = other.reader().unwrap();
    db.close().unwrap();
    add(&other, "apple").unwrap();
    assert_eq!(count(&reader).unwrap(), 1);
    drop(reader);

    // Nor is it kept from closing by what they do.
    let third = Database::open(db.path()).unwrap();
    let writer = other.writer().unwrap();
    third.close_within(SOON).unwrap();
    add(&writer, "pear").unwrap();
    writer.commit().unwrap();
    other.close().unwrap();
    assert_eq!(db.names(), ["apple", "pear"]);
    assert_eq!(files(&db), ["shop.db"]);
}

#[test]
fn closing_while_somebody_outside_holds_the_lock() {
    let db = TestDb::new();
    add(&*db, "apple").unwrap();
    let lock = ForeignLock::take(db.path(), Lock::Writing("INSERT INTO item (name) VALUES ('x')"));
    db.close().unwrap();
    assert_eq!(db.stats().connections, 0);
    lock.commit();
    assert_eq!(db.names(), ["apple", "x"]);
}

/// The planner's statistics, which `PRAGMA optimize` makes where a query has missed
/// them.
fn statistics(path: &Path) -> i64 {
    let conn = Connection::open(path).unwrap();
    let query = "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'";
    conn.query_row(query, [], |row| row.get(0)).unwrap()
}

#[test]
fn closing_optimizes_for_the_next_time() {
    let fill = |db: &Database| {
        db.write(|w| {
            w.execute_batch(
                "CREATE INDEX by_name ON item (name);
                 CREATE INDEX by_qty ON item (qty);
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
                 INSERT INTO item (name, qty) SELECT 'item ' || i, i % 7 FROM n;",
            )?;
            w.query_row("SELECT count(*) FROM item WHERE name = 'item 7' AND qty = 0", [], |row| {
                row.get::<_, i64>(0)
            })
        })
        .unwrap();
    };
    let db = TestDb::new();
    fill(&db);
    assert_eq!(statistics(db.path()), 0);
    db.close().unwrap();
    assert_eq!(statistics(db.path()), 1);
    assert_eq!(names(db.path()).len(), 500);

    // Dropping leaves it out, as documented.
    let test_db = TestDb::new();
    let db = Database::open(test_db.path()).unwrap();
    fill(&db);
    drop(db);
    assert_eq!(statistics(test_db.path()), 0);
}

#[test]
fn a_read_only_database_closes_too() {
    let db = TestDb::new();
    add(&*db, "apple").unwrap();
    let read_only = Options::new().read_only(true).open(db.path()).unwrap();
    let guard = read_only.reader().unwrap();
    assert_eq!(count(&guard).unwrap(), 1);
    let error = read_only.close_within(Duration::ZERO).unwrap_err();
    assert!(matches!(error, Error::StillOpen { .. }), "{error:?}");
    drop(guard);
    assert_eq!(read_only.stats().connections, 0);
    add(&*db, "pear").unwrap();
}

/// Readers' connections can't remove the log's files, and the writer's may not have opened it.
#[test]
fn a_database_that_was_only_read_leaves_nothing_beside_it() {
    for closes in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        common::make_file(&path);
        let db = Database::open(&path).unwrap();
        assert_eq!(count(&db).unwrap(), 0);
        if closes {
            db.close().unwrap();
        }
        drop(db);
        let left = |end: &str| path.with_file_name(format!("shop.db{end}")).exists();
        assert!(!left("-wal") && !left("-shm"), "closes: {closes}");
    }
}

/// The log is found by the file's name: it must not be that of the file that is there now.
#[test]
fn a_file_that_was_replaced_gets_no_log_of_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    common::make_file(&path);
    let db = Database::open(&path).unwrap();
    fs::rename(&path, folder.path().join("old.db")).unwrap();
    common::make_file(&path);
    drop(db);
    let left = |end: &str| path.with_file_name(format!("shop.db{end}")).exists();
    assert!(!left("-wal") && !left("-shm"));
    common::assert_whole(&path);
}
