//! no-leaks: every open guard is tracked with the place that opened it, and the
//! counts return to their baseline after use, after errors and after panics.

mod common;

use std::fs;
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::Duration;

use common::{ForeignLock, Lock, TestDb, quick, received};
use db_core::{
    Database, Error, Kind, OpenGuard, Options, Reader, Result, Writer, active_connections, reader,
    retry_on_locked, writer,
};
use parking_lot::{Mutex, MutexGuard};
use rusqlite::ffi;

/// `active_connections` counts for the whole process, and the tests of a file are
/// threads of one process: each takes its turn.
fn alone() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let turn = ONE_AT_A_TIME.lock();
    assert_eq!(active_connections(), 0, "a test has left something open");
    turn
}

#[reader]
fn count(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

fn in_use(db: &Database) -> (usize, usize) {
    (active_connections(), db.stats().in_use)
}

#[test]
fn connection_tracking() -> Result<()> {
    let _turn = alone();
    let (db, other) = (TestDb::new(), TestDb::new());
    assert_eq!(active_connections(), 0, "an idle connection is not active");

    let reader = db.reader()?;
    assert_eq!(active_connections(), 1);
    let second = db.reader()?;
    assert_eq!(active_connections(), 2);
    let writer = db.writer()?;
    assert_eq!(active_connections(), 3);
    let elsewhere = other.reader()?;
    assert_eq!(active_connections(), 4, "of all databases");
    drop(reader);
    assert_eq!(active_connections(), 3);
    writer.commit()?;
    assert_eq!(active_connections(), 2);
    drop((second, elsewhere));
    assert_eq!(active_connections(), 0);

    db.write(|w| {
        assert_eq!(active_connections(), 1);
        // What joins a transaction uses no other connection.
        count(w)?;
        add(w, "apple")?;
        w.savepoint(|w| {
            assert_eq!(active_connections(), 1);
            count(w)
        })?;
        // The database itself does.
        db.read(|_r| {
            assert_eq!(active_connections(), 2);
            Ok::<_, Error>(())
        })
    })?;
    assert_eq!(active_connections(), 0);
    Ok(())
}

#[test]
fn connection_tracking_with_factory() -> Result<()> {
    let _turn = alone();
    let factory = Options::new().max_readers(2);
    let db = TestDb::with(factory.clone());
    let numbers = |db: &Database| {
        let stats = db.stats();
        (stats.connections, stats.in_use, stats.idle)
    };
    assert_eq!(numbers(&db), (1, 0, 1), "the writer's");

    let first = db.reader()?;
    assert_eq!(numbers(&db), (2, 1, 1), "opened on demand");
    let second = db.reader()?;
    assert_eq!(numbers(&db), (3, 2, 1));
    let writer = db.writer()?;
    assert_eq!(numbers(&db), (3, 3, 0));
    drop(first);
    assert_eq!(numbers(&db), (3, 2, 1));
    drop(writer);
    drop(second);
    assert_eq!(numbers(&db), (3, 0, 3), "kept for the next ones");

    for _ in 0..5 {
        count(&*db)?;
        add(&*db, "apple")?;
    }
    assert_eq!(numbers(&db), (3, 0, 3), "and used again");

    // Another database of the same factory, on the same file, has its own.
    let twin = factory.open(db.path())?;
    assert_eq!(numbers(&twin), (1, 0, 1));
    let writer = twin.writer()?;
    assert_eq!(numbers(&twin), (1, 1, 0));
    assert_eq!(numbers(&db), (3, 0, 3));
    drop(writer);
    drop(twin);
    db.close()?;
    assert_eq!(numbers(&db), (0, 0, 0));
    Ok(())
}

#[test]
fn the_counts_return_after_errors() {
    let _turn = alone();
    let db = TestDb::with(
        Options::new()
            .max_readers(1)
            .reader_timeout(Duration::from_millis(1))
            .busy_timeout(Duration::from_millis(1)),
    );
    let baseline = (0, 0);
    let check = |what: &str| assert_eq!(in_use(&db), baseline, "{what}");

    db.read(|_r| Err::<(), _>(Error::NoGlobal)).unwrap_err();
    db.write(|_w| Err::<(), _>(Error::NoGlobal)).unwrap_err();
    check("an error of the body");
    db.read(|r| r.execute_batch("SELECT no FROM where")).unwrap_err();
    db.write(|w| w.execute_batch("INSERT INTO nowhere VALUES (1)")).unwrap_err();
    check("an error of a statement");
    db.write(|w| w.execute_batch("COMMIT")).unwrap_err();
    db.read(|r| r.execute_batch("DELETE FROM item")).unwrap_err();
    check("a refused statement");
    db.write(|w| {
        add(w, "apple")?;
        let _ignored = w.execute_batch("INSERT OR ROLLBACK INTO item VALUES (1, 'x', 0)");
        Ok::<_, Error>(())
    })
    .unwrap_err();
    check("a transaction that is gone");
    db.write(|w| add(w, "apple").and_then(|()| add(&*db, "pear"))).unwrap_err();
    check("a write in a write");
    db.read(|_r| count(&*db)).unwrap_err();
    check("a reader too many");
    db.write_idempotent(&quick(3), |_w| {
        let busy = ffi::Error::new(ffi::SQLITE_BUSY);
        Err::<(), _>(rusqlite::Error::SqliteFailure(busy, None))
    })
    .unwrap_err();
    check("attempts that all met a lock");

    let lock = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item"));
    add(&*db, "apple").unwrap_err();
    db.writer_within(Duration::ZERO).unwrap_err();
    check("somebody outside");
    lock.release();

    let (reader, writer) = (db.reader().unwrap(), db.writer().unwrap());
    thread::scope(|scope| {
        let waits = scope.spawn(|| {
            db.writer_within(Duration::from_millis(1)).unwrap_err();
            db.reader().unwrap_err();
        });
        waits.join().unwrap();
    });
    assert_eq!(in_use(&db), (2, 2));
    assert_eq!(db.stats().waiting, 0);
    drop((reader, writer));
    check("a wait that was too long");

    assert!(Database::open(db.path().parent().unwrap()).is_err());
    assert!(Options::new().max_readers(0).open(db.path()).is_err());
    check("databases that were not opened");
    assert_eq!(db.open_guards(), []);
    count(&*db).unwrap();
    add(&*db, "apple").unwrap();
    assert_eq!(db.stats().connections, 2);
}

#[test]
fn the_counts_return_after_panics() {
    let _turn = alone();
    let db = TestDb::new();
    let panics: [&dyn Fn() -> Result<()>; 6] = [
        &|| db.read(|_r| resume_unwind(Box::new(()))),
        &|| db.write(|_w| resume_unwind(Box::new(()))),
        &|| db.write(|w| w.savepoint(|_w| resume_unwind(Box::new(())))),
        &|| db.write_idempotent(&quick(2), |_w| resume_unwind(Box::new(()))),
        &|| {
            db.write(|w| {
                w.on_commit(|| resume_unwind(Box::new(())));
                Ok(())
            })
        },
        &|| {
            let _guards = (db.reader()?, db.writer()?, db.reader()?);
            resume_unwind(Box::new(()))
        },
    ];
    for panic in panics {
        assert!(catch_unwind(AssertUnwindSafe(panic)).is_err());
        assert_eq!(in_use(&db), (0, 0));
        assert_eq!(db.open_guards(), []);
    }
    assert_eq!(db.stats().connections, 3);
}

#[test]
fn the_counts_return_on_many_threads() {
    const THREADS: usize = 6;
    let _turn = alone();
    let db = TestDb::with(Options::new().max_readers(3));
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (db, start) = (&db, &start);
            scope.spawn(move || {
                start.wait();
                for round in 0..40 {
                    match (thread + round) % 4 {
                        0 => add(&**db, "apple").unwrap(),
                        1 => drop(db.write(|w| {
                            add(w, "lost")?;
                            Err::<(), _>(Error::NoGlobal)
                        })),
                        2 => drop(count(&**db).unwrap()),
                        _ => drop(catch_unwind(AssertUnwindSafe(|| {
                            let _guard = db.reader().unwrap();
                            resume_unwind(Box::new(()))
                        }))),
                    }
                    let stats = db.stats();
                    assert!(stats.in_use <= 3 + 1, "{stats:?}");
                }
            });
        }
    });
    assert_eq!(in_use(&db), (0, 0));
    let stats = db.stats();
    assert!(stats.connections <= 3 + 1, "{stats:?}");
    assert_eq!(stats.waiting, 0);
    assert_eq!(db.names().len(), THREADS * 10);
}

