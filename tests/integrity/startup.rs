//! What is checked when a database is opened.

use super::*;

#[test]
fn a_whole_file_passes_every_check() {
    let made = Made::of(STOCK);
    for check in [IntegrityCheck::None, IntegrityCheck::Quick, IntegrityCheck::Full] {
        for read_only in [false, true] {
            let options = Options::new().startup_check(check).read_only(read_only);
            let db = made.open(options.invariants(&[never_negative()])).unwrap();
            assert_eq!(db.verify(check).unwrap(), []);
        }
    }
    // And one that is not there yet.
    let folder = tempfile::tempdir().unwrap();
    FULL().open(folder.path().join("new.db")).unwrap();
}

#[test]
fn a_ruined_page_is_found_by_both_checks_and_the_file_is_left_alone() {
    let made = Made::of(
        "CREATE TABLE stock (sku TEXT, text TEXT);
         INSERT INTO stock WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200)
                           SELECT i, hex(zeroblob(500)) FROM n;",
    );
    ruin_page(&made.path(), 5);
    let before = fs::read(made.path()).unwrap();
    for options in [QUICK(), FULL(), QUICK().read_only(true)] {
        let error = made.open(options).unwrap_err();
        let Error::Corrupt(corrupt) = &error else { panic!("{error}") };
        assert_eq!(corrupt.path.as_deref(), Some(made.path().as_path()));
        let found = &corrupt.findings[0];
        assert_eq!(
            (found.kind, found.place.as_deref()),
            (FindingKind::Damage, Some("table stock"))
        );
        assert!(found.what.starts_with("table stock, page 5: it is not laid out as"), "{found}");
        let report = error.report();
        for part in ["is damaged: ", "Known:", "Recovery:", "db-core verify --full"] {
            assert!(report.contains(part), "{part}: {report}");
        }
    }
    assert!(fs::read(made.path()).unwrap() == before, "it was changed");
    // Nobody asked.
    made.open(Options::new()).unwrap();
}

#[test]
fn an_index_with_other_values_than_its_table_is_found_by_the_full_check_only() {
    let made = Made::of(STOCK);
    made.by_hand(
        "CREATE INDEX by_qty ON stock (counted);
         UPDATE sqlite_schema SET sql = 'CREATE INDEX by_qty ON stock (qty)' WHERE name = 'by_qty'",
    );
    made.open(QUICK()).unwrap().close().unwrap();
    let error = made.open(FULL()).unwrap_err();
    assert!(matches!(&error, Error::Corrupt(_)), "{error}");
    let found = findings(error);
    assert_eq!(kinds(&found), [FindingKind::Index; 2], "{found:?}");
    assert_eq!(found[0].place.as_deref(), Some("index by_qty"));
    let mend = format!("rebuild the indexes: db-core reindex {}", made.path().display());
    assert_eq!(found[0].mend, mend);
    // The newest backup has less than what is there.
    let report = made.open(FULL()).unwrap_err().report();
    assert!(report.contains("nothing is lost") && !report.contains("restore"), "{report}");
}

#[test]
fn an_index_of_a_damaged_table_is_not_to_be_rebuilt() {
    let made = Made::of(
        "CREATE TABLE stock (sku INTEGER PRIMARY KEY, text TEXT); CREATE INDEX by_text ON stock (text);
         INSERT INTO stock WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 200)
                           SELECT i, hex(zeroblob(500)) FROM n;",
    );
    let conn = Connection::open(made.path()).unwrap();
    let leaf = "SELECT max(pageno) FROM dbstat WHERE name = 'stock' AND pagetype = 'leaf'";
    let leaf: u32 = conn.query_row(leaf, [], |row| row.get(0)).unwrap();
    conn.close().unwrap();
    ruin_page(&made.path(), leaf as usize);
    let found = made.refused(FULL());
    let index = found.iter().find(|finding| finding.kind == FindingKind::Index).unwrap();
    assert_eq!(index.mend, "mend the damage first, then check again", "{found:#?}");
}

#[test]
fn a_row_that_its_table_forbids_is_a_finding_and_no_damage() {
    let made = Made::of("CREATE TABLE stock (sku TEXT, qty INTEGER CHECK (qty >= 0));");
    made.by_hand("PRAGMA ignore_check_constraints = ON; INSERT INTO stock VALUES ('A-1', -1);");
    let error = made.open(QUICK()).unwrap_err();
    assert!(matches!(&error, Error::CheckFailed(_)), "{error}");
    let found = findings(error);
    assert_eq!(kinds(&found), [FindingKind::Constraint]);
    assert_eq!(found[0].place.as_deref(), Some("table stock"));
}

