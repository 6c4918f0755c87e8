//! Functions with `#[retry_on_locked]` alone, over a connection of the caller's: no
//! database has the faults, so the thread and the connection do.

use rusqlite::{OpenFlags, TransactionBehavior, TransactionState};

use super::*;

/// In a transaction of its own: BEGIN, three statements, COMMIT.
#[retry_on_locked(max_attempts = 3, idempotent)]
fn rename(conn: &Connection, seen: &Seen) -> Result<()> {
    let transaction = conn.unchecked_transaction()?;
    write_three(&transaction, seen)?;
    Ok(seen.note(transaction.commit())?)
}

#[retry_on_locked(max_attempts = 3, idempotent)]
fn rename_by_force(conn: &mut Connection, seen: &Seen) -> Result<()> {
    let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate);
    let transaction = seen.note(transaction)?;
    write_three(&transaction, seen)?;
    Ok(seen.note(transaction.commit())?)
}

/// Each statement by itself.
#[retry_on_locked(max_attempts = 3, idempotent)]
fn mark(conn: &Connection, seen: &Seen) -> Result<()> {
    seen.note(conn.execute("UPDATE item SET qty = 1", []))?;
    Ok(seen.note(conn.execute("UPDATE item SET qty = 2", []).map(drop))?)
}

/// A file, the faults, and a connection that has them.
struct Bench {
    faults: Faults,
    clock: FakeClock,
    conn: Connection,
    file: TestDb,
}

impl Bench {
    fn new() -> Self {
        Self::of(&TestDb::new)
    }

    fn of(file: &dyn Fn() -> TestDb) -> Self {
        let (faults, file) = (Faults::new(), file());
        let conn = faults.connect(file.path()).unwrap();
        Self { faults, clock: FakeClock::new(), conn, file }
    }

    #[track_caller]
    fn last(&self) -> (u32, bool) {
        let call = self.faults.last_call().unwrap();
        (call.attempts, call.is_ok)
    }
}

/// At the turn, at each statement that reads, and at its COMMIT.
#[track_caller]
fn meets_all(file: &dyn Fn() -> TestDb) {
    let places: [&dyn Fn(Fault) -> Injection; 5] = [
        &Fault::at_turn,
        &|fault| fault.at_statement(2),
        &|fault| fault.at_statement(3),
        &|fault| fault.at_statement(4),
        &Fault::at_commit,
    ];
    let bench = Bench::of(file);
    let (_faults, _clock) = (bench.faults.on_this_thread(), bench.clock.on_this_thread());
    let mut whole = 0;
    for (fault, sqlites, is_lock) in ALL {
        for (number, place) in places.into_iter().enumerate() {
            let (what, seen) = (format!("{fault:?} at place {number}"), Seen::new());
            bench.faults.inject(place(fault));
            let result = rename(&bench.conn, &seen);
            bench.faults.assert_all_met();
            assert_eq!(seen.codes(), vec![sqlites; usize::from(number > 0)], "{what}");
            assert_eq!(bench.last(), (1 + u32::from(is_lock), is_lock), "{what}");
            match result {
                Ok(()) => assert!(is_lock, "{what}"),
                Err(error) => assert_eq!(code(&error), Some(sqlites), "{what}"),
            }
            assert!(bench.conn.is_autocommit(), "{what}");
            whole += usize::from(is_lock);
            assert_eq!(bench.file.names(), vec!["whole"; whole], "{what}");
        }
    }
    bench.file.assert_whole();
    rename(&bench.conn, &Seen::new()).unwrap();
    assert_eq!(bench.file.names().len(), whole + 1);
    assert_eq!(bench.clock.skipped(), Duration::from_millis(500) * 3 * 5);
}

#[test]
fn it_meets_all_faults() {
    meets_all(&TestDb::new);
}

#[test]
fn it_meets_all_faults_with_a_rollback_journal() {
    meets_all(&|| TestDb::with(Options::new().journal_mode(JournalMode::Delete)));
}

/// `BEGIN IMMEDIATE` reads the file, so it can fail: as it does where another has the lock.
#[test]
fn a_begin_that_takes_the_lock_can_fail() {
    let mut bench = Bench::new();
    let (_faults, _clock) = (bench.faults.on_this_thread(), bench.clock.on_this_thread());
    let seen = Seen::new();
    bench.faults.inject(Fault::Busy.at_statement(1).of("rename_by_force"));
    bench.faults.inject(Fault::Busy.at_commit().of("bare::rename_by_force"));
    rename_by_force(&mut bench.conn, &seen).unwrap();
    assert_eq!(seen.codes(), [ffi::SQLITE_BUSY; 2]);
    assert_eq!(bench.last(), (3, true));
    assert_eq!(bench.file.names(), ["whole"]);
}

