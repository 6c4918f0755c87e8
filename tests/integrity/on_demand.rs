//! `Database::verify`: while others write, and of what has been damaged meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::*;

#[test]
fn writers_go_on_while_it_is_checked() {
    let db = TestDb::new();
    let guard = db.writer().unwrap();
    assert_eq!(db.verify(IntegrityCheck::Full).unwrap(), []);
    drop(guard);
    let end = AtomicBool::new(false);
    thread::scope(|scope| {
        let writing = scope.spawn(|| {
            while !end.load(Ordering::Relaxed) {
                let sql = "INSERT INTO item (name) VALUES (hex(randomblob(300)))";
                db.write(|w| w.execute(sql, [])).unwrap();
            }
        });
        for _ in 0..20 {
            let before = db.stats().commits;
            assert_eq!(db.verify(IntegrityCheck::Full).unwrap(), []);
            wait_until("they go on", || db.stats().commits > before);
        }
        end.store(true, Ordering::Relaxed);
        writing.join().unwrap();
    });
    assert_eq!(db.stats().in_use, 0);
}

#[test]
fn it_sees_what_a_writer_of_its_own_thread_has_not_committed_as_not_there() {
    let db = TestDb::with(Options::new().invariants(&[Invariant::in_range("item", "qty", 0..)]));
    let sql = "INSERT INTO item (name, qty) VALUES ('x', -1)";
    let found = db.write(|w| {
        w.execute(sql, [])?;
        db.verify(IntegrityCheck::Quick)
    });
    assert_eq!(found.unwrap(), []);
    let found = db.verify(IntegrityCheck::None).unwrap();
    assert_eq!(told(&found), ["\"qty of item is at least 0\" is broken: id = 1, qty = -1"]);
}

#[test]
fn damage_that_came_while_it_was_open_is_a_finding() {
    let made = Made::of("CREATE TABLE a (x); CREATE TABLE b (x); INSERT INTO b VALUES ('word');");
    let db = made.open(Options::new()).unwrap();
    ruin_page(&made.path(), 3);
    let found = db.verify(IntegrityCheck::Full).unwrap();
    assert!(kinds(&found).contains(&FindingKind::Damage), "{found:?}");
    // It is usable as far as it is whole.
    db.write(|w| w.execute("INSERT INTO a VALUES (1)", [])).unwrap();
}

#[test]
fn a_foreign_key_that_somebody_breaks_is_found() {
    let made = Made::of(
        "CREATE TABLE product (id INTEGER PRIMARY KEY); INSERT INTO product VALUES (7);
         CREATE TABLE line (product INTEGER REFERENCES product) ; INSERT INTO line VALUES (7);",
    );
    let db = made.open(QUICK()).unwrap();
    assert_eq!(db.verify(IntegrityCheck::Quick).unwrap(), []);
    made.by_hand("DELETE FROM product");
    assert_eq!(kinds(&db.verify(IntegrityCheck::Quick).unwrap()), [FindingKind::ForeignKey]);
    assert_eq!(db.verify(IntegrityCheck::None).unwrap(), []);
}

#[test]
fn the_schemas_version_is_looked_at_again() {
    let made = Made::of(STOCK);
    let db = made.open(Options::new().schema_version(0)).unwrap();
    made.by_hand("PRAGMA user_version = 9");
    let found = db.verify(IntegrityCheck::None).unwrap();
    assert_eq!(kinds(&found), [FindingKind::SchemaVersion]);
}

#[test]
fn a_closed_database_is_not_checked() {
    let db = TestDb::new();
    db.close().unwrap();
    let error = db.verify(IntegrityCheck::Quick).unwrap_err();
    assert!(matches!(error, Error::Closed { .. }), "{error}");
}

#[test]
fn text_that_is_overwritten_is_no_damage_that_sqlite_can_see() {
    let made = Made::of("CREATE TABLE a (x TEXT); INSERT INTO a VALUES ('good word');");
    overwrite(&made.path(), b"good word", b"bad! word");
    let holds = Invariant::new("x is a good word", "SELECT x FROM a WHERE x <> 'good word'");
    let db = made.open(FULL()).unwrap();
    assert_eq!(db.verify(IntegrityCheck::Full).unwrap(), []);
    let found = db.check_invariants(&[holds]).unwrap();
    assert_eq!(told(&found), ["\"x is a good word\" is broken: x = 'bad! word'"]);
}

