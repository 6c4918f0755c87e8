//! Functions that call themselves, and each other: each call is a savepoint of its own,
//! and the outermost one the transaction.

use super::*;

/// Adds a row for each level, fails at the level `fails`, and stops that at `stops`.
#[writer]
fn down(db: &Writer, level: u32, fails: u32, stops: u32) -> Result<()> {
    insert(db, &level.to_string())?;
    if level == fails {
        return fail();
    }
    if level < 5 {
        match down(db, level + 1, fails, stops) {
            Err(Error::NoGlobal) if level <= stops => insert(db, "stopped")?,
            result => result?,
        }
    }
    Ok(())
}

#[writer]
#[retry_on_locked(max_attempts = 3, idempotent, base_delay = 1ms, max_delay = 2ms)]
fn down_again(
    db: &Writer,
    level: u32,
    runs: &Runs,
    fails: &dyn Fn(u32) -> Result<()>,
) -> Result<()> {
    runs.run();
    insert(db, &level.to_string())?;
    if level < 5 {
        // A reference more, from habit.
        down_again(&db, level + 1, runs, fails)?;
    }
    fails(level)
}

#[test]
fn a_once_only_writer_five_deep() {
    let db = TestDb::new();
    down(&*db, 1, 0, 0).unwrap();
    assert_eq!(db.names(), ["1", "2", "3", "4", "5"]);
    assert_eq!(db.stats().commits, 1);
}

#[test]
fn a_failure_is_undone_up_to_the_level_that_stops_it() {
    for fails in 1..=5 {
        for stops in 0..fails {
            let db = TestDb::new();
            let result = down(&*db, 1, fails, stops);
            if stops == 0 {
                failed(&result);
                assert_eq!(db.names(), [""; 0]);
                continue;
            }
            result.unwrap();
            let mut kept: Vec<String> = (1..=stops).map(|level| level.to_string()).collect();
            kept.push("stopped".to_owned());
            assert_eq!(db.names(), kept, "fails at {fails}, stopped at {stops}");
            assert_eq!(db.stats().commits, 1);
        }
    }
}

#[test]
fn an_idempotent_writer_five_deep_is_repeated_from_the_top() {
    let (db, runs) = (TestDb::new(), Runs::new());
    down_again(&*db, 1, &runs, &|level| match (level, runs.count()) {
        // At the bottom of the first attempt, half way up in the second.
        (5, 5) | (3, 10) => Err(busy(db.path()).into()),
        _ => Ok(()),
    })
    .unwrap();
    assert_eq!(runs.count(), 15);
    assert_eq!(db.names(), ["1", "2", "3", "4", "5"]);
    assert_eq!((db.stats().commits, db.stats().retries), (1, 2));
}

#[test]
fn an_idempotent_writer_five_deep_gives_up_after_its_own_attempts() {
    let (db, runs) = (TestDb::new(), Runs::new());
    let error = down_again(&*db, 1, &runs, &|_level| Err(busy(db.path()).into())).unwrap_err();
    let Error::Locked(locked) = error else { panic!("{error:?}") };
    assert_eq!(locked.attempts, 3, "the innermost one's are not counted");
    assert_eq!(runs.count(), 15);
    assert_eq!(db.names(), [""; 0]);
}

#[writer]
#[retry_on_locked(idempotent)]
fn even(db: &Writer, n: u32) -> Result<bool> {
    insert(db, &format!("even {n}"))?;
    if n == 0 { Ok(true) } else { odd(db, n - 1) }
}

#[writer]
#[retry_on_locked(idempotent)]
fn odd(db: &Writer, n: u32) -> Result<bool> {
    insert(db, &format!("odd {n}"))?;
    if n == 0 { Ok(false) } else { even(db, n - 1) }
}

#[test]
fn two_that_call_each_other() {
    let db = TestDb::new();
    assert!(even(&*db, 4).unwrap());
    assert_eq!(db.names(), ["even 4", "odd 3", "even 2", "odd 1", "even 0"]);
    db.write(|w| odd(w, 1)).unwrap();
    assert_eq!(db.stats().commits, 2);
}

/// A reader that calls itself reads one moment, at every level.
#[test]
fn a_reader_five_deep() {
    #[reader]
    fn sum(db: &Reader, levels: u32, between: &dyn Fn()) -> Result<u32> {
        let rows = count(db)?;
        between();
        Ok(rows + if levels == 0 { 0 } else { sum(&db, levels - 1, between)? })
    }

    let db = TestDb::new();
    let meanwhile = || {
        let write = || once(&*db, "a", &|_w| Ok(())).unwrap();
        std::thread::scope(|scope| scope.spawn(write).join().unwrap());
    };
    meanwhile();
    assert_eq!(sum(&*db, 4, &meanwhile).unwrap(), 5 * 2);
    // In a writer: what the writer has written so far.
    again(&*db, "b", &|w| {
        assert_eq!(sum(w, 4, &|| ())?, 5 * 13);
        Ok(())
    })
    .unwrap();
}

/// The handle's type does not grow with the levels, also through a generic helper.
#[test]
fn a_recursion_through_a_generic_helper() {
    fn helper<W: WriteTo<Idempotent>>(to: &W, left: u32) -> Result<()> {
        count_down(to, left)
    }

    #[writer]
    #[retry_on_locked(idempotent)]
    fn count_down(db: &Writer, left: u32) -> Result<()> {
        insert(db, &left.to_string())?;
        if left == 0 { Ok(()) } else { helper(&db, left - 1) }
    }

    let db = TestDb::new();
    count_down(&*db, 5).unwrap();
    db.write(|w| helper(w, 1)).unwrap();
    assert_eq!(db.names(), ["5", "4", "3", "2", "1", "0", "1", "0"]);
}
