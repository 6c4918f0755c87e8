//! What upkeep leaves alone: what is attached, what others wrote, readers that need nothing
//! new, and its own turn.

use std::sync::Arc;

use super::*;

#[test]
fn attached_databases_are_not_written() {
    let other = TestDb::new();
    fill(&other, 50);
    other.write(|w| w.execute_batch("CREATE INDEX by_name ON item (name)")).unwrap();
    let path = other.path().to_owned();
    let attach =
        move |conn: &mut Connection| conn.execute("ATTACH ?1 AS other", [path.to_str()]).map(drop);
    let db = TestDb::with(Options::new().on_connect(attach));
    fill(&db, 50);
    let before = fs::read(other.beside("shop.db-wal")).unwrap();
    for (name, operation) in OPERATIONS {
        operation(db.maintain_within(PATIENCE)).unwrap();
        assert!(fs::read(other.beside("shop.db-wal")).unwrap() == before, "{name}");
    }
    db.close().unwrap();
    assert!(fs::read(other.beside("shop.db-wal")).unwrap() == before, "closing");
}

#[test]
fn all_indexes_are_made_anew_whatever_their_tables_are_called() {
    let db = TestDb::new();
    let names = ["plain", "it's", "two \"words\"", "sélect", "order"];
    db.write(|w| {
        for name in names.map(|name| name.replace('"', "\"\"")) {
            w.execute_batch(&format!(
                "CREATE TABLE \"{name}\" (x UNIQUE, y); CREATE INDEX \"on {name}\" ON \"{name}\" (y);
                 INSERT INTO \"{name}\" VALUES (1, 10);"
            ))?;
        }
        w.execute_batch("CREATE TABLE odd (x PRIMARY KEY, y UNIQUE) WITHOUT ROWID")
    })
    .unwrap();
    db.close().unwrap();
    let conn = Connection::open(db.path()).unwrap();
    conn.execute_batch(
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(sql, '(y)', '(x)') WHERE name LIKE 'on %';
         PRAGMA schema_version = 1000;",
    )
    .unwrap();
    drop(conn);
    let db = Database::open(db.path()).unwrap();
    let broken = "SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'";
    assert!(number(&db, broken) >= 5);
    db.reindex().unwrap();
    assert_eq!(number(&db, broken), 0);
}

/// What holds for rows is asked of who changes them.
#[test]
fn rows_that_others_wrote_are_no_reason_to_refuse_it() {
    let in_stock = Invariant::in_range("item", "qty", 0..);
    let db = TestDb::with(Options::new().check_before_commit(&[in_stock]));
    fill(&db, 10);
    let theirs = "INSERT INTO item (name, qty) VALUES ('theirs', -1)";
    Foreign::open(db.path()).run(theirs).unwrap();
    for (name, operation) in OPERATIONS {
        operation(db.maintain_within(PATIENCE)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let error = insert(&db, "ours").unwrap_err();
    assert!(matches!(error, Error::InvariantBroken(_)), "{error:?}");
}

#[test]
fn readers_are_renewed_only_for_new_statistics() {
    let db = TestDb::new();
    db.write(|w| w.execute_batch("CREATE INDEX by_name ON item (name)")).unwrap();
    fill(&db, 50);
    let idle = || {
        number(&db, "SELECT count(*) FROM item");
        db.stats().idle
    };
    let before = idle();
    db.optimize().unwrap();
    assert!(db.stats().idle < before);
    assert_eq!(number(&db, "SELECT count(*) FROM sqlite_stat1"), 1);
    let before = idle();
    db.optimize().unwrap();
    assert_eq!(db.stats().idle, before);
}

/// The turn that it would wait for is that of the upkeep.
#[test]
fn a_set_up_that_writes_is_told_so_at_once() {
    type Handle = Arc<Mutex<Option<Database>>>;
    let (handle, told) = (Handle::default(), mpsc::channel());
    let db = {
        let (handle, told) = (Arc::clone(&handle), told.0);
        TestDb::with(Options::new().writer_timeout(PATIENCE).on_connect(move |_conn| {
            if let Some(db) = &*handle.lock().unwrap() {
                let _ = told.send(insert(db, "in the set-up").unwrap_err());
            }
            Ok(())
        }))
    };
    insert(&db, "apple").unwrap();
    *handle.lock().unwrap() = Some(db.clone());
    db.vacuum().unwrap();
    *handle.lock().unwrap() = None;
    let error = received(&told.1);
    assert!(matches!(error, Error::NestedWrite(_)), "{error:?}");
}
