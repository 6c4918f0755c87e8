//! Reading only, and not creating.

use super::*;

#[test]
fn a_database_can_be_opened_for_reading_only() {
    let (_folder, path) = folder();
    let read_only = Options::new().read_only(true);
    let missing = read_only.clone().open(&path).unwrap_err();
    assert!(matches!(&missing, Error::Open(open) if open.problem == OpenProblem::NoFile));
    assert!(!path.exists());

    make_file(&path);
    for opened_before in [false, true] {
        if opened_before {
            // Now it has a WAL.
            add(&Database::open(&path).unwrap(), "apple").unwrap();
        }
        let before = fs::read(&path).unwrap();
        let db = read_only.clone().open(&path).unwrap();
        let guards = (db.reader().unwrap(), db.reader().unwrap());
        for guard in [&guards.0, &guards.1] {
            let count = guard.query_row("SELECT count(*) FROM item", [], |row| row.get(0));
            assert_eq!(count, Ok(i64::from(opened_before)));
        }
        drop(guards);
        let error = db.writer().unwrap_err();
        assert!(matches!(error, Error::ReadOnly { asked: true, .. }), "{error:?}");
        let settings =
            db.read(|r| Ok::<_, Error>((pragma(r, "foreign_keys")?, pragma(r, "cache_size")?)));
        assert_eq!(settings.unwrap(), (Value::Integer(1), Value::Integer(-64_000)));
        db.close().unwrap();
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[test]
fn a_read_only_database_sees_what_others_write() {
    let db = TestDb::new();
    let read_only = Options::new().read_only(true).open(db.path()).unwrap();
    let count =
        || read_only.read(|r| r.query_row("SELECT count(*) FROM item", [], |row| row.get(0)));
    assert_eq!(count(), Ok(0));
    add(&db, "apple").unwrap();
    assert_eq!(count(), Ok(1));
}

#[test]
fn a_read_only_database_needs_the_newest_schema() {
    let (_folder, path) = folder();
    drop(Options::new().migrations(&[FIRST]).open(&path).unwrap());
    let before = fs::read(&path).unwrap();
    let read_only = Options::new().read_only(true);
    let error = read_only.clone().migrations(&[FIRST, SECOND]).open(&path).unwrap_err();
    assert!(matches!(error, Error::SchemaVersion { file: 1, known: 2, .. }), "{error:?}");
    assert!(error.report().contains("without `read_only`"), "{error:#}");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert!(read_only.migrations(&[FIRST]).open(&path).is_ok());
}

#[test]
fn a_missing_file_is_created_only_if_that_is_wanted() {
    let (_folder, path) = folder();
    let error = Options::new().create(false).open(&path).unwrap_err();
    assert!(matches!(&error, Error::Open(open) if open.problem == OpenProblem::NoFile));
    assert!(error.report().contains("create(false)"), "{error:#}");
    assert!(!path.exists());
    drop(Database::open(&path).unwrap());
    assert!(path.exists());
    let db = Options::new().create(false).open(&path).unwrap();
    db.write(|w| w.execute_batch(FIRST)).unwrap();
    add(&db, "apple").unwrap();
    assert_eq!(names(&path), ["first", "apple"]);
}
