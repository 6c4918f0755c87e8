//! Guarantee **bounded-wait**: every wait for a turn ends by its deadline, with an
//! error that says who was waited for.

mod common;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Barrier, Mutex};
use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant};

use common::{
    ForeignLock, Lock, Runs, TestDb, busy, make_file, quick, received, wait_until, without_times,
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
    assert_eq!(guard.site.file(), "tests/bounded_wait.rs");
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
        without_times(&format!("{error:#}")),
        format!(
            "could not acquire the writer lock after <time>: \
             held for <time> by `bounded_wait::import` \
             (tests/bounded_wait.rs:{IMPORT}, thread importer); \
             asked for by `bounded_wait::sell_soon` (tests/bounded_wait.rs:{SELL_SOON})\n\
             \n\
             May indicate:\n  \
             - a long transaction: work that needs no lock was done while holding it\n  \
             - a guard that was not dropped\n\
             \n\
             Action:\n  \
             - wait, and try again\n  \
             - restart the program if the same place holds the lock for ever\n  \
             - give the writer more time with `timeout = ..` or `Options::writer_timeout`"
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
    assert!(matches!(timeout.waited_for, WaitedFor::OtherConnection));
    assert!(timeout.waited >= ms(40));
    assert!(text.contains(&db.path().display().to_string()), "{text}");
    assert!(text.contains("another program or connection"), "{text}");
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
        assert!(matches!(timeout(error).waited_for, WaitedFor::OtherConnection));
        let first = timeout(first.join().unwrap());
        assert!(matches!(first.waited_for, WaitedFor::OtherConnection));
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
        assert!(matches!(late.waited_for, WaitedFor::OtherConnection), "{late:?}");
        lock.release();
        first.join().unwrap().unwrap();
    });
    assert_eq!(db.names(), ["first"]);
}

mod deadlines {
    use super::*;

    #[test]
    fn the_policys_deadline_cuts_the_wait_for_the_lane_short() {
        let (db, runs) = (TestDb::new(), Runs::new());
        thread::scope(|scope| {
            let importer = Importer::start(scope, &db);
            let error = gives_up(ms(80), || sell_until(&db, &runs, &|| Ok(())));
            names_the_importer(&timeout(error));
            importer.end();
        });
        assert_eq!(runs.count(), 0);
    }

    #[test]
    fn the_policys_deadline_ends_the_attempts() {
        let db = TestDb::with(Options::new().busy_timeout(ms(2)));
        let runs = Runs::new();
        let lock = ForeignLock::take(db.path(), Lock::Exclusive);
        let error = gives_up(ms(70), || sell_until(&db, &runs, &|| Ok(())));
        assert!(matches!(error, Error::Locked(_) | Error::WriterTimeout(_)), "{error}");
        lock.release();
        assert_eq!(runs.count(), 0);
        assert!(db.stats().retries > 0);
        sell_until(&db, &runs, &|| Ok(())).unwrap();
        assert_eq!(runs.count(), 1);
    }

    #[test]
    fn the_policys_deadline_ends_the_attempts_over_a_connection() {
        #[retry_on_locked(
            max_attempts = 100_000,
            idempotent,
            base_delay = 1ms,
            max_delay = 2ms,
            deadline = 80ms
        )]
        fn mark(conn: &Connection) -> Result<()> {
            conn.execute("UPDATE item SET qty = 1", [])?;
            Ok(())
        }
        let db = TestDb::new();
        let conn = Connection::open(db.path()).unwrap();
        conn.busy_timeout(Duration::ZERO).unwrap();
        let lock = ForeignLock::take(db.path(), Lock::Exclusive);
        let error = gives_up(ms(70), || mark(&conn));
        assert!(matches!(error, Error::Locked(_)), "{error}");
        lock.release();
        mark(&conn).unwrap();
    }

    /// A deadline ends waits, not bodies; but after it no attempt begins.
    #[test]
    fn a_body_may_run_past_the_deadline_but_not_again() {
        let (db, runs) = (TestDb::new(), Runs::new());
        let slowly = || {
            thread::sleep(ms(100));
            Ok(())
        };
        sell_until(&db, &runs, &slowly).unwrap();
        assert_eq!((runs.count(), db.names().len()), (1, 1));
        let then_locked = || {
            thread::sleep(ms(100));
            Err(busy(db.path()).into())
        };
        let error = sell_until(&db, &runs, &then_locked).unwrap_err();
        assert!(matches!(error, Error::Locked(_)), "{error}");
        assert_eq!((runs.count(), db.names().len()), (2, 1));
    }
}

mod queue {
    use super::*;

