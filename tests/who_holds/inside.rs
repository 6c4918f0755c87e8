//! Inside of a process: the writer that holds the lock is the same one for the error of
//! whoever waited, for the list of what is open, and for the numbers.

use std::thread::{self, Scope, ScopedJoinHandle};
use std::time::{Duration, Instant, SystemTime};

use db_core::{Kind, OpenGuard, Options, Result, WaitedFor, Waiting, Writer, writer};

use super::common::{ForeignLock, Lock, PATIENCE, TestDb, quick, wait_until};
use super::desk::{BROWSE, Comes, Desk, Holds, IMPORT, import};
use super::{ms, told, writer_of};

/// What the error, the list and the numbers say of the writer that holds the lock.
pub(crate) fn three_ways(db: &TestDb) -> [OpenGuard; 3] {
    let from_error = writer_of(told(db, Duration::ZERO));
    let mut writers = db.open_guards();
    writers.retain(|guard| guard.kind == Kind::Writer);
    let listed = writers.pop().unwrap();
    assert!(writers.is_empty(), "{writers:?}");
    [from_error, listed, db.stats().writer.unwrap()]
}

#[test]
fn the_error_the_list_and_the_numbers_name_the_function_the_place_and_the_thread() {
    let db = TestDb::new();
    assert_eq!(db.stats().writer, None);
    thread::scope(|scope| {
        let importer = Holds::import(scope, &db);
        for writer in three_ways(&db) {
            assert_eq!(writer.kind, Kind::Writer);
            assert_eq!(writer.site.function(), Some("who_holds::desk::import"));
            assert_eq!(writer.site.file(), "tests/who_holds/desk.rs");
            assert_eq!(writer.site.line(), IMPORT);
            assert_eq!(writer.thread, "importer");
            assert_eq!((writer.statement, writer.behind), (None, vec![]));
        }
        importer.let_go();
    });
    assert_eq!(db.stats().writer, None);
    assert_eq!(db.open_guards(), []);
}

/// What opens it, and its line.
type Opens = (fn(&TestDb, &dyn Fn(&rusqlite::Connection)), u32);

fn body(conn: &rusqlite::Connection, then: &dyn Fn(&rusqlite::Connection)) -> Result<()> {
    then(conn);
    Ok(())
}

#[test]
fn guards_and_closures_are_named_by_the_line_that_opened_them() {
    let ways: [Opens; 4] = [
        (|db, then| then(&db.writer().unwrap()), line!()),
        (|db, then| then(&db.writer_within(ms(10_000)).unwrap()), line!()),
        (|db, then| drop(db.write(|w| body(w, then))), line!()),
        (|db, then| drop(db.write_idempotent(&quick(2), |w| body(w, then))), line!()),
    ];
    let db = TestDb::new();
    for (opens, line) in ways {
        thread::scope(|scope| {
            let call = |desk: Desk| opens(&db, &|conn| desk.serve(conn));
            let holds = Holds::start(scope, "opener", call);
            for writer in three_ways(&db) {
                assert_eq!(writer.site.function(), None);
                assert_eq!((writer.site.file(), writer.site.line()), (file!(), line));
                assert_eq!(writer.thread, "opener");
                assert_eq!(writer.to_string(), format!("{}:{line} (thread opener)", file!()));
            }
            holds.let_go();
        });
    }
}

/// A number is what there is of a thread without a name, and no more than that.
#[test]
fn a_thread_without_a_name_has_a_number() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let call = |desk| import(&*db, &desk).unwrap();
        let holds = Comes::start(scope, thread::Builder::new(), call).inside();
        for writer in three_ways(&db) {
            assert!(writer.thread.parse::<u64>().is_ok(), "{:?}", writer.thread);
        }
        holds.let_go();
    });
}

#[test]
fn since_when_it_is_held_is_told_by_the_clock_and_as_a_duration() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let before = Instant::now();
        let importer = Holds::import(scope, &db);
        let after = Instant::now();
        wait_until("some time has passed", || after.elapsed() >= ms(50));
        let (at_least, asked) = (after.elapsed(), SystemTime::now());
        let writers = three_ways(&db);
        let (at_most, answered) = (before.elapsed(), SystemTime::now());
        for OpenGuard { open_for, since, .. } in writers {
            assert!(open_for >= at_least && open_for <= at_most, "{open_for:?}");
            // The two are looked at one after the other, and both between these.
            let now = since + open_for;
            let took = answered.duration_since(asked).unwrap();
            assert!(now >= asked - took - ms(1) && now <= answered + ms(1), "{since:?}");
        }
        importer.let_go();
    });
}

