//! The invariants themselves: what each of them finds, and how it is told.

use super::*;

/// What is found in a table `t (id INTEGER PRIMARY KEY, x)` with these values.
#[track_caller]
fn broken(values: &str, invariant: &Invariant) -> Vec<String> {
    let db = Database::open_in_memory().unwrap();
    let rows =
        format!("CREATE TABLE t (id INTEGER PRIMARY KEY, x); INSERT INTO t (x) VALUES {values}");
    db.write(|w| w.execute_batch(&rows)).unwrap();
    let found = db.check_invariants(std::slice::from_ref(invariant)).unwrap();
    let name = format!("\"{}\" is broken: ", invariant.name());
    found.iter().map(|finding| finding.what.strip_prefix(&name).unwrap().to_owned()).collect()
}

#[test]
fn not_null() {
    let holds = Invariant::not_null("t", "x");
    assert_eq!(broken("(1), (''), (0)", &holds), [""; 0]);
    assert_eq!(broken("(1), (NULL)", &holds), ["id = 2, x = NULL"]);
}

#[test]
fn in_range() {
    let whole = Invariant::in_range("t", "x", 0..=10);
    assert_eq!(broken("(0), (10), (5.5), (NULL)", &whole), [""; 0]);
    let out = ["id = 1, x = -1", "id = 2, x = 11", "id = 3, x = 'five'", "id = 4, x = x'05'"];
    assert_eq!(broken("(-1), (11), ('five'), (x'05')", &whole), out);
    let from = Invariant::in_range("t", "x", 0..);
    assert_eq!(broken("('five'), (5)", &from), ["id = 1, x = 'five'"]);
    let open = Invariant::in_range("t", "x", ..1.5);
    assert_eq!(broken("(1.4), (-9e99)", &open), [""; 0]);
    assert_eq!(broken("(1.5), ('a')", &open), ["id = 1, x = 1.5", "id = 2, x = 'a'"]);
    let text = Invariant::in_range("t", "x", "a".to_owned()..="it's".to_owned());
    assert_eq!(broken("('a'), ('it''s'), ('b')", &text), [""; 0]);
    assert_eq!(broken("('zoo')", &text), ["id = 1, x = 'zoo'"]);
    let extremes = Invariant::in_range("t", "x", i64::MIN + 1..i64::MAX);
    assert_eq!(broken("(-9223372036854775807)", &extremes), [""; 0]);
    assert_eq!(broken("(9223372036854775807), (-9223372036854775808)", &extremes).len(), 2);
    let of_nothing = Invariant::in_range("t", "x", f64::NAN..);
    assert_eq!(broken("(1), (NULL)", &of_nothing), ["id = 1, x = 1"]);
    assert_eq!(broken("(1), ('a'), (NULL)", &Invariant::in_range::<i64>("t", "x", ..)), [""; 0]);
}

#[test]
fn the_names_of_ranges_are_sentences() {
    for (invariant, name) in [
        (Invariant::in_range("t", "x", 1..=2), "x of t is 1 to 2"),
        (Invariant::in_range("t", "x", 1..2), "x of t is at least 1 and less than 2"),
        (Invariant::in_range("t", "x", ..=2), "x of t is at most 2"),
        (Invariant::in_range::<i64>("t", "x", ..), "x of t is anything"),
        (Invariant::not_null("t", "x"), "x of t is never NULL"),
        (Invariant::valid_date("t", "x"), "x of t is a date"),
        (Invariant::unique("t", &["x", "y"]), "x, y of t is in one row only"),
        (Invariant::not_null("t", "x").named("all have x"), "all have x"),
    ] {
        assert_eq!(invariant.name(), name);
    }
}

#[test]
fn valid_date() {
    let holds = Invariant::valid_date("t", "x");
    let good = "('2026-11-28'), ('2026-11-28 21:05'), ('2026-11-28T21:05:00.5Z'), (NULL),
                ('2024-02-29'), ('2026-11-28 01:00+05:00'), (2461000.5), ('21:05')";
    assert_eq!(broken(good, &holds), [""; 0]);
    for bad in
        ["'2026-02-30'", "'2026-13-01'", "'28.11.2026'", "''", "'now'", "'2026-2-3'", "'soon'"]
    {
        assert_eq!(broken(&format!("({bad})"), &holds), [format!("id = 1, x = {bad}")]);
    }
}

