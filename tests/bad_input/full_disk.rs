//! A full disk.

use super::*;

#[test]
fn a_full_disk() {
    let (_folder, path) = folder();
    make_file(&path);
    let full = Options::new()
        .on_connect(|conn| conn.query_row("PRAGMA max_page_count = 8", [], |_row| Ok(())));
    let db = full.clone().open(&path).unwrap();
    add(&db, "kept").unwrap();

    let fill = |w: &Writer| -> Result<()> {
        for n in 0..100 {
            add(w, &format!("{n} {}", "x".repeat(1_000)))?;
        }
        Ok(())
    };
    for _ in 0..3 {
        let error = db.write(fill).unwrap_err();
        assert!(matches!(error, Error::Full(_)), "{error:?}");
        let text = format!("{error:#}");
        for words in ["no room", "nothing of it is kept", "disk is full", "make room"] {
            assert!(text.contains(words), "{text}");
        }
        assert_eq!(names(&path), ["kept"]);
    }
    let guard = db.writer().unwrap();
    assert!(matches!(fill(&guard), Err(Error::Full(_))));
    drop(guard);
    assert_eq!(names(&path), ["kept"]);
    add(&db, "also kept").unwrap();
    assert_eq!(names(&path), ["kept", "also kept"]);

    // As rusqlite's own error it is what it was.
    let error = db.write(|w| {
        let long = "x".repeat(100_000);
        w.execute("INSERT INTO item (name) VALUES (?1)", [long])
    });
    assert_eq!(error.unwrap_err().sqlite_error_code(), Some(rusqlite::ffi::ErrorCode::DiskFull));

    drop(db);
    let scripts = ["CREATE TABLE large (x); INSERT INTO large VALUES (zeroblob(100000))"];
    let before = fs::read(&path).unwrap();
    let error = full.migrations(&scripts).open(&path).unwrap_err();
    assert!(
        matches!(&error, Error::Migration(migration) if matches!(*migration.source, Error::Full(_))),
        "{error:?}"
    );
    assert!(fs::read(&path).unwrap() == before);
    common::assert_whole(&path);
}

#[test]
fn a_full_disk_that_the_body_ignores() {
    let db = TestDb::with(
        Options::new()
            .on_connect(|conn| conn.query_row("PRAGMA max_page_count = 8", [], |_row| Ok(()))),
    );
    let mut kept = vec!["first".to_owned()];
    let result = db.write(|w| {
        add(w, "first")?;
        for n in 0..20 {
            let name = format!("{n} {}", "x".repeat(3_000));
            if w.execute("INSERT INTO item (name) VALUES (?1)", [&name]).is_ok() {
                kept.push(name);
            }
        }
        Ok::<_, Error>(())
    });
    // Either is well: all that succeeded, or an error and nothing.
    assert!(kept.len() < 20);
    match result {
        Ok(()) => assert_eq!(db.names(), kept),
        Err(error) => {
            assert!(matches!(error, Error::RolledBack { .. }), "{error:?}");
            assert_eq!(db.names(), [""; 0]);
        }
    }
    db.assert_whole();
}
