//! read-only: a reader cannot write, by no statement and on no connection; one that
//! does on a writer's connection fails and dooms the transaction.

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use common::{TestDb, names};
use db_core::{Database, Error, Options, Reader, Result, Writer, reader, writer};
use rusqlite::Connection;

/// All the ways to write with a statement, each harmless enough to leave a database
/// behind that can be looked at.
const WRITES: &[&str] = &[
    "INSERT INTO item (name) VALUES ('new')",
    "INSERT INTO item (name) VALUES ('new') RETURNING id",
    "INSERT OR IGNORE INTO item (id, name) VALUES (1, 'new')",
    "REPLACE INTO item (id, name) VALUES (1, 'new')",
    "INSERT INTO item (id, name) VALUES (1, 'new') ON CONFLICT DO UPDATE SET name = 'new'",
    "WITH new (name) AS (VALUES ('new')) INSERT INTO item (name) SELECT name FROM new",
    "UPDATE item SET name = 'new'",
    "UPDATE item SET name = 'new' WHERE id = 1 RETURNING name",
    "DELETE FROM item",
    "DELETE FROM item WHERE id = 1",
    "INSERT INTO seen (name) VALUES ('new')",
    "INSERT INTO sqlite_sequence VALUES ('item', 7)",
    "CREATE TABLE new (x)",
    "CREATE TABLE IF NOT EXISTS new (x)",
    "CREATE TABLE new AS SELECT * FROM item",
    "CREATE INDEX new ON item (name)",
    "CREATE VIEW new AS SELECT 1",
    "CREATE TRIGGER new AFTER INSERT ON item BEGIN SELECT 1; END",
    "CREATE VIRTUAL TABLE new USING fts5(x)",
    "CREATE TEMP TABLE new (x)",
    "ALTER TABLE item RENAME TO new",
    "ALTER TABLE item RENAME COLUMN name TO new",
    "ALTER TABLE item ADD COLUMN new",
    "ALTER TABLE item DROP COLUMN qty",
    "DROP TABLE item",
    "DROP VIEW seen",
    "DROP INDEX item_name",
    "REINDEX",
    "ANALYZE",
    "VACUUM",
    "PRAGMA user_version = 77",
    "PRAGMA application_id = 77",
    "PRAGMA schema_version = 77",
    "PRAGMA journal_mode = DELETE",
    "PRAGMA auto_vacuum = FULL",
    "PRAGMA incremental_vacuum",
    "PRAGMA wal_checkpoint(TRUNCATE)",
    "PRAGMA writable_schema = ON",
    "PRAGMA query_only = OFF",
    "PRAGMA foreign_keys = OFF",
    "ATTACH ':memory:' AS new",
    "ATTACH ':memory' || ':' AS new",
    "BEGIN IMMEDIATE",
    "SAVEPOINT new",
    "COMMIT",
];

/// One item, a view that can be written through, an index.
fn shop() -> TestDb {
    let db = TestDb::new();
    db.write(|w| {
        w.execute_batch(
            "INSERT INTO item (name) VALUES ('old');
             CREATE INDEX item_name ON item (name);
             CREATE VIEW seen AS SELECT name FROM item;
             CREATE TRIGGER into_seen INSTEAD OF INSERT ON seen
                 BEGIN INSERT INTO item (name) VALUES (new.name); END;
             CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT);",
        )
    })
    .unwrap();
    // After changes of the schema the first reader in a writer empties the statement
    // cache; the tests below begin after that.
    db.write(|w| run_cached(w, "SELECT 1")).unwrap();
    db
}

