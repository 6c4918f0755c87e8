//! Each of the two would run three times by itself: three in all, and not nine.

use super::*;

/// Lets every attempt of `name` meet a lock, at its first statement.
fn lock(kit: &Kit, name: &str) {
    kit.faults.clear();
    kit.faults.inject(Fault::Busy.at_statement(1).of(name).times(10));
}

/// The lock was met three times.
#[track_caller]
fn three_and_three(kit: &Kit, outer: &Runs, inner: &Runs, result: Result<usize>) {
    gave_up_after(3, result);
    assert_eq!((outer.count(), inner.count()), (3, 3));
    assert!(kit.left()[0].ends_with(", 7 times"), "{:?}", kit.left());
}

#[track_caller]
fn once_and_once(kit: &Kit, outer: &Runs, inner: &Runs, result: Result<usize>) {
    assert!(result.as_ref().unwrap_err().is_locked(), "{result:?}");
    assert_eq!((outer.count(), inner.count()), (1, 1));
    assert!(kit.left()[0].ends_with(", 9 times"), "{:?}", kit.left());
}

#[test]
fn a_writer_in_a_writer() {
    #[writer]
    #[retry_on_locked(max_attempts = 3, idempotent)]
    fn add_inside(db: &Writer, outer: &Runs, inner: &Runs) -> Result<usize> {
        outer.run();
        add(db, inner, &fine)
    }
    let (kit, outer, inner) = (Kit::new(), Runs::new(), Runs::new());
    lock(&kit, "add");
    three_and_three(&kit, &outer, &inner, add_inside(&kit.db, &outer, &inner));
    assert!(kit.db.names().is_empty());
}

#[test]
fn a_writer_of_another_database_in_a_writer() {
    let (kit, other) = (Kit::new(), Kit::new());
    let (outer, inner) = (Runs::new(), Runs::new());
    lock(&other, "add");
    let nested = |_conn: &Connection, _run| add(&other.db, &inner, &fine).map(drop);
    three_and_three(&other, &outer, &inner, add(&kit.db, &outer, &nested));
    assert_eq!((kit.db.stats().retries, other.db.stats().retries), (2, 0));
    assert!(kit.db.names().is_empty() && other.db.names().is_empty());
}

/// The lock is met before the inner body begins.
#[test]
fn a_writer_of_another_database_that_somebody_else_holds() {
    let (kit, outer, inner) = (Kit::new(), Runs::new(), Runs::new());
    let other = TestDb::with(Options::new().busy_timeout(Duration::from_millis(1)));
    let lock = ForeignLock::take(other.path(), FOREIGN);
    let nested = |_conn: &Connection, _run| add(&other, &inner, &fine).map(drop);
    gave_up_after(3, add(&kit.db, &outer, &nested));
    lock.release();
    assert_eq!((outer.count(), inner.count()), (3, 0));
    assert_eq!(other.stats().locks_met, 3);
}

#[test]
fn a_reader_in_a_writer() {
    #[writer]
    #[retry_on_locked(max_attempts = 3, idempotent)]
    fn count_inside(db: &Writer, outer: &Runs, inner: &Runs) -> Result<usize> {
        outer.run();
        count(db, inner, &fine)
    }
    let (kit, outer, inner) = (Kit::new(), Runs::new(), Runs::new());
    lock(&kit, "count");
    three_and_three(&kit, &outer, &inner, count_inside(&kit.db, &outer, &inner));
}

#[test]
fn a_reader_in_a_reader() {
    #[reader]
    #[retry_on_locked(max_attempts = 3)]
    fn count_inside(db: &Reader, outer: &Runs, inner: &Runs) -> Result<usize> {
        outer.run();
        count(db, inner, &fine)
    }
    let (kit, outer, inner) = (Kit::new(), Runs::new(), Runs::new());
    lock(&kit, "count");
    three_and_three(&kit, &outer, &inner, count_inside(&kit.db, &outer, &inner));
    // Not joined, but captured: a snapshot of its own.
    #[reader]
    #[retry_on_locked(max_attempts = 3)]
    fn count_beside(_db: &Reader, on: &Database, outer: &Runs, inner: &Runs) -> Result<usize> {
        outer.run();
        count(on, inner, &fine)
    }
    let (outer, inner) = (Runs::new(), Runs::new());
    lock(&kit, "count");
    let result = count_beside(&kit.db, &kit.db, &outer, &inner);
    three_and_three(&kit, &outer, &inner, result);
}

