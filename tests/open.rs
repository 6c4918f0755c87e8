//! Opening: what every connection is set to, migrations, set-up, and the ways a file
//! can be opened.

mod common;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use common::{ForeignLock, Lock, Process, TestDb, make_file, names, received};
use db_core::{
    CacheSize, Database, Error, JournalMode, OpenProblem, Options, Result, Synchronous, TempStore,
    WaitedFor,
};
use rusqlite::types::Value;
use rusqlite::{Connection, StatementStatus};
use tempfile::TempDir;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    (folder, path)
}

fn pragma(conn: &Connection, name: &str) -> rusqlite::Result<Value> {
    conn.pragma_query_value(None, name, |row| row.get(0))
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn add(db: &Database, name: &str) -> rusqlite::Result<usize> {
    db.write(|w| w.execute("INSERT INTO item (name) VALUES (?1)", [name]))
}

// Settings.

/// Each pragma on the writer and on two readers, the second opened while the first
/// is in use.
#[track_caller]
fn assert_settings(db: &Database, expected: &[(&str, Value)]) {
    for (name, value) in expected {
        let on_writer = db.write(|w| pragma(w, name)).unwrap();
        let (first, second) = (db.reader().unwrap(), db.reader().unwrap());
        let on_readers = [&first, &second].map(|reader| pragma(reader, name).unwrap());
        if *name != "busy_timeout" {
            assert_eq!(on_writer, *value, "{name} of the writer");
        }
        for on_reader in on_readers {
            assert_eq!(on_reader, *value, "{name} of a reader");
        }
    }
    assert_eq!(db.stats().connections, 3);
}

#[test]
fn every_connection_has_the_default_settings() {
    let (_folder, path) = folder();
    assert_settings(
        &Database::open(path).unwrap(),
        &[
            ("foreign_keys", Value::Integer(1)),
            ("journal_mode", text("wal")),
            ("synchronous", Value::Integer(1)),
            ("temp_store", Value::Integer(2)),
            ("cache_size", Value::Integer(-64_000)),
            ("busy_timeout", Value::Integer(5_000)),
            ("journal_size_limit", Value::Integer(64 * 1024 * 1024)),
            ("trusted_schema", Value::Integer(0)),
        ],
    );
}

#[test]
fn every_connection_has_the_settings_that_are_asked_for() {
    let (_folder, path) = folder();
    let options = Options::new()
        .foreign_keys(false)
        .journal_mode(JournalMode::Truncate)
        .synchronous(Synchronous::Full)
        .temp_store(TempStore::File)
        .cache_size(CacheSize::Pages(123))
        .busy_timeout(Duration::from_millis(1_234))
        .journal_size_limit(Some(5_000))
        .trusted_schema(true);
    assert_settings(
        &options.clone().open(path).unwrap(),
        &[
            ("foreign_keys", Value::Integer(0)),
            ("synchronous", Value::Integer(2)),
            ("temp_store", Value::Integer(1)),
            ("cache_size", Value::Integer(123)),
            ("busy_timeout", Value::Integer(1_234)),
            ("journal_size_limit", Value::Integer(5_000)),
            ("trusted_schema", Value::Integer(1)),
        ],
    );
    let db = options
        .journal_mode(JournalMode::Wal)
        .cache_size(CacheSize::Kib(789))
        .journal_size_limit(None)
        .open_in_memory()
        .unwrap();
    assert_settings(
        &db,
        &[
            ("journal_mode", text("wal")),
            ("cache_size", Value::Integer(-789)),
            ("journal_size_limit", Value::Integer(-1)),
        ],
    );
}

#[test]
fn every_journal_mode_works() {
    for (mode, word) in [
        (JournalMode::Wal, "wal"),
        (JournalMode::Delete, "delete"),
        (JournalMode::Truncate, "truncate"),
        (JournalMode::Persist, "persist"),
    ] {
        // The WAL is kept in the file itself, the others are the connection's own.
        let db = TestDb::with(Options::new().journal_mode(mode));
        assert_eq!(db.write(|w| pragma(w, "journal_mode")), Ok(text(word)));
        add(&db, word).unwrap();
        add(&db, "again").unwrap();
        let read = db.read(|r| r.query_row("SELECT count(*) FROM item", [], |row| row.get(0)));
        assert_eq!(read, Ok(2));
        assert_eq!(db.names(), [word, "again"]);
    }
}

#[test]
fn the_longest_times_are_no_times_too_long() {
    let db = TestDb::with(
        Options::new()
            .busy_timeout(Duration::MAX)
            .writer_timeout(Duration::MAX)
            .reader_timeout(Duration::MAX)
            .max_readers(1),
    );
    add(&db, "apple").unwrap();
    drop(db.writer_within(Duration::MAX).unwrap());
    drop(db.reader().unwrap());
    // A wait that ends.
    thread::scope(|scope| {
        let (writer, reader) = (db.writer().unwrap(), db.reader().unwrap());
        let db = &db;
        let waits = scope.spawn(move || {
            drop(db.reader().unwrap());
            drop(db.writer().unwrap());
        });
        common::wait_until("it waits for the reader", || !waits.is_finished());
        drop(reader);
        common::wait_until("it waits for the writer", || db.stats().waiting == 1);
        drop(writer);
        waits.join().unwrap();
    });
    let lock = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item"));
    thread::scope(|scope| {
        let waits = scope.spawn(|| add(&db, "pear").unwrap());
        common::wait_until("it met the lock", || db.stats().locks_met == 1);
        lock.release();
        waits.join().unwrap();
    });
    db.close_within(Duration::MAX).unwrap();
    assert_eq!(db.names(), ["apple", "pear"]);
}

#[test]
fn the_statement_cache_has_the_size_that_is_asked_for() {
    // How often a statement ran before it was prepared again.
    fn runs(conn: &Connection, sql: &str) -> rusqlite::Result<i32> {
        let mut statement = conn.prepare_cached(sql)?;
        let runs = statement.get_status(StatementStatus::Run);
        statement.exists([])?;
        Ok(runs)
    }
    let queries: Vec<String> = (0..20).map(|n| format!("SELECT {n}")).collect();
    for (cache, kept) in [(None, true), (Some(20), true), (Some(19), false), (Some(0), false)] {
        let mut options = Options::new();
        if let Some(size) = cache {
            options = options.statement_cache(size);
        }
        let db = TestDb::with(options);
        for round in 0..3 {
            for sql in &queries {
                let expected = if kept { round } else { 0 };
                assert_eq!(db.read(|r| runs(r, sql)), Ok(expected), "{cache:?} reader");
                assert_eq!(db.write(|w| runs(w, sql)), Ok(expected), "{cache:?} writer");
            }
        }
    }
}

#[test]
fn options_that_make_no_sense_are_refused_before_anything_happens() {
    let (_folder, path) = folder();
    let none = Options::new().max_readers(0);
    let setup = Options::new().read_only(true).setup(|_conn| Ok(()));
    for (options, name) in [(none, "max_readers"), (setup, "setup")] {
        let error = options.open(&path).unwrap_err();
        assert!(
            matches!(&error, Error::InvalidOption { option, .. } if *option == name),
            "{error:?}"
        );
        assert!(error.to_string().contains("leave"), "what to do: {error}");
        assert!(!path.exists());
    }
}

// on_connect.

#[test]
fn on_connect_runs_on_every_connection_before_the_settings() {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let options = Options::new().on_connect(move |conn| {
        counter.fetch_add(1, Ordering::Relaxed);
        // Its own settings stay, those of the options win.
        conn.execute_batch(
            "PRAGMA recursive_triggers = ON; PRAGMA cell_size_check = ON;
             PRAGMA foreign_keys = OFF; PRAGMA cache_size = 5;",
        )?;
        conn.busy_timeout(Duration::ZERO)
    });
    let (_folder, path) = folder();
    let db = options.open(&path).unwrap();
    assert_eq!(count.load(Ordering::Relaxed), 1);
    assert_settings(
        &db,
        &[
            // First, while the connections are new.
            ("busy_timeout", Value::Integer(5_000)),
            ("recursive_triggers", Value::Integer(1)),
            ("cell_size_check", Value::Integer(1)),
            ("foreign_keys", Value::Integer(1)),
            ("cache_size", Value::Integer(-64_000)),
        ],
    );
    assert_eq!(count.load(Ordering::Relaxed), 3);
}

#[test]
fn on_connect_may_do_what_bodies_may_not() {
    let (other, here) = (TestDb::new(), TestDb::new());
    add(&other, "over there").unwrap();
    let attached = other.path().to_owned();
    let db = Options::new()
        .on_connect(move |conn| {
            conn.execute("ATTACH ?1 AS other", [attached.to_str()])?;
            Ok(())
        })
        .open(here.path())
        .unwrap();
    let ask = |conn: &Connection| {
        conn.query_row("SELECT name FROM other.item", [], |row| row.get::<_, String>(0))
    };
    assert_eq!(db.read(|r| ask(r)).unwrap(), "over there");
    assert_eq!(db.write(|w| ask(w)).unwrap(), "over there");
}

#[test]
fn an_error_of_on_connect_is_the_callers() {
    let fails = Arc::new(AtomicUsize::new(0));
    let told = Arc::clone(&fails);
    let options = Options::new().on_connect(move |conn| match told.load(Ordering::Relaxed) {
        0 => Ok(()),
        _ => conn.execute_batch("SELECT no_such_function()"),
    });
    let (_folder, path) = folder();
    make_file(&path);
    fails.store(1, Ordering::Relaxed);
    let error = options.clone().open(&path).unwrap_err();
    assert!(error.to_string().contains("no_such_function"), "{error}");

    fails.store(0, Ordering::Relaxed);
    let db = options.open(&path).unwrap();
    fails.store(1, Ordering::Relaxed);
    let error = db.reader().unwrap_err();
    assert!(error.to_string().contains("no_such_function"), "{error}");
    assert_eq!(db.stats().in_use, 0);
    add(&db, "the writer is connected").unwrap();
    fails.store(0, Ordering::Relaxed);
    drop(db.reader().unwrap());
    assert_eq!(db.stats().connections, 2);
}

// Migrations.

const FIRST: &str = "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
                     INSERT INTO item (name) VALUES ('first');";
const SECOND: &str = "INSERT INTO item (name) VALUES ('second')";
const THIRD: &str = "INSERT INTO item (name) VALUES ('third');
                     CREATE INDEX by_name ON item (name);";

fn version(path: &Path) -> i64 {
    let conn = Connection::open(path).unwrap();
    conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
}

#[test]
fn migrations_run_in_order_and_once() {
    let (_folder, path) = folder();
    let all = Options::new().migrations(&[FIRST, SECOND, THIRD]);
    for _ in 0..3 {
        let db = all.clone().open(&path).unwrap();
        let seen = db.read(|r| pragma(r, "user_version"));
        assert_eq!(seen, Ok(Value::Integer(3)));
        assert_eq!(names(&path), ["first", "second", "third"]);
        assert_eq!(db.stats().in_use, 0);
    }
}

#[test]
fn migrations_go_on_where_the_file_is() {
    let (_folder, path) = folder();
    drop(Options::new().migrations(&[FIRST]).open(&path).unwrap());
    assert_eq!((version(&path), names(&path)), (1, vec!["first".to_owned()]));
    // The scripts that it has had are not looked at.
    let rest = ["no SQL at all", SECOND, THIRD];
    drop(Options::new().migrations(&rest).open(&path).unwrap());
    assert_eq!(version(&path), 3);
    assert_eq!(names(&path), ["first", "second", "third"]);
}

#[test]
fn a_migration_that_fails_leaves_the_file_as_it_was() {
    let (_folder, path) = folder();
    drop(Options::new().migrations(&[FIRST]).open(&path).unwrap());
    let before = fs::read(&path).unwrap();
    for broken in [
        "INSERT INTO item (name) VALUES (NULL)",
        "INSERT INTO nowhere VALUES (1)",
        "CREATE TABLE half (x); CREATE TABLE item (x)",
        "no SQL at all",
    ] {
        let error =
            Options::new().migrations(&[FIRST, SECOND, broken, THIRD]).open(&path).unwrap_err();
        let Error::Migration(migration) = &error else { panic!("{error:?}") };
        assert_eq!((migration.number, migration.total), (3, 4));
        assert_eq!(migration.path, path);
        assert!(error.report().contains("mend the script"), "{error:#}");
        assert_eq!(fs::read(&path).unwrap(), before, "{broken}");
    }
    let db = Options::new().migrations(&[FIRST, SECOND]).open(&path);
    assert!(db.is_ok());
    assert_eq!(names(&path), ["first", "second"]);
}

#[test]
fn a_migration_may_not_end_its_transaction_or_change_settings() {
    let (_folder, path) = folder();
    drop(Options::new().migrations(&[FIRST]).open(&path).unwrap());
    let before = fs::read(&path).unwrap();
    for statement in [
        "COMMIT",
        "END",
        "ROLLBACK",
        "BEGIN",
        "SAVEPOINT here",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA journal_mode = DELETE",
        "ATTACH ':memory:' AS other",
    ] {
        let script = format!("CREATE TABLE half (x); {statement}; CREATE TABLE rest (x);");
        let error = Options::new().migrations(&[FIRST, &script]).open(&path).unwrap_err();
        let Error::Migration(migration) = &error else { panic!("{statement}: {error:?}") };
        assert_eq!(migration.number, 2);
        assert!(matches!(*migration.source, Error::Refused(_)), "{error:?}");
        assert!(error.report().contains("Options::setup"), "{error:#}");
        assert_eq!(fs::read(&path).unwrap(), before, "{statement}");
    }
    let gone = ["SELECT 1; INSERT OR ROLLBACK INTO item VALUES (1, 'x')"];
    let scripts = [&[FIRST][..], &gone[..]].concat();
    let error = Options::new().migrations(&scripts).open(&path).unwrap_err();
    assert!(matches!(error, Error::Migration(_)), "{error:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_file_from_the_future_is_refused_and_left_alone() {
    let (_folder, path) = folder();
    make_file(&path);
    for future in [3, 99, -1] {
        let conn = Connection::open(&path).unwrap();
        conn.pragma_update(None, "user_version", future).unwrap();
        drop(conn);
        let before = fs::read(&path).unwrap();
        let error = Options::new().migrations(&[FIRST, SECOND]).open(&path).unwrap_err();
        let Error::SchemaVersion { file, known, .. } = error else { panic!("{error:?}") };
        assert_eq!((file, known), (future, 2));
        assert!(error.report().contains("newer version"), "{error:#}");
        assert_eq!(fs::read(&path).unwrap(), before, "not even its journal mode");

        // Without migrations the number is the program's own.
        let read_only = Options::new().read_only(true).open(&path).unwrap();
        let seen = read_only.read(|r| pragma(r, "user_version"));
        assert_eq!(seen, Ok(Value::Integer(future)));
    }
}

#[test]
fn many_threads_that_open_at_once_migrate_once() {
    const THREADS: usize = 8;
    let (_folder, path) = folder();
    let start = Barrier::new(THREADS);
    let all = Options::new().migrations(&[FIRST, SECOND, THIRD]);
    let databases: Vec<Database> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    all.clone().open(&path).unwrap()
                })
            })
            .collect();
        threads.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(names(&path), ["first", "second", "third"]);
    for db in &databases {
        add(db, "everybody").unwrap();
    }
    assert_eq!(names(&path).len(), 3 + THREADS);
}

