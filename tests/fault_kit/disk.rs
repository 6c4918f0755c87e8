//! A disk that is full, and one that can't be synced: what is left of the transaction is what
//! SQLite leaves.

use std::sync::mpsc;

use super::*;

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn put(db: &Writer, name: &str) -> Result<()> {
    Ok(insert(db, name)?)
}

/// What a body finds after its second statement has met a full disk, and what is kept of it
/// if it takes no notice.
#[derive(Debug, PartialEq)]
struct Left {
    by_statement: Option<i32>,
    in_transaction: bool,
    is_rolled_back: bool,
    names: Vec<String>,
}

fn left_by(db: &TestDb, sql: &str) -> Left {
    let (mut by_statement, in_transaction) = (None, AtomicBool::new(false));
    let result = db.write(|w| {
        insert(w, "first")?;
        by_statement = code(&w.execute(sql, []).unwrap_err());
        in_transaction.store(!w.is_autocommit(), SeqCst);
        // Refused if the transaction is gone.
        let _ = insert(w, "third");
        Ok::<_, Error>(())
    });
    let is_rolled_back = match result {
        Ok(()) => false,
        Err(Error::RolledBack { .. }) => true,
        Err(error) => panic!("{error}"),
    };
    let in_transaction = in_transaction.load(SeqCst);
    Left { by_statement, in_transaction, is_rolled_back, names: db.names() }
}

/// One that may change several rows before it fails has a journal of its own, and is undone
/// alone; of any other all is rolled back.
#[test]
fn a_full_disk_leaves_what_a_real_one_leaves() {
    let one = "INSERT INTO item (name) VALUES (hex(zeroblob(200000)))";
    let several = "INSERT INTO item (name) VALUES ('a'), (hex(zeroblob(200000)))";
    for (sql, is_rolled_back) in [(one, true), (several, false)] {
        for journal in [JournalMode::Wal, JournalMode::Delete] {
            let options = || Options::new().journal_mode(journal);
            let small = |conn: &mut Connection| {
                conn.query_row("PRAGMA max_page_count = 20", [], |_| Ok(()))
            };
            let real = left_by(&TestDb::with(options().on_connect(small)), sql);
            let kit = Kit::with(options());
            kit.faults.inject(Fault::DiskFull.at_statement(2));
            let injected = left_by(&kit.db, sql);
            kit.faults.assert_all_met();
            assert_eq!(injected, real, "{sql} {journal:?}");
            assert_eq!(injected.by_statement, Some(ffi::SQLITE_FULL));
            assert_eq!(injected.is_rolled_back, is_rolled_back, "{sql} {journal:?}");
            assert_eq!(injected.in_transaction, !is_rolled_back);
            let kept: &[&str] = if is_rolled_back { &[] } else { &["first", "third"] };
            assert_eq!(injected.names, kept);
            kit.db.assert_whole();
        }
    }
}

/// A disk that can't be synced, at a statement: all is rolled back, whatever the body makes
/// of it.
#[test]
fn a_failed_sync_at_a_statement_ends_the_transaction() {
    for sql in ["INSERT INTO item (name) VALUES ('a')", "INSERT INTO item (name) SELECT 'a'"] {
        let kit = Kit::new();
        kit.faults.inject(Fault::FailedSync.at_statement(2));
        let left = left_by(&kit.db, sql);
        assert_eq!(left.by_statement, Some(ffi::SQLITE_IOERR_FSYNC));
        assert!(!left.in_transaction && left.is_rolled_back && left.names.is_empty(), "{left:?}");
        put(&kit.db, "after").unwrap();
        assert_eq!(kit.db.names(), ["after"]);
    }
}

/// Not one that a retry is for, at whichever place.
#[test]
fn a_disk_is_not_tried_again() {
    let kit = Kit::new();
    for fault in [Fault::DiskFull, Fault::FailedSync] {
        for injection in [fault.at_turn(), fault.at_statement(1), fault.at_commit()] {
            kit.faults.inject(injection);
            let error = put(&kit.db, "never").unwrap_err();
            assert!(!error.is_locked(), "{error}");
            assert_eq!(kit.last(), (1, false));
        }
    }
    kit.faults.assert_all_met();
    assert_eq!(kit.clock.skipped(), Duration::ZERO);
    assert!(kit.db.names().is_empty());
}

#[track_caller]
fn not_durable(result: Result<()>, committed: bool) {
    match result {
        Err(Error::NotDurable(error)) => assert_eq!(error.committed, committed, "{error:?}"),
        other => panic!("{other:?}"),
    }
}