/// SQLite forgets them on a connection that can't write.
#[test]
fn constraints_are_checked_too() {
    let made = Made::of("CREATE TABLE stock (sku TEXT, qty INTEGER CHECK (qty >= 0));");
    made.by_hand("PRAGMA ignore_check_constraints = ON; INSERT INTO stock VALUES ('A-1', -1);");
    let db = made.open(Options::new()).unwrap();
    let found = db.verify(IntegrityCheck::Quick).unwrap();
    assert_eq!(kinds(&found), [FindingKind::Constraint]);
}

#[test]
fn what_was_found_is_told_although_an_invariant_meets_the_damage() {
    let made = Made::of("CREATE TABLE a (x); CREATE TABLE b (x); INSERT INTO b VALUES ('word');");
    let db = made.open(Options::new().invariants(&[Invariant::not_null("b", "x")])).unwrap();
    ruin_page(&made.path(), 3);
    let found = db.verify(IntegrityCheck::Full).unwrap();
    assert!(kinds(&found).contains(&FindingKind::Damage), "{found:?}");
    let error = db.check_invariants(&[Invariant::not_null("b", "x")]).unwrap_err();
    assert!(matches!(error, Error::Corrupt(_)), "{error}");
}

#[test]
fn a_name_that_is_no_text_hides_nothing() {
    let made = Made::of(
        "CREATE TABLE abc (x, y); CREATE INDEX idx ON abc (y); INSERT INTO abc VALUES (1, 2), (3, 4);",
    );
    made.by_hand(
        "UPDATE sqlite_schema SET name = CAST(x'69ff78' AS TEXT),
             sql = 'CREATE INDEX ' || CAST(x'69ff78' AS TEXT) || ' ON abc(x)' WHERE name = 'idx'",
    );
    let db = made.open(Options::new()).unwrap();
    let found = db.verify(IntegrityCheck::Full).unwrap();
    assert_eq!(kinds(&found), [FindingKind::Index; 2]);
}

/// A collation that only its own program has.
#[test]
fn of_another_programs_file_is_checked_what_can_be() {
    let made = Made::of("CREATE TABLE a (x NOT NULL); CREATE TABLE t (x TEXT UNIQUE);");
    made.by_hand(
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE t (x TEXT COLLATE mine UNIQUE)' WHERE name = 't';
         UPDATE sqlite_schema SET sql = 'CREATE TABLE a (x)' WHERE name = 'a';",
    );
    made.by_hand(
        "INSERT INTO a VALUES (NULL);
         UPDATE sqlite_schema SET sql = 'CREATE TABLE a (x NOT NULL)' WHERE name = 'a';",
    );
    let db = made.open(Options::new()).unwrap();
    let found = db.verify(IntegrityCheck::Full).unwrap();
    assert_eq!(kinds(&found), [FindingKind::Constraint, FindingKind::Unchecked], "{found:#?}");
    let what = "table t was not checked: no such collation sequence: mine";
    assert_eq!(found[1].what, what);
}

#[test]
fn it_waits_for_no_reader_and_has_no_limit_of_theirs() {
    use std::time::Duration;
    let options = Options::new().max_readers(1).read_timeout(Duration::from_nanos(1));
    let db = TestDb::with(options);
    let guard = db.reader().unwrap();
    assert_eq!(db.verify(IntegrityCheck::Full).unwrap(), []);
    drop(guard);
    // And leaves nothing open.
    let path = db.path().to_owned();
    db.close().unwrap();
    assert!(!path.with_extension("db-wal").exists());
}

#[test]
fn who_keeps_it_from_being_read_is_named() {
    use std::time::Duration;
    let options = Options::new().journal_mode(JournalMode::Delete);
    let db = TestDb::with(options.busy_timeout(Duration::from_millis(20)));
    let other = Connection::open(db.path()).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let error = db.verify(IntegrityCheck::Quick).unwrap_err();
    assert!(matches!(error, Error::Locked(_)), "{error}");
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(db.verify(IntegrityCheck::Quick).unwrap(), []);
}

#[test]
fn a_journal_mode_that_another_program_has_changed_is_found() {
    let made = Made::of(STOCK);
    let db = made.open(Options::new().journal_mode(JournalMode::Delete)).unwrap();
    assert_eq!(db.verify(IntegrityCheck::None).unwrap(), []);
    made.by_hand("PRAGMA journal_mode = WAL");
    let found = db.verify(IntegrityCheck::None).unwrap();
    assert_eq!(kinds(&found), [FindingKind::Setting]);
    assert_eq!(told(&found), ["journal_mode is wal, and should be delete"]);
    assert_eq!(found[0].place.as_deref(), Some("journal_mode"));
}
