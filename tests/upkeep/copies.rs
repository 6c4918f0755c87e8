//! `vacuum_into`: a copy that is whole or not there.

use super::*;

/// The names of the files beside the database that are no part of it.
fn others(db: &TestDb) -> Vec<String> {
    let entries = fs::read_dir(db.beside("")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<_> = names.filter(|name| !name.starts_with("shop.db")).collect();
    names.sort();
    names
}

#[test]
fn the_copy_has_all_that_is_committed_and_nothing_else() {
    for journal in [JournalMode::Wal, JournalMode::Delete] {
        let db = TestDb::with(Options::new().journal_mode(journal));
        fill(&db, 500);
        db.write(|w| w.execute("DELETE FROM item WHERE qty > 20", [])).unwrap();
        let copy = db.beside("copy.db");
        db.vacuum_into(&copy).unwrap();
        insert(&db, "later").unwrap();
        assert_eq!(common::names(&copy), db.names()[..20]);
        common::assert_whole(&copy);
        assert!(fs::metadata(&copy).unwrap().len() < 100_000);
        assert_eq!(others(&db), ["copy.db"]);
    }
}

#[test]
fn what_is_there_already_is_left_as_it_is() {
    let db = TestDb::new();
    let path = |name: &str| db.beside(name);
    fs::write(path("notes.txt"), "mine").unwrap();
    fs::write(path("empty"), "").unwrap();
    fs::create_dir(path("folder")).unwrap();
    let targets = ["notes.txt", "empty", "folder", "shop.db"].map(path);
    for target in &targets {
        let error = db.vacuum_into(target).unwrap_err();
        let Error::Open(failed) = &error else { panic!("{error:?}") };
        assert_eq!((failed.problem, &failed.path), (OpenProblem::Exists, target));
        let text = error.report();
        assert!(text.contains("is there already, and is not overwritten"), "{text}");
        assert!(text.contains("name a file that is not there yet"), "{text}");
    }
    assert_eq!(fs::read(path("notes.txt")).unwrap(), b"mine");
    assert_eq!(fs::read(path("empty")).unwrap(), b"");
    assert_eq!(others(&db), ["empty", "folder", "notes.txt"]);
}

#[cfg(unix)]
#[test]
fn a_link_to_nowhere_is_something_too() {
    let db = TestDb::new();
    std::os::unix::fs::symlink(db.beside("nowhere.db"), db.beside("link.db")).unwrap();
    let error = db.vacuum_into(db.beside("link.db")).unwrap_err();
    assert!(error.to_string().contains("is there already"), "{error}");
    assert_eq!(others(&db), ["link.db"]);
}

#[test]
fn where_no_file_can_be_made_the_error_says_so() {
    let db = TestDb::new();
    let error = db.vacuum_into(db.beside("none/copy.db")).unwrap_err();
    let Error::Open(failed) = &error else { panic!("{error:?}") };
    assert_eq!(failed.problem, OpenProblem::NoFolder, "{error}");
    let error = db.vacuum_into("").unwrap_err();
    assert!(matches!(&error, Error::Open(failed) if failed.problem == OpenProblem::Empty));
}

#[cfg(unix)]
#[test]
fn nobody_may_read_the_copy_who_may_not_read_the_database() {
    use std::os::unix::fs::PermissionsExt;

    let db = TestDb::new();
    for mode in [0o600, 0o640] {
        fs::set_permissions(db.path(), fs::Permissions::from_mode(mode)).unwrap();
        let copy = db.beside(&format!("{mode:o}.db"));
        db.vacuum_into(&copy).unwrap();
        assert_eq!(fs::metadata(&copy).unwrap().permissions().mode() & 0o777, mode);
    }
}

#[test]
fn a_name_is_a_name_whatever_is_in_it() {
    let db = TestDb::new();
    insert(&db, "apple").unwrap();
    for name in ["it's \u{e4} new.db", "file:x.db", "-copy", ":memory:"] {
        let copy = db.beside(name);
        db.vacuum_into(&copy).unwrap();
        assert_eq!(common::names(&copy), ["apple"]);
    }
    assert_eq!(others(&db).len(), 4);
}

/// The authorizer that keeps bodies from attaching files is given it as text.
#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_text_is_refused() {
    use std::os::unix::ffi::OsStrExt;

    let db = TestDb::new();
    let copy = db.path().with_file_name(std::ffi::OsStr::from_bytes(b"\xff.db"));
    let error = db.vacuum_into(&copy).unwrap_err();
    let Error::Open(failed) = &error else { panic!("{error:?}") };
    assert_eq!(failed.problem, OpenProblem::Denied);
    assert!(error.to_string().contains("is not UTF-8"), "{error}");
    assert_eq!(others(&db), [""; 0]);
}

/// SQLite stops in the middle of it, as it would at a disk that is full.
#[test]
fn of_one_that_fails_nothing_is_left() {
    static STOP: AtomicBool = AtomicBool::new(false);
    let stops =
        |conn: &mut Connection| conn.progress_handler(5000, Some(|| STOP.load(Ordering::SeqCst)));
    let db = TestDb::with(Options::new().on_connect(stops));
    fill(&db, 2000);
    STOP.store(true, Ordering::SeqCst);
    let error = db.vacuum_into(db.beside("copy.db")).unwrap_err();
    assert!(error.to_string().contains("interrupted"), "{error}");
    assert_eq!(others(&db), [""; 0]);
    STOP.store(false, Ordering::SeqCst);
    db.vacuum_into(db.beside("copy.db")).unwrap();
    assert_eq!(common::names(&db.beside("copy.db")).len(), 2000);
}

#[test]
fn writers_go_on_while_it_is_made() {
    static SLOW: Mutex<Option<mpsc::Sender<()>>> = Mutex::new(None);
    let slow = |conn: &mut Connection| {
        let wait = || {
            if let Some(begun) = &*SLOW.lock().unwrap() {
                let _ = begun.send(());
            }
            thread::sleep(ms(1));
            false
        };
        if conn.is_readonly("main")? { conn.progress_handler(100, Some(wait)) } else { Ok(()) }
    };
    let db = TestDb::with(Options::new().on_connect(slow));
    fill(&db, 500);
    let (begun, begins) = mpsc::channel();
    *SLOW.lock().unwrap() = Some(begun);
    thread::scope(|scope| {
        let copying = scope.spawn(|| db.vacuum_into(db.beside("copy.db")));
        received(&begins);
        for _ in 0..20 {
            insert(&db, "meanwhile").unwrap();
        }
        assert!(!copying.is_finished());
        assert!(!db.beside("copy.db").exists());
        copying.join().unwrap().unwrap();
    });
    assert_eq!(common::names(&db.beside("copy.db")).len(), 500);
    assert_eq!(db.names().len(), 520);
}

#[test]
fn a_database_that_only_reads_can_be_copied() {
    let db = TestDb::new();
    insert(&db, "apple").unwrap();
    let reading = Options::new().read_only(true).open(db.path()).unwrap();
    reading.vacuum_into(db.beside("copy.db")).unwrap();
    assert_eq!(common::names(&db.beside("copy.db")), ["apple"]);
}
