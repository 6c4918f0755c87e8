//! Guarantee **one-writer**: at any moment at most one write transaction is open on a
//! database file, by whatever name the file was opened; waiters are served in order
//! of arrival.

mod common;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use common::{Foreign, ForeignLock, Lock, Process, TestDb, quick, received, wait_until};
use db_core::{Database, Error, Options, Reader, Result, Writer};
use db_core::{reader, retry_on_locked, writer};

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}
const ADD: u32 = line!() - 4;

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
fn add_retried(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

#[reader]
fn quantity(db: &Reader, name: &str) -> Result<i64> {
    Ok(db.query_row("SELECT qty FROM item WHERE name = ?1", [name], |row| row.get(0))?)
}

/// Reads a number and writes the next one: of two at work together one would be lost.
#[writer]
fn count_up(db: &Writer, alone: &Alone) -> Result<()> {
    let _inside = alone.enter();
    let qty = quantity(db, "counter")?;
    thread::yield_now();
    db.execute("UPDATE item SET qty = ?1 WHERE name = 'counter'", [qty + 1])?;
    Ok(())
}

/// A room for one; a second that enters fails the test.
#[derive(Default)]
struct Alone(AtomicUsize);

struct Inside<'a>(&'a Alone);

impl Alone {
    fn enter(&self) -> Inside<'_> {
        assert_eq!(self.0.fetch_add(1, SeqCst), 0, "two bodies at once");
        Inside(self)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, SeqCst);
    }
}

/// Other names of the database's file, but for hard links.
fn other_names(db: &TestDb) -> Vec<PathBuf> {
    let folder = db.beside("");
    let mut names = vec![folder.join(".").join("..").join(&folder).join("shop.db")];
    #[cfg(unix)]
    {
        let link = db.beside("link.db");
        std::os::unix::fs::symlink(db.path(), &link).unwrap();
        names.push(link);
        let (linked, way) = (folder.join("linked"), folder.join("linked/shop.db"));
        std::os::unix::fs::symlink(&folder, linked).unwrap();
        names.push(way);
    }
    names
}

/// 8 threads count up through `others` and `db`; the lane alone keeps them apart.
fn count_up_through(db: &TestDb, others: &[Database]) {
    const TIMES: i64 = 40;
    add(db, "counter").unwrap();
    let handles: Vec<&Database> = others.iter().chain([&**db]).collect();
    let alone = Alone::default();
    thread::scope(|scope| {
        for n in 0..8 {
            let (handle, alone) = (handles[n % handles.len()], &alone);
            scope.spawn(move || {
                for _ in 0..TIMES {
                    count_up(handle, alone).unwrap();
                }
            });
        }
    });
    for handle in handles {
        assert_eq!(quantity(handle, "counter").unwrap(), 8 * TIMES);
        // Who shares the lane never meets the other's lock in SQLite.
        assert_eq!(handle.stats().locks_met, 0);
        assert_eq!(handle.stats().waiting, 0);
    }
    db.assert_whole();
}

#[test]
fn there_are_never_two_bodies_at_once_and_no_commit_is_lost() {
    count_up_through(&TestDb::new(), &[]);
}

#[test]
fn other_paths_and_symbolic_links_lead_to_the_same_lane() {
    let db = TestDb::new();
    let others: Vec<_> =
        other_names(&db).iter().map(|name| Database::open(name).unwrap()).collect();
    assert!(!others.is_empty());
    count_up_through(&db, &others);
}

#[test]
fn a_hard_link_leads_to_the_same_lane() {
    let db = TestDb::new();
    let link = db.beside("hard.db");
    std::fs::hard_link(db.path(), &link).unwrap();
    count_up_through(&db, &[Database::open(&link).unwrap()]);
}

/// As `a_hard_link_leads_to_the_same_lane`, without threads: each handle sees what
/// the other committed.
#[test]
fn what_is_written_by_one_name_is_read_by_the_other() {
    let db = TestDb::new();
    let link = db.beside("hard.db");
    std::fs::hard_link(db.path(), &link).unwrap();
    let other = Database::open(&link).unwrap();
    for n in 0..10 {
        add(&db, &format!("a{n}")).unwrap();
        add(&other, &format!("b{n}")).unwrap();
        assert_eq!(quantity(&db, &format!("b{n}")).unwrap(), 0);
        assert_eq!(quantity(&other, &format!("a{n}")).unwrap(), 0);
    }
    drop(other);
    assert_eq!(db.names().len(), 20);
    db.assert_whole();
}

