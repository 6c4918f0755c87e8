//! Paths.

use super::*;

/// Nobody else in this file uses the working folder.
#[test]
fn a_relative_path_stays_the_same_file() {
    let (folder, path) = folder();
    make_file(&path);
    std::env::set_current_dir(folder.path()).unwrap();
    let relative = Database::open("shop.db").unwrap();
    let spelled = Database::open("./nowhere/../shop.db");
    assert!(matches!(&spelled, Err(Error::Open(open)) if open.problem == OpenProblem::NoFolder));
    assert!(relative.path().is_absolute());
    // The readers are opened only now, and a new file would be empty.
    std::env::set_current_dir("/").unwrap();
    let read = relative.read(|r| r.query_row("SELECT count(*) FROM item", [], |row| row.get(0)));
    assert_eq!(read, Ok(0));
    add(&relative, "apple").unwrap();
    assert_eq!(names(&path), ["apple"]);
    one_lane(&relative, &Database::open(&path).unwrap());
}

/// Two databases on one file: who writes through one is waited for by the other, and
/// named.
#[track_caller]
fn one_lane(one: &Database, other: &Database) {
    let guard = one.writer().unwrap();
    let error = thread::scope(|scope| {
        let waits = scope.spawn(|| other.writer_within(Duration::ZERO).map(drop));
        waits.join().unwrap().unwrap_err()
    });
    assert!(
        matches!(&error, Error::WriterTimeout(timeout)
            if matches!(timeout.waited_for, WaitedFor::Writer(_))),
        "{error}"
    );
    assert!(matches!(other.writer(), Err(Error::NestedWrite(_))));
    drop(guard);
    let guard = other.writer_within(Duration::ZERO).unwrap();
    assert!(matches!(one.writer(), Err(Error::NestedWrite(_))));
    drop(guard);
}

#[test]
fn a_file_is_one_however_its_path_is_spelled() {
    let db = TestDb::new();
    let folder = db.path().parent().unwrap();
    fs::create_dir(folder.join("sub")).unwrap();
    one_lane(&db, &Database::open(db.path()).unwrap());
    let dots = folder.join("sub/../shop.db");
    one_lane(&db, &Database::open(dots).unwrap());
    let slashes = format!("{}//.//shop.db", folder.display());
    one_lane(&db, &Database::open(slashes).unwrap());
    #[cfg(unix)]
    {
        let link = folder.join("link.db");
        std::os::unix::fs::symlink(db.path(), &link).unwrap();
        one_lane(&db, &Database::open(&link).unwrap());
        let linked_folder = folder.join("linked");
        std::os::unix::fs::symlink(folder, &linked_folder).unwrap();
        one_lane(&db, &Database::open(linked_folder.join("shop.db")).unwrap());
    }
    // Another file is another lane.
    let other = Database::open(folder.join("other.db")).unwrap();
    let _guards = (db.writer().unwrap(), other.writer_within(Duration::ZERO).unwrap());
}

#[test]
fn a_path_is_never_a_uri() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["file:shop.db?mode=memory", "100% 'new'.db", "-wal", "ä ö ü.db"] {
        let path = folder.path().join(name);
        let db = Options::new().migrations(&[FIRST]).open(&path).unwrap();
        assert_eq!(db.read(|r| pragma(r, "user_version")), Ok(Value::Integer(1)));
        assert!(path.is_file(), "{name}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let path = folder.path().join(std::ffi::OsStr::from_bytes(b"\xff.db"));
        let db = Options::new().migrations(&[FIRST]).open(&path).unwrap();
        assert_eq!(db.read(|r| pragma(r, "user_version")), Ok(Value::Integer(1)));
        assert!(path.is_file());
    }
}

#[test]
fn a_program_may_open_while_a_writer_of_its_own_is_open() -> Result<()> {
    let db = TestDb::new();
    let guard = db.writer()?;
    // Nothing is to be done to the file, so nobody is waited for.
    let second = Database::open(db.path())?;
    second.read(|r| pragma(r, "user_version"))?;
    drop(guard);
    Ok(())
}

/// It would wait for itself.
#[test]
fn what_has_to_write_is_refused_inside_a_writer_of_the_same_thread() {
    let db = TestDb::new();
    let patience = Duration::from_millis(500);
    let options = || Options::new().writer_timeout(patience);
    let migrates = options().migrations(&["CREATE TABLE more (x)"]);
    let sets_up = options().setup(|_conn| Ok(()));
    for options in [migrates, sets_up] {
        let (start, _guard) = (Instant::now(), db.writer().unwrap());
        let error = options.open(db.path()).unwrap_err();
        assert!(matches!(error, Error::NestedWrite(_)), "{error:?}");
        assert!(start.elapsed() < patience);
    }
}