#[test]
fn a_function_over_a_connection_in_another() {
    let (kit, outer, inner) = (Kit::new(), Runs::new(), Runs::new());
    let conn = kit.faults.connect(kit.db.path()).unwrap();
    let _clock = kit.clock.on_this_thread();
    lock(&kit, "mark");
    let nested = |conn: &Connection, _run| mark(conn, &inner, &fine).map(drop);
    three_and_three(&kit, &outer, &inner, mark(&conn, &outer, &nested));
}

#[test]
fn a_function_over_a_connection_in_a_writer() {
    let (kit, outer, inner) = (Kit::new(), Runs::new(), Runs::new());
    lock(&kit, "mark");
    let nested = |conn: &Connection, _run| mark(conn, &inner, &fine).map(drop);
    three_and_three(&kit, &outer, &inner, add(&kit.db, &outer, &nested));
}

#[test]
fn a_writer_in_a_function_over_a_connection() {
    let (kit, outer, inner) = (Kit::new(), Runs::new(), Runs::new());
    let conn = Connection::open_in_memory().unwrap();
    let _clock = kit.clock.on_this_thread();
    lock(&kit, "add");
    let nested = |_conn: &Connection, _run| add(&kit.db, &inner, &fine).map(drop);
    three_and_three(&kit, &outer, &inner, mark(&conn, &outer, &nested));
    assert!(kit.db.names().is_empty());
}

#[test]
fn a_savepoint_in_a_retried_closure() {
    let (kit, outer, inner) = (Kit::new(), Runs::new(), Runs::new());
    lock(&kit, "add");
    let result = kit.db.write_idempotent(&RetryPolicy::attempts(3), |w| {
        outer.run();
        w.savepoint(|w| add(w, &inner, &fine))
    });
    three_and_three(&kit, &outer, &inner, result);
}

/// In a transaction that is not repeated there is nothing to repeat.
#[test]
fn in_a_once_only_writer_there_is_one_attempt() {
    type Nested = fn(&Writer<'_>, &Runs) -> Result<usize>;
    let ways: [(&str, Nested); 3] = [
        ("add", |w, inner| add(w, inner, &fine)),
        ("count", |w, inner| count(w, inner, &fine)),
        ("mark", |w, inner| mark(w, inner, &fine)),
    ];
    let kit = Kit::new();
    for (name, nested) in ways {
        let (outer, inner) = (Runs::new(), Runs::new());
        lock(&kit, name);
        let result = kit.db.write(|w| {
            outer.run();
            nested(w, &inner)
        });
        once_and_once(&kit, &outer, &inner, result);
        let guard = kit.db.writer().unwrap();
        nested(&guard, &inner).unwrap_err();
        drop(guard);
        assert_eq!(inner.count(), 2);
    }
    assert_eq!(kit.db.stats().retries, 0);
}

/// Only the owner of a transaction can begin it anew.
#[test]
fn a_connection_inside_a_transaction_makes_one_attempt() {
    let (Kit { faults, db, .. }, runs) = (&Kit::new(), Runs::new());
    let mut conn = faults.connect(db.path()).unwrap();
    let transaction = conn.transaction().unwrap();
    transaction.execute("INSERT INTO item (name) VALUES ('owners')", []).unwrap();
    faults.inject(Fault::Busy.at_statement(1).of("mark"));
    let error = mark(&transaction, &runs, &fine).unwrap_err();
    assert_eq!(runs.count(), 1);
    // SQLite's own error, for the owner to decide.
    match error {
        Error::Sqlite(error) => {
            assert_eq!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
        }
        error => panic!("{error}"),
    }
    // And the transaction is still the owner's.
    transaction.commit().unwrap();
    assert_eq!(db.names(), ["owners"]);
}

/// A lock that the outer body deals with itself is nobody's to retry.
#[test]
fn what_a_body_has_caught_is_not_retried() {
    let (kit, outer, inner) = (Kit::new(), Runs::new(), Runs::new());
    lock(&kit, "mark");
    let body = |conn: &Connection, _run| {
        mark(conn, &inner, &fine).unwrap_err();
        Ok(())
    };
    assert_eq!(add(&kit.db, &outer, &body).unwrap(), 1);
    assert_eq!((outer.count(), inner.count()), (1, 1));
    assert_eq!(kit.db.names(), ["added"]);
}
