//! Guarantee **bounded-wait**: every wait for a turn ends by its deadline, with an
//! error that says who was waited for.

#[path = "../common/mod.rs"]
mod common;
mod deadlines;
mod deadlocks;
mod opening;
mod queue;
mod readers;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Barrier, Mutex};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use common::{
    ForeignLock, Lock, Runs, TestDb, busy, make_file, quick, received, wait_until,
    without_processes,
};
use db_core::{Database, Error, JournalMode, Options, Reader, Result, WaitedFor, Writer};
use db_core::{WriterTimeout, reader, retry_on_locked, writer};
use rusqlite::Connection;

/// Ample for a wait that should end within milliseconds, and far from the defaults
/// (5 and 10 s) that would end it if its own deadline did not.
const SOON: Duration = Duration::from_secs(3);

/// Holds the write transaction until it is told to let go.
#[writer]
fn import(db: &Writer, begun: &Sender<()>, end: &Mutex<Receiver<()>>) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES ('imported')", [])?;
    begun.send(()).unwrap();
    received(&end.lock().unwrap());
    Ok(())
}
const IMPORT: u32 = line!() - 6;

/// Waits for its turn as long as the options say.
#[writer]
fn sell(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

/// Waits for its turn as long as it says itself.
#[writer(timeout = 40ms)]
fn sell_soon(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}
const SELL_SOON: u32 = line!() - 4;

/// Tries for 80 ms in all, whatever each wait may take.
#[writer]
#[retry_on_locked(
    max_attempts = 100_000,
    idempotent,
    base_delay = 1ms,
    max_delay = 2ms,
    deadline = 80ms
)]
fn sell_until(db: &Writer, runs: &Runs, then: &dyn Fn() -> Result<()>) -> Result<()> {
    runs.run();
    db.execute("INSERT INTO item (name) VALUES ('sold')", [])?;
    then()
}

/// A thread named `importer` that runs [`import`], until it is told to end.
struct Importer<'scope> {
    end: Sender<()>,
    thread: ScopedJoinHandle<'scope, ()>,
}

impl<'scope> Importer<'scope> {
    fn start<'env>(scope: &'scope Scope<'scope, 'env>, db: &'env Database) -> Self {
        let (begun, begins) = mpsc::channel();
        let (end, ends) = mpsc::channel();
        let work = move || import(db, &begun, &Mutex::new(ends)).unwrap();
        let thread = thread::Builder::new().name("importer".into());
        let thread = thread.spawn_scoped(scope, work).unwrap();
        received(&begins);
        Self { end, thread }
    }

    fn end(self) {
        self.end.send(()).unwrap();
        self.thread.join().unwrap();
    }
}

/// The error of a call that waited for at least `atleast`, and not long after.
#[track_caller]
fn gives_up<T>(at_least: Duration, call: impl FnOnce() -> Result<T>) -> Error {
    let asked = Instant::now();
    let Err(error) = call() else { panic!("it got its turn") };
    let waited = asked.elapsed();
    assert!(waited >= at_least, "gave up after {waited:?}: {error}");
    assert!(waited < at_least + SOON, "gave up after {waited:?}: {error}");
    error
}

#[track_caller]
fn timeout(error: Error) -> WriterTimeout {
    match error {
        Error::WriterTimeout(timeout) => *timeout,
        error => panic!("{error}"),
    }
}

