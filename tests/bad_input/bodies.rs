//! Bodies.

use super::*;

#[writer]
fn add_and_run(db: &Writer, sql: &str) -> Result<()> {
    add(db, "before")?;
    db.execute_batch(sql)?;
    add(db, "after")
}

#[test]
fn a_body_that_runs_commit() {
    let db = TestDb::new();
    for (sql, statement, advice) in [
        ("COMMIT", "COMMIT", "return `Ok` to commit"),
        ("END TRANSACTION", "COMMIT", "return `Ok` to commit"),
        ("ROLLBACK", "ROLLBACK", "`Err` to roll back"),
        ("BEGIN", "BEGIN", "return `Ok` to commit"),
        ("BEGIN IMMEDIATE", "BEGIN", "return `Ok` to commit"),
        ("SAVEPOINT mine", "SAVEPOINT", "Writer::savepoint"),
        ("RELEASE db_core", "RELEASE", "Writer::savepoint"),
        ("ROLLBACK TO db_core", "ROLLBACK TO", "Writer::savepoint"),
        ("/* now */ commit;", "COMMIT", "return `Ok` to commit"),
    ] {
        let error = add_and_run(&*db, sql).unwrap_err();
        let Error::Refused(refused) = &error else { panic!("{sql}: {error:?}") };
        assert_eq!(refused.statement, statement);
        let text = format!("{error:#}");
        assert!(text.contains("`bad_input::bodies::add_and_run`"), "{text}");
        assert!(text.contains(advice), "{text}");
        assert!(text.contains("end a transaction by returning"), "{text}");
        assert_eq!(db.names(), [""; 0], "{sql}");
    }
    // The same through what rusqlite offers for it, and nested.
    for error in [
        db.write(|w| Ok::<_, Error>(w.unchecked_transaction().map(drop)?)).unwrap_err(),
        db.write(|w| add_and_run(w, "COMMIT")).unwrap_err(),
        db.write(|w| w.savepoint(|w| add_and_run(w, "COMMIT"))).unwrap_err(),
    ] {
        assert!(matches!(error, Error::Refused(_)), "{error:?}");
    }
    assert_eq!(db.names(), [""; 0]);
    add(&*db, "later").unwrap();
    assert_eq!(db.names(), ["later"]);
}

#[test]
fn a_body_that_runs_commit_and_ignores_that_it_may_not() {
    for sql in ["COMMIT", "ROLLBACK", "BEGIN", "SAVEPOINT mine", "RELEASE db_core"] {
        let db = TestDb::new();
        db.write(|w| {
            add(w, "before")?;
            assert!(w.execute_batch(sql).is_err());
            assert_eq!(db.names(), [""; 0], "{sql} has done nothing");
            w.savepoint(|w| {
                assert!(w.execute_batch(sql).is_err());
                add(w, "nested")
            })?;
            add(w, "after")
        })
        .unwrap();
        assert_eq!(db.names(), ["before", "nested", "after"], "{sql}");

        let result = db.write(|w| {
            assert!(w.execute_batch(sql).is_err());
            add(w, "lost")?;
            Err::<(), _>(Error::NoGlobal)
        });
        assert!(matches!(result, Err(Error::NoGlobal)));
        assert_eq!(db.names().len(), 3, "{sql}");
    }
}

const RETURNING: &str = "INSERT INTO item (name) VALUES ('one'), ('two') RETURNING id";

#[test]
fn a_body_that_leaves_a_returning_statement_unfinished() {
    #[writer]
    fn leaves(db: &Writer) -> Result<i64> {
        add(db, "before")?;
        let mut statement = db.prepare(RETURNING)?;
        let mut rows = statement.query([])?;
        let id = match rows.next()? {
            Some(row) => row.get(0)?,
            None => 0,
        };
        mem::forget(rows);
        mem::forget(statement);
        Ok(id)
    }

    let db = TestDb::new();
    let error = leaves(&*db).unwrap_err();
    let Error::UnfinishedStatement { site, sql } = &error else { panic!("{error:?}") };
    assert_eq!(sql, RETURNING);
    assert_eq!(site.function(), Some("bad_input::bodies::leaves"));
    let text = format!("{error:#}");
    for words in ["unfinished", "nothing is kept", RETURNING, "read all rows"] {
        assert!(text.contains(words), "{text}");
    }
    assert_eq!(db.names(), [""; 0]);
    add(&*db, "later").unwrap();
    assert_eq!(db.names(), ["later"]);
}

#[test]
fn a_body_that_reads_only_the_first_row_of_a_returning_statement() {
    let db = TestDb::new();
    let first = db.write(|w| w.query_row(RETURNING, [], |row| row.get::<_, i64>(0)));
    assert_eq!(first, Ok(1));
    assert_eq!(db.names(), ["one", "two"], "dropped, so it is finished");
}

#[test]
fn a_body_with_sql_that_is_none() {
    let db = TestDb::new();
    for sql in ["no SQL at all", "INSERT INTO nowhere VALUES (1)", "SELECT (", ";;; x"] {
        let error = add_and_run(&*db, sql).unwrap_err();
        assert!(matches!(error, Error::Sqlite(_)), "{sql}: {error:?}");
        assert_eq!(db.names(), [""; 0], "{sql}");
        let error = db.read(|r| r.execute_batch(sql)).unwrap_err();
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(db.stats().in_use, 0);
}
