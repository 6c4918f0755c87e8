//! What the program sets on its connections (`Options::on_connect`) goes on working beside
//! what the engine sets there: progress handlers, WAL hooks, the pages of a checkpoint.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::*;

const LIMIT: Duration = ms(60);

/// A counter, and a clone of it.
fn counter() -> (Arc<AtomicUsize>, Arc<AtomicUsize>) {
    let counter = Arc::new(AtomicUsize::new(0));
    (Arc::clone(&counter), counter)
}

#[test]
fn a_progress_handler_is_called_and_a_body_interrupted_all_the_same() {
    let (called, calls) = counter();
    let options = Options::new().on_connect(move |conn| {
        let called = Arc::clone(&called);
        conn.progress_handler(
            100,
            Some(move || {
                called.fetch_add(1, SeqCst);
                false
            }),
        )
    });
    let db = TestDb::with(options.read_timeout(LIMIT).write_timeout(LIMIT));
    let late = timeout(db.read(|r| Ok::<_, Error>(run_endless(r)?)));
    assert_eq!((late.kind, late.limit), (Kind::Reader, LIMIT));
    let after_reader = calls.load(SeqCst);
    assert!(after_reader > 1);
    let late = timeout(db.write(|w| {
        insert(w, "lost")?;
        Ok::<_, Error>(run_endless(w)?)
    }));
    assert_eq!((late.kind, late.limit), (Kind::Writer, LIMIT));
    assert!(calls.load(SeqCst) > after_reader);
    for n in 0..100 {
        let begun = Instant::now();
        if let Err(error) = db.write(|w| Ok::<_, Error>(insert(w, &n.to_string())?)) {
            assert!(begun.elapsed() >= LIMIT, "{error}");
        }
    }
    assert!(!db.names().contains(&"lost".to_owned()));
}

/// What it interrupts is its own affair.
#[test]
fn an_interrupt_of_the_programs_own_is_no_timeout() {
    let options = Options::new().on_connect(|conn| {
        let mut calls = 0;
        conn.progress_handler(
            1000,
            Some(move || {
                calls += 1;
                calls > 50
            }),
        )
    });
    let db = TestDb::with(options.read_timeout(PATIENCE).write_timeout(PATIENCE));
    let error = db.write(|w| {
        insert(w, "lost")?;
        Ok::<_, Error>(run_endless(w)?)
    });
    let Err(Error::Sqlite(error)) = error else { panic!("{error:?}") };
    assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::OperationInterrupted));

    let db = TestDb::with(Options::new().read_timeout(PATIENCE));
    let error = db.read(|r| {
        let interrupt = r.get_interrupt_handle();
        thread::scope(|scope| {
            let (begun, begins) = mpsc::channel();
            let (done, is_done) = mpsc::channel::<()>();
            scope.spawn(move || {
                received(&begins);
                // It may not have begun yet.
                while is_done.recv_timeout(ms(1)) == Err(mpsc::RecvTimeoutError::Timeout) {
                    interrupt.interrupt();
                }
            });
            begun.send(()).unwrap();
            let result = run_endless(r);
            done.send(()).unwrap();
            Ok::<_, Error>(result?)
        })
    });
    assert!(matches!(error, Err(Error::Sqlite(_))), "{error:?}");
}

/// Writes about that many pages, each time.
fn grow(db: &Database, pages: u32) {
    let some = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
                INSERT INTO item (name) SELECT hex(randomblob(2000)) FROM n";
    db.write(|w| w.execute(some, [pages])).unwrap();
}

#[test]
fn the_pages_of_a_checkpoint_are_what_the_program_says() {
    let with = |pages: i64| {
        TestDb::with(Options::new().on_connect(move |conn| {
            conn.pragma_update_and_check(None, "wal_autocheckpoint", pages, |_| Ok(()))
        }))
    };
    let db = with(20);
    grow(&db, 5);
    assert_eq!(db.stats().checkpoints, 0);
    grow(&db, 30);
    assert_eq!(db.stats().checkpoints, 1);
    let small = db.stats().wal_bytes;
    for _ in 0..10 {
        grow(&db, 30);
    }
    assert_eq!(db.stats().checkpoints, 11);
    // Each began from its beginning again.
    assert!(db.stats().wal_bytes < small * 2, "{:?}", db.stats());

    let db = with(0);
    grow(&db, 1200);
    grow(&db, 1200);
    let stats = db.stats();
    assert_eq!(stats.checkpoints, 0);
    assert!(stats.wal_bytes > 2400 * 4096, "{stats:?}");
    assert_eq!(wal_autocheckpoint(&db), 0);
}