#[test]
fn many_processes_that_open_at_once_migrate_once() {
    let all = Options::new().migrations(&[FIRST, SECOND, THIRD]);
    if let Some(path) = Process::role() {
        Process::say("child: ready");
        std::io::stdin().read_line(&mut String::new()).unwrap();
        match all.open(path).map(|db| add(&db, "everybody")) {
            Ok(added) => Process::say(&format!("child: {added:?}")),
            Err(error) => Process::say(&format!("child: {error}")),
        }
        return;
    }
    for _ in 0..3 {
        let (_folder, path) = folder();
        let mut children: Vec<Process> = (0..4)
            .map(|_| Process::again("many_processes_that_open_at_once_migrate_once", &path))
            .collect();
        for child in &children {
            assert_eq!(child.hear("child: ").as_deref(), Some("ready"));
        }
        for child in &mut children {
            child.tell("go");
        }
        for child in &children {
            assert_eq!(child.hear("child: ").as_deref(), Some("Ok(1)"));
        }
        assert_eq!(names(&path)[..3], ["first", "second", "third"]);
        assert_eq!(names(&path).len(), 3 + children.len());
    }
}

// Set-up.

#[test]
fn the_setup_runs_after_the_migrations_and_outside_a_transaction() {
    let (_folder, path) = folder();
    let runs = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&runs);
    let options = Options::new().migrations(&[FIRST]).setup(move |conn| {
        counter.fetch_add(1, Ordering::Relaxed);
        assert!(conn.is_autocommit());
        let version =
            conn.query_row("SELECT user_version FROM pragma_user_version", [], |row| {
                row.get::<_, i64>(0)
            })?;
        assert_eq!(version, 1);
        // What no migration may do.
        conn.execute_batch("PRAGMA foreign_keys = OFF; VACUUM")?;
        let tx = conn.transaction()?;
        tx.execute("INSERT INTO item (name) VALUES ('by the setup')", [])?;
        Ok(tx.commit()?)
    });
    let db = options.open(&path).unwrap();
    assert_eq!(names(&path), ["first", "by the setup"]);
    drop((db.reader().unwrap(), db.reader().unwrap()));
    assert_eq!(runs.load(Ordering::Relaxed), 1, "not on every connection");
    assert_settings(&db, &[("foreign_keys", Value::Integer(1))]);
}

