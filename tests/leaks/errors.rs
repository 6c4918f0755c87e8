//! Whatever error a function returns, it is told that its body took too long; and a function
//! that is retried is not, for that.

use super::*;

const LIMIT: Duration = ms(60);

fn open() -> TestDb {
    TestDb::with(Options::new().read_timeout(LIMIT).write_timeout(LIMIT))
}

/// A program's own error, as thiserror makes it.
#[derive(Debug, thiserror::Error)]
enum Shop {
    #[error("database")]
    Core(#[from] Error),
    #[error("SQL")]
    Sqlite(#[from] rusqlite::Error),
}

/// One that tells nothing of what it was made from.
#[derive(Debug)]
struct Opaque(String);

impl From<Error> for Opaque {
    fn from(error: Error) -> Self {
        Self(error.to_string())
    }
}

impl From<rusqlite::Error> for Opaque {
    fn from(error: rusqlite::Error) -> Self {
        Self(error.to_string())
    }
}

/// Checks that it is about the function of that name, and of that kind.
#[track_caller]
fn told(error: &Error, kind: Kind, function: &str) {
    let Error::BodyTimeout(timeout) = error else { panic!("{error}") };
    assert_eq!((timeout.kind, timeout.limit), (kind, LIMIT));
    let name = format!("leaks::errors::{function}");
    assert_eq!(timeout.site.function(), Some(name.as_str()));
}

#[reader]
fn rusqlite_reader(conn: &Connection) -> rusqlite::Result<i64> {
    run_endless(conn)
}

#[writer]
fn rusqlite_writer(conn: &Connection) -> rusqlite::Result<i64> {
    insert(conn, "lost")?;
    run_endless(conn)
}

/// `Ok`, and far too late.
#[writer]
fn rusqlite_too_late(conn: &Connection) -> rusqlite::Result<()> {
    insert(conn, "lost")?;
    run_endless(conn).unwrap_err();
    Ok(())
}

#[test]
fn errors_of_rusqlite() {
    let db = open();
    told(&rusqlite_reader(&*db).unwrap_err().into(), Kind::Reader, "rusqlite_reader");
    told(&rusqlite_writer(&*db).unwrap_err().into(), Kind::Writer, "rusqlite_writer");
    let late = rusqlite_too_late(&*db).unwrap_err();
    assert!(late.to_string().contains("may run for 60 ms (write_timeout)"), "{late}");
    assert_eq!(late.sqlite_error_code(), None, "none that somebody may take for another's");
    told(&late.into(), Kind::Writer, "rusqlite_too_late");
    assert_eq!(db.names(), [""; 0]);
}

#[reader]
fn anyhow_reader(db: &Reader) -> anyhow::Result<i64> {
    use anyhow::Context;
    run_endless(db).context("while searching")
}

#[writer]
fn anyhow_writer(db: &Writer) -> anyhow::Result<i64> {
    insert(db, "lost")?;
    Ok(run_endless(db)?)
}

#[test]
fn errors_of_anyhow() {
    let db = open();
    let error = anyhow_reader(&*db).unwrap_err();
    told(error.downcast_ref().unwrap(), Kind::Reader, "anyhow_reader");
    let error = anyhow_writer(&*db).unwrap_err();
    told(error.downcast_ref().unwrap(), Kind::Writer, "anyhow_writer");
    assert_eq!(db.names(), [""; 0]);
}

#[reader]
fn boxed_reader(db: &Reader) -> Result<i64, Box<dyn std::error::Error + Send + Sync>> {
    Ok(run_endless(db)?)
}

#[test]
fn errors_in_boxes() {
    let db = open();
    let error = boxed_reader(&*db).unwrap_err();
    told(error.downcast_ref().unwrap(), Kind::Reader, "boxed_reader");
}

#[reader]
fn shop_reader(db: &Reader) -> Result<i64, Shop> {
    Ok(run_endless(db)?)
}

#[writer]
fn shop_writer(db: &Writer) -> Result<i64, Shop> {
    insert(db, "lost")?;
    Ok(run_endless(db)?)
}

#[test]
fn errors_of_the_programs_own() {
    let db = open();
    let Err(Shop::Core(error)) = shop_reader(&*db) else { panic!() };
    told(&error, Kind::Reader, "shop_reader");
    let Err(Shop::Core(error)) = shop_writer(&*db) else { panic!() };
    told(&error, Kind::Writer, "shop_writer");
    assert_eq!(db.names(), [""; 0]);
}

#[reader]
fn opaque_reader(db: &Reader) -> Result<i64, Opaque> {
    Ok(run_endless(db)?)
}

#[writer]
fn opaque_writer(db: &Writer) -> Result<(), Opaque> {
    insert(db, "lost")?;
    run_endless(db)?;
    Ok(())
}

#[writer]
fn opaque_too_late(db: &Writer) -> Result<(), Opaque> {
    insert(db, "lost")?;
    run_endless(db).unwrap_err();
    Ok(())
}

/// What can't be looked into stays what it is.
#[test]
fn errors_that_tell_nothing() {
    let db = open();
    assert_eq!(opaque_reader(&*db).unwrap_err().0, "interrupted");
    assert_eq!(opaque_writer(&*db).unwrap_err().0, "interrupted");
    let Opaque(text) = opaque_too_late(&*db).unwrap_err();
    assert!(text.contains("may run for 60 ms (write_timeout)"), "{text}");
    assert_eq!(db.names(), [""; 0]);
}

#[reader]
fn inner(db: &Reader) -> Result<i64> {
    Ok(run_endless(db)?)
}

#[reader]
fn outer_reader(db: &Reader) -> Result<i64> {
    inner(db)
}

#[writer]
fn outer_writer(db: &Writer) -> Result<i64> {
    insert(db, "lost")?;
    inner(db)
}

#[writer]
fn inner_writer(db: &Writer) -> Result<i64> {
    insert(db, "lost")?;
    Ok(run_endless(db)?)
}

#[writer]
fn outer_of_writer(db: &Writer) -> Result<i64> {
    inner_writer(db)
}

/// The function is the one that took the time; the limit that of the whole transaction.
#[test]
fn a_call_inside_of_another() {
    let db = open();
    told(&outer_reader(&*db).unwrap_err(), Kind::Reader, "inner");
    told(&outer_of_writer(&*db).unwrap_err(), Kind::Writer, "inner_writer");
    assert_eq!(db.names(), [""; 0]);
}

/// It reads, and it is the writer that may not take that long.
#[test]
fn a_reader_inside_of_a_writer() {
    let db = TestDb::with(Options::new().write_timeout(LIMIT));
    let error = outer_writer(&*db).unwrap_err();
    told(&error, Kind::Writer, "inner");
    assert!(error.to_string().contains("a writer may run for 60 ms (write_timeout)"), "{error}");
    assert_eq!(db.names(), [""; 0]);
    // Its own limit is for when it has a transaction of its own.
    let db = TestDb::with(Options::new().read_timeout(LIMIT).write_timeout(2 * LIMIT));
    let error = outer_writer(&*db).unwrap_err();
    let Error::BodyTimeout(timeout) = &error else { panic!("{error}") };
    assert_eq!((timeout.kind, timeout.limit), (Kind::Writer, 2 * LIMIT));
}

/// The outer body may catch it, and is too late all the same.
#[test]
fn a_call_inside_of_another_that_ignores_it() {
    #[writer]
    fn tries(db: &Writer) -> Result<()> {
        insert(db, "lost")?;
        inner_writer(db).unwrap_err();
        inner(db).unwrap_err();
        let _ = db.savepoint(|w| insert(w, "lost too"));
        Ok(())
    }

    let db = open();
    told(&tries(&*db).unwrap_err(), Kind::Writer, "tries");
    assert_eq!(db.names(), [""; 0]);
}

#[reader]
#[retry_on_locked(max_attempts = 5, base_delay = 1ms)]
fn retried_reader(db: &Reader, runs: &Runs) -> Result<i64> {
    runs.run();
    Ok(run_endless(db)?)
}

#[writer]
#[retry_on_locked(max_attempts = 5, idempotent, base_delay = 1ms)]
fn retried_writer(db: &Writer, runs: &Runs) -> Result<i64> {
    runs.run();
    insert(db, "lost")?;
    Ok(run_endless(db)?)
}

#[writer]
#[retry_on_locked(max_attempts = 5, idempotent, base_delay = 1ms)]
fn retried_too_late(db: &Writer, runs: &Runs) -> rusqlite::Result<()> {
    runs.run();
    insert(db, "lost")?;
    run_endless(db).unwrap_err();
    Ok(())
}

#[writer(group)]
#[retry_on_locked(max_attempts = 5, idempotent, base_delay = 1ms)]
fn retried_grouped(db: &Writer, runs: &Runs) -> Result<i64> {
    runs.run();
    insert(db, "lost")?;
    Ok(run_endless(db)?)
}

#[test]
fn a_retried_function_runs_once() {
    let (db, runs) = (open(), Runs::new());
    told(&retried_reader(&*db, &runs).unwrap_err(), Kind::Reader, "retried_reader");
    assert_eq!(runs.count(), 1);
    told(&retried_writer(&*db, &runs).unwrap_err(), Kind::Writer, "retried_writer");
    assert_eq!(runs.count(), 2);
    let late = retried_too_late(&*db, &runs).unwrap_err();
    told(&late.into(), Kind::Writer, "retried_too_late");
    assert_eq!(runs.count(), 3);
    told(&retried_grouped(&*db, &runs).unwrap_err(), Kind::Writer, "retried_grouped");
    assert_eq!(runs.count(), 4);
    assert_eq!(db.stats().retries, 0);
    assert_eq!(db.names(), [""; 0]);
}

/// The limit is for each run of the body, not for all of them together.
#[test]
fn each_attempt_has_its_whole_time() {
    const LIMIT: Duration = ms(1000);
    let (db, runs) = (TestDb::with(Options::new().write_timeout(LIMIT)), Runs::new());
    let kept = db.write_idempotent(&quick(6), |w| {
        insert(w, "kept")?;
        if runs.run() < 6 {
            thread::sleep(LIMIT / 4);
            return Err(common::busy(db.path()));
        }
        Ok(())
    });
    kept.unwrap();
    assert_eq!(runs.count(), 6);
    assert_eq!(db.names(), ["kept"]);
}

/// A lock that is not let go of at the commit is what it was before, however long that
/// takes: it was not the body.
#[test]
fn a_commit_that_waits_is_not_a_late_body() {
    let options = Options::new().journal_mode(db_core::JournalMode::Delete);
    let db = TestDb::with(options.write_timeout(LIMIT).busy_timeout(4 * LIMIT));
    let foreign = ForeignLock::take(db.path(), Lock::Reading);
    let error = db.write(|w| Ok::<_, Error>(insert(w, "lost")?)).unwrap_err();
    assert!(error.is_locked(), "{error}");
    foreign.release();
    assert_eq!(db.names(), [""; 0]);
}
