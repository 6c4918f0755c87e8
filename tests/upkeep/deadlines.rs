//! Somebody is in the way: waited for until the deadline, and named then.

use super::*;

#[track_caller]
pub(super) fn names_a_foreign_one(holder: &Holder) {
    let told = holder.to_string();
    assert!(!TELLS || told.contains("process ") && !told.contains("this program"), "{told}");
}

/// Fails within its time, and some.
#[track_caller]
pub(super) fn in_time<T>(work: impl FnOnce() -> Result<T>) -> Error {
    let start = Instant::now();
    let error = work().map(drop).unwrap_err();
    assert!(start.elapsed() >= ms(50) && start.elapsed() < ms(4000), "{error}");
    error
}

#[test]
fn a_program_that_writes_is_waited_for_and_named() {
    let db = TestDb::new();
    insert(&db, "apple").unwrap();
    let insert_one = "INSERT INTO item (name) VALUES ('theirs')";
    let lock = ForeignLock::take(db.path(), Lock::Writing(insert_one));
    for (name, operation) in OPERATIONS {
        if name == "passive checkpoint" {
            operation(db.maintain_within(ms(60))).unwrap();
            continue;
        }
        match in_time(|| operation(db.maintain_within(ms(60)))) {
            Error::WriterTimeout(timeout) => match &timeout.waited_for {
                WaitedFor::OtherConnection(holder) => names_a_foreign_one(holder),
                other => panic!("{name} waited for {other:?}"),
            },
            Error::Locked(locked) if name == "checkpoint" => names_a_foreign_one(&locked.holder),
            error => panic!("{name}: {error:?}"),
        }
    }
    // It only reads.
    db.maintain_within(ms(60)).vacuum_into(db.beside("copy.db")).unwrap();
    lock.commit();
    for (_, operation) in OPERATIONS {
        operation(db.maintain_within(PATIENCE)).unwrap();
    }
    assert_eq!(db.names(), ["apple", "theirs"]);
}

/// Not as a writer, who waits for others no longer than `busy_timeout`.
#[test]
fn the_deadline_is_the_only_limit() {
    let db = TestDb::with(Options::new().busy_timeout(ms(5)));
    insert(&db, "apple").unwrap();
    for (name, operation) in OPERATIONS {
        let lock = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item WHERE id = 0"));
        let start = Instant::now();
        thread::scope(|scope| {
            let upkeep = db.maintain_within(PATIENCE);
            let work = scope.spawn(move || operation(upkeep));
            thread::sleep(ms(40));
            lock.release();
            work.join().unwrap().unwrap_or_else(|error| panic!("{name}: {error}"));
        });
        assert!(start.elapsed() < ms(10_000), "{name}");
    }
}

#[test]
fn without_another_deadline_it_is_that_of_writers() {
    let db = TestDb::with(Options::new().writer_timeout(ms(60)));
    let _lock = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item"));
    for error in [
        in_time(|| db.optimize()),
        in_time(|| db.analyze()),
        in_time(|| db.reindex()),
        in_time(|| db.vacuum()),
        in_time(|| db.checkpoint(Checkpoint::Full)),
    ] {
        assert!(error.is_locked(), "{error:?}");
    }
}

#[test]
fn a_writer_of_this_program_is_waited_for_and_named() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let (begun, begins) = mpsc::channel();
        let (end, ends) = mpsc::channel::<()>();
        let db = &db;
        scope.spawn(move || {
            let _guard = db.writer().unwrap();
            begun.send(()).unwrap();
            received(&ends);
        });
        received(&begins);
        for (name, operation) in OPERATIONS {
            let error = in_time(|| operation(db.maintain_within(ms(60))));
            let Error::WriterTimeout(timeout) = &error else { panic!("{name}: {error:?}") };
            let WaitedFor::Writer(guard) = &timeout.waited_for else { panic!("{error:?}") };
            assert!(guard.site.to_string().contains("deadlines.rs"), "{error}");
        }
        end.send(()).unwrap();
    });
}

#[test]
fn a_reader_that_pins_the_log_is_named() {
    let db = TestDb::new();
    insert(&db, "apple").unwrap();
    let pinned = ForeignLock::take(db.path(), Lock::Reading);
    insert(&db, "pear").unwrap();
    for mode in [Checkpoint::Full, Checkpoint::Restart, Checkpoint::Truncate] {
        let error = in_time(|| db.maintain_within(ms(60)).checkpoint(mode));
        let Error::Locked(locked) = &error else { panic!("{mode:?}: {error:?}") };
        names_a_foreign_one(&locked.holder);
        assert!(!TELLS || error.to_string().contains("which has a snapshot"), "{error}");
        assert!(locked.site.unwrap().to_string().contains("deadlines.rs"), "{error}");
    }
    // The rest of the upkeep is not in its way.
    db.maintain_within(ms(60)).vacuum().unwrap();
    db.maintain_within(ms(60)).analyze().unwrap();
    pinned.release();
    db.maintain_within(ms(60)).checkpoint(Checkpoint::Truncate).unwrap();
    assert_eq!(db.stats().wal_bytes, 0);
}

#[test]
fn a_writer_does_not_wait_for_a_checkpoint_that_waits() {
    let db = TestDb::with(Options::new().writer_timeout(ms(400)));
    insert(&db, "apple").unwrap();
    let _pinned = ForeignLock::take(db.path(), Lock::Reading);
    insert(&db, "pear").unwrap();
    thread::scope(|scope| {
        let upkeep = db.maintain_within(ms(3000));
        let checkpoint = scope.spawn(move || upkeep.checkpoint(Checkpoint::Truncate));
        let mut written = 0;
        while !checkpoint.is_finished() {
            insert(&db, "meanwhile").unwrap();
            written += 1;
        }
        let error = checkpoint.join().unwrap().unwrap_err();
        assert!(matches!(error, Error::Locked(_)), "{error:?}");
        assert!(written > 20, "{written} beside: {error}");
    });
}

/// With a rollback journal a reader is in the way of VACUUM, also one of this program.
#[test]
fn without_a_log_a_reader_is_waited_for_and_named() {
    let db = TestDb::with(Options::new().journal_mode(JournalMode::Delete));
    insert(&db, "apple").unwrap();
    let reader = db.reader().unwrap();
    let _: i64 = reader.query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap();
    thread::scope(|scope| {
        let work = || in_time(|| db.maintain_within(ms(60)).vacuum());
        let error = scope.spawn(work).join().unwrap();
        let Error::WriterTimeout(timeout) = &error else { panic!("{error:?}") };
        let WaitedFor::OtherConnection(holder) = &timeout.waited_for else { panic!("{error:?}") };
        assert!(!TELLS || holder.to_string().contains("a reader of this program"), "{error}");
    });
    drop(reader);
    db.maintain_within(ms(60)).vacuum().unwrap();
}
