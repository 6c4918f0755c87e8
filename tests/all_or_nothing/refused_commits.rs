//! A commit that SQLite refuses.

use super::*;

const PARTS: &str = "CREATE TABLE part (
    item INTEGER NOT NULL REFERENCES item (id) DEFERRABLE INITIALLY DEFERRED)";

fn with_parts() -> TestDb {
    kept(Options::new().migrations(&[PARTS]))
}

#[writer]
fn add_part(db: &Writer, item: i64) -> Result<()> {
    db.execute("INSERT INTO part VALUES (?1)", [item])?;
    Ok(())
}

#[test]
fn a_commit_that_breaks_a_foreign_key_leaves_nothing() {
    let db = with_parts();
    let error = add_pair(&db, |w| add_part(w, 77)).unwrap_err();
    assert!(error.to_string().contains("FOREIGN KEY"), "{error}");
    left_nothing(&db);
    let error = db
        .write_idempotent(&quick(3), |w| {
            insert(w, "half")?;
            w.execute("INSERT INTO part VALUES (77)", []).map_err(Error::from)
        })
        .unwrap_err();
    assert!(error.to_string().contains("FOREIGN KEY"), "{error}");
    assert_eq!(db.stats().retries, 0);
    left_nothing(&db);
    let guard = db.writer().unwrap();
    add_part(&guard, 77).unwrap();
    guard.commit().unwrap_err();
    left_nothing(&db);
}

#[test]
fn a_foreign_key_that_is_settled_before_the_commit_is_fine() {
    let db = with_parts();
    db.write(|w| {
        add_part(w, 77)?;
        w.execute("INSERT INTO item (id, name) VALUES (77, 'late')", []).map_err(Error::from)
    })
    .unwrap();
    assert_eq!(db.names(), ["kept", "late"]);
    db.assert_whole();
}

/// What broke the foreign key was undone with the nested call.
#[test]
fn a_foreign_key_broken_in_an_undone_part_does_not_matter() {
    let db = with_parts();
    db.write(|w| {
        w.savepoint(|w| {
            add_part(w, 77)?;
            Err::<(), _>(Error::NoGlobal)
        })
        .unwrap_err();
        add(w, "outer")
    })
    .unwrap();
    assert_eq!(db.names(), ["kept", "outer"]);
    db.assert_whole();
}
