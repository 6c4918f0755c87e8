//! Each fault at each place of each kind of call.

use super::*;

#[writer]
fn once(db: &Writer, seen: &Seen) -> Result<()> {
    Ok(write_three(db, seen)?)
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn again(db: &Writer, seen: &Seen) -> Result<()> {
    Ok(write_three(db, seen)?)
}

#[writer(group)]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn grouped(db: &Writer, seen: &Seen) -> Result<()> {
    Ok(write_three(db, seen)?)
}

#[reader]
fn read_once(db: &Reader, seen: &Seen) -> Result<()> {
    Ok(read_three(db, seen)?)
}

#[reader(autocommit)]
fn read_plain(db: &Reader, seen: &Seen) -> Result<()> {
    Ok(read_three(db, seen)?)
}

#[reader]
#[retry_on_locked(max_attempts = 3)]
fn read_again(db: &Reader, seen: &Seen) -> Result<()> {
    Ok(read_three(db, seen)?)
}

struct Way {
    name: &'static str,
    call: fn(&Database, &Seen) -> Result<()>,
    retries: bool,
    /// Its calls are listed.
    listed: bool,
}

const fn way(name: &'static str, call: fn(&Database, &Seen) -> Result<()>) -> Way {
    Way { name, call, retries: false, listed: true }
}

const fn retried(name: &'static str, call: fn(&Database, &Seen) -> Result<()>) -> Way {
    Way { retries: true, ..way(name, call) }
}

const WRITERS: [Way; 7] = [
    way("a writer", once),
    retried("a retried writer", again),
    retried("a grouped writer", grouped),
    way("a closure", |db, seen| db.write(|w| Ok(write_three(w, seen)?))),
    retried("a retried closure", |db, seen| {
        db.write_idempotent(&RetryPolicy::attempts(3), |w| Ok(write_three(w, seen)?))
    }),
    retried("a grouped closure", |db, seen| {
        db.write_grouped(&RetryPolicy::attempts(3), |w| Ok(write_three(w, seen)?))
    }),
    Way {
        listed: false,
        ..way("a guard", |db, seen| {
            let w = db.writer()?;
            write_three(&w, seen)?;
            w.commit()
        })
    },
];

const READERS: [Way; 5] = [
    way("a reader", read_once),
    way("a reader without a transaction", read_plain),
    retried("a retried reader", read_again),
    way("a closure", |db, seen| db.read(|r| Ok(read_three(r, seen)?))),
    Way { listed: false, ..way("a guard", |db, seen| Ok(read_three(&*db.reader()?, seen)?)) },
];

#[derive(Clone, Copy, Debug, PartialEq)]
enum Place {
    Turn,
    Statement(u32),
    Commit,
}

const PLACES: [Place; 5] =
    [Place::Turn, Place::Statement(1), Place::Statement(2), Place::Statement(3), Place::Commit];

fn at(fault: Fault, place: Place) -> Injection {
    match place {
        Place::Turn => fault.at_turn(),
        Place::Statement(number) => fault.at_statement(number),
        Place::Commit => fault.at_commit(),
    }
}

/// One fault in one call; whether the call was `Ok`.
#[track_caller]
fn meets(
    kit: &Kit,
    way: &Way,
    (fault, sqlites, is_lock): (Fault, i32, bool),
    place: Place,
) -> bool {
    let what = format!("{fault:?} at {place:?} of {}", way.name);
    let (before, seen) = (kit.faults.calls().len(), Seen::new());
    kit.faults.inject(at(fault, place));
    let result = (way.call)(&kit.db, &seen);
    kit.faults.assert_all_met();
    let by_body = matches!(place, Place::Statement(_));
    assert_eq!(seen.codes(), vec![sqlites; usize::from(by_body)], "{what}");
    let repeats = is_lock && way.retries;
    match &result {
        Ok(()) => assert!(repeats, "{what}"),
        Err(Error::Locked(locked)) => {
            assert!(is_lock && !by_body && !way.retries, "{what}");
            assert_eq!(locked.attempts, 1);
            assert_eq!(locked.path.as_deref(), Some(kit.db.path()));
        }
        Err(error) => {
            assert!(by_body || !is_lock, "{what}: {error}");
            assert_eq!(code(error), Some(sqlites), "{what}: {error}");
            assert_eq!(error.is_locked(), is_lock, "{what}: {error}");
            assert_eq!(matches!(error, Error::Full(_)), fault == Fault::DiskFull, "{what}");
        }
    }
    let calls = kit.faults.calls();
    assert_eq!(calls.len(), before + usize::from(way.listed), "{what}");
    if way.listed {
        assert_eq!(kit.last(), (1 + u32::from(repeats), repeats), "{what}");
    }
    result.is_ok()
}

