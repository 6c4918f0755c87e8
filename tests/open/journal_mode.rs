//! The journal mode of the file.

use super::*;

#[test]
fn an_existing_file_is_converted_and_keeps_its_contents() {
    let (_folder, path) = folder();
    make_file(&path);
    let mode = |path: &Path| {
        let conn = Connection::open(path).unwrap();
        pragma(&conn, "journal_mode").unwrap()
    };
    assert_eq!(mode(&path), text("delete"));
    add(&Database::open(&path).unwrap(), "in WAL").unwrap();
    assert_eq!(mode(&path), text("wal"));
    let delete = Options::new().journal_mode(JournalMode::Delete);
    add(&delete.open(&path).unwrap(), "in DELETE").unwrap();
    assert_eq!(mode(&path), text("delete"));
    add(&Database::open(&path).unwrap(), "in WAL again").unwrap();
    assert_eq!(mode(&path), text("wal"));
    assert_eq!(names(&path), ["in WAL", "in DELETE", "in WAL again"]);
    common::assert_whole(&path);
}

#[test]
fn a_conversion_waits_for_others() {
    let (_folder, path) = folder();
    make_file(&path);
    let lock = ForeignLock::take(&path, Lock::Reading);
    let hasty = Options::new().busy_timeout(Duration::from_millis(5));
    let error = hasty.open(&path).unwrap_err();
    let Error::Locked(locked) = &error else { panic!("{error:?}") };
    assert_eq!(locked.path.as_deref(), Some(&*path));
    assert!(locked.waited >= Duration::from_millis(5), "{error}");
    assert!(error.report().contains("another application"), "{error:#}");

    thread::scope(|scope| {
        let (connecting, connects) = mpsc::channel();
        let patient = Options::new().on_connect(move |_conn| {
            let _ = connecting.send(());
            Ok(())
        });
        let opener = scope.spawn(|| patient.open(&path).unwrap());
        received(&connects);
        // It comes out the same at any moment, but only one who has met the lock is a
        // test of waiting.
        thread::sleep(Duration::from_millis(30));
        lock.release();
        let db = opener.join().unwrap();
        assert_eq!(db.write(|w| pragma(w, "journal_mode")), Ok(text("wal")));
    });
}

#[test]
fn a_conversion_that_others_prevent_changes_nothing_for_them() {
    let db = TestDb::new();
    add(&db, "apple").unwrap();
    let reader = db.reader().unwrap();
    let error = Options::new()
        .journal_mode(JournalMode::Delete)
        .busy_timeout(Duration::from_millis(5))
        .open(db.path())
        .unwrap_err();
    assert!(matches!(error, Error::Locked(_)), "{error:?}");
    drop(reader);
    add(&db, "pear").unwrap();
    assert_eq!(db.names(), ["apple", "pear"]);
}

#[test]
fn many_threads_that_open_at_once_convert_once() {
    const THREADS: usize = 8;
    for _ in 0..5 {
        let (_folder, path) = folder();
        make_file(&path);
        let start = Barrier::new(THREADS);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    start.wait();
                    let db = Database::open(&path).unwrap();
                    add(&db, "everybody").unwrap();
                });
            }
        });
        assert_eq!(names(&path).len(), THREADS);
    }
}

#[test]
fn a_mode_that_is_kept_is_the_one_that_the_file_has() {
    let keep = || Options::new().journal_mode(JournalMode::Keep);
    let mode = |path: &Path| pragma(&Connection::open(path).unwrap(), "journal_mode").unwrap();
    let (_folder, path) = folder();
    make_file(&path);
    add(&keep().open(&path).unwrap(), "without a log").unwrap();
    assert_eq!(mode(&path), text("delete"));
    let _ = Database::open(&path).unwrap();
    let db = keep().open(&path).unwrap();
    add(&db, "with a log").unwrap();
    assert!(db.stats().wal_bytes > 0);
    drop(db);
    assert_eq!(mode(&path), text("wal"));
    assert_eq!(names(&path), ["without a log", "with a log"]);
    let new = path.with_file_name("new.db");
    keep().open(&new).unwrap().write(|w| w.execute_batch("CREATE TABLE t (x)")).unwrap();
    assert_eq!(mode(&new), text("delete"));
}

#[test]
fn a_kept_mode_is_not_changed_by_the_programs_own_set_up() {
    let (_folder, path) = folder();
    make_file(&path);
    let keep = Options::new()
        .journal_mode(JournalMode::Keep)
        .setup(|conn| Ok(conn.pragma_update(None, "journal_mode", "wal")?));
    let db = keep.open(&path).unwrap();
    assert_eq!(db.read(|r| pragma(r, "journal_mode")), Ok(text("delete")));
}

#[test]
fn who_keeps_the_mode_waits_for_nobody() {
    let (_folder, path) = folder();
    make_file(&path);
    let lock = ForeignLock::take(&path, Lock::Writing("INSERT INTO item (name) VALUES ('theirs')"));
    let options = Options::new().journal_mode(JournalMode::Keep).strict();
    let db = options.open(&path).unwrap();
    assert_eq!(names(&path), [""; 0]);
    // A reader is in the way of whoever writes to a file without a log, and is named.
    lock.commit();
    let reading = ForeignLock::take(&path, Lock::Reading);
    let hasty =
        Options::new().journal_mode(JournalMode::Keep).busy_timeout(Duration::from_millis(5));
    let error = hasty.open(&path).unwrap().write(|w| {
        w.execute("INSERT INTO item (name) VALUES ('ours')", [])?;
        Ok::<_, Error>(())
    });
    let Err(Error::Locked(locked)) = &error else { panic!("{error:?}") };
    assert!(locked.holder.to_string().contains("snapshot"), "{error:?}");
    reading.release();
    add(&db, "ours").unwrap();
    assert_eq!(names(&path), ["theirs", "ours"]);
}

#[test]
fn shared_syncs_need_a_log_that_is_kept() {
    let (_folder, path) = folder();
    make_file(&path);
    let shared = || Options::new().journal_mode(JournalMode::Keep).synchronous(Synchronous::Shared);
    let error = shared().open(&path).unwrap_err();
    assert!(matches!(error, Error::InvalidOption { option: "synchronous", .. }), "{error:?}");
    let _ = Database::open(&path).unwrap();
    add(&shared().open(&path).unwrap(), "safe").unwrap();
    assert_eq!(names(&path), ["safe"]);
}
