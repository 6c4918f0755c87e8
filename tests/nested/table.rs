//! The table.

use super::*;

#[test]
fn a_reader_takes_a_database_a_reader_or_any_writer() -> Result<()> {
    let db = TestDb::new();
    add(&*db, "apple")?;
    assert!(has(&*db, "apple")?);
    db.read(|r| {
        assert!(has(r, "apple")?);
        Ok::<_, Error>(())
    })?;
    db.write(|w| {
        assert!(has(w, "apple")?);
        Ok::<_, Error>(())
    })?;
    db.write_idempotent(&quick(2), |w| {
        assert!(has(w, "apple")?);
        Ok::<_, Error>(())
    })?;
    assert!(has(&db.reader()?, "apple")?);
    assert!(has(&db.writer()?, "apple")?);
    Ok(())
}

#[test]
fn a_reader_in_a_writer_sees_its_writes_and_nobody_else_does() -> Result<()> {
    let db = TestDb::new();
    db.write(|w| {
        add(w, "apple")?;
        assert!(has(w, "apple")?);
        assert!(!has(&*db, "apple")?, "the database itself is outside");
        w.savepoint(|w| {
            add(w, "pear")?;
            assert_eq!(names(w)?, ["apple", "pear"]);
            Ok::<_, Error>(())
        })
    })?;
    db.write_idempotent(&quick(2), |w| {
        ensure(w, "fig")?;
        assert!(has(w, "fig")?);
        Ok::<_, Error>(())
    })?;
    assert_eq!(names(&*db)?, ["apple", "pear", "fig"]);
    Ok(())
}

#[test]
fn a_writer_joins_the_writer_that_calls_it() -> Result<()> {
    let db = TestDb::new();
    db.write(|w| {
        add(w, "apple")?;
        ensure(w, "pear")?;
        assert_eq!(db.names(), [""; 0], "nothing is committed yet");
        Ok::<_, Error>(())
    })?;
    assert_eq!(db.names(), ["apple", "pear"]);
    assert_eq!(db.stats().commits, 1);

    db.write_idempotent(&quick(2), |w| {
        ensure(w, "fig")?;
        ensure(w, "plum")
    })?;
    assert_eq!(db.stats().commits, 2);

    failed(db.write(|w| {
        add(w, "lost")?;
        ensure(w, "lost too")?;
        Err(Error::NoGlobal)
    }));
    assert_eq!(db.names(), ["apple", "pear", "fig", "plum"]);
    assert_eq!(db.stats().commits, 2);
    Ok(())
}

#[test]
fn a_nested_writer_that_fails_undoes_only_itself() -> Result<()> {
    let db = TestDb::new();
    db.write(|w| {
        add(w, "before")?;
        failed(add_and_fail(w, "lost"));
        assert_eq!(names(w)?, ["before"]);
        let broken = w.savepoint(|w| -> rusqlite::Result<()> {
            w.execute("UPDATE item SET name = 'changed'", [])?;
            w.execute("DELETE FROM item", [])?;
            w.execute_batch("CREATE TABLE lost (x)")?;
            w.execute("INSERT INTO nowhere VALUES (1)", [])?;
            Ok(())
        });
        assert!(broken.unwrap_err().to_string().contains("nowhere"));
        add(w, "after")
    })?;
    assert_eq!(db.names(), ["before", "after"]);
    let lost = |r: &Reader| r.query_row("SELECT 1 FROM lost", [], |_row| Ok(()));
    assert!(db.read(lost).is_err(), "the table as well");
    Ok(())
}