#[test]
fn unique() {
    let holds = Invariant::unique("t", &["x"]);
    assert_eq!(broken("(1), (2), (NULL), (NULL)", &holds), [""; 0]);
    assert_eq!(broken("('a'), ('b'), ('a'), ('a')", &holds), ["x = 'a', rows = 3"]);
}

#[test]
fn a_row_is_told_by_its_key_whatever_that_is() {
    let db = Database::open_in_memory().unwrap();
    let tables = r#"
        CREATE TABLE plain (x);
        CREATE TABLE keyed (a, b, x, PRIMARY KEY (b, a)) WITHOUT ROWID;
        CREATE TABLE "odd ""name" ("the x");
        CREATE VIEW seen AS SELECT x FROM plain;
        INSERT INTO plain VALUES (NULL);
        INSERT INTO keyed VALUES (1, 'two', NULL);
        INSERT INTO "odd ""name" VALUES (NULL);"#;
    db.write(|w| w.execute_batch(tables)).unwrap();
    let found = db.check_invariants(&[
        Invariant::not_null("plain", "x"),
        Invariant::not_null("keyed", "x"),
        Invariant::not_null("odd \"name", "the x"),
        Invariant::not_null("seen", "x"),
        Invariant::not_null("KEYED", "X"),
    ]);
    let found = found.unwrap();
    let rows: Vec<_> = found.iter().map(|finding| finding.place.as_deref().unwrap()).collect();
    assert_eq!(
        rows,
        [
            "rowid = 1, x = NULL",
            "b = 'two', a = 1, x = NULL",
            "rowid = 1, the x = NULL",
            "x = NULL",
            "b = 'two', a = 1, x = NULL",
        ]
    );
}

#[test]
fn of_long_values_the_beginning_is_told() {
    let rows = broken(
        "(zeroblob(5000)), (replace(hex(zeroblob(60)), '0', 'y')), (char(10) || 'line' || char(27))",
        &Invariant::new("nothing is there", "SELECT x FROM t"),
    );
    assert_eq!(rows[0], "x = a blob of 5000 bytes");
    assert!(rows[1].ends_with("yy..") && rows[1].len() < 100, "{rows:?}");
    assert!(!rows[2].contains(char::is_control), "{rows:?}");
}

#[test]
fn a_query_that_cant_be_run_is_a_finding_and_the_others_are_checked() {
    let db = TestDb::new();
    db.write(|w| w.execute("INSERT INTO item (name, qty) VALUES ('x', -1)", [])).unwrap();
    let found = db.check_invariants(&[
        Invariant::new("no table", "SELECT * FROM nowhere"),
        Invariant::new("no SQL", "whatever"),
        Invariant::new("it is empty", "-- SELECT"),
        Invariant::new("it writes", "DELETE FROM item RETURNING id"),
        Invariant::not_null("item", "colour"),
        Invariant::in_range("item", "qty", 0..),
    ]);
    let found = found.unwrap();
    assert_eq!(kinds(&found)[..5], [FindingKind::Unchecked; 5]);
    assert_eq!(kinds(&found)[5..], [FindingKind::Invariant]);
    let parts = [
        "no such table: nowhere",
        "syntax error",
        "\"it is empty\" can't be checked",
        "may only read",
        "no such column: item.colour",
        "qty = -1",
    ];
    for (finding, part) in found.iter().zip(parts) {
        assert!(finding.what.contains(part), "{part}: {finding}");
    }
    assert_eq!(db.names(), ["x"]);
}

#[test]
fn of_many_rows_a_hundred_are_told() {
    let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 130)
                SELECT i FROM n";
    let db = Database::open_in_memory().unwrap();
    let found = db.check_invariants(&[Invariant::new("there is nothing", rows)]).unwrap();
    assert_eq!(found.len(), 101);
    assert_eq!(found[100].what, "\"there is nothing\" is broken in 30 more rows");
}
