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