    /// Starts a writer that waits behind all others, for as long as `within` says.
    fn queue<'scope, 'env>(
        scope: &'scope Scope<'scope, 'env>,
        db: &'env Database,
        name: &'static str,
        within: Duration,
    ) -> ScopedJoinHandle<'scope, Result<()>> {
        // One that waits, or has given up already because this machine is so busy.
        let seen = || db.stats().waiting as u64 + db.stats().timeouts;
        let before = seen();
        let thread = scope.spawn(move || {
            let writer = db.writer_within(within)?;
            sell(&writer, name)?;
            writer.commit()
        });
        wait_until("it waits", || seen() == before + 1);
        thread
    }

    /// Starts five writers that wait, lets the ones at `leaving` give up, and tells
    /// what the others do.
    fn others_are_served_when_some_leave(leaving: &[usize]) {
        const NAMES: [&str; 5] = ["0", "1", "2", "3", "4"];
        let db = TestDb::new();
        thread::scope(|scope| {
            let importer = Importer::start(scope, &db);
            let threads: Vec<_> = (0..5)
                .map(|n| {
                    // The leaving ones are in the queue long enough to be seen there.
                    let leaves = leaving.contains(&n);
                    let within = if leaves { ms(300) } else { common::PATIENCE };
                    queue(scope, &db, NAMES[n], within)
                })
                .collect();
            wait_until("they leave", || db.stats().waiting == 5 - leaving.len());
            importer.end();
            for (n, thread) in threads.into_iter().enumerate() {
                match thread.join().unwrap() {
                    Ok(()) => assert!(!leaving.contains(&n), "{n}"),
                    Err(error) => {
                        names_the_importer(&timeout(error));
                        assert!(leaving.contains(&n), "{n}");
                    }
                }
            }
        });
        let mut expected = vec!["imported"];
        let stay = NAMES.iter().enumerate();
        expected.extend(stay.filter(|(n, _)| !leaving.contains(n)).map(|(_, name)| name));
        assert_eq!(db.names(), expected);
        assert_eq!(db.stats().waiting, 0);
        // The lane is free.
        db.writer_within(Duration::ZERO).unwrap().commit().unwrap();
    }

    #[test]
    fn one_that_leaves_from_the_middle_disturbs_nobody() {
        others_are_served_when_some_leave(&[2]);
    }

    #[test]
    fn one_that_leaves_from_the_head_disturbs_nobody() {
        others_are_served_when_some_leave(&[0, 1]);
    }

    #[test]
    fn one_that_leaves_from_the_end_disturbs_nobody() {
        others_are_served_when_some_leave(&[4]);
    }

    #[test]
    fn when_all_leave_the_turn_is_free() {
        others_are_served_when_some_leave(&[0, 1, 2, 3, 4]);
    }

    /// Deadlines come while turns are handed over: whoever gets a turn keeps it, and
    /// whoever gets none takes none away.
    #[test]
    fn deadlines_amid_the_traffic_lose_no_turn() {
        const TIMES: u64 = 60;
        let db = TestDb::new();
        let (late, start) = (AtomicUsize::new(0), Barrier::new(8));
        thread::scope(|scope| {
            for n in 0..8 {
                let (db, late, start) = (&db, &late, &start);
                scope.spawn(move || {
                    start.wait();
                    for time in 0..TIMES {
                        // Half of them have no patience at all.
                        let within = match n % 2 {
                            0 => common::PATIENCE,
                            _ => Duration::from_micros(time * 37 % 400),
                        };
                        let sold = db.writer_within(within).and_then(|writer| {
                            sell(&writer, "sold")?;
                            writer.commit()
                        });
                        match sold {
                            Ok(()) => {}
                            Err(Error::WriterTimeout(_)) if n % 2 == 1 => {
                                late.fetch_add(1, SeqCst);
                            }
                            Err(error) => panic!("{error}"),
                        }
                    }
                });
            }
        });
        let total = usize::try_from(TIMES).unwrap() * 8;
        assert_eq!(db.names().len(), total - late.load(SeqCst));
        assert_eq!(db.stats().waiting, 0);
        db.writer_within(Duration::ZERO).unwrap().commit().unwrap();
    }

    #[test]
    fn many_deadlines_at_once_are_all_kept() {
        let db = TestDb::new();
        thread::scope(|scope| {
            let importer = Importer::start(scope, &db);
            let late = || gives_up(ms(40), || sell_soon(&db, "late"));
            let threads: Vec<_> = (0..24).map(|_| scope.spawn(late)).collect();
            for thread in threads {
                names_the_importer(&timeout(thread.join().unwrap()));
            }
            assert_eq!(db.stats().waiting, 0);
            assert_eq!(db.stats().timeouts, 24);
            importer.end();
        });
        assert_eq!(db.names(), ["imported"]);
    }
}

mod deadlocks {
    use super::*;