#[test]
fn waiters_are_served_in_order_of_arrival() {
    const WAITERS: usize = 12;
    let db = TestDb::new();
    let other = Database::open(&other_names(&db)[0]).unwrap();
    let holder = db.writer().unwrap();
    thread::scope(|scope| {
        for n in 0..WAITERS {
            // Also in order across two databases on one file, and of both kinds.
            let handle = [&*db, &other][n % 2];
            scope.spawn(move || {
                let name = format!("{n:02}");
                let guarded = || {
                    let writer = handle.writer()?;
                    add(&writer, &name)?;
                    writer.commit()
                };
                let wrote = match n % 3 {
                    0 => add(handle, &name),
                    1 => add_retried(handle, &name),
                    _ => guarded(),
                };
                wrote.unwrap();
            });
            wait_until("it waits", || db.stats().waiting == n + 1);
        }
        holder.commit().unwrap();
    });
    let expected: Vec<_> = (0..WAITERS).map(|n| format!("{n:02}")).collect();
    assert_eq!(db.names(), expected);
}

/// A running thread may pass a sleeping one, but only within half a millisecond: one
/// whose transactions are longer than that passes once, and then never again.
#[test]
fn a_thread_that_writes_all_the_time_does_not_starve_one_that_waits() {
    let db = TestDb::new();
    // Where the scheduler puts the two decides who could starve, so they are many.
    let worst = (0..12).map(|_| passed_by_a_busy_thread(&db)).max().unwrap();
    // One more that had the lane before, but had not looked who waits.
    assert!(worst <= 2, "passed {worst} times");
}

/// How often one that waits for its turn is passed, at worst, by one that takes a turn
/// of a millisecond after the other.
fn passed_by_a_busy_thread(db: &Database) -> usize {
    let (done, passed) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (begun, begins) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(SeqCst) {
                let writer = db.writer().unwrap();
                passed.fetch_add(db.stats().waiting, SeqCst);
                begun.send(()).unwrap();
                thread::sleep(Duration::from_millis(1));
                // As soon as can be it asks again.
                writer.commit().unwrap();
            }
        });
        received(&begins);
        let waits = (0..10).map(|_| {
            passed.store(0, SeqCst);
            let writer = db.writer().unwrap();
            let times = passed.load(SeqCst);
            add(&writer, "waited").unwrap();
            writer.commit().unwrap();
            times
        });
        let worst = waits.max().unwrap();
        done.store(true, SeqCst);
        worst
    })
}

/// The lane is the file's: it is not lost, and there is no second one, when databases
/// on the file come and go.
#[test]
fn databases_that_come_and_go_share_the_lane() {
    const TIMES: i64 = 25;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    common::make_file(&path);
    add(&Database::open(&path).unwrap(), "counter").unwrap();
    let alone = Alone::default();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..TIMES {
                    let db = Database::open(&path).unwrap();
                    count_up(&db, &alone).unwrap();
                }
            });
        }
    });
    let db = Database::open(&path).unwrap();
    assert_eq!(quantity(&db, "counter").unwrap(), 4 * TIMES);
    common::assert_whole(&path);
}

/// Holds the transaction until another writer waits for it, and then for `hold`.
#[writer]
fn write_slowly(db: &Writer, whole: &Database, hold: Duration) -> Result<Duration> {
    add(db, "first, begun")?;
    wait_until("the second waits", || whole.stats().waiting == 1);
    let seen = Instant::now();
    thread::sleep(hold);
    // A reader meanwhile sees nothing of it, and does not wait.
    let seen_now: i64 =
        whole.read(|r| r.query_row("SELECT count(*) FROM item", [], |row| row.get(0)))?;
    assert_eq!(seen_now, 0);
    add(db, "first, done")?;
    Ok(seen.elapsed())
}