#[test]
fn whatever_a_table_is_called_its_rows_are_no_damage() {
    for name in ["web page views", "two\nlines", "Page 3", "x.y", "in index i"] {
        let made = Made::of(&format!("CREATE TABLE \"{name}\" (x CHECK (x > 0));"));
        made.by_hand(&format!(
            "PRAGMA ignore_check_constraints = ON; INSERT INTO \"{name}\" VALUES (-1);"
        ));
        let error = made.open(QUICK()).unwrap_err();
        assert!(matches!(error, Error::CheckFailed(_)), "{name}: {error}");
        let found = findings(error);
        assert_eq!(kinds(&found), [FindingKind::Constraint], "{found:?}");
        let place = format!("table {}", name.replace('\n', " "));
        assert_eq!(found[0].place, Some(place));
    }
}

/// As the error says: keep the file and its log as they are.
#[test]
fn a_log_is_not_carried_into_a_damaged_file() {
    let made = Made::of(
        "PRAGMA journal_mode = WAL; CREATE TABLE a (x); CREATE TABLE b (x); INSERT INTO b VALUES (1);",
    );
    let left = tempfile::tempdir().unwrap();
    let (copy, log) = (left.path().join("shop.db"), left.path().join("shop.db-wal"));
    let conn = Connection::open(made.path()).unwrap();
    conn.execute_batch("INSERT INTO a VALUES ('in the log')").unwrap();
    fs::copy(made.path(), &copy).unwrap();
    fs::copy(made.folder.path().join("shop.db-wal"), &log).unwrap();
    ruin_page(&copy, 3);
    let before = (fs::read(&copy).unwrap(), fs::read(&log).unwrap());
    let error = FULL().open(&copy).unwrap_err();
    assert!(matches!(error, Error::Corrupt(_)), "{error}");
    assert!((fs::read(&copy).unwrap(), fs::read(&log).unwrap()) == before, "it was changed");
}

#[test]
fn what_the_program_attaches_is_not_this_file() {
    let other = Made::of("CREATE TABLE a (x); CREATE TABLE b (x); INSERT INTO b VALUES (1);");
    ruin_page(&other.path(), 3);
    let made = Made::of(STOCK);
    let path = other.path();
    let attach =
        move |conn: &mut Connection| conn.execute("ATTACH ?1 AS other", [path.to_str()]).map(drop);
    for options in [QUICK(), FULL()] {
        made.open(options.on_connect(attach.clone())).unwrap();
    }
}

#[test]
fn an_invariant_only_reads() {
    for (query, said) in [
        ("BEGIN", "BEGIN"),
        ("PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys"),
        ("DELETE FROM stock RETURNING sku", "DELETE"),
    ] {
        let made = Made::of(STOCK);
        let wrong = [Invariant::new("it is kept", query)];
        for options in [
            QUICK().invariants(&wrong),
            Options::new().invariants(&wrong),
            Options::new().check_before_commit(&wrong),
        ] {
            let error = made.open(options).unwrap_err();
            assert!(error.report().contains("correct its query"), "{error:#}");
            let found = findings(error);
            assert_eq!(kinds(&found), [FindingKind::Unchecked]);
            let may = "\"it is kept\" can't be checked: it may only read";
            assert!(found[0].what.starts_with(may) && found[0].what.contains(said), "{found:?}");
        }
        let db = made.open(Options::new()).unwrap();
        assert_eq!(kinds(&db.check_invariants(&wrong).unwrap()), [FindingKind::Unchecked]);
        db.write(|w| w.execute("UPDATE stock SET qty = qty + 1", [])).unwrap();
    }
}

/// At the first commit it would be too late.
#[test]
fn a_slip_in_a_query_is_told_when_it_is_opened() {
    let made = Made::of(STOCK);
    for (query, said) in [
        ("SELEKT 1", "syntax error"),
        ("SELECT colour FROM stock", "no such column: colour"),
        ("", "it is no query that returns rows"),
    ] {
        let found =
            made.refused(Options::new().check_before_commit(&[Invariant::new("it is so", query)]));
        assert_eq!(kinds(&found), [FindingKind::Unchecked]);
        assert!(found[0].what.contains(said), "{found:?}");
    }
    // The program may make its tables after it was opened.
    let later = Invariant::new("it is so", "SELECT 1 FROM later");
    made.open(Options::new().check_before_commit(&[later])).unwrap();
}