    /// A body that waits for a thread which waits for the body.
    #[test]
    fn a_thread_joined_by_a_body_that_it_waits_for_gives_up() {
        let db = TestDb::new();
        db.write(|w| {
            let error = thread::scope(|scope| {
                let joined = scope.spawn(|| gives_up(ms(40), || sell_soon(&db, "joined")));
                joined.join().unwrap()
            });
            let timeout = timeout(error);
            assert!(matches!(timeout.waited_for, WaitedFor::Writer(_)));
            sell(w, "outer")
        })
        .unwrap();
        assert_eq!(db.names(), ["outer"]);
    }

    /// Two databases, taken in the opposite order by two threads.
    #[test]
    fn two_threads_that_wait_for_each_other_give_up() {
        let (one, two) = (TestDb::new(), TestDb::new());
        let both = Barrier::new(2);
        let cross = |first: &Database, second: &Database| {
            first.write(|w| {
                sell(w, "first")?;
                both.wait();
                sell_soon(second, "second")
            })
        };
        let results = thread::scope(|scope| {
            let there = scope.spawn(|| cross(&one, &two));
            let back = scope.spawn(|| cross(&two, &one));
            [there.join().unwrap(), back.join().unwrap()]
        });
        let late = results.iter().filter(|result| result.is_err()).count();
        assert!(late > 0);
        for result in results {
            match result {
                Ok(()) | Err(Error::WriterTimeout(_)) => {}
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(one.names().len() + two.names().len(), 4 - 2 * late);
        sell(&one, "after").unwrap();
        sell(&two, "after").unwrap();
    }
}

mod readers {
    use super::*;

    /// Holds a reader until it is told to let go.
    #[reader]
    fn report(db: &Reader, begun: &Sender<()>, end: &Receiver<()>) -> Result<i64> {
        let items = db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?;
        begun.send(()).unwrap();
        received(end);
        Ok(items)
    }
    const REPORT: u32 = line!() - 6;

    #[reader]
    fn count(db: &Reader) -> Result<i64> {
        Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
    }

    #[reader]
    fn count_inside(db: &Reader, captured: &Database) -> Result<i64> {
        Ok(count(db)? + count(captured)?)
    }

    fn one_reader() -> TestDb {
        TestDb::with(Options::new().max_readers(1).reader_timeout(ms(30)))
    }

    #[test]
    fn a_wait_for_a_reader_ends_and_names_the_oldest() {
        let db = one_reader();
        thread::scope(|scope| {
            let (begun, begins) = mpsc::channel();
            let (end, ends) = mpsc::channel();
            let reporter = thread::Builder::new().name("reporter".into());
            let on = &db;
            let work = move || report(on, &begun, &ends);
            let reporter = reporter.spawn_scoped(scope, work).unwrap();
            received(&begins);
            let error = gives_up(ms(30), || count(&db));
            let guard = gives_up(ms(30), || db.reader());
            assert!(matches!(guard, Error::ReaderTimeout(_)), "{guard}");
            let text = error.to_string();
            let Error::ReaderTimeout(timeout) = error else { panic!("{error}") };
            assert!(timeout.waited >= ms(30));
            assert_eq!(timeout.max_readers, 1);
            assert_eq!(timeout.site.function(), Some("bounded_wait::readers::count"));
            let [oldest] = &timeout.in_use[..] else { panic!("{:?}", timeout.in_use) };
            assert_eq!(oldest.site.function(), Some("bounded_wait::readers::report"));
            assert_eq!(oldest.site.line(), REPORT);
            assert_eq!(oldest.thread, "reporter");
            let named = format!(
                "`bounded_wait::readers::report` (tests/bounded_wait.rs:{REPORT}, thread reporter)"
            );
            assert!(text.contains(&named), "{text}");
            end.send(()).unwrap();
            reporter.join().unwrap().unwrap();
        });
        assert_eq!(count(&db).unwrap(), 0);
        assert_eq!(db.stats().timeouts, 2);
    }

    /// On the same thread nobody could ever let it go.
    #[test]
    fn a_reader_beyond_the_limit_inside_a_reader_is_an_error_at_once() {
        let options = Options::new().max_readers(1).reader_timeout(common::PATIENCE);
        let db = TestDb::with(options);
        let error = gives_up(Duration::ZERO, || count_inside(&db, &db));
        assert!(matches!(error, Error::NestedRead { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("`bounded_wait::readers::count`"), "{text}");
        assert!(text.contains("`bounded_wait::readers::count_inside`"), "{text}");
        let guard = db.reader().unwrap();
        let error = gives_up(Duration::ZERO, || db.reader());
        assert!(matches!(error, Error::NestedRead { .. }), "{error}");
        drop(guard);
        assert_eq!(db.stats().timeouts, 0);
        assert_eq!(count(&db).unwrap(), 0);
    }

    /// With a limit everybody gets a turn, and there are never more than it says.
    #[test]
    fn all_are_served_when_there_are_more_than_the_limit() {
        let options = Options::new().max_readers(2).reader_timeout(common::PATIENCE);
        let db = TestDb::with(options);
        let inside = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        db.read(|r| {
                            assert!(inside.fetch_add(1, SeqCst) < 2);
                            let items = count(r);
                            thread::yield_now();
                            inside.fetch_sub(1, SeqCst);
                            items
                        })
                        .unwrap();
                    }
                });
            }
        });
        assert_eq!(db.stats().timeouts, 0);
        assert_eq!(db.stats().in_use, 0);
        assert!(db.stats().idle <= 3);
    }

    /// With a rollback journal a reader meets another program's lock too.
    #[test]
    fn a_readers_wait_for_another_program_ends() {
        let options = Options::new().journal_mode(JournalMode::Delete).busy_timeout(ms(30));
        let db = TestDb::with(options);
        assert_eq!(count(&db).unwrap(), 0);
        let lock = ForeignLock::take(db.path(), Lock::Exclusive);
        // SQLite sleeps in whole milliseconds of its own choice.
        let error = gives_up(ms(20), || count(&db));
        assert!(error.is_locked(), "{error}");
        lock.release();
        assert_eq!(count(&db).unwrap(), 0);
    }
}

