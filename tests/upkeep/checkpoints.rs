//! Checkpoints: how much of the log is carried, and what happens to its file.

use super::*;

#[test]
fn each_kind_carries_the_log() {
    let db = TestDb::new();
    for mode in [Checkpoint::Passive, Checkpoint::Full, Checkpoint::Restart, Checkpoint::Truncate] {
        fill(&db, 20);
        let Checkpointed { log_pages, carried, .. } = db.checkpoint(mode).unwrap();
        assert!(log_pages > 5 && carried == log_pages, "{mode:?}: {carried} of {log_pages}");
        assert_eq!(db.stats().wal_bytes == 0, mode == Checkpoint::Truncate, "{mode:?}");
    }
    let empty = db.checkpoint(Checkpoint::Truncate).unwrap();
    assert_eq!((empty.log_pages, empty.carried), (0, 0));
    // Of what is carried the file itself knows, without its log.
    let copy = db.beside("copy.db");
    fs::copy(db.path(), &copy).unwrap();
    assert_eq!(common::names(&copy).len(), 80);
}

#[test]
fn a_passive_one_waits_for_no_reader() {
    let db = TestDb::new();
    fill(&db, 20);
    let reader = db.reader().unwrap();
    let _: i64 = reader.query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap();
    fill(&db, 20);
    let some = db.checkpoint(Checkpoint::Passive).unwrap();
    assert!(some.carried > 5 && some.carried < some.log_pages, "{some:?}");
    drop(reader);
    let all = db.checkpoint(Checkpoint::Passive).unwrap();
    assert_eq!(all.carried, all.log_pages);
}

#[test]
fn one_that_waits_goes_on_when_the_reader_ends() {
    let db = TestDb::new();
    fill(&db, 20);
    let reader = db.reader().unwrap();
    let _: i64 = reader.query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap();
    fill(&db, 20);
    thread::scope(|scope| {
        let upkeep = db.maintain_within(PATIENCE);
        let checkpoint = scope.spawn(move || upkeep.checkpoint(Checkpoint::Truncate));
        // It waits, and writers don't.
        for _ in 0..20 {
            insert(&db, "meanwhile").unwrap();
            thread::sleep(ms(5));
        }
        assert!(!checkpoint.is_finished());
        drop(reader);
        let done = checkpoint.join().unwrap().unwrap();
        assert_eq!(done.carried, done.log_pages);
    });
    assert_eq!(db.stats().wal_bytes, 0);
}

#[test]
fn without_a_log_there_is_nothing_to_carry() {
    for journal in [JournalMode::Delete, JournalMode::Keep] {
        let db = TestDb::with(Options::new().journal_mode(journal));
        insert(&db, "apple").unwrap();
        let done = db.checkpoint(Checkpoint::Truncate).unwrap();
        assert_eq!((done.log_pages, done.carried), (0, 0));
    }
}

/// How long the log is, only the other one knows then.
#[test]
fn beside_another_one_it_does_not_say_that_there_is_no_log() {
    let db = TestDb::new();
    fill(&db, 20);
    let pinned = ForeignLock::take(db.path(), Lock::Reading);
    fill(&db, 20);
    let mut other = Foreign::open(db.path());
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        let (ended, _end) = (&ended, Ending(&ended));
        scope.spawn(move || {
            // At once in vain, if it meets one of ours.
            while !ended.load(Ordering::SeqCst) {
                drop(other.run("PRAGMA wal_checkpoint(TRUNCATE)"));
            }
        });
        wait_until("another one has the log", || {
            match db.maintain_within(ms(10)).checkpoint(Checkpoint::Passive) {
                Ok(done) => {
                    assert!(done.log_pages > 0, "{done:?}");
                    false
                }
                Err(error) => matches!(error, Error::Locked(_)),
            }
        });
        let upkeep = db.maintain_within(PATIENCE);
        let waiting = scope.spawn(move || upkeep.checkpoint(Checkpoint::Passive));
        pinned.release();
        waiting.join().unwrap().unwrap();
    });
}

/// What the program has attached has a log of its own, and readers of its own.
#[test]
fn attached_databases_are_left_alone() {
    let other = TestDb::new();
    insert(&other, "theirs").unwrap();
    let reader = other.reader().unwrap();
    let _: i64 = reader.query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap();
    insert(&other, "theirs").unwrap();
    let path = other.path().to_owned();
    let db = TestDb::with(
        Options::new()
            .on_connect(move |conn| conn.execute("ATTACH ?1 AS other", [path.to_str()]).map(drop)),
    );
    insert(&db, "ours").unwrap();
    assert!(db.checkpoint(Checkpoint::Truncate).unwrap().log_pages > 0);
    assert!(other.stats().wal_bytes > 0);
}
