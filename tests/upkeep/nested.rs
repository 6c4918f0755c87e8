//! Upkeep where there can be none: inside of a body, of a database that only reads, after
//! its end.

use super::*;

/// Fails at once, whatever it might wait for.
#[track_caller]
pub(super) fn at_once<T>(work: impl FnOnce() -> Result<T>) -> Error {
    let start = Instant::now();
    let error = work().map(drop).unwrap_err();
    assert!(start.elapsed() < ms(2000), "{error}");
    error
}

#[test]
fn inside_of_a_writer_it_is_refused_at_once() {
    let db = TestDb::new();
    let guard = db.writer().unwrap();
    for (name, operation) in OPERATIONS {
        let error = at_once(|| operation(db.maintain_within(PATIENCE)));
        let Error::NestedWrite(nested) = &error else { panic!("{name}: {error:?}") };
        assert!(nested.inner.to_string().contains("tests/upkeep/main.rs"), "{name}: {error}");
    }
    let error = at_once(|| db.vacuum_into(db.beside("copy.db")));
    assert!(matches!(error, Error::NestedWrite(_)), "{error:?}");
    assert!(!db.beside("copy.db").exists());
    drop(guard);
    let error = db.write(|_w| db.vacuum()).unwrap_err();
    assert!(matches!(error, Error::NestedWrite(_)), "{error:?}");
    db.vacuum().unwrap();
}

#[test]
fn inside_of_a_body_that_may_run_again_it_is_refused() {
    let (db, other) = (TestDb::new(), TestDb::new());
    for (name, operation) in OPERATIONS {
        let policy = RetryPolicy::attempts(2);
        let error = db
            .write_idempotent(&policy, |_w| operation(other.maintain_within(PATIENCE)))
            .unwrap_err();
        assert!(matches!(error, Error::OnceInRetried(_)), "{name}: {error:?}");
    }
}

#[test]
fn inside_of_a_reader_all_but_waiting_for_it_is_done() {
    let db = TestDb::new();
    insert(&db, "apple").unwrap();
    let reader = db.reader().unwrap();
    let _: i64 = reader.query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap();
    insert(&db, "pear").unwrap();
    for (name, operation) in OPERATIONS {
        if name != "checkpoint" {
            operation(db.maintain_within(PATIENCE)).unwrap();
        }
    }
    db.vacuum_into(db.beside("copy.db")).unwrap();
    let error = at_once(|| db.maintain_within(PATIENCE).checkpoint(Checkpoint::Truncate));
    let Error::Locked(locked) = &error else { panic!("{error:?}") };
    if cfg!(target_os = "linux") {
        let told = locked.holder.to_string();
        assert!(told.contains("a reader of this program"), "{told}");
    }
}

#[test]
fn a_reader_of_this_thread_is_known_through_another_database_too() {
    let db = TestDb::new();
    insert(&db, "apple").unwrap();
    let other = Database::open(db.path()).unwrap();
    let reader = other.reader().unwrap();
    let _: i64 = reader.query_row("SELECT count(*) FROM item", [], |row| row.get(0)).unwrap();
    insert(&db, "pear").unwrap();
    let error = at_once(|| db.maintain_within(PATIENCE).checkpoint(Checkpoint::Truncate));
    assert!(matches!(error, Error::Locked(_)), "{error:?}");
    // That of another file is in nobody's way.
    let elsewhere = TestDb::new();
    insert(&elsewhere, "plum").unwrap();
    elsewhere.maintain_within(PATIENCE).checkpoint(Checkpoint::Truncate).unwrap();
}

#[test]
fn a_database_that_only_reads_has_no_upkeep() {
    let db = TestDb::new();
    let reading = Options::new().read_only(true).open(db.path()).unwrap();
    for (name, operation) in OPERATIONS {
        let error = operation(reading.maintain_within(PATIENCE)).unwrap_err();
        assert!(matches!(error, Error::ReadOnly { asked: true, .. }), "{name}: {error:?}");
    }
}

#[test]
fn a_closed_one_has_none_either() {
    let db = TestDb::new();
    db.close().unwrap();
    for (name, operation) in OPERATIONS {
        let error = operation(db.maintain_within(PATIENCE)).unwrap_err();
        assert!(matches!(error, Error::Closed { .. }), "{name}: {error:?}");
    }
    let error = db.vacuum_into(db.beside("copy.db")).unwrap_err();
    assert!(matches!(error, Error::Closed { .. }), "{error:?}");
}
