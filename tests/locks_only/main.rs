//! Guarantee **locks-only**: only lock errors are ever retried, whatever type they
//! come in, and only by the outermost annotated call, so that attempts never multiply.

#[path = "../common/mod.rs"]
mod common;
mod nested;

use std::error::Error as StdError;
use std::fmt::Debug;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use common::{ForeignLock, Kit, Lock, Runs, TestDb, busy, locked, quick, wait_until};
use db_core::testing::{FakeClock, Fault};
use db_core::{Database, Error, Options, Reader, Result, RetryPolicy, Writer};
use db_core::{exponential_backoff, reader, retry_on_locked, writer};
use rusqlite::Connection;
use rusqlite::ffi::{self, ErrorCode};

#[test]
fn exponential_backoff_calculation() {
    let seconds: Vec<_> = (0..7).map(|n| exponential_backoff(n).as_secs_f64()).collect();
    assert_eq!(seconds, [0.5, 1.0, 2.0, 4.0, 5.0, 5.0, 5.0]);
    assert_eq!(exponential_backoff(u32::MAX), Duration::from_secs(5));
    // What a policy of these defaults does, with one delay fewer than attempts.
    let delays: Vec<_> = RetryPolicy::attempts(5).backoff().collect();
    let expected: Vec<_> = (0..4).map(exponential_backoff).collect();
    assert_eq!(delays, expected);
}

/// Adds a row; runs again after a lock error.
#[writer]
#[retry_on_locked(max_attempts = 3, idempotent)]
fn add(db: &Writer, runs: &Runs, body: &Body<'_>) -> Result<usize> {
    let run = runs.run();
    db.execute("INSERT INTO item (name) VALUES ('added')", [])?;
    body(db, run)?;
    Ok(run)
}

/// Over a connection of the caller's own.
#[retry_on_locked(max_attempts = 3, idempotent)]
fn mark(conn: &Connection, runs: &Runs, body: &Body<'_>) -> Result<usize> {
    let run = runs.run();
    body(conn, run)?;
    conn.execute("UPDATE item SET qty = 1", [])?;
    Ok(run)
}

#[reader]
#[retry_on_locked(max_attempts = 3)]
fn count(db: &Reader, runs: &Runs, body: &Body<'_>) -> Result<usize> {
    let run = runs.run();
    let _items: i64 = db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?;
    body(db, run)?;
    Ok(run)
}

/// What a test does in a body, on its connection and at its how-manieth run.
type Body<'a> = dyn Fn(&Connection, usize) -> Result<()> + 'a;

/// Nothing.
fn fine(_conn: &Connection, _run: usize) -> Result<()> {
    Ok(())
}

/// A real lock error; the file at `path` is not being written by this thread.
fn busy_elsewhere(path: &Path) -> rusqlite::Error {
    let holder = Connection::open(path).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    busy(path)
}

fn bare_connection(db: &Database) -> Connection {
    let conn = Connection::open(db.path()).unwrap();
    conn.busy_timeout(Duration::ZERO).unwrap();
    conn
}

#[track_caller]
fn gave_up_after<T: Debug>(attempts: u32, result: Result<T>) {
    match result {
        Err(Error::Locked(locked)) => assert_eq!(locked.attempts, attempts),
        other => panic!("{other:?}"),
    }
}

/// The two pauses between three attempts.
const PAUSES: Duration = Duration::from_millis(500 + 1000);

const FOREIGN: Lock<'static> = Lock::Writing("INSERT INTO item (name) VALUES ('foreign')");

/// Two attempts meet another program's lock, the third does not.
#[test]
fn retry_on_locked_success() {
    let (db, clock) = (TestDb::new(), FakeClock::new());
    let _clock = clock.on_this_thread();
    let (conn, runs) = (bare_connection(&db), Runs::new());
    let lock = Mutex::new(Some(ForeignLock::take(db.path(), FOREIGN)));
    let let_go_at_the_third = |_conn: &Connection, run| {
        if run == 3 {
            lock.lock().unwrap().take().unwrap().commit();
        }
        Ok(())
    };
    assert_eq!(mark(&conn, &runs, &let_go_at_the_third).unwrap(), 3);
    assert_eq!(clock.skipped(), PAUSES);
    assert_eq!(runs.threads(), [thread::current().id(); 3]);
    assert_eq!(db.names(), ["foreign"]);
    let marked: i64 = conn.query_row("SELECT sum(qty) FROM item", [], |row| row.get(0)).unwrap();
    assert_eq!(marked, 1);
}

