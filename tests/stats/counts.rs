//! Connections, commits, locks met, retries, timeouts.

use super::*;

#[track_caller]
fn connections(db: &Database) -> (usize, usize, usize) {
    let Stats { connections, in_use, idle, .. } = db.stats();
    assert_eq!(connections, in_use + idle);
    (connections, in_use, idle)
}

#[test]
fn connections_in_use_and_idle() {
    let db = TestDb::new();
    assert_eq!(connections(&db), (1, 0, 1), "the writer's");
    let reader = db.reader().unwrap();
    assert_eq!(connections(&db), (2, 1, 1));
    let writer = db.writer().unwrap();
    assert_eq!(connections(&db), (2, 2, 0));
    let second = db.reader().unwrap();
    assert_eq!(connections(&db), (3, 3, 0));
    drop(reader);
    assert_eq!(connections(&db), (3, 2, 1));
    // What joins uses no other.
    items(&writer).unwrap();
    add(&writer, "apple").unwrap();
    let inside = writer.savepoint(|_| Ok::<_, Error>(connections(&db))).unwrap();
    assert_eq!(inside, (3, 2, 1));
    writer.commit().unwrap();
    drop(second);
    assert_eq!(connections(&db), (3, 0, 3));
    let inside = db.read(|_| Ok::<_, Error>(connections(&db))).unwrap();
    assert_eq!(inside, (3, 1, 2));
    db.close().unwrap();
    assert_eq!(connections(&db), (0, 0, 0));
}

#[test]
fn a_database_that_only_reads_has_no_writer() {
    let db = TestDb::new();
    let read_only = Options::new().read_only(true).open(db.path()).unwrap();
    assert_eq!(connections(&read_only), (1, 0, 1));
    items(&read_only).unwrap();
    add(&read_only, "apple").unwrap_err();
    let stats = read_only.stats();
    assert_eq!((stats.connections, stats.commits, stats.timeouts), (1, 0, 0));
}

/// One for each transaction, and none for what was rolled back or joined another.
#[test]
fn commits() {
    let db = TestDb::new();
    let commits = || db.stats().commits;
    assert_eq!(commits(), 0, "opening is none");
    add(&*db, "apple").unwrap();
    assert_eq!(commits(), 1);
    db.write(|w| w.savepoint(|w| add(w, "pear"))).unwrap();
    assert_eq!(commits(), 2, "with what is inside");
    let guard = db.writer().unwrap();
    add(&guard, "plum").unwrap();
    guard.commit().unwrap();
    assert_eq!(commits(), 3);
    db.write(|_| Ok::<_, Error>(())).unwrap();
    assert_eq!(commits(), 4, "whether anything was written or not");
    add_grouped(&*db, "cherry").unwrap();
    assert_eq!(commits(), 5);

    db.write(|w| add(w, "lost").and(Err::<(), _>(Error::NoGlobal))).unwrap_err();
    drop(db.writer().unwrap());
    db.write(|w| w.execute_batch("INSERT OR ROLLBACK INTO item (id, name) VALUES (1, 'x')"))
        .unwrap_err();
    items(&*db).unwrap();
    assert_eq!(commits(), 5);
    let stats = db.stats();
    assert_eq!((stats.grouped, stats.retries, stats.timeouts, stats.locks_met), (0, 0, 0, 0));
    assert_eq!((stats.group_sizes, stats.waits), Default::default());
}

/// Each database counts for itself, also on the same file.
#[test]
fn of_two_databases_on_one_file() {
    let db = TestDb::new();
    let other = Database::open(db.path()).unwrap();
    add(&*db, "apple").unwrap();
    add(&*db, "pear").unwrap();
    add(&other, "plum").unwrap();
    drop((other.reader().unwrap(), other.reader().unwrap()));
    assert_eq!((db.stats().commits, other.stats().commits), (2, 1));
    assert_eq!((db.stats().connections, other.stats().connections), (1, 3));
    assert_eq!(db.stats().wal_bytes, other.stats().wal_bytes);
    // A handle is not another database.
    let same = Database::clone(&db);
    add(&same, "cherry").unwrap();
    assert_eq!(db.stats(), same.stats());
    assert_eq!(db.stats().commits, 3);
}

/// Once for each writer whose turn it was, however often it asks, and not for who queues.
#[test]
fn locks_met() {
    let db = TestDb::new();
    let met = || db.stats().locks_met;
    let lock = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item"));
    thread::scope(|scope| {
        let first = scope.spawn(|| add(&*db, "first"));
        wait_until("it meets the lock", || met() == 1);
        let second = scope.spawn(|| add(&*db, "second"));
        wait_until("both wait", || db.stats().waiting == 2);
        assert_eq!(met(), 1);
        lock.release();
        first.join().unwrap().unwrap();
        second.join().unwrap().unwrap();
    });
    assert_eq!(met(), 1);
    add(&*db, "third").unwrap();
    assert_eq!(met(), 1);

    let lock = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item"));
    db.writer_within(Duration::ZERO).unwrap_err();
    db.writer_within(ms(20)).unwrap_err();
    assert_eq!(met(), 3);
    // Readers meet none.
    items(&*db).unwrap();
    assert_eq!(met(), 3);
    lock.release();
}