/// All faults in calls that write, by journal and by how it is synced.
#[track_caller]
fn writers_meet(options: &Options) {
    for way in &WRITERS {
        let kit = Kit::with(options.clone());
        let mut whole = 0;
        for fault in ALL {
            for place in PLACES {
                whole += usize::from(meets(&kit, way, fault, place));
                assert_eq!(kit.db.names(), vec!["whole"; whole], "{fault:?} {place:?}");
                // And nothing is left of it.
                let seen = Seen::new();
                (way.call)(&kit.db, &seen).unwrap();
                assert!(seen.codes().is_empty());
                whole += 1;
                assert_eq!(kit.db.names(), vec!["whole"; whole], "{fault:?} {place:?}");
            }
        }
        kit.db.assert_whole();
        // Each lock that was met at each place of a call that was run again.
        let paused = if way.retries { 3 * 5 } else { 0 };
        assert_eq!(kit.clock.skipped(), Duration::from_millis(500) * paused);
        assert_eq!(kit.db.stats().retries, u64::from(paused));
    }
}

#[test]
fn of_writers() {
    writers_meet(&Options::new());
}

#[test]
fn of_writers_that_sync_each_commit() {
    writers_meet(&Options::new().synchronous(Synchronous::Full));
}

#[test]
fn of_writers_with_a_rollback_journal() {
    writers_meet(&Options::new().journal_mode(JournalMode::Delete));
}

#[track_caller]
fn readers_meet(options: &Options) {
    for way in &READERS {
        let kit = Kit::with(options.clone());
        for fault in ALL {
            for place in &PLACES[..4] {
                meets(&kit, way, fault, *place);
                let seen = Seen::new();
                (way.call)(&kit.db, &seen).unwrap();
                assert!(seen.codes().is_empty());
            }
        }
        // One connection has served them all, beside the writer's.
        let stats = kit.db.stats();
        assert_eq!((stats.in_use, stats.idle), (0, 2), "{}", way.name);
    }
}

#[test]
fn of_readers() {
    readers_meet(&Options::new());
}

#[test]
fn of_readers_with_a_rollback_journal() {
    readers_meet(&Options::new().journal_mode(JournalMode::Delete));
}

/// The one of a reader is run, but nothing depends on it.
#[test]
fn a_reader_has_no_commit_that_fails() {
    for way in &READERS {
        let kit = Kit::new();
        kit.faults.inject(Fault::Busy.at_commit());
        (way.call)(&kit.db, &Seen::new()).unwrap();
        assert_eq!(told(&kit.faults), ["Busy at COMMIT of any call, once"]);
    }
}

/// As often as it was asked for, and no matter at which place.
#[test]
fn all_attempts_meet_a_lock() {
    for place in PLACES {
        for way in WRITERS.iter().filter(|way| way.retries) {
            let kit = Kit::new();
            kit.faults.inject(at(Fault::Busy, place).times(3));
            let error = (way.call)(&kit.db, &Seen::new()).unwrap_err();
            let Error::Locked(locked) = &error else { panic!("{error}") };
            assert_eq!(locked.attempts, 3, "{} {place:?}", way.name);
            assert_eq!(kit.last(), (3, false));
            assert_eq!(kit.clock.skipped(), Duration::from_millis(500 + 1000));
            kit.faults.assert_all_met();
            assert!(kit.db.names().is_empty());
            (way.call)(&kit.db, &Seen::new()).unwrap();
            assert_eq!(kit.db.names(), ["whole"]);
        }
    }
}

/// The attempts of the next call are met by what the one before has left of it.
#[test]
fn what_one_call_has_not_met_is_for_the_next() {
    let kit = Kit::new();
    kit.faults.inject(Fault::Busy.at_turn().times(4));
    again(&kit.db, &Seen::new()).unwrap_err();
    assert_eq!(told(&kit.faults), ["Busy at the turn of any call, once"]);
    again(&kit.db, &Seen::new()).unwrap();
    assert_eq!(kit.last(), (2, true));
    kit.faults.assert_all_met();
}

/// One of each, in one call: a place is asked for what was injected for it first.
#[test]
fn several_faults_in_one_call() {
    let kit = Kit::new();
    let twelve = RetryPolicy::attempts(12);
    for place in PLACES {
        kit.faults.inject(at(Fault::BusySnapshot, place));
        kit.faults.inject(at(Fault::Locked, place));
    }
    let seen = Seen::new();
    kit.db.write_idempotent(&twelve, |w| write_three(w, &seen)).unwrap();
    assert_eq!(kit.last(), (11, true));
    let each = [ffi::SQLITE_BUSY_SNAPSHOT, ffi::SQLITE_LOCKED];
    assert_eq!(seen.codes(), each.repeat(3));
    kit.faults.assert_all_met();
    assert_eq!(kit.db.names(), ["whole"]);
}

/// What `db.stats()` tells is told of injected locks too.
#[test]
fn a_lock_at_the_turn_is_one_that_was_met() {
    let kit = Kit::new();
    kit.faults.inject(Fault::Busy.at_turn().times(2));
    again(&kit.db, &Seen::new()).unwrap();
    let stats = kit.db.stats();
    assert_eq!((stats.locks_met, stats.retries, stats.commits), (2, 2, 1));
}