/// A writer that meets the lock before its body begins.
#[test]
fn retry_on_locked_success_of_a_writer() {
    let db = TestDb::with(Options::new().busy_timeout(Duration::from_millis(1)));
    let lock = ForeignLock::take(db.path(), FOREIGN);
    let runs = Runs::new();
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            db.write_idempotent(&quick(1_000_000), |w| {
                runs.run();
                w.execute("INSERT INTO item (name) VALUES ('ours')", [])
            })
        });
        wait_until("it tries again", || db.stats().retries >= 2);
        lock.commit();
        writer.join().unwrap().unwrap();
    });
    // The body waited for its transaction, so it has run once.
    assert_eq!(runs.count(), 1);
    assert_eq!(db.names(), ["foreign", "ours"]);
}

/// A writer whose body meets locks, and a reader.
#[test]
fn retry_on_locked_success_after_locks_in_the_body() {
    let Kit { faults, db, .. } = &Kit::new();
    for (n, fault) in (1..).zip([Fault::Busy, Fault::BusySnapshot, Fault::Locked]) {
        faults.inject(fault.at_statement(1).of("add").times(2));
        assert_eq!(add(db, &Runs::new(), &fine).unwrap(), 3, "{fault:?}");
        assert_eq!(db.names(), vec!["added"; n]);
        faults.inject(fault.at_statement(1).of("count").times(2));
        assert_eq!(count(db, &Runs::new(), &fine).unwrap(), 3, "{fault:?}");
        assert_eq!(db.stats().retries, 4 * n as u64);
    }
    faults.assert_all_met();
    // And by what SQLite makes of it: a table is dropped that is being read.
    let locked_twice = |conn: &Connection, run| match run {
        1 | 2 => Err(locked(conn).into()),
        _ => Ok(()),
    };
    assert_eq!(add(db, &Runs::new(), &locked_twice).unwrap(), 3);
    assert_eq!(db.names(), vec!["added"; 4]);
}

#[test]
fn retry_on_locked_exhausts_attempts() {
    let Kit { db, clock, .. } = &Kit::with(Options::new().busy_timeout(Duration::from_millis(1)));
    let _clock = clock.on_this_thread();
    let lock = ForeignLock::take(db.path(), FOREIGN);
    // Over a connection: the body meets the lock.
    let (conn, runs) = (bare_connection(db), Runs::new());
    let error = mark(&conn, &runs, &fine).unwrap_err();
    assert_eq!(runs.count(), 3);
    let text = error.to_string();
    let Error::Locked(locked) = error else { panic!("{error}") };
    assert_eq!(locked.attempts, 3);
    assert_eq!(locked.path.as_deref(), Some(db.path()));
    assert_eq!(locked.site.unwrap().function(), Some("locks_only::mark"));
    assert!(locked.waited >= PAUSES);
    assert!(text.contains("`locks_only::mark`"), "{text}");
    assert!(text.contains("gave up after 3 attempts"), "{text}");
    // As a writer: the lock is met before the body.
    let runs = Runs::new();
    gave_up_after(3, add(db, &runs, &fine));
    assert_eq!(runs.count(), 0);
    assert_eq!((db.stats().locks_met, db.stats().retries), (3, 2));
    assert_eq!(clock.skipped(), PAUSES * 2);
    lock.release();
    add(db, &runs, &fine).unwrap();
    assert_eq!(db.names(), ["added"]);
}

#[test]
fn retry_on_locked_ignores_non_lock_errors() {
    let db = TestDb::new();
    type Failure = fn(&Connection) -> Error;
    let constraint: Failure = |conn| {
        let twice = "INSERT INTO item (id, name) VALUES (7, 'a'), (7, 'b')";
        conn.execute(twice, []).unwrap_err().into()
    };
    let no_table: Failure = |conn| conn.prepare("SELECT * FROM nothing").unwrap_err().into();
    let no_row: Failure = |_conn| rusqlite::Error::QueryReturnedNoRows.into();
    let interrupt: Failure = |_conn| sqlite(ffi::SQLITE_INTERRUPT).into();
    let io: Failure = |_conn| sqlite(ffi::SQLITE_IOERR_LOCK).into();
    let full: Failure = |_conn| sqlite(ffi::SQLITE_FULL).into();
    let ours: Failure = |_conn| Error::NoGlobal;
    // Its text is no code.
    let text: Failure =
        |_conn| rusqlite::Error::InvalidParameterName("database is locked".into()).into();
    let bare = bare_connection(&db);
    for (at, failure) in
        [constraint, no_table, no_row, interrupt, io, full, ours, text].iter().enumerate()
    {
        let runs = Runs::new();
        let fails = |conn: &Connection, _run| Err(failure(conn));
        let (writer, bare) = (add(&db, &runs, &fails), mark(&bare, &runs, &fails));
        for error in [writer.unwrap_err(), bare.unwrap_err()] {
            assert!(!error.is_locked(), "{at}: {error}");
        }
        assert_eq!(runs.count(), 2, "{at}");
        if at > 0 {
            count(&db, &runs, &fails).unwrap_err();
            assert_eq!(runs.count(), 3, "{at}");
        }
    }
    assert_eq!(db.stats().retries, 0);
    assert!(db.names().is_empty());
}