/// Another process that queues is met at the gate.
#[test]
fn locks_met_at_the_gate() {
    let test = "counts::locks_met_at_the_gate";
    if let Some(path) = common::Process::role() {
        let db = Database::open(std::path::PathBuf::from(path)).unwrap();
        let guard = db.writer().unwrap();
        common::Process::say("child: begun");
        let mut lines = std::io::stdin().lines();
        let _ = lines.next();
        guard.commit().unwrap();
        // Closing the file takes locks of its own.
        let _ = lines.next();
        return;
    }
    let db = TestDb::new();
    add(&*db, "pear").unwrap();
    let mut child = common::Process::again(test, db.path());
    child.hear("child: begun").unwrap();
    db.writer_within(ms(20)).unwrap_err();
    assert_eq!(db.stats().locks_met, 1);
    thread::scope(|scope| {
        let waits = scope.spawn(|| add(&*db, "apple"));
        wait_until("it meets the other process", || db.stats().locks_met == 2);
        assert_eq!(db.stats().waiting, 1);
        child.tell("end");
        waits.join().unwrap().unwrap();
    });
    assert!(child.ended().success());
    let stats = db.stats();
    assert_eq!((stats.locks_met, stats.commits, stats.timeouts), (2, 2, 1));
    assert_eq!(stats.waits.count, 2);
}

#[test]
fn retries() {
    let db = TestDb::new();
    let runs = Runs::new();
    let locked = |runs: &Runs, until| match runs.run() {
        run if run < until => Err(busy(db.path())),
        _ => Ok(()),
    };
    db.write_idempotent(&quick(5), |w| insert(w, "apple").and_then(|()| locked(&runs, 4))).unwrap();
    assert_eq!((runs.count(), db.stats().retries), (4, 3));
    db.write_grouped(&quick(5), |w| insert(w, "pear").and_then(|()| locked(&runs, 6))).unwrap();
    assert_eq!((runs.count(), db.stats().retries), (6, 4));
    // Those that come to nothing count as well.
    let none = Runs::new();
    let never = |w: &Writer<'_, _>| insert(w, "lost").and_then(|()| locked(&none, 100));
    db.write_idempotent(&quick(3), never).unwrap_err();
    assert_eq!((none.count(), db.stats().retries), (3, 6));
    assert_eq!(db.stats().commits, 2);
    // What is no lock is not tried again.
    let wrong = |_: &Writer<'_, _>| Err::<(), _>(Error::NoGlobal);
    db.write_idempotent(&quick(3), wrong).unwrap_err();
    assert_eq!(db.stats().retries, 6);
}

#[test]
fn retries_of_readers() {
    #[reader]
    #[retry_on_locked(max_attempts = 4, base_delay = 1ms)]
    fn tries(db: &Reader, runs: &Runs, error: &dyn Fn() -> rusqlite::Error) -> Result<()> {
        count(db)?;
        match runs.run() {
            1..3 => Err(error().into()),
            _ => Ok(()),
        }
    }

    // Its lock is made by writing, in another file.
    let (db, other, runs) = (TestDb::new(), TestDb::new(), Runs::new());
    let writes = other.writer().unwrap();
    insert(&writes, "held").unwrap();
    tries(&*db, &runs, &|| busy(other.path())).unwrap();
    assert_eq!((runs.count(), db.stats().retries), (3, 2));
    assert_eq!(db.stats().commits, 0);
}

/// Of writers and of readers; a body that takes too long is none.
#[test]
fn timeouts() {
    let options = Options::new().max_readers(1).reader_timeout(ms(10)).write_timeout(ms(20));
    let db = TestDb::with(options);
    thread::scope(|scope| {
        let holder = Holder::start(scope, &db);
        db.writer_within(Duration::ZERO).unwrap_err();
        assert_eq!(db.stats().timeouts, 1);
        db.writer_within(ms(10)).unwrap_err();
        assert_eq!(db.stats().timeouts, 2);
        // It may have been told meanwhile that it took too long.
        holder.end.send(()).unwrap();
        let _ = holder.thread.join();
    });
    let reader = db.reader().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| db.reader().map(drop).unwrap_err()).join().unwrap();
    });
    assert_eq!(db.stats().timeouts, 3);
    // Refused at once: it would wait for itself.
    db.reader().map(drop).unwrap_err();
    assert_eq!(db.stats().timeouts, 3);
    drop(reader);
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                   SELECT count(*) FROM n";
    let late = db.write(|w| Ok::<_, Error>(w.query_row(endless, [], |row| row.get::<_, i64>(0))?));
    assert!(matches!(late, Err(Error::BodyTimeout(_))), "{late:?}");
    assert_eq!(db.stats().timeouts, 3);
}