/// Everything that the statements above could change, seen from outside.
fn contents(db: &Database) -> String {
    let conn = Connection::open(db.path()).unwrap();
    let mut all = Vec::new();
    for query in [
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL",
        "SELECT name || qty FROM item",
        "SELECT name || seq FROM sqlite_sequence",
        "SELECT user_version || ' ' FROM pragma_user_version",
        "SELECT application_id || ' ' FROM pragma_application_id",
        "SELECT journal_mode FROM pragma_journal_mode",
        "SELECT auto_vacuum || ' ' FROM pragma_auto_vacuum",
    ] {
        let mut statement = conn.prepare(query).unwrap();
        let rows = statement.query_map([], |row| row.get::<_, String>(0));
        all.extend(rows.unwrap().map(rusqlite::Result::unwrap));
    }
    all.join("\n")
}

/// What the statements could change on the connection that runs them.
fn settings(conn: &Connection) -> rusqlite::Result<Vec<i64>> {
    let one = |sql| conn.query_row(sql, [], |row| row.get(0));
    [
        "PRAGMA foreign_keys",
        "PRAGMA writable_schema",
        "PRAGMA query_only",
        "SELECT count(*) FROM pragma_database_list WHERE name <> 'temp'",
        "SELECT count(*) FROM sqlite_temp_master",
    ]
    .into_iter()
    .map(one)
    .collect()
}