fn sqlite(code: i32) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
}

#[test]
fn every_code_of_a_lock_is_retried_and_no_other() {
    let Kit { db, .. } = &Kit::new();
    for code in [
        ffi::SQLITE_BUSY,
        ffi::SQLITE_BUSY_RECOVERY,
        ffi::SQLITE_BUSY_SNAPSHOT,
        ffi::SQLITE_BUSY_TIMEOUT,
        ffi::SQLITE_LOCKED,
        ffi::SQLITE_LOCKED_SHAREDCACHE,
        ffi::SQLITE_PROTOCOL,
    ] {
        let runs = Runs::new();
        gave_up_after(3, add(db, &runs, &|_conn, _run| Err(sqlite(code).into())));
        assert_eq!(runs.count(), 3, "{code}");
    }
    for code in 0..=ffi::SQLITE_ROW {
        if matches!(code, ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED | ffi::SQLITE_PROTOCOL) {
            continue;
        }
        let runs = Runs::new();
        add(db, &runs, &|_conn, _run| Err(sqlite(code).into())).unwrap_err();
        assert_eq!(runs.count(), 1, "{code}");
    }
    assert!(db.names().is_empty());
}

/// A transaction of the body's own that read before it wrote: SQLite refuses to let it
/// write once another has committed (BUSY_SNAPSHOT), and only a new one helps.
#[test]
fn a_stale_snapshot_is_retried() {
    #[retry_on_locked(max_attempts = 3, idempotent = "the row is inserted by the first run alone")]
    fn read_then_mark(conn: &Connection, runs: &Runs, db: &Database) -> Result<i64> {
        let run = runs.run();
        let transaction = conn.unchecked_transaction()?;
        let items = transaction.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?;
        if run == 1 {
            let other = Connection::open(db.path())?;
            other.execute("INSERT INTO item (name) VALUES ('meanwhile')", [])?;
        }
        transaction.execute("UPDATE item SET qty = ?1", [items])?;
        transaction.commit()?;
        Ok(items)
    }
    let (db, runs) = (TestDb::new(), Runs::new());
    let (conn, _clock) = (bare_connection(&db), FakeClock::new().on_this_thread());
    assert_eq!(read_then_mark(&conn, &runs, &db).unwrap(), 1);
    assert_eq!(runs.count(), 2);
}

/// A failed attempt may leave its transaction open on the caller's connection.
#[test]
fn what_a_failed_attempt_leaves_open_is_rolled_back_before_the_next() {
    #[retry_on_locked(max_attempts = 3, idempotent)]
    fn begin_and_fail(conn: &Connection, runs: &Runs) -> Result<()> {
        runs.run();
        conn.execute_batch("BEGIN IMMEDIATE; INSERT OR IGNORE INTO item (name) VALUES ('x')")?;
        conn.execute("UPDATE item SET qty = 1", [])?;
        Ok(conn.execute_batch("COMMIT")?)
    }
    let (Kit { faults, clock, db }, runs) = (&Kit::new(), Runs::new());
    let (conn, _clock) = (faults.connect(db.path()).unwrap(), clock.on_this_thread());
    faults.inject(Fault::Busy.at_statement(3));
    faults.inject(Fault::Busy.at_commit());
    begin_and_fail(&conn, &runs).unwrap();
    assert_eq!(runs.count(), 3);
    faults.assert_all_met();
    assert!(conn.is_autocommit());
    assert_eq!(db.names(), ["x"]);
}

