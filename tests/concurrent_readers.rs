//! Readers run at the same time as each other and as a writer; `max_readers` limits
//! how many.

mod common;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use common::{PATIENCE, TestDb, received, wait_until};
use db_core::{Database, Error, Options, Reader, Result, Writer, reader, writer};

#[reader]
fn count(db: &Reader) -> Result<i64> {
    Ok(db.query_row("SELECT count(*) FROM item", [], |row| row.get(0))?)
}

#[reader]
fn count_slowly(db: &Reader, time: Duration) -> Result<i64> {
    let count = count(db)?;
    thread::sleep(time);
    Ok(count)
}

#[writer]
fn add(db: &Writer, name: &str) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    Ok(())
}

/// Three reads of 100 ms each, together: from before the first one's start to after
/// the last one's end.
fn three_reads(db: &Database) -> Duration {
    let start = Barrier::new(4);
    let begun = thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                start.wait();
                count_slowly(db, Duration::from_millis(100)).unwrap();
            });
        }
        let begun = Instant::now();
        start.wait();
        begun
    });
    begun.elapsed()
}

#[test]
fn multiple_readers_no_blocking() {
    let db = TestDb::new();
    // On a busy machine a thread may wake late; if one reader waited for another it
    // would be 200 ms at least, every time.
    let times: Vec<_> = (0..5).map(|_| three_reads(&db)).collect();
    let best = times.iter().min().unwrap();
    assert!(*best >= Duration::from_millis(100), "{times:?}");
    assert!(*best < Duration::from_millis(180), "{times:?}");
}

/// A place where as many must be at once as were told; fails the test instead of
/// hanging if they can't.
struct Meeting {
    sender: Sender<()>,
    receiver: Mutex<Receiver<()>>,
    all_here: Barrier,
}

impl Meeting {
    fn of(guests: usize) -> Self {
        let (sender, receiver) = mpsc::channel();
        Self { sender, receiver: Mutex::new(receiver), all_here: Barrier::new(guests + 1) }
    }

    fn attend(&self) {
        self.sender.send(()).unwrap();
        self.all_here.wait();
    }

    fn preside(&self, guests: usize) {
        let receiver = self.receiver.lock().unwrap();
        for guest in 0..guests {
            if receiver.recv_timeout(PATIENCE).is_err() {
                eprintln!("only {guest} of {guests} came");
                // The others would wait for ever.
                std::process::exit(1);
            }
        }
        self.all_here.wait();
    }
}

#[test]
fn many_readers_are_open_at_once_without_a_limit() {
    const READERS: usize = 40;
    let db = TestDb::new();
    add(&*db, "apple").unwrap();
    let meeting = Meeting::of(READERS);
    thread::scope(|scope| {
        for _ in 0..READERS {
            scope.spawn(|| {
                db.read(|r| {
                    assert_eq!(count(r)?, 1);
                    meeting.attend();
                    assert_eq!(count(r)?, 1);
                    Ok::<_, Error>(())
                })
                .unwrap();
            });
        }
        meeting.preside(READERS);
    });
    assert_eq!(db.stats().connections, READERS + 1);
    assert_eq!(db.stats().in_use, 0);
}

#[test]
fn readers_read_while_a_writer_writes() {
    let db = TestDb::new();
    add(&*db, "apple").unwrap();
    let (entered, inside) = mpsc::channel();
    let (go_on, told) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let db = &db;
        let writer = scope.spawn(move || {
            db.write(|w| {
                add(w, "pear")?;
                entered.send(()).unwrap();
                received(&told);
                add(w, "fig")
            })
        });
        received(&inside);
        // The writer can't go on before these have been.
        for _ in 0..10 {
            assert_eq!(count(&**db).unwrap(), 1);
        }
        let guard = db.reader().unwrap();
        assert_eq!(count(&guard).unwrap(), 1);
        go_on.send(()).unwrap();
        writer.join().unwrap().unwrap();
        assert_eq!(count(&guard).unwrap(), 1, "its own moment");
        assert_eq!(count(&**db).unwrap(), 3);
    });
    assert_eq!(db.stats().locks_met, 0);
}

#[test]
fn a_writer_writes_while_readers_read() {
    let db = TestDb::new();
    let guards: Vec<_> = (0..5).map(|_| db.reader().unwrap()).collect();
    for guard in &guards {
        assert_eq!(count(guard).unwrap(), 0);
    }
    for _ in 0..5 {
        add(&*db, "apple").unwrap();
    }
    for guard in &guards {
        assert_eq!(count(guard).unwrap(), 0);
    }
    assert_eq!(count(&*db).unwrap(), 5);
    assert_eq!(db.stats().locks_met, 0);
}

#[test]
fn readers_don_t_queue_with_writers() {
    let db = TestDb::new();
    thread::scope(|scope| {
        let guard = db.writer().unwrap();
        let waiters: Vec<_> = (0..3).map(|_| scope.spawn(|| add(&*db, "late"))).collect();
        wait_until("three writers wait", || db.stats().waiting == 3);
        assert_eq!(count(&*db).unwrap(), 0);
        drop(guard);
        for waiter in waiters {
            waiter.join().unwrap().unwrap();
        }
    });
    assert_eq!(db.names().len(), 3);
}

// max_readers.