#[reader]
fn look(db: &Reader, at: &Database) -> Result<Vec<OpenGuard>> {
    let _ = db;
    Ok(at.open_guards())
}

#[writer]
fn look_while_writing(db: &Writer, at: &Database) -> Result<Vec<OpenGuard>> {
    // A nested call is a part of the one that is open.
    look(db, at)
}

#[test]
fn open_guards_names_the_place_and_the_thread() {
    let _turn = alone();
    let db = TestDb::new();
    assert_eq!(db.open_guards(), []);

    let one = |guards: Vec<OpenGuard>| match <[OpenGuard; 1]>::try_from(guards) {
        Ok([guard]) => guard,
        Err(guards) => panic!("{guards:?}"),
    };
    let guard = one(look(&*db, &db).unwrap());
    assert_eq!(guard.kind, Kind::Reader);
    assert_eq!(guard.site.function(), Some("no_leaks::look"));
    let guard = one(look_while_writing(&*db, &db).unwrap());
    assert_eq!(guard.kind, Kind::Writer);
    assert_eq!(guard.site.function(), Some("no_leaks::look_while_writing"));
    assert_eq!(guard.thread, "open_guards_names_the_place_and_the_thread");

    let (line, guard) = (line!(), db.reader().unwrap());
    let told = one(db.open_guards());
    assert_eq!(told.site.function(), None);
    assert_eq!(told.site.file(), file!());
    assert_eq!(told.site.line(), line);
    assert!(told.to_string().contains(&format!("{}:{line}", file!())));
    drop(guard);

    let read = |_r: &Reader| Ok::<_, Error>(one(db.open_guards()));
    let write = |_w: &Writer| Ok::<_, Error>(one(db.open_guards()));
    let (line, told) = (line!(), db.read(read).unwrap());
    assert_eq!((told.kind, told.site.line()), (Kind::Reader, line));
    let (line, told) = (line!(), db.write(write).unwrap());
    assert_eq!((told.kind, told.site.line()), (Kind::Writer, line));
    assert_eq!(db.open_guards(), []);
}

