//! one-snapshot: all that a reader's body reads comes from one moment, that of its
//! first query.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use db_core::{
    Database, Error, Options, ReadFrom, Reader, Result, RetryPolicy, Writer, reader,
    retry_on_locked, writer,
};
use rusqlite::ffi;

/// Two accounts with 100 together.
fn bank() -> Result<Database> {
    bank_with(Options::new())
}

fn bank_with(options: Options) -> Result<Database> {
    options
        .migrations(&["CREATE TABLE account (name TEXT PRIMARY KEY, money INTEGER NOT NULL);
             INSERT INTO account VALUES ('a', 100), ('b', 0);"])
        .open_in_memory()
}

#[writer]
fn transfer(db: &Writer, amount: i64) -> Result<()> {
    let add = "UPDATE account SET money = money + ?2 WHERE name = ?1";
    db.execute(add, ("a", -amount))?;
    db.execute(add, ("b", amount))?;
    Ok(())
}

#[reader]
fn money(db: &Reader, name: &str) -> Result<i64> {
    let mut find = db.prepare_cached("SELECT money FROM account WHERE name = ?1")?;
    Ok(find.query_row([name], |row| row.get(0))?)
}

/// A reader in a reader in a reader.
#[reader]
fn both(db: &Reader) -> Result<(i64, i64)> {
    Ok((money(db, "a")?, deeper(db)?))
}

#[reader]
fn deeper(db: &Reader) -> Result<i64> {
    money(db, "b")
}

#[reader]
fn twice(db: &Reader, name: &str, between: impl FnOnce()) -> Result<(i64, i64)> {
    let first = money(db, name)?;
    between();
    Ok((first, money(db, name)?))
}

#[reader(autocommit)]
fn twice_without(db: &Reader, name: &str, between: impl FnOnce()) -> Result<(i64, i64)> {
    let first = money(db, name)?;
    between();
    Ok((first, money(db, name)?))
}

/// A transfer on another thread, committed when this returns.
fn elsewhere(db: &Database, amount: i64) {
    thread::scope(|scope| {
        let done = scope.spawn(|| transfer(db, amount)).join();
        done.unwrap().unwrap();
    });
}

#[test]
fn all_queries_of_a_reader_see_the_moment_of_the_first() -> Result<()> {
    let db = bank()?;
    let seen = twice(&db, "a", || elsewhere(&db, 30))?;
    assert_eq!(seen, (100, 100));
    assert_eq!(both(&db)?, (70, 30), "the next reader sees the transfer");
    Ok(())
}

#[test]
fn the_moment_is_that_of_the_first_query_not_of_the_call() -> Result<()> {
    let db = bank()?;
    let seen = db.read(|r| {
        elsewhere(&db, 30);
        both(r)
    })?;
    assert_eq!(seen, (70, 30));

    let guard = db.reader()?;
    elsewhere(&db, 30);
    assert_eq!(both(&guard)?, (40, 60));
    Ok(())
}

#[test]
fn a_nested_reader_joins_the_snapshot() -> Result<()> {
    let db = bank()?;
    let seen = db.read(|r| {
        let before = money(r, "a")?;
        elsewhere(&db, 30);
        let nested = both(r)?;
        let in_autocommit = twice_without(r, "b", || elsewhere(&db, 1))?;
        Ok::<_, Error>((before, nested, in_autocommit))
    })?;
    assert_eq!(seen, (100, (100, 0), (0, 0)));
    assert_eq!(both(&db)?, (69, 31));
    Ok(())
}

/// What takes any source of reads joins whatever it is given.
fn sum(from: &impl ReadFrom) -> Result<i64> {
    both(from).map(|(a, b)| a + b)
}

#[test]
fn only_the_database_itself_begins_another_snapshot() -> Result<()> {
    let db = bank()?;
    db.read(|r| {
        assert_eq!(both(r)?, (100, 0));
        elsewhere(&db, 30);
        assert_eq!(both(r)?, (100, 0), "joined");
        assert_eq!(both(&db)?, (70, 30), "a moment of its own");
        assert_eq!((sum(r)?, sum(&db)?), (100, 100));
        Ok(())
    })
}

#[test]
fn a_guard_keeps_its_moment_until_it_is_dropped() -> Result<()> {
    let db = bank()?;
    let guard = db.reader()?;
    for _ in 0..3 {
        assert_eq!(both(&guard)?, (100, 0));
        assert_eq!(money(&*guard, "a")?, 100);
        elsewhere(&db, 10);
    }
    let second = db.reader()?;
    assert_eq!(both(&second)?, (70, 30));
    drop(guard);
    assert_eq!(both(&db.reader()?)?, (70, 30));
    elsewhere(&db, 10);
    assert_eq!(both(&second)?, (70, 30));
    assert_eq!(both(&db.reader()?)?, (60, 40));
    Ok(())
}

#[test]
fn an_autocommit_reader_holds_no_snapshot() -> Result<()> {
    let db = bank()?;
    let seen = twice_without(&db, "a", || elsewhere(&db, 30))?;
    assert_eq!(seen, (100, 70));
    Ok(())
}

#[test]
fn every_attempt_of_a_retried_reader_has_its_own_moment() -> Result<()> {
    #[reader]
    #[retry_on_locked(max_attempts = 3, base_delay = 1ms)]
    fn stubborn(
        db: &Reader,
        outside: &Database,
        seen: &Cell<Vec<(i64, i64)>>,
    ) -> rusqlite::Result<()> {
        let attempt = twice(db, "a", || elsewhere(outside, 10))?;
        let mut all = seen.take();
        all.push(attempt);
        let enough = all.len() == 3;
        seen.set(all);
        if enough {
            return Ok(());
        }
        Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_BUSY), None))
    }

    let db = bank()?;
    let seen = Cell::default();
    stubborn(&db, &db, &seen)?;
    assert_eq!(seen.take(), [(100, 100), (90, 90), (80, 80)]);
    Ok(())
}