#[test]
fn the_setup_has_the_writers_turn() {
    let (_folder, path) = folder();
    make_file(&path);
    let first = Database::open(&path).unwrap();
    let (entered, inside) = mpsc::channel();
    let (go_on, told) = mpsc::channel::<()>();
    let told = Mutex::new(told);
    let options = Options::new().setup(move |_conn| {
        entered.send(())?;
        received(&told.lock().unwrap());
        Ok(())
    });
    thread::scope(|scope| {
        let opener = scope.spawn(|| options.open(&path).unwrap());
        received(&inside);
        let error = first.writer_within(Duration::from_millis(1)).unwrap_err();
        let Error::WriterTimeout(timeout) = &error else { panic!("{error:?}") };
        let WaitedFor::Writer(holder) = &timeout.waited_for else { panic!("{error}") };
        assert!(holder.site.file().ends_with("open.rs"), "{error}");
        first.read(|r| pragma(r, "user_version")).unwrap();
        go_on.send(()).unwrap();
        drop(opener.join().unwrap());
    });
    add(&first, "afterwards").unwrap();
}

#[test]
fn a_setup_that_fails_is_the_callers_error() {
    let (_folder, path) = folder();
    make_file(&path);
    let refused = Options::new().setup(|_conn| Err("no schema for today".into()));
    let error = refused.open(&path).unwrap_err();
    assert!(matches!(error, Error::Setup(_)), "{error:?}");
    assert!(error.to_string().contains("no schema for today"), "{error}");

    let broken = Options::new().setup(|conn| {
        conn.execute_batch(
            "INSERT INTO item (name) VALUES ('kept'); INSERT INTO nowhere VALUES (1)",
        )?;
        Ok(())
    });
    let error = broken.open(&path).unwrap_err();
    assert!(error.to_string().contains("nowhere"), "{error}");
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.downcast_ref::<rusqlite::Error>().is_some());

    // Neither leaves anything behind that others would meet.
    let db = Database::open(&path).unwrap();
    add(&db, "later").unwrap();
    assert_eq!(names(&path), ["kept", "later"]);
}

