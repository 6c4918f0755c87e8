//! Files.

use super::*;

#[test]
fn a_file_that_is_not_a_database() {
    let (folder, path) = folder();
    let text = "Dear customer,\n";
    let mut garbage = b"SQLite format 3\0".to_vec();
    garbage.extend([0xAA; 4_080]);
    // SQLite takes a file of one byte for an empty one.
    for bytes in [
        b"xy".to_vec(),
        text.as_bytes().to_vec(),
        text.repeat(1_000).into_bytes(),
        vec![0; 100],
        vec![0; 8_192],
        vec![0xFF; 5_000],
        garbage,
        b"SQLite format 2\0".repeat(300),
    ] {
        fs::write(&path, &bytes).unwrap();
        for options in [
            Options::new(),
            Options::new().read_only(true),
            Options::new().migrations(&["CREATE TABLE item (name)"]),
        ] {
            let error = options.open(&path).unwrap_err();
            let Error::Corrupt(corrupt) = &error else { panic!("{error:?}") };
            assert!(corrupt.not_a_database, "{error:?}");
            assert_eq!(corrupt.path.as_deref(), Some(&*path));
            says(&error, &path, &["is not an SQLite database", "check the path", "encrypted"]);
            assert_eq!(Contents::of(folder.path()), Contents::one(&path, &bytes));
        }
    }
}

#[test]
fn an_empty_file_is_a_database_without_tables() {
    let (_folder, path) = folder();
    fs::write(&path, "").unwrap();
    let db = Database::open(&path).unwrap();
    db.write(|w| w.execute_batch("CREATE TABLE item (id, name)")).unwrap();
    drop(db);
    assert_eq!(names(&path), [""; 0]);
}

/// A file of some thirty pages, closed well.
fn large_file(path: &Path) -> Vec<u8> {
    make_file(path);
    let db = Database::open(path).unwrap();
    db.write(|w| {
        for n in 0..300 {
            add(w, &format!("{n} {}", "x".repeat(300)))?;
        }
        Ok::<_, Error>(())
    })
    .unwrap();
    db.close().unwrap();
    let bytes = fs::read(path).unwrap();
    assert_eq!(bytes.len() % 4_096, 0);
    assert!(bytes.len() > 20 * 4_096);
    bytes
}

#[test]
fn a_truncated_database() {
    let (folder, path) = folder();
    let whole = large_file(&path);
    let pages = whole.len() / 4_096;
    let lengths = [2, 15, 16, 17, 30, 50, 92, 99, 100, 101, 511, 512, 513, 1_024, 4_095]
        .into_iter()
        .chain([1, 2, pages / 2, pages - 1].map(|pages| pages * 4_096))
        .chain([4_097 + 512, whole.len() / 2 + 1, whole.len() - 4_097]);
    for length in lengths {
        let cut = &whole[..length];
        fs::write(&path, cut).unwrap();
        for options in [Options::new(), Options::new().read_only(true)] {
            let error = match options.open(&path) {
                Err(error) => error,
                // Found at the first look into it, at the latest.
                Ok(db) => count(&db).expect_err(&format!("{length} bytes are enough")),
            };
            let Error::Corrupt(corrupt) = &error else { panic!("{length} bytes: {error:?}") };
            assert_eq!(corrupt.path.as_deref(), Some(&*path));
            let advice = if corrupt.not_a_database { "check the path" } else { "backup" };
            says(&error, &path, &[advice]);
            let left = Contents::of(folder.path()).without_sidecars();
            assert_eq!(left, Contents::one(&path, cut));
        }
    }
    // What was kept of it is still all that there was.
    fs::write(&path, &whole).unwrap();
    assert_eq!(count(&Database::open(&path).unwrap()).unwrap(), 300);
}

#[test]
fn a_database_that_is_damaged_in_the_middle() {
    let (_folder, path) = folder();
    let mut bytes = large_file(&path);
    for page in 5..15 {
        bytes[page * 4_096..][..4_096].fill(0x5A);
    }
    fs::write(&path, &bytes).unwrap();
    let db = Database::open(&path).unwrap();
    let scan = |conn: &Connection| {
        conn.query_row("SELECT sum(length(name)) FROM item", [], |row| row.get::<_, i64>(0))
    };
    #[reader]
    fn scans(db: &Reader, scan: impl Fn(&Connection) -> rusqlite::Result<i64>) -> Result<i64> {
        Ok(scan(db)?)
    }
    for error in [
        scans(&db, scan).unwrap_err(),
        db.write(|w| scans(w, scan)).unwrap_err(),
        db.write(|w| {
            w.execute("UPDATE item SET qty = qty + 1", [])?;
            Ok::<_, Error>(())
        })
        .unwrap_err(),
    ] {
        let Error::Corrupt(corrupt) = &error else { panic!("{error:?}") };
        assert!(!corrupt.not_a_database);
        says(
            &error,
            &path,
            &["is damaged", "restore the newest backup", "db-core verify --full", ".recover"],
        );
    }
    // Left to whoever mends it.
    drop(db);
    assert!(fs::read(&path).unwrap() == bytes);
}

/// SQLite takes it for a new one, and deletes what was committed last.
#[test]
fn the_log_of_an_emptied_file_is_not_deleted() {
    let db = TestDb::new();
    db.write(|w| w.execute("INSERT INTO item (name) VALUES ('kept')", [])).unwrap();
    let copy = db.beside("copy.db");
    let log = db.beside("copy.db-wal");
    fs::copy(db.beside("shop.db-wal"), &log).unwrap();
    fs::write(&copy, "").unwrap();
    let before = fs::read(&log).unwrap();
    for options in [Options::new(), Options::new().read_only(true)] {
        let error = options.open(&copy).unwrap_err();
        let Error::Open(failed) = &error else { panic!("{error}") };
        assert_eq!(failed.problem, OpenProblem::Emptied);
        assert!(error.report().contains("keep a copy of the log"), "{error:#}");
        assert!(fs::read(&log).unwrap() == before, "it was changed");
    }
    fs::remove_file(&log).unwrap();
    Options::new().open(&copy).unwrap();
}
