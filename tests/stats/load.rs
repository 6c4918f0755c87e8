//! Many threads at once: the numbers hold together at the end, and never fall meanwhile; and
//! whatever went wrong, what is open returns to where it was.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst};

use super::*;
use common::Dice;

const THREADS: usize = 8;
const ROUNDS: usize = 60;

/// What may have come of all the calls.
#[derive(Default)]
struct Tally {
    /// Calls that have committed.
    done: AtomicU64,
    /// Of them those that may have shared a transaction.
    grouped: AtomicU64,
    /// Bodies that met a lock, and were to be run again.
    again: AtomicU64,
    /// Waits that were too long.
    late: AtomicU64,
    /// All calls that may have had to wait, each attempt for itself.
    asked: AtomicU64,
}

impl Tally {
    fn add(counter: &AtomicU64) {
        counter.fetch_add(1, SeqCst);
    }

    fn one(&self, db: &Database, dice: &mut Dice, elsewhere: &std::path::Path) {
        let kind = dice.below(9);
        if kind < 8 {
            Self::add(&self.asked);
        }
        match kind {
            0 => {
                add(db, "apple").unwrap();
                Self::add(&self.done);
            }
            1 | 2 => {
                add_grouped(db, "pear").unwrap();
                Self::add(&self.done);
                Self::add(&self.grouped);
            }
            3 => {
                let guard = db.writer().unwrap();
                insert(&guard, "plum").unwrap();
                guard.commit().unwrap();
                Self::add(&self.done);
            }
            4 => {
                db.write(|w| {
                    insert(w, "lost").map_err(Error::from).and(Err::<(), _>(Error::NoGlobal))
                })
                .unwrap_err();
            }
            5 => {
                let panics = AssertUnwindSafe(|| {
                    db.write(|_| -> Result<()> { resume_unwind(Box::new(())) })
                });
                assert!(catch_unwind(panics).is_err());
            }
            6 => match db.writer_within(Duration::ZERO) {
                Ok(guard) => {
                    insert(&guard, "cherry").unwrap();
                    guard.commit().unwrap();
                    Self::add(&self.done);
                }
                Err(Error::WriterTimeout(_)) => Self::add(&self.late),
                Err(error) => panic!("{error}"),
            },
            7 => {
                let runs = Runs::new();
                db.write_idempotent(&quick(3), |w| {
                    insert(w, "fig")?;
                    if runs.run() == 1 {
                        Self::add(&self.again);
                        Self::add(&self.asked);
                        return Err(busy(elsewhere));
                    }
                    Ok(())
                })
                .unwrap();
                Self::add(&self.done);
            }
            _ => {
                let reader = db.reader().unwrap();
                assert_eq!(items(&reader).unwrap(), count(&reader).unwrap());
            }
        }
    }
}

/// None of these ever falls.
fn grows(before: &Stats, after: &Stats) {
    let numbers = |stats: &Stats| {
        [
            stats.commits,
            stats.grouped,
            stats.group_sizes.count,
            stats.group_sizes.largest,
            stats.waits.count,
            stats.locks_met,
            stats.retries,
            stats.timeouts,
            stats.checkpoints,
            u64::try_from(stats.waits.worst.as_micros()).unwrap(),
        ]
    };
    for (before, after) in numbers(before).into_iter().zip(numbers(after)) {
        assert!(before <= after, "{before:?} {after:?}");
    }
}