/// In a process of its own, as whether the connection is closed well shows only as a
/// crash.
#[test]
fn a_setup_that_leaves_a_transaction_open_is_an_error() {
    let Some(path) = Process::role() else {
        let (_folder, path) = folder();
        make_file(&path);
        let mut child = Process::again("a_setup_that_leaves_a_transaction_open_is_an_error", &path);
        let status = child.ended();
        assert!(status.success(), "{status}");
        assert_eq!(names(&path), ["later"; 20]);
        return;
    };
    for _ in 0..20 {
        let options = Options::new().setup(|conn| {
            conn.execute_batch("BEGIN IMMEDIATE; INSERT INTO item (name) VALUES ('lost')")?;
            Ok(())
        });
        let error = options.open(&path).unwrap_err();
        assert!(matches!(error, Error::Setup(_)), "{error:?}");
        assert!(error.to_string().contains("transaction open"), "{error}");
        // Also with an error of its own.
        let options = Options::new().setup(|conn| {
            conn.execute_batch("BEGIN IMMEDIATE; INSERT INTO item (name) VALUES ('lost')")?;
            Err("on second thoughts".into())
        });
        let error = options.open(&path).unwrap_err();
        assert!(error.to_string().contains("on second thoughts"), "{error}");
        add(&Database::open(&path).unwrap(), "later").unwrap();
    }
}

