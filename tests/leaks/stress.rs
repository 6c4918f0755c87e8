//! An interrupt that was meant for one body never hits another one: calls of many threads that
//! end just about when their time is over. Each is kept, or it was too long and has left
//! nothing.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::*;

const LIMIT: Duration = ms(6);

const THREADS: usize = 6;
const ROUNDS: usize = 40;

/// What takes about that long: statements, or nothing at all.
#[derive(Clone, Copy)]
struct Work {
    time: Duration,
    how: usize,
}

impl Work {
    fn thrown(dice: &mut Dice) -> Self {
        // Between half the limit and twice as much: a look comes every third of it.
        Self { time: LIMIT / 2 + dice.up_to(LIMIT * 3 / 2), how: dice.below(5) }
    }

    fn done(self, conn: &Connection) -> rusqlite::Result<()> {
        let end = Instant::now() + self.time;
        match self.how {
            // Interrupted in the middle of a statement.
            0 => run_endless(conn).map(drop)?,
            // Interrupted, and goes on.
            1 => drop(run_endless(conn)),
            // Now and then it is between two statements.
            2 => {
                while Instant::now() < end {
                    count(conn)?;
                }
            }
            // Always in one, of many steps.
            3 => {
                while Instant::now() < end {
                    let some = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n
                                WHERE i < 500) SELECT count(*) FROM n";
                    conn.query_row(some, [], |row| row.get::<_, i64>(0))?;
                }
            }
            _ => thread::sleep(self.time),
        }
        Ok(())
    }
}

/// What was kept, and how often it was too late.
#[derive(Default)]
struct Outcomes {
    kept: Mutex<BTreeSet<String>>,
    late: AtomicUsize,
}

impl Outcomes {
    /// Only two things may come of a call, and the one only if it took that long.
    #[track_caller]
    fn note(&self, name: &str, begun: Instant, result: Result<()>) {
        match result {
            Ok(()) => drop(self.kept.lock().unwrap().insert(name.to_owned())),
            Err(Error::BodyTimeout(_)) if begun.elapsed() >= LIMIT => {
                self.late.fetch_add(1, SeqCst);
            }
            Err(error) => panic!("{name} after {:?}: {error}", begun.elapsed()),
        }
    }

    #[track_caller]
    fn are_what_is_in(&self, db: &TestDb) {
        let names = db.names();
        let all: BTreeSet<_> = names.iter().cloned().collect();
        assert_eq!(all.len(), names.len(), "something was written twice");
        assert_eq!(all, *self.kept.lock().unwrap());
        assert_eq!((db.stats().in_use, db.stats().waiting), (0, 0));
        let (kept, late) = (all.len(), self.late.load(SeqCst));
        assert!(kept > 0 && late > 0, "{kept} kept, {late} late");
        db.assert_whole();
    }
}

fn open() -> TestDb {
    TestDb::with(Options::new().read_timeout(LIMIT).write_timeout(LIMIT).writer_timeout(PATIENCE))
}

/// Runs `call` on all threads at once, with the name of each and chance of its own.
fn on_threads(call: impl Fn(&str, &mut Dice) + Sync) {
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (call, start) = (&call, &start);
            scope.spawn(move || {
                let mut dice = Dice(thread as u64);
                start.wait();
                for round in 0..ROUNDS {
                    call(&format!("{thread}-{round}"), &mut dice);
                }
            });
        }
    });
}

#[test]
fn writers() {
    let (db, outcomes) = (open(), Outcomes::default());
    on_threads(|name, dice| {
        let (work, begun) = (Work::thrown(dice), Instant::now());
        let result = db.write(|w| {
            insert(w, name)?;
            work.done(w)?;
            Ok::<_, Error>(())
        });
        outcomes.note(name, begun, result);
        // Whoever comes next has the same connection, and takes no time.
        let (name, begun) = (format!("{name}, quick"), Instant::now());
        outcomes.note(&name, begun, db.write(|w| Ok(insert(w, &name)?)));
    });
    outcomes.are_what_is_in(&db);
}