/// The error names the importer; how long it has held the lock.
#[track_caller]
fn names_the_importer(timeout: &WriterTimeout) -> Duration {
    let WaitedFor::Writer(guard) = &timeout.waited_for else { panic!("{:?}", timeout.waited_for) };
    assert_eq!(guard.site.function(), Some("bounded_wait::import"));
    assert_eq!(guard.site.file(), "tests/bounded_wait/main.rs");
    assert_eq!(guard.site.line(), IMPORT);
    assert_eq!(guard.thread, "importer");
    guard.open_for
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[test]
fn writer_timeout_on_long_hold() {
    let db = TestDb::with(Options::new().writer_timeout(ms(30)));
    thread::scope(|scope| {
        let importer = Importer::start(scope, &db);
        // As the option says, the attribute, and the call.
        let by_option = timeout(gives_up(ms(30), || sell(&db, "a")));
        let by_attribute = timeout(gives_up(ms(40), || sell_soon(&db, "b")));
        let by_call = timeout(gives_up(ms(20), || db.writer_within(ms(20))));
        let closure = timeout(gives_up(ms(30), || db.write(|w| sell(w, "c"))));
        // A timeout is final: a retry does not wait again.
        let retried = gives_up(ms(30), || db.write_idempotent(&quick(1000), |_w| Ok(())));
        let retried = timeout(retried);
        for (at_least, timeout) in
            [(30, by_option), (40, by_attribute), (20, by_call), (30, closure), (30, retried)]
        {
            assert!(timeout.waited >= ms(at_least), "{timeout:?}");
            assert_eq!(timeout.path, db.path());
            assert!(names_the_importer(&timeout) >= ms(at_least), "{timeout:?}");
        }
        assert_eq!(db.stats().timeouts, 5);
        assert_eq!(db.stats().retries, 0);
        importer.end();
    });
    sell(&db, "after").unwrap();
    assert_eq!(db.names(), ["imported", "after"]);
}

#[test]
fn writer_timeout_error_message() {
    let db = TestDb::new();
    let error = thread::scope(|scope| {
        let importer = Importer::start(scope, &db);
        let error = sell_soon(&db, "late").unwrap_err();
        importer.end();
        error
    });
    assert_eq!(
        without_processes(&format!("{error:#}")),
        format!(
            "could not acquire the writer lock after <time>: \
             held for <time> by `bounded_wait::import` \
             (tests/bounded_wait/main.rs:{IMPORT}, thread importer); \
             asked for by `bounded_wait::sell_soon` (tests/bounded_wait/main.rs:{SELL_SOON})\n\
             \n\
             Known:\n  \
             - {} is held since <clock> UTC\n\
             \n\
             May indicate:\n  \
             - a long transaction: work that needs no lock was done while holding it\n  \
             - a guard that was not dropped\n\
             \n\
             Action:\n  \
             - wait, and try again\n  \
             - restart the program if the same place holds the lock for ever\n  \
             - give the writer more time: `timeout = ..` on the function, or the option `writer_timeout` for all",
            db.path().display()
        )
    );
    // In one line, the first is all of it.
    let line = error.to_string();
    assert_eq!(line, format!("{error:#}").lines().next().unwrap());
    assert_eq!(error.report(), format!("{error:#}"));
}

#[test]
fn a_guard_that_was_not_dropped_is_named_by_its_line() {
    let db = TestDb::new();
    let (guard, line) = (db.writer().unwrap(), line!());
    let error = thread::scope(|scope| {
        let late = scope.spawn(|| gives_up(ms(40), || sell_soon(&db, "late")));
        late.join().unwrap()
    });
    drop(guard);
    let timeout = timeout(error);
    let WaitedFor::Writer(holder) = &timeout.waited_for else { panic!("{timeout:?}") };
    assert_eq!(holder.site.function(), None);
    assert_eq!(holder.site.file(), file!());
    assert_eq!(holder.site.line(), line);
    let own_name = thread::current().name().unwrap().to_owned();
    assert_eq!(holder.thread, own_name);
}

#[test]
fn zero_takes_a_free_turn_and_waits_for_none() {
    let db = TestDb::new();
    let guard = db.writer_within(Duration::ZERO).unwrap();
    sell(&guard, "taken").unwrap();
    guard.commit().unwrap();
    thread::scope(|scope| {
        let importer = Importer::start(scope, &db);
        let error = gives_up(Duration::ZERO, || db.writer_within(Duration::ZERO));
        names_the_importer(&timeout(error));
        importer.end();
    });
    let lock = ForeignLock::take(db.path(), Lock::Exclusive);
    let error = gives_up(Duration::ZERO, || db.writer_within(Duration::ZERO));
    assert!(error.is_locked(), "{error}");
    lock.release();
    db.writer_within(Duration::ZERO).unwrap().commit().unwrap();
}

/// Durations that no clock can add mean: never.
#[test]
fn the_longest_timeouts_are_no_mistake() {
    let options = Options::new()
        .writer_timeout(Duration::MAX)
        .busy_timeout(Duration::MAX)
        .reader_timeout(Duration::MAX)
        .max_readers(1);
    let db = TestDb::with(options);
    let lock = ForeignLock::take(db.path(), Lock::Exclusive);
    thread::scope(|scope| {
        let first = scope.spawn(|| sell(&db, "sold"));
        wait_until("it meets the lock", || db.stats().locks_met == 1);
        let second = scope.spawn(|| db.writer_within(Duration::MAX)?.commit());
        wait_until("both wait", || db.stats().waiting == 2);
        lock.release();
        first.join().unwrap().unwrap();
        second.join().unwrap().unwrap();
    });
    assert_eq!(db.names(), ["sold"]);
}

/// Another program's lock is waited for as long as `busy_timeout` says.
#[test]
fn a_wait_for_another_program_ends() {
    let db = TestDb::with(Options::new().busy_timeout(ms(30)));
    let lock =
        ForeignLock::take(db.path(), Lock::Writing("INSERT INTO item (name) VALUES ('foreign')"));
    match gives_up(ms(30), || sell(&db, "late")) {
        Error::Locked(locked) => {
            assert_eq!(locked.path.as_deref(), Some(db.path()));
            assert_eq!(locked.site.unwrap().function(), Some("bounded_wait::sell"));
            assert_eq!(locked.attempts, 1);
            assert!(locked.waited >= ms(30));
        }
        error => panic!("{error}"),
    }
    let error = gives_up(ms(30), || db.writer());
    assert!(matches!(error, Error::Locked(_)), "{error}");
    lock.commit();
    sell(&db, "after").unwrap();
    assert_eq!(db.names(), ["foreign", "after"]);
}

/// ... but never beyond the deadline for the turn.
#[test]
fn a_wait_for_another_program_ends_by_the_deadline_for_the_turn() {
    let db = TestDb::new();
    let lock = ForeignLock::take(db.path(), Lock::Exclusive);
    let error = gives_up(ms(40), || sell_soon(&db, "late"));
    let text = error.to_string();
    let timeout = timeout(error);
    assert!(matches!(timeout.waited_for, WaitedFor::OtherConnection(_)));
    assert!(timeout.waited >= ms(40));
    assert!(text.contains(&db.path().display().to_string()), "{text}");
    if cfg!(target_os = "linux") {
        let told = "is held by process <id> (<program>), which has the write lock; asked for by";
        assert!(without_processes(&text).contains(told), "{text}");
    } else {
        assert!(text.contains("another program or connection"), "{text}");
    }
    lock.release();
    sell_soon(&db, "after").unwrap();
}

/// Lane and SQLite together have one budget, not one each.
#[test]
fn waiting_in_the_lane_is_taken_off_the_wait_for_sqlite() {
    let db = TestDb::new();
    let lock = ForeignLock::take(db.path(), Lock::Exclusive);
    let waited = thread::scope(|scope| {
        let db = &db;
        // The first has the lane, and waits for the other program.
        let first = scope.spawn(move || db.writer_within(ms(800)).map(drop).unwrap_err());
        wait_until("the first meets the lock", || db.stats().locks_met == 1);
        let asked = Instant::now();
        let error = db.writer_within(ms(1000)).map(drop).unwrap_err();
        let waited = asked.elapsed();
        assert!(matches!(timeout(error).waited_for, WaitedFor::OtherConnection(_)));
        let first = timeout(first.join().unwrap());
        assert!(matches!(first.waited_for, WaitedFor::OtherConnection(_)));
        waited
    });
    lock.release();
    assert!(waited >= ms(1000), "{waited:?}");
    assert!(waited < ms(1700), "{waited:?}");
}

/// Who waits behind one that waits itself is told of the program that holds both up.
#[test]
fn the_other_program_is_named_to_those_in_the_lane_too() {
    let db = TestDb::new();
    let lock = ForeignLock::take(db.path(), Lock::Exclusive);
    thread::scope(|scope| {
        let first = scope.spawn(|| sell(&db, "first"));
        wait_until("the first meets the lock", || db.stats().locks_met == 1);
        let late = timeout(gives_up(ms(40), || sell_soon(&db, "late")));
        assert!(matches!(late.waited_for, WaitedFor::OtherConnection(_)), "{late:?}");
        lock.release();
        first.join().unwrap().unwrap();
    });
    assert_eq!(db.names(), ["first"]);
}

/// A file that another program has locked for itself.
fn locked_file(folder: &Path) -> (PathBuf, ForeignLock) {
    let path = folder.join("shop.db");
    make_file(&path);
    let lock = ForeignLock::take(&path, Lock::Exclusive);
    (path, lock)
}

#[cfg(target_os = "linux")]
#[test]
fn open_connection_locked_error_message() {
    let folder = tempfile::tempdir().unwrap();
    let (path, lock) = locked_file(folder.path());
    let options = || Options::new().busy_timeout(ms(30));
    let error = gives_up(ms(20), || options().open(&path));
    assert!(matches!(error, Error::Locked(_)), "{error}");
    assert_eq!(
        without_processes(&format!("{error:#}")),
        format!(
            "{} is locked by another connection: gave up after 1 attempt and <time>, \
             held by process <id> (<program>), which has an exclusive lock\n\
             \n\
             Known:\n  \
             - it is free when process <id> ends its transaction, or ends\n\
             \n\
             May occur if:\n  \
             - another application is using the database\n  \
             - a connection was not closed, or has a transaction or a half-read query open: also one of this program that was opened without db-core\n  \
             - the file is on a network drive that passes for a local disk, such as a shared folder of a virtual machine\n\
             \n\
             Action:\n  \
             - close the other applications and try again\n  \
             - restart this one if the error stays\n  \
             - wait longer for other programs: raise the option `busy_timeout`",
            path.display()
        )
    );
    lock.release();
    let db = options().open(&path).unwrap();
    sell(&db, "after").unwrap();
    assert_eq!(common::names(&path), ["after"]);
}

/// With a rollback journal the commit waits for readers, no longer than it may.
#[test]
fn the_wait_of_a_commit_ends() {
    let options = Options::new().journal_mode(JournalMode::Delete).busy_timeout(ms(30));
    let db = TestDb::with(options);
    let reading = ForeignLock::take(db.path(), Lock::Reading);
    let error = gives_up(ms(20), || sell(&db, "late"));
    assert!(matches!(error, Error::Locked(_)), "{error}");
    reading.release();
    sell(&db, "after").unwrap();
    assert_eq!(db.names(), ["after"]);
}

#[test]
fn closing_waits_no_longer_than_it_is_told_and_names_who_is_left() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let importer = Importer::start(scope, &db);
        let error = gives_up(ms(30), || db.close_within(ms(30)));
        let Error::StillOpen { guards, .. } = error else { panic!("{error}") };
        let [guard] = &guards[..] else { panic!("{guards:?}") };
        assert_eq!(guard.site.function(), Some("bounded_wait::import"));
        assert_eq!(guard.thread, "importer");
        importer.end();
    });
    assert_eq!(db.names(), ["imported"]);
}

/// Who waits when the database is closed is told so, not kept waiting.
#[test]
fn a_waiter_is_let_go_when_the_database_closes() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let importer = Importer::start(scope, &db);
        let waiter = scope.spawn(|| db.writer_within(common::PATIENCE).map(drop));
        wait_until("it waits", || db.stats().waiting == 1);
        let closer = scope.spawn(|| db.close_within(common::PATIENCE));
        wait_until("closing waits behind it", || db.stats().waiting == 2);
        importer.end();
        let refused = waiter.join().unwrap();
        assert!(matches!(refused, Err(Error::Closed { .. })), "{refused:?}");
        closer.join().unwrap().unwrap();
    });
    assert_eq!(db.names(), ["imported"]);
}
