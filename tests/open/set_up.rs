//! Set-up.

use super::settings::assert_settings;
use super::*;

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
        assert!(holder.site.file().ends_with("set_up.rs"), "{error}");
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
        let mut child =
            Process::again("set_up::a_setup_that_leaves_a_transaction_open_is_an_error", &path);
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