#[test]
fn guards() {
    let (db, outcomes) = (open(), Outcomes::default());
    on_threads(|name, dice| {
        let (work, begun) = (Work::thrown(dice), Instant::now());
        let guard = db.writer().unwrap();
        let mut worked = insert(&guard, name);
        if worked.is_ok() {
            worked = work.done(&guard);
        }
        // Its own error does not say so, but the commit does.
        let committed = guard.commit();
        assert!(worked.is_ok() || committed.is_err(), "{name}: {worked:?}");
        outcomes.note(name, begun, committed);
    });
    outcomes.are_what_is_in(&db);
}

/// Some joined by readers, some with parts of their own.
#[test]
fn writers_with_calls_inside() {
    let (db, outcomes) = (open(), Outcomes::default());
    on_threads(|name, dice| {
        let (work, nested, begun) = (Work::thrown(dice), dice.below(3), Instant::now());
        let result = db.write(|w| {
            insert(w, name)?;
            match nested {
                0 => w.savepoint(|w| work.done(w).map_err(Error::from)),
                1 => {
                    // The outer one goes on.
                    let _ = w.savepoint(|w| {
                        insert(w, "lost")?;
                        work.done(w)?;
                        Err::<(), _>(Error::NoGlobal)
                    });
                    Ok(())
                }
                _ => works(w, work),
            }
        });
        outcomes.note(name, begun, result);
    });
    outcomes.are_what_is_in(&db);
}

#[reader]
fn works(db: &Reader, work: Work) -> Result<()> {
    Ok(work.done(db)?)
}

#[test]
fn grouped_writers() {
    let (db, outcomes) = (open(), Outcomes::default());
    on_threads(|name, dice| {
        let quick = dice.below(2) == 0;
        let (work, begun) = (Work::thrown(dice), Instant::now());
        let result = db.write_grouped(&RetryPolicy::attempts(1), |w| {
            insert(w, name)?;
            if !quick {
                work.done(w)?;
            }
            Ok::<_, Error>(())
        });
        outcomes.note(name, begun, result);
    });
    outcomes.are_what_is_in(&db);
}

#[test]
fn readers() {
    let (db, outcomes) = (open(), Outcomes::default());
    db.write(|w| insert(w, "apple")).unwrap();
    on_threads(|name, dice| {
        let (work, begun) = (Work::thrown(dice), Instant::now());
        let result = db.read(|r| {
            assert_eq!(count(r)?, 1);
            work.done(r)?;
            Ok::<_, Error>(())
        });
        outcomes.note(name, begun, result);
        for n in 0..5 {
            let begun = Instant::now();
            let result = db.read(|r| Ok(count(r)?)).map(|rows| assert_eq!(rows, 1));
            outcomes.note(&format!("{name}, quick {n}"), begun, result);
        }
    });
    let stats = db.stats();
    assert!(stats.in_use == 0 && stats.connections <= THREADS + 1, "{stats:?}");
    assert!(outcomes.late.load(SeqCst) > 0 && !outcomes.kept.lock().unwrap().is_empty());
}

/// With nobody else at work: how long a call took is then how long its body may have taken.
#[test]
fn the_next_call_on_the_same_connection() {
    let (db, outcomes) = (open(), Outcomes::default());
    let mut dice = Dice(7);
    for round in 0..60 {
        let (work, begun) = (Work::thrown(&mut dice), Instant::now());
        let result = db.write(|w| {
            insert(w, &format!("{round}"))?;
            work.done(w)?;
            Ok(())
        });
        outcomes.note(&format!("{round}"), begun, result);
        for n in 0..5 {
            let (name, begun) = (format!("{round}, quick {n}"), Instant::now());
            outcomes.note(&name, begun, db.write(|w| Ok(insert(w, &name)?)));
        }
    }
    outcomes.are_what_is_in(&db);
}