#[test]
fn a_file_of_another_version_is_left_as_it_is() {
    let made = Made::of(STOCK);
    made.by_hand("PRAGMA user_version = 9");
    let before = fs::read(made.path()).unwrap();
    made.refused(Options::new().schema_version(3));
    made.refused(Options::new().schema_version(12));
    let never = |_conn: &mut Connection| panic!("it is set up");
    made.refused(Options::new().schema_version(3).setup(never));
    assert!(fs::read(made.path()).unwrap() == before, "it was changed");
}

#[test]
fn migrations_may_mend_what_is_found_and_a_damaged_file_is_not_migrated() {
    let made = Made::of(
        "CREATE TABLE product (id INTEGER PRIMARY KEY);
         CREATE TABLE line (product INTEGER REFERENCES product);
         INSERT INTO line VALUES (7);",
    );
    let mend = "INSERT INTO product SELECT product FROM line";
    made.open(FULL().migrations(&[mend])).unwrap().close().unwrap();

    let made = Made::of(STOCK);
    ruin_page(&made.path(), 3);
    let before = fs::read(made.path()).unwrap();
    let error = made.open(FULL().migrations(&["CREATE TABLE more (x)"])).unwrap_err();
    assert!(matches!(error, Error::Corrupt(_)), "{error}");
    assert!(fs::read(made.path()).unwrap() == before, "it was migrated");
}

#[test]
fn the_schemas_version_is_compared_whatever_is_checked() {
    let made = Made::of(STOCK);
    made.by_hand("PRAGMA user_version = 3");
    made.open(Options::new().schema_version(3)).unwrap().close().unwrap();
    for (expected, mend) in [(4, "own migrations"), (2, "newer version of the program")] {
        for read_only in [true, false] {
            let found = made.refused(Options::new().schema_version(expected).read_only(read_only));
            assert_eq!(kinds(&found), [FindingKind::SchemaVersion]);
            let is = format!("the schema version (user_version) is 3, and should be {expected}");
            assert_eq!(told(&found), [is]);
            assert!(found[0].mend.contains(mend), "{found:?}");
        }
    }
    // The program's own set-up may raise it.
    let raise = |conn: &mut Connection| Ok(conn.pragma_update(None, "user_version", 4)?);
    made.open(Options::new().schema_version(4).setup(raise)).unwrap();
    let both = Options::new().schema_version(1).migrations(&["SELECT 1"]);
    let error = made.open(both).unwrap_err();
    assert!(matches!(error, Error::InvalidOption { option: "schema_version", .. }), "{error}");
}

#[test]
fn a_file_in_another_journal_mode_is_taken_as_it_is_by_who_only_reads() {
    let made = Made::of(STOCK);
    let db = made.open(FULL().read_only(true)).unwrap();
    assert_eq!(db.verify(IntegrityCheck::Quick).unwrap(), []);
    drop(db);
    let db = made.open(FULL().journal_mode(JournalMode::Delete)).unwrap();
    assert_eq!(db.verify(IntegrityCheck::Quick).unwrap(), []);
}

#[test]
fn what_always_holds_is_checked_if_a_check_is_asked_for() {
    let made = Made::of(STOCK);
    made.by_hand("UPDATE stock SET qty = -3 WHERE sku = 'B-2'");
    let with = |options: Options| options.invariants(&[never_negative()]);
    let found = made.refused(with(QUICK()));
    assert_eq!(kinds(&found), [FindingKind::Invariant]);
    assert_eq!(told(&found), ["\"stock is never negative\" is broken: sku = 'B-2', qty = -3"]);
    assert_eq!(found[0].place.as_deref(), Some("sku = 'B-2', qty = -3"));
    let found = made.refused(QUICK().check_before_commit(&[never_negative()]));
    assert_eq!(found.len(), 1);
    let both = with(QUICK()).check_before_commit(&[never_negative()]);
    assert_eq!(made.refused(both).len(), 1, "it is told once");
    made.open(with(Options::new())).unwrap();
}

/// The error goes to functions of rusqlite's as SQLite's own would.
#[test]
fn damage_stays_damage_for_who_knows_rusqlite_only() {
    let made = Made::of(STOCK);
    ruin_page(&made.path(), 3);
    let error = rusqlite::Error::from(made.open(FULL()).unwrap_err());
    assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseCorrupt));
}