#[test]
fn open_guards_begins_with_the_one_that_is_open_longest() {
    let _turn = alone();
    let test_db = TestDb::new();
    let db: &Database = &test_db;
    let kinds = || {
        let guards = db.open_guards();
        let kinds = guards.iter().map(|guard| (guard.kind, guard.thread.clone()));
        kinds.collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let (opened, is_open) = mpsc::channel();
        let (end, ended) = mpsc::channel::<()>();
        let open = move || {
            let guard = db.reader().unwrap();
            opened.send(()).unwrap();
            received(&ended);
            drop(guard);
        };
        let first = thread::Builder::new().name("first".into());
        first.spawn_scoped(scope, open).unwrap();
        received(&is_open);
        let _writer = db.writer().unwrap();
        let _reader = db.reader().unwrap();
        let here = thread::current().name().unwrap().to_owned();
        let (reader, writer) = (Kind::Reader, Kind::Writer);
        assert_eq!(kinds(), [(reader, "first".into()), (writer, here.clone()), (reader, here)]);
        end.send(()).unwrap();
    });
    assert_eq!(kinds(), []);
}

/// The one leak that types can't prevent is told, with its place.
#[test]
fn a_forgotten_guard_stays_in_the_list() {
    let _turn = alone();
    let db = TestDb::new();
    let line = line!() + 1;
    mem::forget(db.reader().unwrap());
    let guards = db.open_guards();
    assert_eq!(guards.len(), 1);
    assert_eq!(guards[0].site.line(), line);
    assert_eq!(in_use(&db), (1, 1));
    let error = db.close_within(Duration::from_millis(1)).unwrap_err();
    let here = format!("{}:{line}", file!());
    assert!(error.to_string().contains(&here), "{error}");
    drop(db);
    assert_eq!(active_connections(), 0, "it went with its database");
}

/// The descriptors of this process that are open in `folder`.
fn open_files(folder: &Path) -> usize {
    let folder = folder.canonicalize().unwrap();
    let all = fs::read_dir("/proc/self/fd").unwrap();
    let files = all.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    files.filter(|file| file.starts_with(&folder)).count()
}

#[test]
fn a_database_leaves_no_file_open() {
    if !Path::new("/proc/self/fd").exists() {
        println!("skipped: this system has no list of open files");
        return;
    }
    let _turn = alone();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    common::make_file(&path);
    let use_it = |db: &Database| {
        add(db, "apple").unwrap();
        let guards = (db.reader().unwrap(), db.reader().unwrap());
        assert_eq!(count(&guards.0).unwrap(), count(&guards.1).unwrap());
        assert!(open_files(folder.path()) > 0);
    };
    for _ in 0..3 {
        let db = Database::open(&path).unwrap();
        use_it(&db);
        drop(db);
        assert_eq!(open_files(folder.path()), 0, "dropped");

        let db = Database::open(&path).unwrap();
        use_it(&db);
        db.close().unwrap();
        assert_eq!(open_files(folder.path()), 0, "closed");

        let failed = Options::new().setup(|_conn| Err("no".into())).open(&path);
        assert!(failed.is_err());
        assert_eq!(open_files(folder.path()), 0, "not opened");
    }
}

#[test]
fn a_retried_call_is_one_guard() {
    #[writer]
    #[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms)]
    fn tries(db: &Writer, seen: &Mutex<Vec<usize>>) -> rusqlite::Result<()> {
        db.execute("DELETE FROM item", [])?;
        seen.lock().push(active_connections());
        let busy = ffi::Error::new(ffi::SQLITE_BUSY);
        Err(rusqlite::Error::SqliteFailure(busy, None))
    }

    let _turn = alone();
    let db = TestDb::new();
    let seen = Mutex::default();
    assert!(tries(&*db, &seen).is_err());
    assert_eq!(seen.into_inner(), [1, 1, 1]);
    assert_eq!(in_use(&db), (0, 0));
    assert_eq!(db.stats().retries, 2);
}
