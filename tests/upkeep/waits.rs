//! Whose time is a wait, and what is waited for when the work is done.

use std::path::PathBuf;

use super::*;

#[test]
fn the_time_of_the_work_is_no_wait() {
    let slow = |conn: &mut Connection| {
        let wait = || {
            thread::sleep(ms(1));
            false
        };
        conn.progress_handler(500, Some(wait))
    };
    for journal in [JournalMode::Wal, JournalMode::Delete] {
        let db = TestDb::with(Options::new().journal_mode(journal).on_connect(slow));
        fill(&db, 300);
        for (_, operation) in OPERATIONS {
            operation(db.maintain_within(PATIENCE)).unwrap();
        }
        assert_eq!(db.stats().waits.count, 0, "{journal:?}: {:?}", db.stats().waits);
    }
}

/// Only what came before the work, if somebody was in its way.
#[test]
fn a_wait_ends_where_the_work_begins() {
    static WORKS: AtomicBool = AtomicBool::new(false);
    let slow = |conn: &mut Connection| {
        let wait = || {
            if WORKS.swap(false, Ordering::SeqCst) {
                thread::sleep(ms(700));
            }
            false
        };
        conn.progress_handler(500, Some(wait))
    };
    for journal in [JournalMode::Wal, JournalMode::Delete] {
        let db = TestDb::with(Options::new().journal_mode(journal).on_connect(slow));
        fill(&db, 300);
        let lock = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item WHERE id = 0"));
        thread::scope(|scope| {
            let upkeep = db.maintain_within(PATIENCE);
            let vacuum = scope.spawn(move || upkeep.vacuum());
            wait_until("it has its turn", || db.stats().writer.is_some());
            thread::sleep(ms(50));
            WORKS.store(true, Ordering::SeqCst);
            lock.release();
            vacuum.join().unwrap().unwrap();
        });
        let waits = db.stats().waits;
        assert!(!WORKS.load(Ordering::SeqCst) && waits.count <= 1, "{journal:?}: {waits:?}");
        assert!(waits.worst < ms(700), "{journal:?}: {waits:?}");
    }
}

/// When the deadline was for the turn, the disk has its own time.
#[test]
fn what_is_done_is_waited_for_on_its_way_to_the_disk() {
    type Slow = (PathBuf, mpsc::Sender<()>, mpsc::Receiver<()>);
    static SLOW: Mutex<Option<Slow>> = Mutex::new(None);
    assert!(db_core::__faults::intercept_wal_syncs(|path, sync| {
        let slow = SLOW.lock().unwrap().take_if(|(slow, _, _)| slow == path);
        if let Some((_, begun, end)) = slow {
            begun.send(()).unwrap();
            received(&end);
        }
        sync()
    }));
    for (name, operation) in OPERATIONS {
        if !["vacuum", "reindex"].contains(&name) {
            continue;
        }
        let shared = Options::new().synchronous(Synchronous::Shared).writer_timeout(PATIENCE);
        let db = TestDb::with(shared);
        fill(&db, 10);
        let (begun, begins) = mpsc::channel();
        let (end, ends) = mpsc::channel();
        *SLOW.lock().unwrap() = Some((db.beside("shop.db-wal"), begun, ends));
        thread::scope(|scope| {
            let db = &db;
            scope.spawn(move || insert(db, "theirs").unwrap());
            received(&begins);
            let working = scope.spawn(move || operation(db.maintain_within(ms(50))));
            // Longer than a commit waits for the disk at least.
            thread::sleep(ms(1200));
            assert!(!working.is_finished());
            end.send(()).unwrap();
            working.join().unwrap().unwrap();
        });
    }
}