#[test]
fn a_reader_too_many_waits_for_one_to_end() {
    let db = TestDb::with(Options::new().max_readers(2));
    thread::scope(|scope| {
        let (first, second) = (db.reader().unwrap(), db.reader().unwrap());
        let (asking, asked) = mpsc::channel();
        let inner = &db;
        let third = scope.spawn(move || {
            asking.send(()).unwrap();
            let guard = inner.reader().unwrap();
            (count(&guard).unwrap(), inner.stats().in_use)
        });
        received(&asked);
        assert_eq!(db.stats().in_use, 2);
        drop(first);
        let (count, in_use) = third.join().unwrap();
        assert_eq!(count, 0);
        assert!(in_use <= 2);
        drop(second);
    });
    assert_eq!(db.stats().connections, 3, "the writer's and two readers'");
}

#[test]
fn a_reader_that_waits_too_long_is_told_for_whom() {
    let timeout = Duration::from_millis(20);
    let db = TestDb::with(Options::new().max_readers(2).reader_timeout(timeout));
    let (line, first) = (line!(), db.reader().unwrap());
    let second = db.reader().unwrap();
    let (error, waited) = thread::scope(|scope| {
        let third = scope.spawn(|| {
            let start = Instant::now();
            (count(&*db).unwrap_err(), start.elapsed())
        });
        third.join().unwrap()
    });
    assert!(waited >= timeout);
    let Error::ReaderTimeout(told) = &error else { panic!("{error:?}") };
    assert!(told.waited >= timeout);
    assert_eq!(told.max_readers, 2);
    assert_eq!(told.in_use.len(), 2);
    assert_eq!(told.in_use[0].site.line(), line, "the oldest first");
    assert_eq!(told.site.function(), Some("concurrent_readers::count"));
    for words in [file!(), "all 2 are in use", "Options::max_readers"] {
        assert!(error.report().contains(words), "{error:#}");
    }
    assert_eq!(db.stats().timeouts, 1);
    drop((first, second));
    count(&*db).unwrap();
}

#[test]
fn a_second_reader_inside_the_last_one_is_refused_at_once() {
    let patience = Duration::from_secs(5);
    let db = TestDb::with(Options::new().max_readers(1).reader_timeout(patience));
    let start = Instant::now();
    let error = db.read(|_r| count(&*db)).unwrap_err();
    let Error::NestedRead(nested) = &error else { panic!("{error:?}") };
    assert_eq!(nested.inner.function(), Some("concurrent_readers::count"));
    assert_eq!(nested.max_readers, 1);
    assert!(start.elapsed() < patience);
    assert!(error.report().contains("`&Reader`"), "{error:#}");
    // With the reader that it has it needs no other.
    assert_eq!(db.read(|r| count(r)).unwrap(), 0);
    let guard = db.reader().unwrap();
    assert_eq!(count(&guard).unwrap(), 0);
    assert!(matches!(db.reader(), Err(Error::NestedRead(_))));
    drop(guard);

    // One that is not the last may have another.
    let db = TestDb::with(Options::new().max_readers(2));
    assert_eq!(db.read(|_r| count(&*db)).unwrap(), 0);
}

/// Two databases on one file have readers of their own.
#[test]
fn a_reader_of_another_database_is_no_reason_to_refuse_one() {
    let db = TestDb::with(Options::new().max_readers(1));
    let other = Database::open(db.path()).unwrap();
    let (opened, is_open) = mpsc::channel();
    let (end, ended) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let (db, end) = (&db, end);
        scope.spawn(move || {
            let guard = db.reader().unwrap();
            opened.send(()).unwrap();
            received(&ended);
            drop(guard);
        });
        received(&is_open);
        other
            .read(|_r| {
                end.send(()).unwrap();
                count(&**db)
            })
            .unwrap();
    });
}

#[test]
fn a_reader_in_a_writer_takes_no_place() {
    let db = TestDb::with(Options::new().max_readers(1).reader_timeout(Duration::ZERO));
    let guard = db.reader().unwrap();
    let seen = thread::scope(|scope| {
        let writer = scope.spawn(|| {
            db.write(|w| {
                add(w, "apple")?;
                count(w)
            })
        });
        writer.join().unwrap().unwrap()
    });
    assert_eq!(seen, 1);
    drop(guard);
}

#[test]
fn the_limit_holds_and_all_get_their_turn() {
    const THREADS: usize = 8;
    for max in [1, 3] {
        let db = TestDb::with(Options::new().max_readers(max));
        let (open, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let start = Barrier::new(THREADS);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    start.wait();
                    for _ in 0..30 {
                        db.read(|r| {
                            let now = open.fetch_add(1, Ordering::SeqCst) + 1;
                            most.fetch_max(now, Ordering::SeqCst);
                            let count = count(r);
                            thread::yield_now();
                            open.fetch_sub(1, Ordering::SeqCst);
                            count
                        })
                        .unwrap();
                    }
                });
            }
        });
        assert!(most.into_inner() <= max);
        let stats = db.stats();
        assert!(stats.connections <= max + 1, "{stats:?}");
        assert_eq!((stats.in_use, stats.timeouts), (0, 0));
    }
}

#[test]
fn readers_are_used_again() {
    let db = TestDb::new();
    assert_eq!(db.stats().connections, 1, "the writer's; readers on demand");
    for _ in 0..50 {
        count(&*db).unwrap();
        drop(db.reader().unwrap());
    }
    assert_eq!(db.stats().connections, 2);
}