/// Runs one statement through a reader, to its last row.
#[reader]
fn run(db: &Reader, sql: &str) -> Result<()> {
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

#[reader(autocommit)]
fn run_in_autocommit(db: &Reader, sql: &str) -> Result<()> {
    run(db, sql)
}

#[reader]
fn run_cached(db: &Reader, sql: &str) -> rusqlite::Result<()> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

#[reader]
fn run_and_ignore(db: &Reader, sql: &str) -> Result<()> {
    let _ignored = db.execute_batch(sql);
    Ok(())
}

/// SQLite itself has no VACUUM in a transaction, and says so first.
fn says_why(sql: &str, error: &Error) -> bool {
    match error {
        Error::ReaderWrote { .. } | Error::Refused(_) => true,
        other => sql == "VACUUM" && other.to_string().contains("transaction"),
    }
}

/// Tries every statement, each on a reader of the pool as `run` has it.
#[track_caller]
fn nothing_writes(run: impl Fn(&Database, &str) -> Result<()>) {
    let db = shop();
    let before = contents(&db);
    let set = db.read(|r| settings(r)).unwrap();
    for sql in WRITES {
        let error = run(&db, sql).expect_err(sql);
        assert!(says_why(sql, &error), "{sql}: {error:?}");
        assert_eq!(contents(&db), before, "{sql}");
        assert_eq!(db.read(|r| settings(r)).unwrap(), set, "{sql}");
    }
    db.write(|w| w.execute("INSERT INTO item (name) VALUES ('later')", [])).unwrap();
    assert_eq!(db.names(), ["old", "later"]);
}

#[test]
fn no_statement_writes_through_a_reader() {
    nothing_writes(run);
}

#[test]
fn no_statement_writes_through_a_reader_without_a_transaction() {
    nothing_writes(run_in_autocommit);
}

#[test]
fn no_cached_statement_writes_through_a_reader() {
    nothing_writes(|db, sql| Ok(run_cached(db, sql)?));
}

#[test]
fn no_statement_writes_through_a_closure_or_a_guard() {
    nothing_writes(|db, sql| db.read(|r| Ok(r.execute_batch(sql)?)));
    nothing_writes(|db, sql| run(&db.reader()?, sql));
}

#[test]
fn a_reader_that_ignores_the_error_has_not_written() {
    let db = shop();
    let before = contents(&db);
    let set = db.read(|r| settings(r)).unwrap();
    for sql in WRITES {
        run_and_ignore(&*db, sql).expect(sql);
        assert_eq!(contents(&db), before, "{sql}");
        assert_eq!(db.read(|r| settings(r)).unwrap(), set, "{sql}");
    }
}

#[test]
fn the_error_names_the_reader_and_the_way_out() {
    let db = shop();
    let error = run(&*db, WRITES[0]).unwrap_err();
    let Error::ReaderWrote { site } = &error else { panic!("{error:?}") };
    assert_eq!(site.function(), Some("read_only::run"));
    assert!(site.file().ends_with("read_only.rs"));
    assert!(error.report().contains("make the function a `#[writer]`"));

    // As another error type as well.
    let error = run_cached(&*db, WRITES[0]).unwrap_err();
    assert!(error.to_string().contains("run_cached"), "{error}");
    assert!(matches!(Error::from(error), Error::ReaderWrote { .. }));
}

#[test]
fn no_statement_writes_through_a_reader_in_a_writer() {
    let db = shop();
    let before = contents(&db);
    let set = db.read(|r| settings(r)).unwrap();
    let mut written = Vec::new();
    for sql in WRITES {
        match db.write(|w| run(w, sql)) {
            Ok(()) => {
                written.push(*sql);
                continue;
            }
            Err(error) => assert!(says_why(sql, &error), "{sql}: {error:?}"),
        }
        assert_eq!(contents(&db), before, "{sql}");
        // The writer's own connection, while it is a writer's again.
        let now = db.write(|w| settings(w)).unwrap();
        assert_eq!(now, set, "{sql}");
    }
    assert_eq!(written, [""; 0]);
}

#[test]
fn a_writer_may_go_on_after_a_reader_that_was_refused() {
    let db = shop();
    for sql in WRITES {
        db.write(|w| {
            run_and_ignore(w, sql)?;
            w.execute("UPDATE item SET qty = qty + 1", [])?;
            Ok::<_, Error>(())
        })
        .expect(sql);
    }
    let qty: i64 = db.read(|r| r.query_row("SELECT qty FROM item", [], |row| row.get(0))).unwrap();
    assert_eq!(usize::try_from(qty), Ok(WRITES.len()));
    assert_eq!(db.names(), ["old"]);
}

const INSERT: &str = "INSERT INTO item (name) VALUES ('smuggled')";

/// The statement is prepared while that is allowed, so nobody is asked when the
/// reader runs it.
#[writer]
fn smuggle(db: &Writer, sql: &str) -> Result<()> {
    drop(db.prepare_cached(sql)?);
    db.execute("INSERT INTO item (name) VALUES ('mine')", [])?;
    Ok(run_cached(db, sql)?)
}

#[test]
fn a_cached_write_in_a_writers_reader_is_found_and_undone() {
    let db = shop();
    for sql in [
        INSERT,
        "UPDATE item SET name = 'smuggled'",
        "DELETE FROM item",
        "INSERT INTO seen (name) VALUES ('smuggled')",
        "INSERT INTO item (name) VALUES ('smuggled') RETURNING id",
    ] {
        let error = smuggle(&*db, sql).expect_err(sql);
        assert!(
            matches!(&error, Error::ReaderWrote { site } if site.function() == Some("read_only::run_cached")),
            "{sql}: {error:?}"
        );
        assert_eq!(db.names(), ["old"], "{sql}");
    }
}

/// These change no row, so SQLite counts no change: they must not run at all.
#[test]
fn a_cached_change_of_the_schema_in_a_writers_reader_is_refused() {
    let db = shop();
    let before = contents(&db);
    let mut written = Vec::new();
    for sql in [
        "CREATE TABLE IF NOT EXISTS smuggled (x)",
        "DROP INDEX IF EXISTS item_name",
        "PRAGMA user_version = 77",
        "PRAGMA application_id = 77",
    ] {
        match smuggle(&*db, sql) {
            Err(Error::Refused(_)) => assert_eq!(contents(&db), before, "{sql}"),
            result => written.push(format!("{sql}: {result:?}")),
        }
    }
    assert_eq!(written, [""; 0]);
}

#[test]
fn a_reader_that_wrote_dooms_a_writer_that_ignores_it() {
    let db = shop();
    let error = db
        .write(|w| {
            drop(w.prepare_cached(INSERT)?);
            w.execute("INSERT INTO item (name) VALUES ('mine')", [])?;
            assert!(run_cached(w, INSERT).is_err());
            Ok::<_, Error>(())
        })
        .unwrap_err();
    assert!(matches!(error, Error::ReaderWrote { .. }), "{error:?}");
    assert_eq!(db.names(), ["old"]);

    let guard = db.writer().unwrap();
    drop(guard.prepare_cached(INSERT).unwrap());
    assert!(run_cached(&guard, INSERT).is_err());
    let error = guard.commit().unwrap_err();
    assert!(matches!(error, Error::ReaderWrote { .. }), "{error:?}");
    assert_eq!(db.names(), ["old"]);
}

#[test]
fn a_reader_that_wrote_dooms_a_writer_that_catches_its_panic() {
    let db = shop();
    let error = db
        .write(|w| {
            drop(w.prepare_cached(INSERT)?);
            let caught = catch_unwind(AssertUnwindSafe(|| write_and_panic(w)));
            assert!(caught.is_err());
            Ok::<_, Error>(())
        })
        .unwrap_err();
    assert!(matches!(error, Error::ReaderWrote { .. }), "{error:?}");
    assert_eq!(db.names(), ["old"]);
}

#[reader]
fn write_and_panic(db: &Reader) -> Result<()> {
    db.prepare_cached(INSERT)?.execute([])?;
    std::panic::resume_unwind(Box::new("after the write"));
}

#[test]
fn a_reader_that_wrote_dooms_the_writers_around_its_own() {
    let db = shop();
    let error = db
        .write(|w| {
            w.execute("INSERT INTO item (name) VALUES ('mine')", [])?;
            assert!(smuggle(w, INSERT).is_err());
            let nested = w.savepoint(|w| {
                assert!(run_cached(w, INSERT).is_err());
                Ok::<_, Error>(())
            });
            assert!(nested.is_ok(), "the savepoint itself has nothing to say");
            Ok::<_, Error>(())
        })
        .unwrap_err();
    assert!(matches!(error, Error::ReaderWrote { .. }), "{error:?}");
    assert_eq!(db.names(), ["old"]);
}

#[test]
fn a_reader_that_reads_dooms_nothing() {
    let db = shop();
    db.write(|w| {
        w.execute("INSERT INTO item (name) VALUES ('mine')", [])?;
        run(w, "SELECT * FROM item")?;
        run(w, "PRAGMA table_info(item)")?;
        run(w, "PRAGMA user_version")?;
        run(w, "PRAGMA integrity_check")?;
        run(w, "EXPLAIN INSERT INTO item (name) VALUES ('new')").or_else(expect_refused)?;
        // What it prepared itself, it may run after the reader.
        drop(w.prepare_cached(INSERT)?);
        run(w, "SELECT 1")?;
        w.prepare_cached(INSERT)?.execute([]).map_err(Error::from)
    })
    .unwrap();
    assert_eq!(db.names(), ["old", "mine", "smuggled"]);
}

/// An EXPLAIN writes nothing; that it is refused all the same is no harm.
fn expect_refused(error: Error) -> Result<()> {
    match error {
        Error::Refused(_) => Ok(()),
        other => Err(other),
    }
}

#[test]
fn a_database_opened_for_reading_refuses_writers_before_their_body() {
    let writable = shop();
    let db = Options::new().read_only(true).open(writable.path()).unwrap();
    let refused = |error: Error| matches!(error, Error::ReadOnly { asked: true, .. });
    let ran = |_w: &Writer| -> Result<()> { panic!("the body ran") };
    assert!(refused(db.write(ran).unwrap_err()));
    assert!(refused(smuggle(&db, INSERT).unwrap_err()));
    assert!(refused(db.writer().unwrap_err()));
    assert!(refused(db.writer_within(Duration::ZERO).unwrap_err()));
    for sql in WRITES {
        run(&db, sql).expect_err(sql);
    }
    assert_eq!(names(db.path()), ["old"]);
}