/// The same three functions for each type of error that they may return.
macro_rules! functions_that_return {
    ($($module:ident($error:ty);)*) => {
        $(mod $module {
            use super::*;

            #[writer]
            #[retry_on_locked(max_attempts = 3, idempotent)]
            fn writes(db: &Writer, runs: &Runs, fails: &Fails<'_>) -> Result<usize, $error> {
                let run = runs.run();
                db.execute("INSERT INTO item (name) VALUES ('added')", [])?;
                if let Some(error) = fails() {
                    Err(error)?;
                }
                Ok(run)
            }

            #[reader]
            #[retry_on_locked(max_attempts = 3)]
            fn reads(db: &Reader, runs: &Runs, fails: &Fails<'_>) -> Result<usize, $error> {
                let run = runs.run();
                let _items: i64 = db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?;
                if let Some(error) = fails() {
                    Err(error)?;
                }
                Ok(run)
            }

            #[retry_on_locked(max_attempts = 3, idempotent)]
            fn bare(conn: &Connection, runs: &Runs, fails: &Fails<'_>) -> Result<usize, $error> {
                let run = runs.run();
                conn.execute("UPDATE item SET qty = 1", [])?;
                if let Some(error) = fails() {
                    Err(error)?;
                }
                Ok(run)
            }

            /// As [`bare`], but the failure has become one of ours already.
            #[retry_on_locked(max_attempts = 3, idempotent)]
            fn of_ours(_conn: &Connection, runs: &Runs, fails: &dyn Fn() -> Error)
                -> Result<usize, $error>
            {
                runs.run();
                Err(fails())?
            }

            #[test]
            fn lock_errors_are_retried() {
                works(&|kit, runs, fails| writes(&kit.db, runs, fails));
                works(&|kit, runs, fails| reads(&kit.db, runs, fails));
                works(&|kit, runs, fails| {
                    let _clock = kit.clock.on_this_thread();
                    bare(&kit.faults.connect(kit.db.path())?, runs, fails)
                });
            }

            #[test]
            fn final_errors_are_not_retried() {
                ends(&|conn, runs, fails| of_ours(conn, runs, fails));
            }
        })*
    };
}

type Fails<'a> = dyn Fn() -> Option<rusqlite::Error> + 'a;
type Retried<'a, E> = dyn Fn(&Kit, &Runs, &Fails<'_>) -> Result<usize, E> + 'a;

/// A retried function that returns `E` sees locks in it, and tells what it came to.
#[track_caller]
fn works<E: ToString + Debug>(call: &Retried<'_, E>) {
    let kit = Kit::new();
    let runs = Runs::new();
    kit.faults.inject(Fault::Busy.at_statement(1));
    kit.faults.inject(Fault::Locked.at_statement(1));
    let third = call(&kit, &runs, &|| None);
    assert_eq!((third.unwrap(), runs.count()), (3, 3));
    let committed = kit.db.names();
    assert!(committed.len() <= 1, "{committed:?}");

    let runs = Runs::new();
    kit.faults.inject(Fault::Busy.at_statement(1).times(3));
    let text = call(&kit, &runs, &|| None).unwrap_err().to_string();
    assert!(text.contains("gave up after 3 attempts"), "{text}");
    assert_eq!(runs.count(), 3);
    kit.faults.assert_all_met();

    let runs = Runs::new();
    let constraint = || {
        rusqlite::Error::SqliteFailure(
            ffi::Error::new(ffi::SQLITE_CONSTRAINT_UNIQUE),
            Some("UNIQUE, and not locked".into()),
        )
    };
    let text = call(&kit, &runs, &|| Some(constraint())).unwrap_err().to_string();
    assert!(text.contains("UNIQUE, and not locked"), "{text}");
    assert_eq!(runs.count(), 1);
    assert_eq!(kit.db.names(), committed);
}

type OfOurs<'a, E> = dyn Fn(&Connection, &Runs, &dyn Fn() -> Error) -> Result<usize, E> + 'a;

/// What db-core has given up, nobody outside repeats.
#[track_caller]
fn ends<E: ToString + Debug>(call: &OfOurs<'_, E>) {
    let (other, conn) = (Kit::new(), Connection::open_in_memory().unwrap());
    for kind in [final_lock, final_timeout] {
        let runs = Runs::new();
        let text = call(&conn, &runs, &|| kind(&other)).unwrap_err().to_string();
        assert!(
            text.contains("gave up after 1 attempt") || text.contains("could not acquire"),
            "{text}"
        );
        assert_eq!(runs.count(), 1, "{text}");
    }
}

/// A final `Locked`, as another thread gets it: it is inside of nothing that is retried.
fn final_lock(Kit { faults, db, .. }: &Kit) -> Error {
    faults.inject(Fault::Busy.at_turn());
    let write = || db.write(|_w| Ok::<_, Error>(())).unwrap_err();
    let error = thread::scope(|scope| scope.spawn(write).join().unwrap());
    assert!(matches!(error, Error::Locked(_)), "{error}");
    error
}

/// A final `WriterTimeout`.
fn final_timeout(Kit { db, .. }: &Kit) -> Error {
    let error = thread::scope(|scope| {
        let wait = || {
            let _guard = db.writer().unwrap();
            let late = || db.writer_within(Duration::ZERO).map(drop).unwrap_err();
            thread::scope(|scope| scope.spawn(late).join().unwrap())
        };
        scope.spawn(wait).join().unwrap()
    });
    assert!(matches!(error, Error::WriterTimeout(_)), "{error}");
    error
}

