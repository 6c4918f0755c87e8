//! What must hold at each commit: the transaction that breaks it is rolled back, and the error
//! says which row.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use db_core::testing::{Fault, Faults};
use db_core::{RetryPolicy, Writer, writer};

use super::*;

fn shop() -> (Made, Database) {
    shop_with(Options::new())
}

fn shop_with(options: Options) -> (Made, Database) {
    let made = Made::of(STOCK);
    let db = made.open(options.check_before_commit(&[never_negative()])).unwrap();
    (made, db)
}

#[writer]
fn sell(db: &Writer, sku: &str, qty: i64) -> Result<()> {
    db.execute("UPDATE stock SET qty = qty - ?2 WHERE sku = ?1", (sku, qty))?;
    Ok(())
}

fn left(db: &Database, sku: &str) -> i64 {
    db.read(|r| r.query_row("SELECT qty FROM stock WHERE sku = ?1", [sku], |row| row.get(0)))
        .unwrap()
}

#[test]
fn a_call_that_breaks_it_is_rolled_back_and_told_which_row() {
    let (_made, db) = shop();
    sell(&db, "A-1", 5).unwrap();
    let error = sell(&db, "B-2", 3).unwrap_err();
    let Error::InvariantBroken(broken) = &error else { panic!("{error}") };
    assert_eq!(broken.site.function(), Some("integrity::before_commit::sell"));
    assert_eq!(kinds(&broken.findings), [FindingKind::Invariant]);
    let line = error.to_string();
    assert!(line.starts_with("`integrity::before_commit::sell` (tests/integrity/"), "{line}");
    let end = ") was rolled back: \"stock is never negative\" is broken: sku = 'B-2', qty = -3";
    assert!(line.ends_with(end), "{line}");
    assert!(error.report().contains("the database is as it was before"), "{error:#}");
    assert!(!error.is_locked());
    assert_eq!((left(&db, "A-1"), left(&db, "B-2")), (0, 0));
    // Nothing is left open, and the next one is as good as ever.
    assert_eq!(db.stats().in_use, 0);
    db.write(|w| w.execute("UPDATE stock SET qty = 9", [])).unwrap();
    sell(&db, "B-2", 9).unwrap();
}

#[test]
fn it_may_be_broken_in_between() {
    let (_made, db) = shop();
    db.write(|w| {
        sell(w, "A-1", 7)?;
        w.execute("UPDATE stock SET qty = qty + 7", [])?;
        Ok::<_, Error>(())
    })
    .unwrap();
    assert_eq!(left(&db, "A-1"), 5);
}

#[test]
fn a_nested_call_is_checked_with_the_outermost_and_its_callbacks_are_lost() {
    let (_made, db) = shop();
    let called = Arc::new(AtomicUsize::new(0));
    let error = db.write(|w| {
        let called = Arc::clone(&called);
        w.on_commit(move || called.store(1, Ordering::Relaxed));
        sell(w, "A-1", 6)
    });
    let error = error.unwrap_err();
    assert!(matches!(error, Error::InvariantBroken(_)), "{error}");
    assert!(error.to_string().starts_with("tests/integrity/before_commit.rs:"), "{error}");
    assert_eq!(called.load(Ordering::Relaxed), 0);
    assert_eq!(left(&db, "A-1"), 5);
}

#[test]
fn a_guard_is_checked_too() {
    let (_made, db) = shop();
    let guard = db.writer().unwrap();
    guard.execute("UPDATE stock SET qty = -1", []).unwrap();
    let error = guard.commit().unwrap_err();
    assert_eq!(findings(error).len(), 2);
    let guard = db.writer().unwrap();
    guard.execute("UPDATE stock SET qty = 1", []).unwrap();
    guard.commit().unwrap();
}