#[test]
fn single_writer_blocks_concurrent_writers() {
    const HOLD: Duration = Duration::from_millis(200);
    let db = TestDb::new();
    let (inside, is_inside) = mpsc::channel();
    let (held, waited) = thread::scope(|scope| {
        let db = &db;
        let first = scope.spawn(move || {
            db.write(|w| {
                inside.send(()).unwrap();
                write_slowly(w, db, HOLD)
            })
            .unwrap()
        });
        received(&is_inside);
        let asked = Instant::now();
        add(db, "second").unwrap();
        let waited = asked.elapsed();
        (first.join().unwrap(), waited)
    });
    assert!(held >= HOLD);
    assert!(waited >= held, "waited {waited:?} for one that held {held:?}");
    assert!(waited < held + Duration::from_secs(3), "waited {waited:?} for one that held {held:?}");
    assert_eq!(db.names(), ["first, begun", "first, done", "second"]);
    assert_eq!(db.stats().commits, 2);
}

#[writer]
fn write_inside(db: &Writer, captured: &Database) -> Result<()> {
    add(db, "outer")?;
    add(captured, "inner")
}
const WRITE_INSIDE: u32 = line!() - 4;

/// The error at once: nobody waited, and it names both.
#[track_caller]
fn refused(error: Error, inner: &str, outer: &str, db: &Database) {
    assert!(matches!(error, Error::NestedWrite(_)), "{error}");
    assert_eq!(
        error.to_string(),
        format!(
            "{inner} asks for a write transaction of its own, \
             inside the one of {outer} on the same thread"
        )
    );
    assert_eq!(db.stats().timeouts, 0);
    assert_eq!(db.stats().waiting, 0);
}

#[test]
fn a_captured_database_in_an_annotated_writer_is_refused_by_name() {
    let db = TestDb::new();
    let asked = Instant::now();
    let error = write_inside(&db, &db).unwrap_err();
    assert!(asked.elapsed() < Duration::from_secs(5));
    refused(
        error,
        &format!("`one_writer::add` (tests/one_writer.rs:{ADD})"),
        &format!("`one_writer::write_inside` (tests/one_writer.rs:{WRITE_INSIDE})"),
        &db,
    );
    assert!(db.names().is_empty());
    add(&db, "next").unwrap();
}