/// A file that another program has locked for itself.
fn locked_file(folder: &Path) -> (PathBuf, ForeignLock) {
    let path = folder.join("shop.db");
    make_file(&path);
    let lock = ForeignLock::take(&path, Lock::Exclusive);
    (path, lock)
}

#[test]
fn open_connection_locked_error_message() {
    let folder = tempfile::tempdir().unwrap();
    let (path, lock) = locked_file(folder.path());
    let options = || Options::new().busy_timeout(ms(30));
    let error = gives_up(ms(20), || options().open(&path));
    assert!(matches!(error, Error::Locked(_)), "{error}");
    assert_eq!(
        without_times(&format!("{error:#}")),
        format!(
            "{} is locked by another connection: gave up after 1 attempt and <time>\n\
             \n\
             May occur if:\n  \
             - another application is using the database\n  \
             - a connection was not closed, or has a transaction or a half-read query open: also one of this program that was opened without db-core\n  \
             - the file is on a network drive, where locks don't work\n\
             \n\
             Action:\n  \
             - close the other applications and try again\n  \
             - restart this one if the error stays\n  \
             - wait longer for other programs with `Options::busy_timeout`",
            path.display()
        )
    );
    lock.release();
    let db = options().open(&path).unwrap();
    sell(&db, "after").unwrap();
    assert_eq!(common::names(&path), ["after"]);
}

mod opening {
    use super::*;

    /// Only for the change to a WAL is the file needed alone.
    #[test]
    fn opening_waits_until_the_other_program_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        let (path, lock) = locked_file(folder.path());
        let db = thread::scope(|scope| {
            let opener = scope.spawn(|| Options::new().busy_timeout(common::PATIENCE).open(&path));
            lock.release();
            opener.join().unwrap().unwrap()
        });
        sell(&db, "after").unwrap();
        assert_eq!(common::names(&path), ["after"]);
    }

    /// Migrations and set-up take the turn that writers take.
    #[test]
    fn the_wait_of_a_set_up_ends_and_names_who_was_waited_for() {
        let db = TestDb::new();
        thread::scope(|scope| {
            let importer = Importer::start(scope, &db);
            let options = || Options::new().writer_timeout(ms(30));
            for options in
                [options().setup(|_conn| Ok(())), options().migrations(&["CREATE TABLE later (x)"])]
            {
                let error = gives_up(ms(30), || options.open(db.path()));
                names_the_importer(&timeout(error));
            }
            importer.end();
        });
        let options = Options::new().migrations(&["CREATE TABLE later (x)"]);
        options.open(db.path()).unwrap();
    }

    /// A migration waits for another program as every writer does.
    #[test]
    fn the_wait_of_a_migration_for_another_program_ends() {
        let db = TestDb::new();
        let lock = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item"));
        let options = || {
            let options = Options::new().busy_timeout(ms(30));
            options.migrations(&["CREATE TABLE later (x)"])
        };
        let error = gives_up(ms(20), || options().open(db.path()));
        assert!(matches!(error, Error::Locked(_)), "{error}");
        lock.release();
        options().open(db.path()).unwrap();
    }

    /// Here `busy_timeout` is the longer one, and the turn has a deadline.
    #[test]
    fn the_wait_of_a_migration_ends_by_the_deadline_for_the_turn() {
        let db = TestDb::new();
        let lock = ForeignLock::take(db.path(), Lock::Writing("DELETE FROM item"));
        let options = Options::new().writer_timeout(ms(30));
        let options = options.migrations(&["CREATE TABLE later (x)"]);
        let error = gives_up(ms(20), || options.open(db.path()));
        assert!(error.is_locked(), "{error}");
        lock.release();
    }
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
