//! The statement that somebody is in: known once they have been in it for long, and never
//! taken for one that they, or somebody before them, have left.

use std::thread;
use std::time::Duration;

use db_core::{Kind, OpenGuard};

use super::common::{TestDb, wait_until};
use super::desk::{ENDLESS, Holds};
use super::inside::three_ways;
use super::{ms, told, writer_of};

/// Long enough that somebody was asked several times.
const LONG: Duration = ms(450);

/// No statement is told until it has been open for [`LONG`].
#[track_caller]
pub(crate) fn stays_none(statement: impl Fn() -> Option<String>, open_for: impl Fn() -> Duration) {
    wait_until("it is open for long", || {
        let before = open_for();
        assert_eq!(statement(), None, "after {before:?}");
        before >= LONG
    });
}

fn writer(db: &TestDb) -> OpenGuard {
    db.stats().writer.unwrap()
}

#[test]
fn the_statement_of_a_writer_is_known_while_it_is_in_it_for_long() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let importer = Holds::import(scope, &db);
        stays_none(|| writer(&db).statement, || writer(&db).open_for);
        importer.run(ENDLESS);
        wait_until("its statement is known", || writer(&db).statement.is_some());
        for writer in three_ways(&db) {
            assert_eq!(writer.statement.as_deref(), Some(ENDLESS));
        }
        let error = db_core::Error::WriterTimeout(Box::new(told(&db, Duration::ZERO)));
        let report = error.report();
        assert!(report.contains(&format!("is in the statement {ENDLESS}\n")), "{report}");
        importer.interrupt();
        wait_until("it is known to be in none", || writer(&db).statement.is_none());
        let after = writer(&db).open_for;
        stays_none(|| writer(&db).statement, || writer(&db).open_for.saturating_sub(after));
        importer.let_go();
    });
}

/// A connection goes from one transaction to the next, and takes no statement along.
#[test]
fn a_statement_of_the_transaction_before_is_not_told() {
    let db = TestDb::new();
    for _ in 0..2 {
        thread::scope(|scope| {
            let importer = Holds::import(scope, &db);
            stays_none(|| writer(&db).statement, || writer(&db).open_for);
            importer.run(ENDLESS);
            wait_until("its statement is known", || writer(&db).statement.is_some());
            importer.interrupt();
            importer.let_go();
        });
    }
    let reader = || {
        let mut guards = db.open_guards();
        guards.retain(|guard| guard.kind == Kind::Reader);
        guards.pop().unwrap()
    };
    for _ in 0..2 {
        thread::scope(|scope| {
            let browser = Holds::browse(scope, &db, "browser");
            stays_none(|| reader().statement, || reader().open_for);
            browser.run(ENDLESS);
            let known = || reader().statement.as_deref() == Some(ENDLESS);
            wait_until("its statement is known", known);
            browser.interrupt();
            browser.let_go();
        });
    }
}

/// Each is told its own, however many there are.
#[test]
fn statements_are_not_confused() {
    const OTHER: &str =
        "WITH RECURSIVE m(i) AS (SELECT 2 UNION ALL SELECT i + 2 FROM m) SELECT count(*) FROM m";
    let db = TestDb::new();
    thread::scope(|scope| {
        let importer = Holds::import(scope, &db);
        let browser = Holds::browse(scope, &db, "browser");
        let idle = Holds::browse(scope, &db, "idle");
        importer.run(OTHER);
        browser.run(ENDLESS);
        let statements = || {
            let guards = db.open_guards();
            let told = guards.into_iter().map(|guard| (guard.thread, guard.statement));
            told.collect::<Vec<_>>()
        };
        let own = [
            ("importer".to_owned(), Some(OTHER.to_owned())),
            ("browser".to_owned(), Some(ENDLESS.to_owned())),
            ("idle".to_owned(), None),
        ];
        wait_until("both are known", || statements() == own);
        for holds in [&importer, &browser] {
            holds.interrupt();
        }
        for holds in [importer, browser, idle] {
            holds.let_go();
        }
    });
}

#[test]
fn a_long_statement_is_told_on_one_line_and_cut_short() {
    const LONG: &str = "WITH RECURSIVE n(i) AS (
            SELECT 1
            UNION ALL
            SELECT i + 1
            FROM n
        )
        SELECT count(*) -- wörter: 123456789 123456789 123456789 123456789 123456789 123456789
            -- 123456789 123456789 123456789 123456789 123456789 123456789 123456789 123456789
        FROM n";
    let db = TestDb::new();
    thread::scope(|scope| {
        let holds = Holds::import(scope, &db);
        holds.run(LONG);
        wait_until("its statement is known", || writer(&db).statement.is_some());
        let guard = writer_of(told(&db, Duration::ZERO));
        let words: Vec<_> = LONG.split_whitespace().collect();
        let cut: String = words.join(" ").chars().take(200).collect();
        assert_eq!(guard.statement, Some(format!("{cut}..")));
        holds.interrupt();
        holds.let_go();
    });
}