#[derive(Debug, thiserror::Error)]
enum Wrapping {
    #[error("the database: {0}")]
    Ours(#[from] Error),
    #[error("SQLite: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

#[derive(Debug, thiserror::Error)]
enum Transparent {
    #[error(transparent)]
    Ours(#[from] Error),
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

/// Two layers, the outer one transparent over a type that knows only the inner.
#[derive(Debug, thiserror::Error)]
enum Layered {
    #[error(transparent)]
    Shop(#[from] Wrapping),
}

impl From<Error> for Layered {
    fn from(error: Error) -> Self {
        Wrapping::from(error).into()
    }
}

impl From<rusqlite::Error> for Layered {
    fn from(error: rusqlite::Error) -> Self {
        Wrapping::from(error).into()
    }
}

functions_that_return! {
    our_own_error(Error);
    rusqlites_error(rusqlite::Error);
    an_enum_that_wraps(Wrapping);
    an_enum_that_is_transparent(Transparent);
    an_enum_of_two_layers(Layered);
    a_boxed_error(Box<dyn StdError + Send + Sync>);
    a_boxed_local_error(Box<dyn StdError>);
    anyhows_error(anyhow::Error);
}

#[test]
fn a_lock_under_a_context_is_retried() {
    #[writer]
    #[retry_on_locked(max_attempts = 3, idempotent)]
    fn with_context(db: &Writer, runs: &Runs) -> anyhow::Result<()> {
        use anyhow::Context;
        runs.run();
        let put = || db.execute("INSERT INTO item (name) VALUES ('x')", []).context("in the till");
        put().context("while selling")?;
        Ok(())
    }
    let (Kit { faults, db, .. }, runs) = (&Kit::new(), Runs::new());
    faults.inject(Fault::Busy.at_statement(1).times(3));
    let error = with_context(db, &runs).unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(Error::Locked(_))), "{error:?}");
    assert_eq!(runs.count(), 3);
}

#[test]
fn a_text_about_locks_is_no_lock() {
    #[writer]
    #[retry_on_locked(max_attempts = 3, idempotent)]
    fn complains(_db: &Writer, runs: &Runs) -> anyhow::Result<()> {
        runs.run();
        anyhow::bail!("database is locked")
    }
    let (db, runs) = (TestDb::new(), Runs::new());
    complains(&db, &runs).unwrap_err();
    assert_eq!(runs.count(), 1);
}

/// Through rusqlite's error and back, what is final stays final, and keeps its kind.
#[test]
fn final_errors_survive_rusqlites_type() {
    let other = Kit::new();
    for kind in [final_lock, final_timeout] {
        let error = kind(&other);
        let (text, report) = (error.to_string(), error.report());
        let theirs = rusqlite::Error::from(error);
        assert_eq!(theirs.sqlite_error_code(), None);
        assert_eq!(theirs.to_string(), text);
        // A retry sees nothing in it to repeat.
        let (conn, runs) = (Connection::open_in_memory().unwrap(), Runs::new());
        let given = Mutex::new(Some(theirs));
        let body = |_conn: &Connection, _run| Err(given.lock().unwrap().take().unwrap().into());
        let ours = mark(&conn, &runs, &body).unwrap_err();
        assert_eq!(runs.count(), 1);
        assert_eq!(ours.report(), report);
        assert!(matches!(ours, Error::Locked(_) | Error::WriterTimeout(_)), "{ours}");
    }
}

/// What SQLite said goes through as it came, and is still a lock.
#[test]
fn sqlites_own_errors_survive_both_ways() {
    let db = TestDb::new();
    let busy = busy_elsewhere(db.path());
    let text = busy.to_string();
    let ours = Error::from(busy);
    assert!(ours.is_locked());
    let theirs = rusqlite::Error::from(ours);
    assert_eq!(theirs.sqlite_error_code(), Some(ErrorCode::DatabaseBusy));
    assert_eq!(theirs.to_string(), text);
}

/// An error tells of the lock that was met, not of another database's.
#[test]
fn a_lock_of_another_database_is_not_blamed_on_this_one() {
    let (db, other) = (TestDb::new(), TestDb::new());
    let error = db.write(|_w| Err::<(), Error>(busy_elsewhere(other.path()).into())).unwrap_err();
    assert!(error.is_locked());
    let text = error.to_string();
    let this = db.path().display().to_string();
    assert!(!text.contains(&this), "{text}");
}
