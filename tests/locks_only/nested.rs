//! Each of the two would run three times by itself: three in all, and not nine.

use super::*;

fn three_and_three(outer: &Runs, inner: &Runs, result: Result<usize>) {
    gave_up_after(3, result);
    assert_eq!((outer.count(), inner.count()), (3, 3));
}

fn once_and_once(outer: &Runs, inner: &Runs, result: Result<usize>) {
    assert!(result.as_ref().unwrap_err().is_locked(), "{result:?}");
    assert_eq!((outer.count(), inner.count()), (1, 1));
}

#[test]
fn a_writer_in_a_writer() {
    #[writer]
    #[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
    fn add_inside(db: &Writer, outer: &Runs, inner: &Runs, body: &Body<'_>) -> Result<usize> {
        outer.run();
        add(db, inner, body)
    }
    let (db, outer, inner) = (TestDb::new(), Runs::new(), Runs::new());
    let result = add_inside(&db, &outer, &inner, &|_conn, _run| Err(busy(db.path()).into()));
    three_and_three(&outer, &inner, result);
    assert!(db.names().is_empty());
}

#[test]
fn a_writer_of_another_database_in_a_writer() {
    let (db, other) = (TestDb::new(), TestDb::new());
    let (outer, inner) = (Runs::new(), Runs::new());
    let busy_inside = |_conn: &Connection, _run| Err(busy(other.path()).into());
    let nested = |_conn: &Connection, _run| add(&other, &inner, &busy_inside).map(drop);
    three_and_three(&outer, &inner, add(&db, &outer, &nested));
    assert_eq!((db.stats().retries, other.stats().retries), (2, 0));
    assert!(db.names().is_empty() && other.names().is_empty());
}

/// The lock is met before the inner body begins.
#[test]
fn a_writer_of_another_database_that_somebody_else_holds() {
    let (db, outer, inner) = (TestDb::new(), Runs::new(), Runs::new());
    let other = TestDb::with(Options::new().busy_timeout(Duration::from_millis(1)));
    let lock = ForeignLock::take(other.path(), FOREIGN);
    let nested = |_conn: &Connection, _run| add(&other, &inner, &fine).map(drop);
    gave_up_after(3, add(&db, &outer, &nested));
    lock.release();
    assert_eq!((outer.count(), inner.count()), (3, 0));
    assert_eq!(other.stats().locks_met, 3);
}

#[test]
fn a_reader_in_a_writer() {
    #[writer]
    #[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
    fn count_inside(db: &Writer, outer: &Runs, inner: &Runs, body: &Body<'_>) -> Result<usize> {
        outer.run();
        count(db, inner, body)
    }
    let (db, outer, inner) = (TestDb::new(), Runs::new(), Runs::new());
    let result = count_inside(&db, &outer, &inner, &|_conn, _run| Err(busy(db.path()).into()));
    three_and_three(&outer, &inner, result);
}

#[test]
fn a_reader_in_a_reader() {
    #[reader]
    #[retry_on_locked(max_attempts = 3, base_delay = 1ms, max_delay = 2ms)]
    fn count_inside(db: &Reader, outer: &Runs, inner: &Runs, body: &Body<'_>) -> Result<usize> {
        outer.run();
        count(db, inner, body)
    }
    let (db, outer, inner) = (TestDb::new(), Runs::new(), Runs::new());
    let body = |_conn: &Connection, _run| Err(busy_elsewhere(db.path()).into());
    let result = count_inside(&db, &outer, &inner, &body);
    three_and_three(&outer, &inner, result);
    // Not joined, but captured: a snapshot of its own.
    let (outer, inner) = (Runs::new(), Runs::new());
    let nested = |_conn: &Connection, _run| count(&db, &inner, &body).map(drop);
    three_and_three(&outer, &inner, count(&db, &outer, &nested));
}

#[test]
fn a_function_over_a_connection_in_another() {
    let (db, outer, inner) = (TestDb::new(), Runs::new(), Runs::new());
    let conn = bare_connection(&db);
    let body = |_conn: &Connection, _run| Err(busy_elsewhere(db.path()).into());
    let nested = |conn: &Connection, _run| mark(conn, &inner, &body).map(drop);
    three_and_three(&outer, &inner, mark(&conn, &outer, &nested));
}

#[test]
fn a_function_over_a_connection_in_a_writer() {
    let (db, outer, inner) = (TestDb::new(), Runs::new(), Runs::new());
    let body = |_conn: &Connection, _run| Err(busy(db.path()).into());
    let nested = |conn: &Connection, _run| mark(conn, &inner, &body).map(drop);
    three_and_three(&outer, &inner, add(&db, &outer, &nested));
}

#[test]
fn a_writer_in_a_function_over_a_connection() {
    let (db, outer, inner) = (TestDb::new(), Runs::new(), Runs::new());
    let conn = Connection::open_in_memory().unwrap();
    let body = |_conn: &Connection, _run| Err(busy(db.path()).into());
    let nested = |_conn: &Connection, _run| add(&db, &inner, &body).map(drop);
    three_and_three(&outer, &inner, mark(&conn, &outer, &nested));
    assert!(db.names().is_empty());
}

#[test]
fn a_savepoint_in_a_retried_closure() {
    let (db, outer, inner) = (TestDb::new(), Runs::new(), Runs::new());
    let result = db.write_idempotent(&quick(3), |w| {
        outer.run();
        w.savepoint(|w| add(w, &inner, &|_conn, _run| Err(busy(db.path()).into())))
    });
    three_and_three(&outer, &inner, result);
}

/// In a transaction that is not repeated there is nothing to repeat.
#[test]
fn in_a_once_only_writer_there_is_one_attempt() {
    let db = TestDb::new();
    let body = |_conn: &Connection, _run| Err(busy(db.path()).into());
    for nested in [
        &(|w: &Writer<'_>, inner: &Runs| add(w, inner, &body))
            as &dyn Fn(&Writer<'_>, &Runs) -> Result<usize>,
        &|w, inner| count(w, inner, &body),
        &|w, inner| mark(w, inner, &body),
    ] {
        let (outer, inner) = (Runs::new(), Runs::new());
        let result = db.write(|w| {
            outer.run();
            nested(w, &inner)
        });
        once_and_once(&outer, &inner, result);
        let guard = db.writer().unwrap();
        nested(&guard, &inner).unwrap_err();
        drop(guard);
        assert_eq!(inner.count(), 2);
    }
    assert_eq!(db.stats().retries, 0);
}

/// Only the owner of a transaction can begin it anew.
#[test]
fn a_connection_inside_a_transaction_makes_one_attempt() {
    let (db, other, runs) = (TestDb::new(), TestDb::new(), Runs::new());
    let mut conn = bare_connection(&db);
    let transaction = conn.transaction().unwrap();
    transaction.execute("INSERT INTO item (name) VALUES ('owners')", []).unwrap();
    let body = |_conn: &Connection, _run| Err(busy_elsewhere(other.path()).into());
    let error = mark(&transaction, &runs, &body).unwrap_err();
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
    let (db, outer, inner) = (TestDb::new(), Runs::new(), Runs::new());
    let body = |conn: &Connection, _run| {
        let busy = |_conn: &Connection, _run| Err(busy(db.path()).into());
        mark(conn, &inner, &busy).unwrap_err();
        Ok(())
    };
    assert_eq!(add(&db, &outer, &body).unwrap(), 1);
    assert_eq!((outer.count(), inner.count()), (1, 1));
    assert_eq!(db.names(), ["added"]);
}
