//! Rows whose foreign keys name none: where they are, and what is to be done.

use super::*;

#[test]
fn a_row_that_names_none_is_found_with_its_place() {
    let made = Made::of(
        "CREATE TABLE product (id INTEGER PRIMARY KEY);
         CREATE TABLE line (id INTEGER PRIMARY KEY, product INTEGER REFERENCES product);
         INSERT INTO line VALUES (41, 7);",
    );
    let found = made.refused(QUICK());
    assert_eq!(kinds(&found), [FindingKind::ForeignKey]);
    assert_eq!(told(&found), ["row 41 of line names a row of product that is not there"]);
    assert_eq!(found[0].place.as_deref(), Some("table line, row 41"));
    assert!(found[0].mend.contains("DELETE FROM \"line\" WHERE rowid = 41"), "{found:?}");
    made.by_hand("INSERT INTO product VALUES (7)");
    made.open(QUICK()).unwrap();
}

/// A column of the table's own may be called `rowid`.
#[test]
fn what_is_advised_deletes_the_row_that_is_meant() {
    for (columns, name) in [("rowid INTEGER", "_rowid_"), ("x INTEGER", "rowid")] {
        let made = Made::of(&format!(
            "CREATE TABLE product (id INTEGER PRIMARY KEY); INSERT INTO product VALUES (5);
             CREATE TABLE line ({columns}, product INTEGER REFERENCES product);
             INSERT INTO line VALUES (2, 5), (7, 99);"
        ));
        let found = made.refused(QUICK());
        let delete = found[0].mend.split("delete this one: ").nth(1).unwrap();
        assert!(delete.contains(name), "{delete}");
        made.by_hand(delete);
        let conn = Connection::open(made.path()).unwrap();
        let left: i64 = conn.query_row("SELECT product FROM line", [], |row| row.get(0)).unwrap();
        assert_eq!(left, 5);
    }
}

#[test]
fn one_wrong_declaration_hides_nothing_else() {
    let made = Made::of(
        "CREATE TABLE p (id INTEGER, sku TEXT); CREATE TABLE good (id INTEGER PRIMARY KEY);
         CREATE TABLE wrong (sku TEXT REFERENCES p (sku));
         CREATE TABLE child (x REFERENCES good); INSERT INTO child VALUES (7);",
    );
    let found = made.refused(QUICK());
    assert_eq!(kinds(&found), [FindingKind::ForeignKey; 2]);
    assert_eq!(found[0].place.as_deref(), Some("table wrong"));
    assert_eq!(found[1].place.as_deref(), Some("table child, row 1"));
}

#[test]
fn many_rows_are_counted_and_a_hundred_told() {
    let made = Made::of(
        "CREATE TABLE product (id INTEGER PRIMARY KEY);
         CREATE TABLE line (product INTEGER REFERENCES product);
         INSERT INTO line WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 250)
                          SELECT i FROM n;",
    );
    let found = made.refused(QUICK());
    assert_eq!(found.len(), 101);
    assert_eq!(found[100].what, "150 more rows name rows that are not there");
    let report = made.open(QUICK()).unwrap_err().report();
    assert!(
        report.contains("(100 findings or more)") && report.contains("and 91 more"),
        "{report}"
    );
}

#[test]
fn a_key_that_can_name_nothing_is_a_finding() {
    let made = Made::of(
        "CREATE TABLE product (id INTEGER, sku TEXT);
         CREATE TABLE line (sku TEXT REFERENCES product (sku));",
    );
    let found = made.refused(QUICK());
    assert_eq!(kinds(&found), [FindingKind::ForeignKey]);
    assert!(found[0].what.contains("foreign key mismatch"), "{found:?}");
}
