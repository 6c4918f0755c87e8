use super::*;

#[test]
fn the_policys_deadline_cuts_the_wait_for_the_lane_short() {
    let (db, runs) = (TestDb::new(), Runs::new());
    thread::scope(|scope| {
        let importer = Importer::start(scope, &db);
        let error = gives_up(ms(80), || sell_until(&db, &runs, &|| Ok(())));
        names_the_importer(&timeout(error));
        importer.end();
    });
    assert_eq!(runs.count(), 0);
}

#[test]
fn the_policys_deadline_ends_the_attempts() {
    let db = TestDb::with(Options::new().busy_timeout(ms(2)));
    let runs = Runs::new();
    let lock = ForeignLock::take(db.path(), Lock::Exclusive);
    // On a machine that stands still for the whole deadline there is one attempt only.
    for _ in 0..100 {
        let error = gives_up(ms(70), || sell_until(&db, &runs, &|| Ok(())));
        assert!(matches!(error, Error::Locked(_) | Error::WriterTimeout(_)), "{error}");
        if db.stats().retries > 0 {
            break;
        }
    }
    lock.release();
    assert_eq!(runs.count(), 0);
    assert!(db.stats().retries > 0);
    sell(&db, "after").unwrap();
}

#[test]
fn the_policys_deadline_ends_the_attempts_over_a_connection() {
    #[retry_on_locked(
        max_attempts = 100_000,
        idempotent,
        base_delay = 1ms,
        max_delay = 2ms,
        deadline = 80ms
    )]
    fn mark(conn: &Connection) -> Result<()> {
        conn.execute("UPDATE item SET qty = 1", [])?;
        Ok(())
    }
    let db = TestDb::new();
    let conn = Connection::open(db.path()).unwrap();
    conn.busy_timeout(Duration::ZERO).unwrap();
    let lock = ForeignLock::take(db.path(), Lock::Exclusive);
    let error = gives_up(ms(70), || mark(&conn));
    assert!(matches!(error, Error::Locked(_)), "{error}");
    lock.release();
    mark(&conn).unwrap();
}

/// A deadline ends waits, not bodies; but after it no attempt begins.
#[test]
fn a_body_may_run_past_the_deadline_but_not_again() {
    let (db, runs) = (TestDb::new(), Runs::new());
    let slowly = || {
        thread::sleep(ms(100));
        Ok(())
    };
    sell_until(&db, &runs, &slowly).unwrap();
    assert_eq!((runs.count(), db.names().len()), (1, 1));
    let then_locked = || {
        thread::sleep(ms(100));
        Err(busy(db.path()).into())
    };
    let error = sell_until(&db, &runs, &then_locked).unwrap_err();
    assert!(matches!(error, Error::Locked(_)), "{error}");
    assert_eq!((runs.count(), db.names().len()), (2, 1));
}