#[test]
fn a_setup_can_not_take_the_journal_mode_away() {
    let (_folder, path) = folder();
    make_file(&path);
    let options = Options::new().setup(|conn| {
        conn.query_row("PRAGMA journal_mode = DELETE", [], |_row| Ok(()))?;
        conn.execute_batch("PRAGMA synchronous = OFF; PRAGMA trusted_schema = ON")?;
        Ok(())
    });
    match options.open(&path) {
        Ok(db) => assert_settings(
            &db,
            &[
                ("journal_mode", text("wal")),
                ("synchronous", Value::Integer(1)),
                ("trusted_schema", Value::Integer(0)),
            ],
        ),
        Err(error) => assert!(matches!(error, Error::Setup(_) | Error::JournalMode { .. })),
    }
}

// Reading only, and not creating.

#[test]
fn a_database_can_be_opened_for_reading_only() {
    let (_folder, path) = folder();
    let read_only = Options::new().read_only(true);
    let missing = read_only.clone().open(&path).unwrap_err();
    assert!(matches!(&missing, Error::Open(open) if open.problem == OpenProblem::NoFile));
    assert!(!path.exists());

    make_file(&path);
    for opened_before in [false, true] {
        if opened_before {
            // Now it has a WAL.
            add(&Database::open(&path).unwrap(), "apple").unwrap();
        }
        let before = fs::read(&path).unwrap();
        let db = read_only.clone().open(&path).unwrap();
        let guards = (db.reader().unwrap(), db.reader().unwrap());
        for guard in [&guards.0, &guards.1] {
            let count = guard.query_row("SELECT count(*) FROM item", [], |row| row.get(0));
            assert_eq!(count, Ok(i64::from(opened_before)));
        }
        drop(guards);
        let error = db.writer().unwrap_err();
        assert!(matches!(error, Error::ReadOnly { asked: true, .. }), "{error:?}");
        let settings =
            db.read(|r| Ok::<_, Error>((pragma(r, "foreign_keys")?, pragma(r, "cache_size")?)));
        assert_eq!(settings.unwrap(), (Value::Integer(1), Value::Integer(-64_000)));
        db.close().unwrap();
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[test]
fn a_read_only_database_sees_what_others_write() {
    let db = TestDb::new();
    let read_only = Options::new().read_only(true).open(db.path()).unwrap();
    let count =
        || read_only.read(|r| r.query_row("SELECT count(*) FROM item", [], |row| row.get(0)));
    assert_eq!(count(), Ok(0));
    add(&db, "apple").unwrap();
    assert_eq!(count(), Ok(1));
}

#[test]
fn a_read_only_database_needs_the_newest_schema() {
    let (_folder, path) = folder();
    drop(Options::new().migrations(&[FIRST]).open(&path).unwrap());
    let before = fs::read(&path).unwrap();
    let read_only = Options::new().read_only(true);
    let error = read_only.clone().migrations(&[FIRST, SECOND]).open(&path).unwrap_err();
    assert!(matches!(error, Error::SchemaVersion { file: 1, known: 2, .. }), "{error:?}");
    assert!(error.report().contains("without `read_only`"), "{error:#}");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert!(read_only.migrations(&[FIRST]).open(&path).is_ok());
}

#[test]
fn a_missing_file_is_created_only_if_that_is_wanted() {
    let (_folder, path) = folder();
    let error = Options::new().create(false).open(&path).unwrap_err();
    assert!(matches!(&error, Error::Open(open) if open.problem == OpenProblem::NoFile));
    assert!(error.report().contains("create(false)"), "{error:#}");
    assert!(!path.exists());
    drop(Database::open(&path).unwrap());
    assert!(path.exists());
    let db = Options::new().create(false).open(&path).unwrap();
    db.write(|w| w.execute_batch(FIRST)).unwrap();
    add(&db, "apple").unwrap();
    assert_eq!(names(&path), ["first", "apple"]);
}

// The journal mode of the file.

#[test]
fn an_existing_file_is_converted_and_keeps_its_contents() {
    let (_folder, path) = folder();
    make_file(&path);
    let mode = |path: &Path| {
        let conn = Connection::open(path).unwrap();
        pragma(&conn, "journal_mode").unwrap()
    };
    assert_eq!(mode(&path), text("delete"));
    add(&Database::open(&path).unwrap(), "in WAL").unwrap();
    assert_eq!(mode(&path), text("wal"));
    let delete = Options::new().journal_mode(JournalMode::Delete);
    add(&delete.open(&path).unwrap(), "in DELETE").unwrap();
    assert_eq!(mode(&path), text("delete"));
    add(&Database::open(&path).unwrap(), "in WAL again").unwrap();
    assert_eq!(mode(&path), text("wal"));
    assert_eq!(names(&path), ["in WAL", "in DELETE", "in WAL again"]);
    common::assert_whole(&path);
}

#[test]
fn a_conversion_waits_for_others() {
    let (_folder, path) = folder();
    make_file(&path);
    let lock = ForeignLock::take(&path, Lock::Reading);
    let hasty = Options::new().busy_timeout(Duration::from_millis(5));
    let error = hasty.open(&path).unwrap_err();
    let Error::Locked(locked) = &error else { panic!("{error:?}") };
    assert_eq!(locked.path.as_deref(), Some(&*path));
    assert!(locked.waited >= Duration::from_millis(5), "{error}");
    assert!(error.report().contains("another application"), "{error:#}");

    thread::scope(|scope| {
        let (connecting, connects) = mpsc::channel();
        let patient = Options::new().on_connect(move |_conn| {
            let _ = connecting.send(());
            Ok(())
        });
        let opener = scope.spawn(|| patient.open(&path).unwrap());
        received(&connects);
        // It comes out the same at any moment, but only one who has met the lock is a
        // test of waiting.
        thread::sleep(Duration::from_millis(30));
        lock.release();
        let db = opener.join().unwrap();
        assert_eq!(db.write(|w| pragma(w, "journal_mode")), Ok(text("wal")));
    });
}

#[test]
fn a_conversion_that_others_prevent_changes_nothing_for_them() {
    let db = TestDb::new();
    add(&db, "apple").unwrap();
    let reader = db.reader().unwrap();
    let error = Options::new()
        .journal_mode(JournalMode::Delete)
        .busy_timeout(Duration::from_millis(5))
        .open(db.path())
        .unwrap_err();
    assert!(matches!(error, Error::Locked(_)), "{error:?}");
    drop(reader);
    add(&db, "pear").unwrap();
    assert_eq!(db.names(), ["apple", "pear"]);
}

#[test]
fn many_threads_that_open_at_once_convert_once() {
    const THREADS: usize = 8;
    for _ in 0..5 {
        let (_folder, path) = folder();
        make_file(&path);
        let start = Barrier::new(THREADS);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    start.wait();
                    let db = Database::open(&path).unwrap();
                    add(&db, "everybody").unwrap();
                });
            }
        });
        assert_eq!(names(&path).len(), THREADS);
    }
}

