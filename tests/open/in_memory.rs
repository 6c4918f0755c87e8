//! In memory.

use super::*;

#[test]
fn a_database_in_memory_is_one_for_all_its_connections() {
    let db = Options::new().migrations(&[FIRST]).open_in_memory().unwrap();
    add(&db, "apple").unwrap();
    let guards = (db.reader().unwrap(), db.reader().unwrap());
    for guard in [&guards.0, &guards.1] {
        let count = guard.query_row("SELECT count(*) FROM item", [], |row| row.get(0));
        assert_eq!(count, Ok(2));
    }
    // The locking rules of every other: a writer does not disturb readers.
    add(&db, "pear").unwrap();
    let other = Options::new().migrations(&[FIRST]).open_in_memory().unwrap();
    assert_ne!(db.path(), other.path());
    assert_eq!(names(other.path()), ["first"]);
}

#[test]
fn a_database_in_memory_leaves_nothing_behind() {
    let folder_of = |db: &Database| {
        let folder = db.path().parent().unwrap().to_owned();
        assert!(folder.is_dir());
        folder
    };
    let open = || Options::new().migrations(&[FIRST]).open_in_memory().unwrap();

    let dropped = open();
    let folder = folder_of(&dropped);
    let clone = dropped.clone();
    drop(dropped);
    add(&clone, "still open").unwrap();
    drop(clone);
    assert!(!folder.exists(), "dropped");

    let closed = open();
    let folder = folder_of(&closed);
    drop(closed.reader().unwrap());
    closed.close().unwrap();
    drop(closed);
    assert!(!folder.exists(), "closed");

    let mut folder = PathBuf::new();
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let db = open();
        folder = folder_of(&db);
        let _guards = (db.reader().unwrap(), db.writer().unwrap());
        resume_unwind(Box::new(()))
    }));
    assert!(unwound.is_err_and(|_payload: Box<_>| !folder.exists()), "unwound");

    let failed = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&failed);
    let refused = Options::new().setup(move |conn| {
        *seen.lock().unwrap() = conn.path().map(PathBuf::from);
        Err("no".into())
    });
    assert!(refused.open_in_memory().is_err());
    let file = failed.lock().unwrap().take().unwrap();
    assert!(!file.parent().unwrap().exists(), "not opened");
}

#[cfg(unix)]
#[test]
fn a_database_in_memory_is_private() {
    use std::os::unix::fs::MetadataExt;
    let db = Database::open_in_memory().unwrap();
    let folder = fs::metadata(db.path().parent().unwrap()).unwrap();
    assert_eq!(folder.mode() & 0o777, 0o700);
}