/// Waits for its turn, as one of many.
#[writer]
fn sell(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}
const SELL: u32 = line!() - 4;

/// Threads of these names that call [`sell`], each waiting behind the one before. There
/// are `others` who wait already.
fn queue<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    db: &'env TestDb,
    names: &[&'static str],
    others: usize,
) -> Vec<ScopedJoinHandle<'scope, Result<()>>> {
    let sells = |(n, name): (usize, &&'static str)| {
        let (name, thread) = (*name, thread::Builder::new().name((*name).to_owned()));
        let thread = thread.spawn_scoped(scope, move || sell(&**db, name)).unwrap();
        wait_until("it waits", || db.stats().waiting == others + n + 1);
        thread
    };
    names.iter().enumerate().map(sells).collect()
}

/// Those who wait are these threads in [`sell`], in this order.
#[track_caller]
fn are_queued(waiting: &[Waiting], names: &[&str]) {
    let told: Vec<_> = waiting.iter().map(|waiting| waiting.thread.as_str()).collect();
    assert_eq!(told, names);
    for waiting in waiting {
        assert_eq!(waiting.site.function(), Some("who_holds::inside::sell"));
        assert_eq!((waiting.site.file(), waiting.site.line()), (file!(), SELL));
    }
}

const NAMES: [&str; 3] = ["one", "two", "three"];

#[test]
fn who_waits_behind_the_writer_is_told_first_come_first() {
    let db = TestDb::with(Options::new().writer_timeout(PATIENCE));
    thread::scope(|scope| {
        let importer = Holds::import(scope, &db);
        let before = Instant::now();
        let queued = queue(scope, &db, &NAMES, 0);
        let after = Instant::now();
        wait_until("some time has passed", || after.elapsed() >= ms(20));
        let at_least = after.elapsed();
        for writer in three_ways(&db) {
            are_queued(&writer.behind, &NAMES);
            for Waiting { waits_for, .. } in writer.behind {
                assert!(waits_for >= at_least && waits_for <= before.elapsed(), "{waits_for:?}");
            }
        }
        // Who gives up does not wait behind itself.
        are_queued(&writer_of(told(&db, ms(20))).behind, &NAMES);
        importer.let_go();
        queued.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
    });
    assert_eq!(db.names(), ["imported", "one", "two", "three"]);
}

/// Also the one that is the first of them, and waits for the other program itself.
#[test]
fn who_waits_for_another_program_as_well_is_told_first_come_first() {
    let db = TestDb::with(Options::new().writer_timeout(PATIENCE).busy_timeout(PATIENCE));
    let lock = ForeignLock::take(db.path(), Lock::Exclusive);
    thread::scope(|scope| {
        let queued = queue(scope, &db, &NAMES, 0);
        wait_until("the first one waits for the program", || db.stats().locks_met == 1);
        let behind = told(&db, Duration::ZERO);
        assert!(matches!(behind.waited_for, WaitedFor::OtherConnection(_)), "{behind:?}");
        are_queued(&behind.queue, &NAMES);
        // Nobody writes.
        assert_eq!((db.stats().writer, db.open_guards()), (None, vec![]));
        lock.release();
        queued.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
    });
    assert_eq!(db.names(), NAMES);
}

#[test]
fn readers_are_listed_with_the_same_and_nobody_waits_behind_them() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let importer = Holds::import(scope, &db);
        let browser = Holds::browse(scope, &db, "browser");
        let waiter = queue(scope, &db, &["one"], 0);
        let guards = db.open_guards();
        let [writer, reader] = guards.as_slice() else { panic!("{guards:?}") };
        assert_eq!((writer.kind, reader.kind), (Kind::Writer, Kind::Reader));
        assert_eq!(reader.site.function(), Some("who_holds::desk::browse"));
        assert_eq!((reader.site.file(), reader.site.line()), (writer.site.file(), BROWSE));
        assert_eq!(reader.thread, "browser");
        assert_eq!((&reader.statement, reader.behind.len()), (&None, 0));
        assert!(reader.since >= writer.since && reader.open_for <= writer.open_for);
        are_queued(&writer.behind, &["one"]);
        importer.let_go();
        browser.let_go();
        waiter.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
    });
}
