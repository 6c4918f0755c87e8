//! How far a fault reaches: to the calls of the databases that have it, and no other's, on
//! whatever thread.

use std::sync::Barrier;
use std::sync::atomic::AtomicUsize;

use super::*;

#[writer]
fn once(db: &Writer) -> Result<()> {
    Ok(insert(db, "once")?)
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn copies_to(db: &Writer, other: &Database, seen: &Seen) -> Result<()> {
    seen.note(insert(db, "outer, before"))?;
    copy(other, seen)?;
    Ok(seen.note(insert(db, "outer, after"))?)
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn copy(db: &Writer, seen: &Seen) -> Result<()> {
    Ok(write_three(db, seen)?)
}

#[test]
fn another_database_is_not_touched() {
    let (kit, other) = (Kit::new(), Kit::new());
    let plain = TestDb::new();
    kit.faults.inject(Fault::Busy.at_turn());
    kit.faults.inject(Fault::Busy.at_statement(1));
    kit.faults.inject(Fault::Busy.at_commit());
    for db in [&other.db, &plain] {
        once(db).unwrap();
        insert(&db.writer().unwrap(), "by a guard").unwrap();
    }
    assert_eq!(kit.faults.pending().len(), 3);
    assert!(kit.faults.calls().is_empty());
    assert_eq!(other.faults.calls().len(), 1);
}

/// A function inside another, of another database: with its own turn, COMMIT and record, and
/// without an attempt of its own.
#[test]
fn a_function_of_another_database_inside_a_body() {
    for (injection, seen_by_body) in
        [(Fault::Busy.at_turn(), 0), (Fault::Busy.at_statement(2), 1), (Fault::Busy.at_commit(), 0)]
    {
        let (outer, inner, seen) = (Kit::new(), Kit::new(), Seen::new());
        inner.faults.inject(injection.of("copy"));
        copies_to(&outer.db, &inner.db, &seen).unwrap();
        inner.faults.assert_all_met();
        assert_eq!(seen.codes(), vec![ffi::SQLITE_BUSY; seen_by_body]);
        assert_eq!(outer.last(), (2, true));
        let ended = inner.faults.calls();
        let ended: Vec<_> = ended.iter().map(|call| (call.attempts, call.is_ok)).collect();
        assert_eq!(ended, [(1, false), (1, true)]);
        assert_eq!(inner.clock.skipped(), Duration::ZERO);
        assert_eq!(outer.db.names(), ["outer, before", "outer, after"]);
        assert_eq!(inner.db.names(), ["whole"]);
    }
}

/// Statements on a database without faults are nobody's.
#[test]
fn statements_of_another_database_inside_a_body_are_not_counted() {
    let (kit, plain, seen) = (Kit::new(), TestDb::new(), Seen::new());
    kit.faults.inject(Fault::Busy.at_statement(2).of("copies_to"));
    copies_to(&kit.db, &plain, &seen).unwrap();
    assert_eq!(kit.last(), (2, true));
    assert_eq!(kit.db.names(), ["outer, before", "outer, after"]);
    // An attempt that was undone had already committed there.
    assert_eq!(plain.names(), ["whole", "whole"]);
}

/// Two databases, one of the faults: whoever comes first.
#[test]
fn faults_that_two_databases_have() {
    let faults = Faults::new();
    let open = || TestDb::with(Options::new().faults(&faults).synchronous(Synchronous::Shared));
    let (first, second) = (open(), open());
    faults.inject(Fault::Busy.at_commit());
    once(&second).unwrap_err();
    once(&first).unwrap();
    assert_eq!(faults.calls().len(), 2);
    // A sync that fails is that of the one which has met it.
    faults.inject(Fault::FailedSync.at_commit());
    assert!(matches!(once(&first).unwrap_err(), Error::NotDurable(_)));
    once(&second).unwrap();
}

/// All of what one database's threads are to meet, nothing of it on the others', while all
/// are at work.
#[test]
fn other_threads_of_other_databases_are_not_touched() {
    const CALLS: usize = 60;
    let (kit, other, plain) = (Kit::new(), Kit::new(), TestDb::new());
    for _ in 0..CALLS / 2 {
        kit.faults.inject(Fault::Busy.at_turn());
        kit.faults.inject(Fault::Busy.at_statement(1));
    }
    let begin = Barrier::new(6);
    let failed = thread::scope(|scope| {
        let start = |db: &'static str| {
            let db: &Database = match db {
                "kit" => &kit.db,
                "other" => &other.db,
                _ => &plain,
            };
            let begin = &begin;
            scope.spawn(move || {
                begin.wait();
                (0..CALLS).filter(|_| once(db).is_err()).count()
            })
        };
        let threads = ["kit", "other", "plain", "kit", "other", "plain"].map(start);
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!([failed[1], failed[2], failed[4], failed[5]], [0; 4]);
    assert_eq!(failed[0] + failed[3], CALLS);
    kit.faults.assert_all_met();
    let calls = kit.faults.calls();
    assert_eq!(calls.len(), 2 * CALLS);
    assert_eq!(calls.iter().filter(|call| call.is_ok).count(), CALLS);
    assert_eq!(other.faults.calls().len(), 2 * CALLS);
    assert_eq!(kit.db.names().len(), CALLS);
    kit.db.assert_whole();
}

/// Nor the pool's other connections: a reader on another thread reads while one fails.
#[test]
fn a_fault_is_met_once_whoever_reads_meanwhile() {
    let kit = Kit::new();
    once(&kit.db).unwrap();
    let (done, failed) = (AtomicBool::new(false), AtomicUsize::new(0));
    let read = || {
        let count = |r: &Reader<'_>| r.query_row("SELECT count(*) FROM item", [], |_| Ok(()));
        if kit.db.read(count).is_err() {
            failed.fetch_add(1, SeqCst);
        }
    };
    thread::scope(|scope| {
        let _over = Over(&done);
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(SeqCst) {
                    read();
                }
            });
        }
        for _ in 0..100 {
            kit.faults.inject(Fault::Busy.at_statement(1));
            wait_until("somebody meets it", || {
                read();
                kit.faults.pending().is_empty()
            });
        }
    });
    assert_eq!(failed.load(SeqCst), 100);
}

#[retry_on_locked(max_attempts = 2, idempotent)]
fn bare(conn: &Connection) -> Result<()> {
    Ok(conn.execute("UPDATE item SET qty = 1", []).map(drop)?)
}

#[test]
fn what_a_thread_has_no_other_thread_has() {
    let (faults, clock, db) = (Faults::new(), FakeClock::new(), TestDb::new());
    let (_faults, _clock) = (faults.on_this_thread(), clock.on_this_thread());
    faults.inject(Fault::Busy.at_turn());
    let call = || bare(&Connection::open(db.path()).unwrap()).unwrap();
    thread::scope(|scope| scope.spawn(call).join().unwrap());
    assert!(faults.calls().is_empty());
    call();
    assert_eq!(faults.calls().len(), 1);
    assert_eq!(clock.skipped(), Duration::from_millis(500));
    faults.assert_all_met();
}

/// Not those of an annotated function: a database's are its own.
#[test]
fn what_a_thread_has_is_not_a_databases() {
    let (faults, db) = (Faults::new(), TestDb::new());
    let _faults = faults.on_this_thread();
    faults.inject(Fault::Busy.at_turn());
    once(&db).unwrap();
    assert_eq!(faults.pending().len(), 1);
    assert!(faults.calls().is_empty());
}
