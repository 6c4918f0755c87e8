//! A body that takes longer than it may is interrupted, and leaves nothing.

use super::*;

/// How long a body may run here.
const LIMIT: Duration = ms(60);

fn open() -> TestDb {
    TestDb::with(Options::new().read_timeout(LIMIT).write_timeout(LIMIT))
}

#[reader]
fn search(db: &Reader) -> Result<i64> {
    Ok(run_endless(db)?)
}
const SEARCH: u32 = line!() - 3;

#[reader(autocommit)]
fn search_once(db: &Reader) -> Result<i64> {
    Ok(run_endless(db)?)
}

#[writer]
fn import(db: &Writer, name: &str) -> Result<()> {
    insert(db, name)?;
    run_endless(db)?;
    Ok(())
}
const IMPORT: u32 = line!() - 5;

/// Works on until its time is over, without asking the database anything that takes long.
fn dawdle(conn: &Connection) {
    let begun = Instant::now();
    while begun.elapsed() < 2 * LIMIT {
        let _ = count(conn);
        thread::yield_now();
    }
    looks(1);
}

/// The same connections go on working, for whoever comes next.
#[track_caller]
fn goes_on(db: &TestDb, kept: &[&str]) {
    let connections = db.stats().connections;
    let mut all: Vec<_> = kept.iter().map(|name| (*name).to_owned()).collect();
    let mut slow = 0;
    for n in 0..300 {
        let name = format!("after {n}");
        // Only what takes that long all in all, as on a machine that stands still, may be
        // told that it took too long.
        let begun = Instant::now();
        match db.write(|w| Ok::<_, Error>(insert(w, &name)?)) {
            Ok(()) => all.push(name),
            Err(Error::BodyTimeout(_)) if begun.elapsed() >= LIMIT => slow += 1,
            Err(error) => panic!("{error}"),
        }
        let begun = Instant::now();
        match db.read(|r| Ok::<_, Error>(count(r)?)) {
            Ok(rows) => assert_eq!(usize::try_from(rows), Ok(all.len())),
            Err(Error::BodyTimeout(_)) if begun.elapsed() >= LIMIT => slow += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert!(slow < 100, "{slow}");
    assert_eq!(db.names(), all);
    assert!(db.stats().connections <= connections.max(2));
    assert_eq!(db.stats().in_use, 0);
}

#[test]
fn a_reader_is_interrupted() {
    let db = open();
    let timeout = timeout(search(&*db));
    assert_eq!((timeout.kind, timeout.limit), (Kind::Reader, LIMIT));
    assert_eq!(timeout.site.function(), Some("leaks::timeouts::search"));
    assert_eq!((timeout.site.file(), timeout.site.line()), (file!(), SEARCH));
    goes_on(&db, &[]);
}

#[test]
fn a_reader_of_one_statement_is_interrupted() {
    let db = open();
    let timeout = timeout(search_once(&*db));
    assert_eq!((timeout.kind, timeout.limit), (Kind::Reader, LIMIT));
    assert_eq!(timeout.site.function(), Some("leaks::timeouts::search_once"));
    goes_on(&db, &[]);
}

#[test]
fn a_writer_is_interrupted_and_leaves_nothing() {
    let db = open();
    let timeout = timeout(import(&*db, "lost"));
    assert_eq!((timeout.kind, timeout.limit), (Kind::Writer, LIMIT));
    assert_eq!(timeout.site.function(), Some("leaks::timeouts::import"));
    assert_eq!((timeout.site.file(), timeout.site.line()), (file!(), IMPORT));
    goes_on(&db, &[]);
}

#[test]
fn a_statement_that_writes_is_interrupted() {
    const FILL: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                        INSERT INTO item (name) SELECT 'lost' FROM n";
    let db = open();
    let timeout = timeout(db.write(|w| {
        insert(w, "lost")?;
        Ok::<_, Error>(w.execute(FILL, [])?)
    }));
    assert_eq!((timeout.kind, timeout.limit), (Kind::Writer, LIMIT));
    assert_eq!(timeout.site.line(), line!() - 5);
    goes_on(&db, &[]);
}

/// Whatever it is that takes the time.
#[test]
fn a_body_that_sleeps_over_its_time_is_too_late() {
    let db = open();
    let late = db.write(|w| {
        insert(w, "lost")?;
        thread::sleep(2 * LIMIT);
        looks(1);
        Ok::<_, Error>(())
    });
    assert_eq!(timeout(late).kind, Kind::Writer);
    let late = db.read(|r| {
        let rows = count(r)?;
        thread::sleep(2 * LIMIT);
        looks(1);
        Ok::<_, Error>(rows)
    });
    assert_eq!(timeout(late).kind, Kind::Reader);
    goes_on(&db, &[]);
}

#[test]
fn a_body_that_goes_on_after_the_interrupt_is_not_committed() {
    let db = open();
    let late = db.write(|w| {
        insert(w, "lost")?;
        run_endless(w).unwrap_err();
        // If it is in no transaction any more this must not commit by itself.
        let _ = insert(w, "also lost");
        Ok::<_, Error>(())
    });
    assert_eq!(timeout(late).kind, Kind::Writer);
    let late = db.write(|w| {
        // Takes the whole transaction with it, as it writes.
        let fill = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                    INSERT INTO item (name) SELECT 'lost' FROM n";
        w.execute(fill, []).unwrap_err();
        let _ = insert(w, "also lost");
        Ok::<_, Error>(())
    });
    assert_eq!(timeout(late).kind, Kind::Writer);
    let late = db.read(|r| {
        run_endless(r).unwrap_err();
        Ok::<_, Error>(())
    });
    assert_eq!(timeout(late).kind, Kind::Reader);
    let late = db.write(|w| {
        dawdle(w);
        Ok::<_, Error>(())
    });
    assert_eq!(timeout(late).kind, Kind::Writer);
    goes_on(&db, &[]);
}

/// Each statement that takes long, as often as it tries.
#[test]
fn a_body_that_tries_again_is_interrupted_again() {
    let db = open();
    let tries = Runs::new();
    let late = db.read(|r| {
        for _ in 0..5 {
            tries.run();
            run_endless(r).unwrap_err();
        }
        Ok::<_, Error>(())
    });
    timeout(late);
    assert_eq!(tries.count(), 5);
    goes_on(&db, &[]);
}

/// It is told what it failed with, if that is no interrupt.
#[test]
fn another_error_of_a_late_body_stays_what_it_is() {
    let db = open();
    let failed = db.write(|w| {
        insert(w, "lost")?;
        dawdle(w);
        Ok::<_, Error>(w.execute("INSERT INTO item (name) VALUES (NULL)", [])?)
    });
    let Err(Error::Sqlite(error)) = failed else { panic!("{failed:?}") };
    assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::ConstraintViolation));
    let failed = db.read(|r| {
        dawdle(r);
        Err::<(), _>(Error::NoGlobal)
    });
    assert!(matches!(failed, Err(Error::NoGlobal)), "{failed:?}");
    goes_on(&db, &[]);
}