/// In a body it is asked as ever.
fn wal_autocheckpoint(db: &Database) -> i64 {
    let ask = |conn: &Connection| conn.pragma_query_value(None, "wal_autocheckpoint", |r| r.get(0));
    db.write(|w| ask(w)).unwrap()
}

/// As without db-core: 1000 pages.
#[test]
fn without_a_word_of_the_programs_it_is_a_thousand() {
    let db = TestDb::new();
    grow(&db, 900);
    assert_eq!(db.stats().checkpoints, 0);
    grow(&db, 200);
    assert_eq!(db.stats().checkpoints, 1);
    let size = db.stats().wal_bytes;
    grow(&db, 900);
    assert_eq!((db.stats().checkpoints, db.stats().wal_bytes), (1, size), "used again");
}

#[test]
fn a_wal_hook_of_the_programs_own_is_called() {
    let (called, calls) = counter();
    let hooked = move |options: Options| {
        let called = Arc::clone(&called);
        options.on_connect(move |conn| {
            let called = Arc::clone(&called);
            conn.wal_hook(Some(move |_: &mut _, _| {
                called.fetch_add(1, SeqCst);
                Ok(())
            }))
        })
    };
    let db = TestDb::with(hooked(Options::new()));
    let before = calls.load(SeqCst);
    for _ in 0..5 {
        grow(&db, 1200);
    }
    assert_eq!(calls.load(SeqCst) - before, 5);
    // It has taken the place of SQLite's, and makes none.
    let stats = db.stats();
    assert_eq!(stats.checkpoints, 0);
    assert!(stats.wal_bytes > 5 * 1200 * 4096, "{stats:?}");
}

/// One that is set later, when the writer's connection is set up.
#[test]
fn a_wal_hook_of_the_set_up_is_called() {
    let (called, calls) = counter();
    let options = Options::new().setup(move |conn| {
        let called = Arc::clone(&called);
        conn.wal_hook(Some(move |_: &mut _, _| {
            called.fetch_add(1, SeqCst);
            Ok(())
        }))?;
        Ok(())
    });
    let db = TestDb::with(options);
    let before = calls.load(SeqCst);
    grow(&db, 1200);
    assert_eq!(calls.load(SeqCst) - before, 1);
    assert_eq!(db.stats().checkpoints, 0);
}

/// The set-up has it as SQLite has it, and what it says counts afterwards.
#[test]
fn the_set_up_may_change_the_pages_of_a_checkpoint() {
    let db = TestDb::with(Options::new().setup(|conn| {
        let ask = conn.pragma_query_value(None, "wal_autocheckpoint", |row| row.get::<_, i64>(0));
        assert_eq!(ask, Ok(1000));
        conn.pragma_update_and_check(None, "wal_autocheckpoint", 50, |_| Ok(()))?;
        Ok(())
    }));
    grow(&db, 100);
    assert_eq!(db.stats().checkpoints, 1);
}

/// A hook that fails does not undo the commit, and a checkpoint that can't be made neither.
#[test]
fn a_commit_is_kept_whatever_becomes_of_the_checkpoint() {
    let db = TestDb::new();
    let reader = db.reader().unwrap();
    count(&reader).unwrap();
    grow(&db, 1200);
    grow(&db, 1200);
    assert_eq!(db.stats().checkpoints, 2, "as far as the reader lets it");
    assert_eq!(count(&reader).unwrap(), 0);
    drop(reader);
    assert_eq!(db.names().len(), 2400);
    db.assert_whole();
}

/// The last connection carries the WAL into the database when it closes, and an interrupt of
/// the last body must not keep it from that.
#[test]
fn after_an_interrupted_body_the_log_is_folded_in_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    common::make_file(&path);
    for round in 0..10 {
        // A handler of the program's own, so that it is interrupted and does not end itself.
        let options = Options::new()
            .on_connect(|conn| conn.progress_handler(1000, Some(|| false)))
            .write_timeout(ms(10));
        let db = options.open(&path).unwrap();
        db.write(|w| insert(w, "kept")).unwrap();
        timeout(db.write(|w| Ok::<_, Error>(run_endless(w)?)));
        drop(db);
        let left = folder.path().join("shop.db-wal");
        assert!(!left.exists(), "round {round}");
    }
    assert_eq!(names(&path).len(), 10);
}