#[test]
fn the_numbers_hold_together() {
    let db = TestDb::with(Options::new().max_readers(3).writer_timeout(PATIENCE));
    // A lock that is there, and on another file.
    let other = TestDb::new();
    let writes = other.writer().unwrap();
    insert(&writes, "held").unwrap();
    // Whoever is the first to read or write has the log to itself for a moment.
    db.write(|_| Ok::<_, Error>(())).unwrap();
    items(&*db).unwrap();
    let baseline = db.stats();
    let (tally, start, over) = (Tally::default(), Barrier::new(THREADS), AtomicBool::new(false));
    thread::scope(|scope| {
        let watches = scope.spawn(|| {
            let mut before = db.stats();
            while !over.load(SeqCst) {
                let now = db.stats();
                grows(&before, &now);
                assert!(now.in_use <= 3 + 1, "{now:?}");
                assert!(now.waiting <= THREADS, "{now:?}");
                assert!(now.writer.as_ref().is_none_or(|writer| writer.behind.len() < THREADS));
                before = now;
            }
        });
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (db, other, tally, start) = (&db, &other, &tally, &start);
                scope.spawn(move || {
                    let mut dice = Dice(thread as u64);
                    start.wait();
                    for _ in 0..ROUNDS {
                        tally.one(db, &mut dice, other.path());
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        over.store(true, SeqCst);
        watches.join().unwrap();
    });
    let stats = db.stats();
    let of = |counter: &AtomicU64| counter.load(SeqCst);
    let commits = stats.commits - baseline.commits;
    assert_eq!(commits + stats.grouped, of(&tally.done), "{stats:?}");
    assert!(stats.grouped <= of(&tally.grouped), "{stats:?}");
    assert_eq!(stats.retries, of(&tally.again));
    assert_eq!(stats.timeouts, of(&tally.late));
    assert!(stats.waits.count <= of(&tally.asked), "{stats:?}");
    assert!(stats.waits.count > 0, "{stats:?}");
    assert!(stats.group_sizes.count <= stats.grouped, "{stats:?}");
    assert!(stats.group_sizes.largest <= of(&tally.grouped));
    assert_eq!(stats.locks_met, 0, "nobody else has the file");
    assert_eq!((stats.in_use, stats.waiting, stats.writer), (0, 0, None));
    assert!(stats.connections <= 3 + 1 && stats.connections == stats.idle);
    assert_eq!(db.names().len() as u64, of(&tally.done));
    db.assert_whole();
}

/// After each of the ways in which a call can end.
#[test]
fn what_is_open_returns_to_where_it_was() {
    let options = Options::new().max_readers(1).reader_timeout(ms(1)).busy_timeout(ms(1));
    let db = TestDb::with(options.write_timeout(ms(20)).read_timeout(ms(20)));
    let now = || {
        let Stats { in_use, waiting, writer, connections, idle, .. } = db.stats();
        assert_eq!(connections, idle);
        (in_use, waiting, writer)
    };
    let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
                   SELECT count(*) FROM n";
    let run_endless =
        |conn: &Connection| conn.query_row(endless, [], |row| row.get::<_, i64>(0)).map(drop);
    let ends: [(&str, &dyn Fn()); 9] = [
        ("a commit", &|| db.write(|_| Ok::<_, Error>(())).unwrap()),
        ("an error", &|| db.write(|_| Err::<(), _>(Error::NoGlobal)).unwrap_err().into_nothing()),
        ("a panic", &|| {
            let panics = || db.write(|_| -> Result<()> { resume_unwind(Box::new(())) });
            assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        }),
        ("a panic beside guards", &|| {
            let panics = || {
                let _guards = (db.reader().unwrap(), db.writer().unwrap());
                resume_unwind(Box::new(()))
            };
            assert!(catch_unwind(AssertUnwindSafe(panics)).is_err());
        }),
        ("a writer that was late", &|| {
            db.write(|w| Ok::<_, Error>(run_endless(w)?)).unwrap_err().into_nothing();
        }),
        ("a reader that was late", &|| {
            db.read(|r| Ok::<_, Error>(run_endless(r)?)).unwrap_err().into_nothing();
        }),
        ("a lock of somebody else's", &|| {
            let other = Connection::open(db.path()).unwrap();
            other.execute_batch("BEGIN IMMEDIATE").unwrap();
            add(&*db, "late").unwrap_err().into_nothing();
            db.writer_within(Duration::ZERO).map(drop).unwrap_err().into_nothing();
        }),
        ("a wait that was too long", &|| {
            let _guards = (db.reader().unwrap(), db.writer().unwrap());
            thread::scope(|scope| {
                let waits = scope.spawn(|| {
                    db.writer_within(ms(1)).map(drop).unwrap_err().into_nothing();
                    db.reader().map(drop).unwrap_err().into_nothing();
                });
                waits.join().unwrap();
            });
        }),
        ("attempts that met a lock", &|| {
            let other = TestDb::new();
            let _writes = other.writer().unwrap();
            let locked = |_: &Writer<'_, _>| Err::<(), _>(busy(other.path()));
            db.write_idempotent(&quick(2), locked).unwrap_err();
            db.write_grouped(&quick(2), locked).unwrap_err();
        }),
    ];
    for (what, end) in ends {
        end();
        assert_eq!(now(), (0, 0, None), "{what}");
    }
}

trait IntoNothing: Sized {
    fn into_nothing(self) {}
}

impl IntoNothing for Error {}