/// The hook that guards a writer's commit is not called for a reader's.
#[test]
fn a_reader_that_ends_its_own_snapshot_is_not_ok() -> Result<()> {
    let statements = ["COMMIT", "ROLLBACK"];
    let db = bank_with(Options::new().on_connect(move |conn| {
        for sql in statements {
            conn.prepare_cached(sql)?;
        }
        Ok(())
    }))?;
    for sql in statements {
        let seen = db.read(|r| {
            let first = money(r, "a")?;
            // Prepared before the body, so no authorizer is asked.
            let _ignored = r.prepare_cached(sql)?.execute([]);
            elsewhere(&db, 10);
            Ok::<_, Error>((first, money(r, "a")?))
        });
        if let Ok((first, second)) = seen {
            assert_eq!(first, second, "{sql}: two moments in one reader");
        }
        assert_eq!(sum(&db)?, 100);
    }
    Ok(())
}

#[test]
fn readers_never_see_half_a_transfer() -> Result<()> {
    const TRANSFERS: usize = 200;
    let db = bank()?;
    let done = AtomicBool::new(false);
    let changes = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut last = None;
                loop {
                    // Looked at before the read, so that the end is read as well.
                    let over = done.load(Ordering::Acquire);
                    let (a, b) = db
                        .read(|r| {
                            let a = money(r, "a")?;
                            thread::yield_now();
                            Ok::<_, Error>((a, deeper(r)?))
                        })
                        .unwrap();
                    assert_eq!(a + b, 100, "a = {a}, b = {b}");
                    if last.replace(a) != Some(a) {
                        changes.fetch_add(1, Ordering::Relaxed);
                    }
                    if over {
                        assert_eq!((a, b), (100, 0), "what was committed is seen");
                        break;
                    }
                }
            });
        }
        // Also when an assertion fails, or the readers would read for ever.
        let _over = SetAtTheEnd(&done);
        let policy = RetryPolicy::attempts(1);
        for n in 0..TRANSFERS {
            let amount = if n % 2 == 0 { 30 } else { -30 };
            let moved = db.write_idempotent(&policy, |w| {
                let add = "UPDATE account SET money = money + ?2 WHERE name = ?1";
                w.execute(add, ("a", -amount))?;
                thread::yield_now();
                w.execute(add, ("b", amount))
            });
            assert_eq!(moved.unwrap(), 1);
        }
    });
    assert!(changes.into_inner() >= 3);
    Ok(())
}

struct SetAtTheEnd<'a>(&'a AtomicBool);

impl Drop for SetAtTheEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}