#[test]
fn a_writer_guard_is_refused_its_commit() {
    let db = open();
    let (line, guard) = (line!(), db.writer().unwrap());
    insert(&guard, "lost").unwrap();
    let error = run_endless(&guard).unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::OperationInterrupted));
    let timeout = timeout(guard.commit());
    assert_eq!((timeout.kind, timeout.limit), (Kind::Writer, LIMIT));
    assert_eq!((timeout.site.file(), timeout.site.line()), (file!(), line));
    goes_on(&db, &[]);
}

#[test]
fn a_writer_guard_that_was_only_open_is_refused_its_commit() {
    let db = open();
    let guard = db.writer().unwrap();
    insert(&guard, "lost").unwrap();
    dawdle(&guard);
    timeout(guard.commit());
    goes_on(&db, &[]);
}

#[test]
fn a_reader_guard_is_interrupted() {
    let db = open();
    let guard = db.reader().unwrap();
    let error = run_endless(&guard).unwrap_err();
    assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::OperationInterrupted));
    // A function that it is passed to says what that was.
    let told = timeout(search(&guard));
    assert_eq!((told.kind, told.limit), (Kind::Reader, LIMIT));
    assert_eq!(told.site.function(), Some("leaks::timeouts::search"));
    drop(guard);
    goes_on(&db, &[]);
}

/// Only what reads is limited, and only what writes.
#[test]
fn each_kind_has_its_own_limit() {
    let db = TestDb::with(Options::new().read_timeout(LIMIT));
    assert_eq!(timeout(search(&*db)).kind, Kind::Reader);
    db.write(|w| {
        insert(w, "kept")?;
        dawdle(w);
        Ok::<_, Error>(())
    })
    .unwrap();
    assert_eq!(db.names(), ["kept"]);

    let db = TestDb::with(Options::new().write_timeout(LIMIT));
    assert_eq!(timeout(import(&*db, "lost")).kind, Kind::Writer);
    let read = db.read(|r| {
        dawdle(r);
        Ok::<_, Error>(count(r)?)
    });
    assert_eq!(read.unwrap(), 0);
}

/// It is not what is waited for that takes the time.
#[test]
fn the_wait_for_the_turn_does_not_count() {
    let probe = Probe::new();
    for _ in 0..20 {
        let db = open();
        // A body for long enough to be looked at, and how long that was.
        let call = || {
            let begun = Mutex::new(None);
            let result = db.write(|w| {
                *begun.lock().unwrap() = Some(Instant::now());
                probe.looks(1);
                Ok::<_, Error>(insert(w, "apple")?)
            });
            (result, begun.into_inner().unwrap().unwrap().elapsed())
        };
        let foreign = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item"));
        let both = thread::scope(|scope| {
            let first = scope.spawn(call);
            wait_until("it meets the lock", || db.stats().locks_met == 1);
            let second = scope.spawn(call);
            wait_until("both wait", || db.stats().waiting == 2);
            thread::sleep(2 * LIMIT);
            foreign.release();
            [first.join().unwrap(), second.join().unwrap()]
        });
        if both.iter().all(|(result, _)| result.is_ok()) {
            return assert_eq!(db.names().len(), 2);
        }
        // If the machine stands still.
        for (result, time) in both {
            assert!(result.is_ok() || time >= LIMIT, "{result:?} after {time:?}");
        }
    }
    panic!("they were never in time");
}

/// Nor what it takes to open a connection, such as for a key.
#[test]
fn opening_a_connection_does_not_count() {
    const OPENING: Duration = ms(180);
    let slow = |_: &mut Connection| {
        thread::sleep(OPENING);
        Ok(())
    };
    let probe = Probe::new();
    for _ in 0..20 {
        let db = TestDb::with(Options::new().on_connect(slow).read_timeout(LIMIT));
        let begun = Instant::now();
        let read = db.read(|r| {
            probe.looks(1);
            Ok::<_, Error>(count(r)?)
        });
        match read {
            Ok(rows) => return assert_eq!(rows, 0),
            // If the machine stands still.
            Err(error) => assert!(begun.elapsed() >= OPENING + LIMIT, "{error}"),
        }
    }
    panic!("it was never in time");
}