/// A COMMIT that met a lock leaves the transaction open, as SQLite's does; one that met the
/// disk does not.
#[test]
fn a_commit_fails_as_sqlites_does() {
    for (fault, _, _) in ALL {
        let bench = Bench::new();
        let body = |conn: &Connection, _: &Seen| {
            conn.execute_batch("BEGIN; INSERT OR IGNORE INTO item (name) VALUES ('a')")?;
            let failed = conn.execute_batch("COMMIT").unwrap_err();
            let open = conn.transaction_state(None::<&str>)? == TransactionState::Write;
            assert_eq!(open, fault == Fault::Busy, "{fault:?}");
            if open { conn.execute_batch("ROLLBACK") } else { Ok(()) }?;
            Err::<(), Error>(failed.into())
        };
        bench.faults.inject(fault.at_commit());
        runs_once(&bench.conn, &Seen::new(), &body).unwrap_err();
        bench.faults.assert_all_met();
        assert!(bench.file.names().is_empty());
    }
}

#[retry_on_locked(max_attempts = 1, idempotent)]
fn runs_once(
    conn: &Connection,
    seen: &Seen,
    body: &dyn Fn(&Connection, &Seen) -> Result<()>,
) -> Result<()> {
    body(conn, seen)
}

/// Each is its own transaction then.
#[test]
fn a_statement_without_a_transaction_can_fail() {
    let bench = Bench::new();
    insert(&bench.conn, "a").unwrap();
    let _clock = bench.clock.on_this_thread();
    let seen = Seen::new();
    bench.faults.inject(Fault::Busy.at_statement(1));
    bench.faults.inject(Fault::BusySnapshot.at_statement(2));
    mark(&bench.conn, &seen).unwrap();
    assert_eq!(seen.codes(), [ffi::SQLITE_BUSY, ffi::SQLITE_BUSY_SNAPSHOT]);
    // Only a COMMIT of its own is one.
    bench.faults.inject(Fault::Busy.at_commit());
    mark(&bench.conn, &seen).unwrap();
    assert_eq!(told(&bench.faults), ["Busy at COMMIT of any call, once"]);
}

/// Whoever waits for locks waits as long as before, once the fault is over.
#[test]
fn a_busy_timeout_stays_what_it_was() {
    let bench = Bench::new();
    let asked = |conn: &Connection| {
        conn.pragma_query_value(None, "busy_timeout", |row| row.get::<_, i64>(0)).unwrap()
    };
    // Rusqlite's own.
    assert_eq!(asked(&bench.conn), 5000);
    bench.conn.busy_timeout(Duration::from_millis(1234)).unwrap();
    let _clock = bench.clock.on_this_thread();
    for place in [Fault::at_turn, Fault::at_commit, |fault: Fault| fault.at_statement(2)] {
        bench.faults.inject(place(Fault::Busy));
        rename(&bench.conn, &Seen::new()).unwrap();
        assert_eq!(asked(&bench.conn), 1234);
    }
    // Not met, and over with its statement all the same.
    bench.faults.inject(Fault::Busy.at_statement(1));
    let reads_nothing = |conn: &Connection, _: &Seen| {
        conn.query_row("SELECT 1", [], |_| Ok(()))?;
        assert_eq!(asked(conn), 1234);
        Ok(())
    };
    runs_once(&bench.conn, &Seen::new(), &reads_nothing).unwrap();
}

/// One of the program's own decides, and sees the lock gone when it tries again.
#[test]
fn a_busy_handler_is_asked_and_stays() {
    let mut bench = Bench::new();
    insert(&bench.conn, "a").unwrap();
    fn gives_up(_: i32) -> bool {
        false
    }
    fn tries_again(_: i32) -> bool {
        true
    }
    let seen = Seen::new();
    let _clock = bench.clock.on_this_thread();
    for handler in [gives_up, tries_again] {
        bench.conn.busy_handler(Some(handler)).unwrap();
        bench.faults.inject(Fault::Busy.at_statement(1));
        mark(&bench.conn, &seen).unwrap();
        bench.faults.inject(Fault::Busy.at_statement(1));
        mark(&bench.conn, &seen).unwrap();
        bench.faults.assert_all_met();
    }
    assert_eq!(seen.codes(), [ffi::SQLITE_BUSY; 2]);
}