#[test]
fn three_levels_fail_and_succeed_each_for_itself() -> Result<()> {
    #[writer]
    fn first(db: &Writer, fails: &[&str]) -> Result<()> {
        add(db, "1")?;
        let second = second(db, fails);
        assert_eq!(second.is_err(), fails.contains(&"2"));
        add(db, "1 end")?;
        if fails.contains(&"1") {
            return Err(Error::NoGlobal);
        }
        Ok(())
    }

    #[writer]
    fn second(db: &Writer, fails: &[&str]) -> Result<()> {
        add(db, "2")?;
        let third = db.savepoint(|w| third(w, fails));
        assert_eq!(third.is_err(), fails.contains(&"3"));
        add(db, "2 end")?;
        if fails.contains(&"2") {
            return Err(Error::NoGlobal);
        }
        Ok(())
    }

    #[writer]
    fn third(db: &Writer, fails: &[&str]) -> Result<()> {
        add(db, "3")?;
        if fails.contains(&"3") {
            return Err(Error::NoGlobal);
        }
        Ok(())
    }

    let cases: [(&[&str], &[&str]); 6] = [
        (&[], &["1", "2", "3", "2 end", "1 end"]),
        (&["3"], &["1", "2", "2 end", "1 end"]),
        (&["2"], &["1", "1 end"]),
        (&["2", "3"], &["1", "1 end"]),
        (&["1"], &[]),
        (&["1", "2", "3"], &[]),
    ];
    for (fails, expected) in cases {
        let db = TestDb::new();
        assert_eq!(first(&*db, fails).is_err(), fails.contains(&"1"));
        assert_eq!(db.names(), expected, "{fails:?} fail");
    }
    Ok(())
}

#[test]
fn a_savepoint_may_be_one_of_many() -> Result<()> {
    let db = TestDb::new();
    db.write(|w| {
        for round in 0..100 {
            let result = w.savepoint(|w| {
                add(w, &round.to_string())?;
                if round % 3 == 0 { Ok(()) } else { Err(Error::NoGlobal) }
            });
            assert_eq!(result.is_ok(), round % 3 == 0);
        }
        // And as deep as one likes.
        fn deeper(w: &Writer, levels: u32) -> Result<()> {
            if levels == 0 {
                return add(w, "bottom");
            }
            w.savepoint(|w| deeper(w, levels - 1))
        }
        deeper(w, 40)
    })?;
    let names = db.names();
    assert_eq!(names.len(), 35);
    assert_eq!(names.last().unwrap(), "bottom");
    Ok(())
}

#[test]
fn a_writer_inside_a_writer_through_the_database_is_refused_at_once() {
    let db = TestDb::new();
    let error = db
        .write(|w| {
            add(w, "apple")?;
            add(&*db, "pear")
        })
        .unwrap_err();
    assert!(matches!(error, Error::NestedWrite(_)), "{error:?}");

    let guard = db.writer().unwrap();
    for error in [
        add(&*db, "pear").unwrap_err(),
        db.writer().map(drop).unwrap_err(),
        ensure(&*db, "pear").unwrap_err(),
    ] {
        let Error::NestedWrite(nested) = &error else { panic!("{error:?}") };
        assert!(nested.outer.file().ends_with("table.rs"));
    }
    add(&guard, "fig").unwrap();
    guard.commit().unwrap();
    assert_eq!(db.names(), ["fig"]);
}

#[test]
fn a_once_only_writer_in_a_body_that_may_run_again_is_refused_at_once() {
    let (db, other) = (TestDb::new(), TestDb::new());
    // Types see this with the `&Writer`; a captured database only shows when it runs.
    let error = db.write_idempotent(&quick(3), |_w| add(&*other, "apple")).unwrap_err();
    let Error::OnceInRetried(again) = &error else { panic!("{error:?}") };
    assert_eq!(again.inner.function(), Some("nested::add"));
    assert_eq!(again.outer.function(), None);

    #[reader]
    #[retry_on_locked(max_attempts = 2)]
    fn retried_reader(db: &Reader, other: &Database) -> Result<()> {
        let _ = db;
        add(other, "apple")
    }
    let error = retried_reader(&*db, &db).unwrap_err();
    assert!(matches!(error, Error::OnceInRetried(_)), "{error:?}");

    // One that may run again as well is no harm in another database.
    db.write_idempotent(&quick(3), |_w| ensure(&*other, "pear")).unwrap();
    assert_eq!(other.names(), ["pear"]);
    assert_eq!(db.names(), [""; 0]);
}

#[test]
fn two_databases_are_written_one_inside_the_other() -> Result<()> {
    let (db, other) = (TestDb::new(), TestDb::new());
    db.write(|w| {
        add(w, "outer")?;
        add(&*other, "inner")?;
        // Committed on its own, whatever becomes of the outer one.
        assert_eq!(other.names(), ["inner"]);
        Err::<(), _>(Error::NoGlobal)
    })
    .unwrap_err();
    assert_eq!(db.names(), [""; 0]);
    assert_eq!(other.names(), ["inner"]);
    Ok(())
}