// In memory.

#[test]
fn a_database_in_memory_is_one_for_all_its_connections() {
    let db = Options::new().migrations(&[FIRST]).open_in_memory().unwrap();
    add(&db, "apple").unwrap();
    let guards = (db.reader().unwrap(), db.reader().unwrap());
    for guard in [&guards.0, &guards.1] {
        let count = guard.query_row("SELECT count(*) FROM item", [], |row| row.get(0));
        assert_eq!(count, Ok(2));
    }
    // The locking rules of every other: a writer does not disturb readers.
    add(&db, "pear").unwrap();
    let other = Options::new().migrations(&[FIRST]).open_in_memory().unwrap();
    assert_ne!(db.path(), other.path());
    assert_eq!(names(other.path()), ["first"]);
}

#[test]
fn a_database_in_memory_leaves_nothing_behind() {
    let folder_of = |db: &Database| {
        let folder = db.path().parent().unwrap().to_owned();
        assert!(folder.is_dir());
        folder
    };
    let open = || Options::new().migrations(&[FIRST]).open_in_memory().unwrap();

    let dropped = open();
    let folder = folder_of(&dropped);
    let clone = dropped.clone();
    drop(dropped);
    add(&clone, "still open").unwrap();
    drop(clone);
    assert!(!folder.exists(), "dropped");

    let closed = open();
    let folder = folder_of(&closed);
    drop(closed.reader().unwrap());
    closed.close().unwrap();
    drop(closed);
    assert!(!folder.exists(), "closed");

    let mut folder = PathBuf::new();
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let db = open();
        folder = folder_of(&db);
        let _guards = (db.reader().unwrap(), db.writer().unwrap());
        resume_unwind(Box::new(()))
    }));
    assert!(unwound.is_err_and(|_payload: Box<_>| !folder.exists()), "unwound");

    let failed = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&failed);
    let refused = Options::new().setup(move |conn| {
        *seen.lock().unwrap() = conn.path().map(PathBuf::from);
        Err("no".into())
    });
    assert!(refused.open_in_memory().is_err());
    let file = failed.lock().unwrap().take().unwrap();
    assert!(!file.parent().unwrap().exists(), "not opened");
}

