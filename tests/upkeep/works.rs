//! Each operation does what it is for.

use super::*;

#[test]
fn vacuum_gives_back_what_is_free() {
    for (journal, synchronous) in [
        (JournalMode::Wal, Synchronous::Normal),
        (JournalMode::Wal, Synchronous::Shared),
        (JournalMode::Delete, Synchronous::Normal),
        (JournalMode::Truncate, Synchronous::Full),
    ] {
        let db = TestDb::with(Options::new().journal_mode(journal).synchronous(synchronous));
        fill(&db, 2000);
        db.write(|w| w.execute("DELETE FROM item WHERE qty > 5", [])).unwrap();
        let names = db.names();
        assert!(number(&db, "PRAGMA freelist_count") > 100);
        db.checkpoint(Checkpoint::Truncate).unwrap();
        let before = fs::metadata(db.path()).unwrap().len();
        db.vacuum().unwrap();
        assert_eq!(number(&db, "PRAGMA freelist_count"), 0);
        let after = fs::metadata(db.path()).unwrap().len();
        assert!(after * 10 < before, "{journal:?}: {before} bytes before, {after} after");
        assert_eq!(db.names(), names);
        insert(&db, "and on").unwrap();
        db.assert_whole();
    }
}

#[test]
fn with_shared_syncs_a_vacuum_is_on_the_disk_when_it_returns() {
    let db = TestDb::with(Options::new().synchronous(Synchronous::Shared));
    insert(&db, "apple").unwrap();
    let before = db.stats().syncs;
    db.vacuum().unwrap();
    assert!(db.stats().syncs > before);
}

#[test]
fn a_reader_keeps_its_snapshot_over_a_vacuum() {
    let db = TestDb::new();
    fill(&db, 500);
    let reader = db.reader().unwrap();
    let count = || reader.query_row("SELECT count(*) FROM item", [], |row| row.get::<_, i64>(0));
    assert_eq!(count(), Ok(500));
    db.write(|w| w.execute("DELETE FROM item", [])).unwrap();
    db.vacuum().unwrap();
    assert_eq!(count(), Ok(500));
    let sum: i64 =
        reader.query_row("SELECT sum(length(name)) FROM item", [], |row| row.get(0)).unwrap();
    assert_eq!(sum, 500_000);
    drop(reader);
    assert_eq!(number(&db, "SELECT count(*) FROM item"), 0);
    db.checkpoint(Checkpoint::Truncate).unwrap();
    assert!(fs::metadata(db.path()).unwrap().len() < 50_000);
    db.assert_whole();
}

#[test]
fn statements_that_were_cached_before_go_on_after() {
    let db = TestDb::with(Options::new().max_readers(1));
    let add = |name: &str| {
        db.write(|w| w.prepare_cached("INSERT INTO item (name) VALUES (?1)")?.execute([name]))
    };
    let count = || {
        db.read(|r| {
            let mut count = r.prepare_cached("SELECT count(*) FROM item")?;
            count.query_row([], |row| row.get::<_, i64>(0))
        })
    };
    for (at, (name, operation)) in OPERATIONS.iter().enumerate() {
        add(name).unwrap();
        assert_eq!(count(), Ok(2 * at as i64 + 1), "{name}");
        operation(db.maintain_within(ms(5000))).unwrap();
        // In a savepoint, as the engine has statements of its own.
        db.write(|w| {
            w.prepare_cached("INSERT INTO item (name) VALUES (?1)")?.execute(["after"])?;
            w.savepoint(|inner| inner.execute("DELETE FROM item WHERE name = 'none'", []))
        })
        .unwrap();
        assert_eq!(count(), Ok(2 * at as i64 + 2), "{name}");
    }
}

/// VACUUM is to use files for what it copies, and a connection that is told so loses them.
#[test]
fn temporary_tables_of_the_programs_own_outlive_a_vacuum() {
    let db = TestDb::with(Options::new().on_connect(|conn| {
        conn.execute_batch(
            "PRAGMA temp_store = MEMORY; CREATE TEMP TABLE own (x); INSERT INTO own VALUES (7)",
        )
    }));
    let own = || db.write(|w| w.query_row("SELECT x FROM temp.own", [], |row| row.get(0)));
    assert_eq!(own(), Ok(7));
    db.vacuum().unwrap();
    assert_eq!(own(), Ok(7));
}

