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