/// What each of the two is good for.
#[test]
fn a_connection_has_the_statements_and_a_thread_the_turn() {
    let bench = Bench::new();
    bench.faults.inject(Fault::Busy.at_turn());
    bench.faults.inject(Fault::Busy.at_statement(2));
    {
        let _clock = bench.clock.on_this_thread();
        rename(&bench.conn, &Seen::new()).unwrap();
        assert_eq!(told(&bench.faults), ["Busy at the turn of any call, once"]);
        assert!(bench.faults.calls().is_empty());
    }
    let plain = Connection::open(bench.file.path()).unwrap();
    let (_faults, _clock) = (bench.faults.on_this_thread(), bench.clock.on_this_thread());
    bench.faults.inject(Fault::Busy.at_statement(2));
    rename(&plain, &Seen::new()).unwrap();
    assert_eq!(told(&bench.faults), ["Busy at statement 2 of any call, once"]);
    assert_eq!(bench.last(), (2, true));
}

/// It is a part of its caller's then, and its statements are its own.
#[test]
fn one_that_is_called_in_a_transaction_is_no_call() {
    let bench = Bench::new();
    let _faults = bench.faults.on_this_thread();
    let transaction = bench.conn.unchecked_transaction().unwrap();
    bench.faults.inject(Fault::Busy.at_turn().of("mark"));
    bench.faults.inject(Fault::Busy.at_statement(2).of("mark"));
    let seen = Seen::new();
    let error = mark(&transaction, &seen).unwrap_err();
    assert_eq!((code(&error), seen.codes()), (Some(ffi::SQLITE_BUSY), vec![ffi::SQLITE_BUSY]));
    assert_eq!(told(&bench.faults), ["Busy at the turn of mark, once"]);
    assert!(bench.faults.calls().is_empty());
    // The same in a body that is run again.
    let kit = Kit::new();
    kit.faults.inject(Fault::Busy.at_statement(2).of("mark"));
    let seen = Seen::new();
    kit.db.write_idempotent(&RetryPolicy::attempts(2), |w| mark(w, &seen)).unwrap();
    assert_eq!(kit.last(), (2, true));
    assert_eq!(kit.faults.calls().len(), 1);
    kit.faults.assert_all_met();
}

/// What is in effect inside ends, and what was before is so again.
#[test]
fn the_innermost_of_a_thread_is_in_effect() {
    let (outer, inner) = (Bench::new(), Faults::new());
    let (_faults, _clock) = (outer.faults.on_this_thread(), outer.clock.on_this_thread());
    let plain = Connection::open(outer.file.path()).unwrap();
    let clock = FakeClock::new();
    {
        let (_faults, _clock) = (inner.on_this_thread(), clock.on_this_thread());
        inner.inject(Fault::Busy.at_turn());
        rename(&plain, &Seen::new()).unwrap();
        assert_eq!((inner.calls().len(), outer.faults.calls().len()), (1, 0));
        assert_eq!(clock.skipped(), Duration::from_millis(500));
    }
    inner.inject(Fault::Busy.at_turn());
    outer.faults.inject(Fault::Busy.at_turn());
    rename(&plain, &Seen::new()).unwrap();
    assert_eq!((inner.calls().len(), outer.faults.calls().len()), (1, 1));
    assert_eq!(clock.skipped(), outer.clock.skipped());
    drop((_faults, _clock));
    outer.faults.inject(Fault::Busy.at_turn());
    rename(&plain, &Seen::new()).unwrap();
    assert_eq!(outer.faults.pending().len(), 1);
    assert_eq!(outer.faults.calls().len(), 1);
}

#[test]
fn a_connection_is_opened_by_its_flags() {
    let bench = Bench::new();
    let path = bench.file.path();
    let reads = bench.faults.connect_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    assert_eq!(insert(&reads, "a").unwrap_err().sqlite_error_code(), {
        Some(ffi::ErrorCode::ReadOnly)
    });
    let (faults, seen) = (&bench.faults, Seen::new());
    faults.inject(Fault::Locked.at_statement(3));
    runs_once(&reads, &seen, &|conn, seen| Ok(read_three(conn, seen)?)).unwrap_err();
    assert_eq!(seen.codes(), [ffi::SQLITE_LOCKED]);
    assert!(faults.connect(bench.file.beside("no folder").join("shop.db")).is_err());
}

/// There is no file that could be read.
#[test]
fn nothing_fails_in_memory() {
    let faults = Faults::new();
    let conn = faults.connect(":memory:").unwrap();
    conn.execute_batch("CREATE TABLE item (name TEXT)").unwrap();
    faults.inject(Fault::Busy.at_statement(1));
    let body = |conn: &Connection, _: &Seen| Ok(insert(conn, "a")?);
    runs_once(&conn, &Seen::new(), &body).unwrap();
    assert_eq!(faults.pending().len(), 1);
}