#[cfg(unix)]
#[test]
fn a_database_in_memory_is_private() {
    use std::os::unix::fs::MetadataExt;
    let db = Database::open_in_memory().unwrap();
    let folder = fs::metadata(db.path().parent().unwrap()).unwrap();
    assert_eq!(folder.mode() & 0o777, 0o700);
}

// Paths.

/// Nobody else in this file uses the working folder.
#[test]
fn a_relative_path_stays_the_same_file() {
    let (folder, path) = folder();
    make_file(&path);
    std::env::set_current_dir(folder.path()).unwrap();
    let relative = Database::open("shop.db").unwrap();
    let spelled = Database::open("./nowhere/../shop.db");
    assert!(matches!(&spelled, Err(Error::Open(open)) if open.problem == OpenProblem::NoFolder));
    assert!(relative.path().is_absolute());
    // The readers are opened only now, and a new file would be empty.
    std::env::set_current_dir("/").unwrap();
    let read = relative.read(|r| r.query_row("SELECT count(*) FROM item", [], |row| row.get(0)));
    assert_eq!(read, Ok(0));
    add(&relative, "apple").unwrap();
    assert_eq!(names(&path), ["apple"]);
    one_lane(&relative, &Database::open(&path).unwrap());
}

/// Two databases on one file: who writes through one is waited for by the other, and
/// named.
#[track_caller]
fn one_lane(one: &Database, other: &Database) {
    let guard = one.writer().unwrap();
    let error = thread::scope(|scope| {
        let waits = scope.spawn(|| other.writer_within(Duration::ZERO).map(drop));
        waits.join().unwrap().unwrap_err()
    });
    assert!(
        matches!(&error, Error::WriterTimeout(timeout)
            if matches!(timeout.waited_for, WaitedFor::Writer(_))),
        "{error}"
    );
    assert!(matches!(other.writer(), Err(Error::NestedWrite(_))));
    drop(guard);
    let guard = other.writer_within(Duration::ZERO).unwrap();
    assert!(matches!(one.writer(), Err(Error::NestedWrite(_))));
    drop(guard);
}