#[test]
fn analyze_tells_the_planner_of_open_readers_too() {
    let db = TestDb::with(Options::new().max_readers(1));
    db.write(|w| {
        w.execute_batch(
            "CREATE TABLE pair (a, b);
             CREATE INDEX by_a ON pair (a);
             CREATE INDEX by_b ON pair (b);
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
             INSERT INTO pair SELECT i, 1 FROM n;",
        )
    })
    .unwrap();
    let plan = |conn: &Connection| -> rusqlite::Result<String> {
        let sql = "EXPLAIN QUERY PLAN SELECT * FROM pair WHERE a = 1 AND b = 1";
        conn.query_row(sql, [], |row| row.get(3))
    };
    let read_plan = || db.read(|r| plan(r)).unwrap();
    db.analyze().unwrap();
    assert_eq!(number(&db, "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'pair'"), 2);
    assert!(read_plan().contains("by_a"), "{}", read_plan());
    for (changed, index) in [("b", "by_b"), ("a", "by_a")] {
        // Now it is the other one of which there is only one of each.
        db.write(|w| {
            w.execute_batch(&format!(
                "UPDATE pair SET a = 1, b = 1; UPDATE pair SET {changed} = rowid"
            ))
        })
        .unwrap();
        let open = db.reader().unwrap();
        assert!(!plan(&open).unwrap().contains(index));
        db.analyze().unwrap();
        // It had the connection while that was done, and gives it back.
        drop(open);
        assert!(read_plan().contains(index), "{changed}: {}", read_plan());
    }
}

/// Which tables are used the writer's connection can't know.
#[test]
fn optimize_looks_at_tables_that_only_readers_use() {
    let made = TestDb::new();
    fill(&made, 10);
    made.write(|w| w.execute_batch("CREATE INDEX by_name ON item (name)")).unwrap();
    made.analyze().unwrap();
    fill(&made, 2000);
    let db = Database::open(made.path()).unwrap();
    number(&db, "SELECT count(*) FROM item WHERE name > 'B'");
    // How many rows the planner thinks that there are.
    let rows = "SELECT CAST(stat AS INTEGER) FROM sqlite_stat1 WHERE tbl = 'item'";
    assert_eq!(number(&db, rows), 10);
    db.optimize().unwrap();
    assert!(number(&db, rows) > 1000, "{}", number(&db, rows));
}

#[test]
fn reindex_mends_an_index_that_does_not_fit_its_table() {
    let db = TestDb::new();
    fill(&db, 50);
    db.write(|w| w.execute_batch("CREATE INDEX by_name ON item (name)")).unwrap();
    db.close().unwrap();
    // What is in the index is not what it is said to be of.
    let conn = Connection::open(db.path()).unwrap();
    conn.execute_batch(
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = 'CREATE INDEX by_name ON item (qty)' WHERE name = 'by_name';
         PRAGMA schema_version = 1000;",
    )
    .unwrap();
    drop(conn);
    let db = Database::open(db.path()).unwrap();
    let check = || -> String {
        db.read(|r| r.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))).unwrap()
    };
    assert_ne!(check(), "ok");
    db.reindex().unwrap();
    assert_eq!(check(), "ok");
}

/// A body's limit is not for them: they take as long as the file is large.
#[test]
fn the_limits_of_bodies_are_not_theirs() {
    let slow = |conn: &mut Connection| {
        let wait = || {
            thread::sleep(ms(2));
            false
        };
        conn.progress_handler(500, Some(wait))
    };
    let limited = Options::new().write_timeout(ms(20)).read_timeout(ms(20)).on_connect(slow);
    let path = {
        let db = TestDb::new();
        fill(&db, 2000);
        db.write(|w| w.execute_batch("CREATE INDEX by_name ON item (name)")).unwrap();
        let copy = tempfile::NamedTempFile::new().unwrap();
        fs::remove_file(copy.path()).unwrap();
        db.vacuum_into(copy.path()).unwrap();
        copy.into_temp_path()
    };
    let db = limited.open(&path).unwrap();
    let sort = "CREATE TABLE sorted AS SELECT * FROM item ORDER BY name DESC";
    let late = db.write(|w| Ok::<_, Error>(w.execute_batch(sort)?));
    assert!(matches!(late, Err(Error::BodyTimeout(_))), "{late:?}");
    let copy = path.with_extension("copy");
    for (name, operation) in [
        ("reindex", &(|| db.reindex()) as &dyn Fn() -> Result<()>),
        ("analyze", &|| db.analyze()),
        ("vacuum", &|| db.vacuum()),
        ("vacuum_into", &|| db.vacuum_into(&copy)),
    ] {
        let start = Instant::now();
        operation().unwrap();
        assert!(start.elapsed() > ms(25), "{name} was too fast: {:?}", start.elapsed());
    }
    fs::remove_file(copy).unwrap();
}