#[test]
fn it_is_no_lock_and_is_not_tried_again() {
    let faults = Faults::new();
    let (_made, db) = shop_with(Options::new().faults(&faults));
    let runs = AtomicUsize::new(0);
    let error = db.write_idempotent(&RetryPolicy::attempts(5), |w| {
        runs.fetch_add(1, Ordering::Relaxed);
        w.execute("UPDATE stock SET qty = -1", [])?;
        Ok::<_, Error>(())
    });
    assert!(matches!(error.unwrap_err(), Error::InvariantBroken(_)));
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    // What is met by the commit itself is tried again.
    faults.inject(Fault::Busy.at_commit());
    let policy = RetryPolicy::attempts(2).base_delay(Duration::ZERO);
    db.write_idempotent(&policy, |w| {
        w.execute("UPDATE stock SET qty = 1", []).map_err(Error::from)
    })
    .unwrap();
}

#[test]
fn a_transaction_that_is_gone_is_told_as_that() {
    let (_made, db) = shop();
    let error = db.write(|w| {
        let _ignored = w.execute("INSERT OR ROLLBACK INTO stock VALUES ('A-1', -1, NULL)", []);
        Ok::<_, Error>(())
    });
    let error = error.unwrap_err();
    assert!(matches!(error, Error::RolledBack { .. }), "{error}");
}

#[test]
fn one_that_cant_be_checked_lets_nothing_pass() {
    let made = Made::of(STOCK);
    let wrong = Invariant::new("orders add up", "SELECT id FROM orders WHERE total <> 0");
    let db = made.open(Options::new().check_before_commit(&[wrong])).unwrap();
    let error = sell(&db, "A-1", 1).unwrap_err();
    let line = error.to_string();
    assert!(line.contains("\"orders add up\" can't be checked: no such table: orders"), "{line}");
    assert_eq!(left(&db, "A-1"), 5);
    // From the commit on that makes the table it is checked.
    db.write(|w| w.execute_batch("CREATE TABLE orders (id INTEGER PRIMARY KEY, total)")).unwrap();
    sell(&db, "A-1", 1).unwrap();
}

#[test]
fn a_query_that_writes_is_not_run() {
    let made = Made::of(STOCK);
    // When it is opened SQLite can't tell: there is no such table yet.
    let writes = Invariant::new("it is read", "DELETE FROM orders RETURNING id");
    let db = made.open(Options::new().check_before_commit(&[writes])).unwrap();
    let orders = "CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1)";
    let error = db.write(|w| Ok::<_, Error>(w.execute_batch(orders)?)).unwrap_err();
    assert!(error.to_string().contains("\"it is read\" can't be checked: it writes"), "{error}");
}

#[test]
fn a_check_that_takes_too_long_is_the_writers_time() {
    let made = Made::of(STOCK);
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n WHERE i < 0";
    let options = Options::new().write_timeout(Duration::from_millis(50));
    let db = made.open(options.check_before_commit(&[Invariant::new("it ends", endless)])).unwrap();
    let error = sell(&db, "A-1", 1).unwrap_err();
    assert!(matches!(error, Error::BodyTimeout(_)), "{error}");
    assert_eq!(left(&db, "A-1"), 5);
}

#[test]
fn functions_with_other_errors_get_it_too() {
    #[writer]
    fn by_rusqlite(db: &rusqlite::Connection) -> rusqlite::Result<usize> {
        db.execute("UPDATE stock SET qty = -1 WHERE sku = 'A-1'", [])
    }
    let (_made, db) = shop();
    let theirs = by_rusqlite(&db).unwrap_err();
    assert!(theirs.to_string().contains("sku = 'A-1', qty = -1"), "{theirs}");
    assert!(matches!(Error::from(theirs), Error::InvariantBroken(_)));
}

#[test]
fn what_others_write_is_their_own() {
    let (made, db) = shop();
    made.by_hand("UPDATE stock SET qty = -2 WHERE sku = 'B-2'");
    // But nothing is added to it.
    assert!(matches!(sell(&db, "A-1", 1).unwrap_err(), Error::InvariantBroken(_)));
    db.write(|w| w.execute("UPDATE stock SET qty = 0 WHERE sku = 'B-2'", [])).unwrap();
}