/// With the sync outside of the lock: what was committed can be seen, and nothing more is
/// written, until the database is opened anew.
#[test]
fn a_failed_sync_after_the_commit() {
    let kit = Kit::with(Options::new().synchronous(Synchronous::Shared));
    let opened_anew = || Options::new().synchronous(Synchronous::Shared).open(kit.db.path());
    put(&kit.db, "before").unwrap();
    kit.faults.inject(Fault::FailedSync.at_commit().of("put"));
    // Another function's is no business of it.
    let closure = |w: &Writer<'_>| insert(w, "closure");
    kit.db.write(closure).unwrap();
    not_durable(put(&kit.db, "visible"), true);
    kit.faults.assert_all_met();
    assert_eq!(kit.last(), (1, false));
    assert_eq!(kit.db.names(), ["before", "closure", "visible"]);
    for _ in 0..3 {
        not_durable(put(&kit.db, "refused"), false);
    }
    not_durable(kit.db.writer().map(drop), false);
    // Reading goes on.
    let count = |r: &Reader<'_>| r.query_row("SELECT count(*) FROM item", [], |row| row.get(0));
    assert_eq!(kit.db.read(count), Ok(3));
    kit.db.close().unwrap();
    let anew = opened_anew().unwrap();
    put(&anew, "after").unwrap();
    assert_eq!(kit.db.names(), ["before", "closure", "visible", "after"]);
    kit.db.assert_whole();
}

/// By every way to commit.
#[test]
fn a_failed_sync_after_the_commit_of_each_kind_of_call() {
    const WAYS: [fn(&Database) -> Result<()>; 4] = [
        |db| db.write(|w| Ok(insert(w, "a")?)),
        |db| db.write_idempotent(&RetryPolicy::attempts(3), |w| Ok(insert(w, "a")?)),
        |db| db.write_grouped(&RetryPolicy::attempts(3), |w| Ok(insert(w, "a")?)),
        |db| {
            let w = db.writer()?;
            insert(&w, "a")?;
            w.commit()
        },
    ];
    for way in WAYS {
        let kit = Kit::with(Options::new().synchronous(Synchronous::Shared));
        kit.faults.inject(Fault::FailedSync.at_commit());
        not_durable(way(&kit.db), true);
        kit.faults.assert_all_met();
        assert_eq!(kit.db.names(), ["a"]);
        not_durable(way(&kit.db), false);
        assert_eq!(kit.db.names(), ["a"]);
    }
}

/// Though another one with the same faults is synced before: whose commit has met it.
#[test]
fn a_failed_sync_is_of_the_database_that_has_met_it() {
    let faults = Faults::new();
    let open = || TestDb::with(Options::new().faults(&faults).synchronous(Synchronous::Shared));
    let (first, second) = (open(), open());
    let slow = first.beside("shop.db-wal");
    let ((begun, begins), (go, goes)) = (mpsc::channel(), mpsc::channel::<()>());
    let signals = Mutex::new((begun, goes));
    let intercepted = db_core::__faults::intercept_wal_syncs(move |path, sync| {
        if path == slow {
            let (begun, goes) = &*signals.lock().unwrap();
            // Only the first one is waited for.
            let _ = begun.send(());
            let _ = goes.recv();
        }
        sync()
    });
    assert!(intercepted);
    thread::scope(|scope| {
        let earlier = scope.spawn(|| put(&first, "earlier"));
        received(&begins);
        faults.inject(Fault::FailedSync.at_commit());
        // It commits, and waits for the end of that sync, to make its own.
        let failed = scope.spawn(|| put(&first, "failed"));
        wait_until("it has met it", || faults.pending().is_empty());
        put(&second, "other").unwrap();
        drop(go);
        earlier.join().unwrap().unwrap();
        not_durable(failed.join().unwrap(), true);
    });
    assert_eq!(first.names(), ["earlier", "failed"]);
}

/// A sync follows only a commit: one that was refused leaves the fault to the next.
#[test]
fn a_commit_that_fails_by_itself_is_not_synced() {
    let schema = "CREATE TABLE part (
        item INTEGER REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED)";
    let options = Options::new().synchronous(Synchronous::Shared).migrations(&[schema]);
    let kit = Kit::with(options);
    kit.faults.inject(Fault::FailedSync.at_commit());
    let orphan = |w: &Writer<'_>| w.execute("INSERT INTO part VALUES (77)", []);
    kit.db.write(orphan).unwrap_err();
    assert_eq!(kit.faults.pending().len(), 1);
    not_durable(put(&kit.db, "visible"), true);
    assert_eq!(kit.db.names(), ["visible"]);
}

/// The other faults are in the place of the COMMIT, with `Shared` too, and leave nothing.
#[test]
fn a_commit_that_fails_with_the_sync_outside() {
    let kit = Kit::with(Options::new().synchronous(Synchronous::Shared));
    for (fault, _, is_lock) in ALL.into_iter().filter(|(fault, ..)| *fault != Fault::FailedSync) {
        kit.faults.inject(fault.at_commit());
        assert_eq!(put(&kit.db, "put").is_ok(), is_lock, "{fault:?}");
    }
    assert_eq!(kit.db.names(), ["put"; 3]);
    // In the order in which they were asked for.
    kit.faults.inject(Fault::FailedSync.at_commit());
    kit.faults.inject(Fault::DiskFull.at_commit());
    not_durable(put(&kit.db, "visible"), true);
    assert_eq!(told(&kit.faults), ["DiskFull at COMMIT of any call, once"]);
}