#[test]
fn every_way_to_write_is_refused_inside_every_writer() {
    type Way = (&'static str, fn(&Database) -> Result<()>);
    let ways: [Way; 6] = [
        ("annotated", |db| add(db, "inner")),
        ("annotated, retried", |db| add_retried(db, "inner")),
        ("closure", |db| db.write(|w| add(w, "inner"))),
        ("closure, retried", |db| db.write_idempotent(&quick(3), |w| add_retried(w, "inner"))),
        ("guard", |db| db.writer()?.commit()),
        ("guard, without waiting", |db| db.writer_within(Duration::ZERO)?.commit()),
    ];
    let db = TestDb::new();
    let link = Database::open(&other_names(&db)[0]).unwrap();
    for captured in [&*db, &link] {
        for (way, write) in ways {
            let check = |error: Result<()>, outer: &str| match error {
                Err(Error::NestedWrite(_)) => assert_eq!(captured.stats().timeouts, 0),
                other => panic!("{way} inside {outer}: {other:?}"),
            };
            // The body goes on after the error, and its transaction with it.
            db.write(|w| {
                check(write(captured), "a closure");
                w.savepoint(|w| {
                    check(write(captured), "a savepoint");
                    add(w, "outer")
                })
            })
            .unwrap();
            db.write_idempotent(&quick(3), |w| {
                check(write(captured), "a retried closure");
                add_retried(w, "outer")
            })
            .unwrap();
            let guard = db.writer().unwrap();
            check(write(captured), "a guard");
            add(&guard, "outer").unwrap();
            guard.commit().unwrap();
        }
    }
    assert_eq!(db.names(), ["outer"; 3 * 6 * 2]);
}

/// A set-up or a migration writes too.
#[test]
fn opening_with_a_set_up_inside_a_writer_is_refused_at_once() {
    let db = TestDb::new();
    let options = || Options::new().writer_timeout(Duration::from_secs(2));
    let ways = [options().setup(|_conn| Ok(())), options().migrations(&["CREATE TABLE later (x)"])];
    for options in ways {
        let error = db.write(|_w| options.clone().open(db.path())).unwrap_err();
        assert!(matches!(error, Error::NestedWrite(_)), "{error}");
    }
}

#[reader]
fn read_and_write(db: &Reader, captured: &Database) -> Result<()> {
    let _seen = quantity(db, "outer")?;
    add(captured, "inner")
}

/// Hidden in a reader that was called by the writer, it is still inside the writer.
#[test]
fn a_write_is_refused_in_a_reader_inside_a_writer() {
    let db = TestDb::new();
    let error = db
        .write(|w| {
            add(w, "outer")?;
            read_and_write(w, &db)
        })
        .unwrap_err();
    assert!(matches!(error, Error::NestedWrite(_)), "{error}");
    assert!(db.names().is_empty());
}

#[test]
fn after_a_guard_is_gone_the_thread_may_write_again() {
    let db = TestDb::new();
    let guard = db.writer().unwrap();
    assert!(matches!(add(&db, "x"), Err(Error::NestedWrite(_))));
    drop(guard);
    add(&db, "y").unwrap();
    assert_eq!(db.names(), ["y"]);
}

#[writer]
fn move_between(from: &Writer, to: &Database, name: &str) -> Result<()> {
    from.execute("DELETE FROM item WHERE name = ?1", [name])?;
    add(to, name)
}

#[test]
fn writers_of_two_databases_may_be_nested() {
    let (one, two) = (TestDb::new(), TestDb::new());
    add(&one, "moved").unwrap();
    move_between(&one, &two, "moved").unwrap();
    let (in_one, in_two) = (one.writer().unwrap(), two.writer().unwrap());
    add(&in_one, "one").unwrap();
    add(&in_two, "two").unwrap();
    // In any order.
    in_one.commit().unwrap();
    in_two.commit().unwrap();
    assert_eq!(one.names(), ["one"]);
    assert_eq!(two.names(), ["moved", "two"]);
}

/// SQLite's own lock keeps other programs out, and db-core waits for theirs.
#[test]
fn a_foreign_writer_and_ours_take_turns() {
    let db = TestDb::new();
    let lock =
        ForeignLock::take(db.path(), Lock::Writing("INSERT INTO item (name) VALUES ('foreign')"));
    let inside = AtomicBool::new(false);
    thread::scope(|scope| {
        let ours = scope.spawn(|| {
            db.write(|w| {
                inside.store(true, SeqCst);
                let foreign = quantity(w, "foreign")?;
                assert_eq!(foreign, 0);
                // And now the lock is ours.
                let mut other = Foreign::open(db.path());
                other.run("PRAGMA busy_timeout = 0").unwrap();
                let refused = other.run("BEGIN IMMEDIATE");
                assert!(refused.is_err());
                add(w, "ours")
            })
        });
        wait_until("ours meets the lock", || db.stats().locks_met == 1);
        assert!(!inside.load(SeqCst));
        lock.commit();
        ours.join().unwrap().unwrap();
    });
    assert_eq!(db.names(), ["foreign", "ours"]);
}

const TIMES: usize = 40;

/// What the other process of `processes_take_turns_too` does.
#[test]
fn another_process_counts_up() {
    let Some(path) = Process::role() else { return };
    let db = open_patiently(Path::new(&path));
    Process::say("count: ready");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    for _ in 0..TIMES {
        count_up(&db, &Alone::default()).unwrap();
    }
    Process::say("count: done");
}

fn open_patiently(path: &Path) -> Database {
    let minute = Duration::from_secs(60);
    let options = Options::new().busy_timeout(minute).writer_timeout(minute);
    options.open(path).unwrap()
}

#[test]
fn processes_take_turns_too() {
    let db = TestDb::new();
    add(&db, "counter").unwrap();
    let ours = open_patiently(db.path());
    let mut other = Process::again("another_process_counts_up", db.path());
    assert_eq!(other.hear("count: ").as_deref(), Some("ready"));
    other.tell("go");
    for _ in 0..TIMES {
        count_up(&ours, &Alone::default()).unwrap();
    }
    assert_eq!(other.hear("count: ").as_deref(), Some("done"));
    assert_eq!(quantity(&db, "counter").unwrap(), i64::try_from(2 * TIMES).unwrap());
    db.assert_whole();
}