#[test]
fn a_file_is_one_however_its_path_is_spelled() {
    let db = TestDb::new();
    let folder = db.path().parent().unwrap();
    fs::create_dir(folder.join("sub")).unwrap();
    one_lane(&db, &Database::open(db.path()).unwrap());
    let dots = folder.join("sub/../shop.db");
    one_lane(&db, &Database::open(dots).unwrap());
    let slashes = format!("{}//.//shop.db", folder.display());
    one_lane(&db, &Database::open(slashes).unwrap());
    #[cfg(unix)]
    {
        let link = folder.join("link.db");
        std::os::unix::fs::symlink(db.path(), &link).unwrap();
        one_lane(&db, &Database::open(&link).unwrap());
        let linked_folder = folder.join("linked");
        std::os::unix::fs::symlink(folder, &linked_folder).unwrap();
        one_lane(&db, &Database::open(linked_folder.join("shop.db")).unwrap());
    }
    // Another file is another lane.
    let other = Database::open(folder.join("other.db")).unwrap();
    let _guards = (db.writer().unwrap(), other.writer_within(Duration::ZERO).unwrap());
}

#[test]
fn a_path_is_never_a_uri() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["file:shop.db?mode=memory", "100% 'new'.db", "-wal", "ä ö ü.db"] {
        let path = folder.path().join(name);
        let db = Options::new().migrations(&[FIRST]).open(&path).unwrap();
        assert_eq!(db.read(|r| pragma(r, "user_version")), Ok(Value::Integer(1)));
        assert!(path.is_file(), "{name}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let path = folder.path().join(std::ffi::OsStr::from_bytes(b"\xff.db"));
        let db = Options::new().migrations(&[FIRST]).open(&path).unwrap();
        assert_eq!(db.read(|r| pragma(r, "user_version")), Ok(Value::Integer(1)));
        assert!(path.is_file());
    }
}

#[test]
fn a_program_may_open_while_a_writer_of_its_own_is_open() -> Result<()> {
    let db = TestDb::new();
    let guard = db.writer()?;
    // Nothing is to be done to the file, so nobody is waited for.
    let second = Database::open(db.path())?;
    second.read(|r| pragma(r, "user_version"))?;
    drop(guard);
    Ok(())
}

/// It would wait for itself.
#[test]
fn what_has_to_write_is_refused_inside_a_writer_of_the_same_thread() {
    let db = TestDb::new();
    let patience = Duration::from_millis(500);
    let options = || Options::new().writer_timeout(patience);
    let migrates = options().migrations(&["CREATE TABLE more (x)"]);
    let sets_up = options().setup(|_conn| Ok(()));
    for options in [migrates, sets_up] {
        let (start, _guard) = (Instant::now(), db.writer().unwrap());
        let error = options.open(db.path()).unwrap_err();
        assert!(matches!(error, Error::NestedWrite(_)), "{error:?}");
        assert!(start.elapsed() < patience);
    }
}
