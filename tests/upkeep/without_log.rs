//! Without a log whoever reads is in the way of upkeep too, and is waited for as long as it is
//! said, not as long as SQLite waits for a writer's body.

use super::deadlines::{in_time, names_a_foreign_one};
use super::nested::at_once;
use super::*;

fn without_a_log(options: Options) -> TestDb {
    let db = TestDb::with(options.journal_mode(JournalMode::Delete));
    db.write(|w| w.execute_batch("CREATE INDEX by_name ON item (name)")).unwrap();
    fill(&db, 50);
    db
}

/// What writes, whoever has the file: each has something to do there.
fn writing() -> impl Iterator<Item = Operation> {
    OPERATIONS.into_iter().filter(|(name, _)| !name.contains("checkpoint"))
}

#[test]
fn it_ends_at_its_deadline() {
    for lock in [Lock::Reading, Lock::Exclusive] {
        for (name, operation) in writing() {
            let db = without_a_log(Options::new());
            let held = ForeignLock::take(db.path(), lock);
            let error = in_time(|| operation(db.maintain_within(ms(60))));
            let Error::WriterTimeout(timeout) = &error else { panic!("{name}: {error:?}") };
            let WaitedFor::OtherConnection(holder) = &timeout.waited_for else {
                panic!("{name}: {error:?}")
            };
            names_a_foreign_one(holder);
            held.release();
            operation(db.maintain_within(PATIENCE)).unwrap();
        }
    }
    let db = without_a_log(Options::new());
    let _held = ForeignLock::take(db.path(), Lock::Exclusive);
    let error = in_time(|| db.maintain_within(ms(60)).vacuum_into(db.beside("copy.db")));
    assert!(error.is_locked(), "{error:?}");
}

/// Not that of a writer's body.
fn goes_on_when_it_can(lock: Lock<'_>, work: impl Fn(&TestDb) -> Result<()> + Send + Copy) {
    let db = without_a_log(Options::new().busy_timeout(ms(5)));
    let held = ForeignLock::take(db.path(), lock);
    thread::scope(|scope| {
        let db = &db;
        let working = scope.spawn(move || work(db));
        // For longer than `busy_timeout`.
        thread::sleep(ms(40));
        assert!(!working.is_finished(), "{lock:?}");
        held.release();
        working.join().unwrap().unwrap_or_else(|error| panic!("{lock:?}: {error}"));
    });
}

#[test]
fn the_deadline_is_the_only_limit() {
    for lock in [Lock::Reading, Lock::Exclusive] {
        for (_, operation) in writing() {
            goes_on_when_it_can(lock, |db| operation(db.maintain_within(PATIENCE)));
        }
    }
    goes_on_when_it_can(Lock::Exclusive, |db| {
        db.maintain_within(PATIENCE).vacuum_into(db.beside("copy.db"))
    });
}

#[test]
fn a_reader_of_this_thread_is_not_waited_for() {
    let db = without_a_log(Options::new());
    // Through another database too.
    let other = Options::new().journal_mode(JournalMode::Delete).open(db.path()).unwrap();
    for reading in [&*db, &other] {
        let reader = reading.reader().unwrap();
        let _: i64 = reader.query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap();
        for (name, operation) in writing() {
            let error = at_once(|| operation(db.maintain_within(PATIENCE)));
            assert!(error.is_locked(), "{name}: {error:?}");
            assert!(!TELLS || error.to_string().contains("a reader of this program"), "{error}");
        }
        // It only reads.
        let copy = db.beside("copy.db");
        db.vacuum_into(&copy).unwrap();
        fs::remove_file(copy).unwrap();
    }
}

/// One who gives up and begins anew lets new readers in meanwhile.
#[test]
fn a_vacuum_gets_its_turn_beside_readers_that_overlap() {
    let db = without_a_log(Options::new());
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let end = Ending(&ended);
        let (begun, begins) = mpsc::channel();
        for _ in 0..8 {
            let (db, ended, begun) = (&db, &ended, begun.clone());
            scope.spawn(move || {
                while !ended.load(Ordering::SeqCst) {
                    db.read(|r| {
                        let count = r.query_row("SELECT count(*) FROM item", [], |row| {
                            row.get::<_, i64>(0)
                        })?;
                        let _ = begun.send(());
                        thread::sleep(ms(5));
                        Ok::<_, Error>(count)
                    })
                    .unwrap();
                }
            });
        }
        for _ in 0..16 {
            received(&begins);
        }
        db.maintain_within(ms(4000)).vacuum().unwrap();
        insert(&db, "a writer gets in").unwrap();
        drop(end);
    });
}

/// Who waits for a reader keeps new ones out, and writers, but not for long.
#[test]
fn others_go_on_while_it_waits_for_a_reader() {
    thread::scope(|scope| {
        for operation in writing() {
            scope.spawn(move || others_go_on_beside(operation));
        }
    });
}

fn others_go_on_beside((name, operation): Operation) {
    let limit = ms(1500);
    let db = without_a_log(Options::new().busy_timeout(limit).writer_timeout(limit));
    let held = ForeignLock::take(db.path(), Lock::Reading);
    thread::scope(|scope| {
        let upkeep = db.maintain_within(PATIENCE);
        let working = scope.spawn(move || operation(upkeep));
        let (start, mut reads) = (Instant::now(), 0);
        while start.elapsed() < 2 * limit {
            assert_eq!(number(&db, "SELECT count(*) FROM item"), 50, "{name}");
            reads += 1;
        }
        drop(db.writer().unwrap());
        assert!(reads > 1 && !working.is_finished(), "{name}: {reads}");
        held.release();
        working.join().unwrap().unwrap();
    });
}

/// Which journal the file has is the file's, whatever it was when it was opened.
#[test]
fn a_log_that_another_program_has_made_is_carried() {
    let db = TestDb::with(Options::new().journal_mode(JournalMode::Keep));
    insert(&db, "apple").unwrap();
    assert_eq!(db.checkpoint(Checkpoint::Passive).unwrap(), Checkpointed::default());
    let mut other = Foreign::open(db.path());
    other.run("PRAGMA journal_mode = WAL").unwrap();
    other.run("INSERT INTO item (name) VALUES ('theirs')").unwrap();
    let done = db.checkpoint(Checkpoint::Truncate).unwrap();
    assert!(done.log_pages > 0 && done.carried == done.log_pages, "{done:?}");
}
