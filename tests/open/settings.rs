//! Settings.

use super::*;

/// Each pragma on the writer and on two readers, the second opened while the first
/// is in use.
#[track_caller]
pub(crate) fn assert_settings(db: &Database, expected: &[(&str, Value)]) {
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
