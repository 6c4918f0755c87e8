//! Three levels deep, in every order that is allowed, and whichever of them fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use super::*;

/// One writer inside the other, outermost first. Level 1 is the outermost; a level in
/// `fails` fails at its end, which the one around it has expected.
macro_rules! chain {
    ($db:expr, $fails:expr, $level:expr;) => {{
        let rows: u32 = count($db)?;
        sees($db, rows, &|r| sees(r, rows, &|_r| Ok(())))
    }};
    ($db:expr, $fails:expr, $level:expr; $first:ident $($rest:ident)*) => {
        $first($db, $level, &|w| {
            let result: Result<()> = chain!(w, $fails, concat!($level, "."); $($rest)*);
            match result {
                Err(_) if ended_inside($fails, $level) => {}
                result => result?,
            }
            if $fails.contains(&$level.len()) { fail() } else { Ok(()) }
        })
    };
}

/// Whether the level inside of `level` is one that fails.
fn ended_inside(fails: &[usize], level: &str) -> bool {
    fails.contains(&(level.len() + 1))
}

/// The rows that `levels` levels leave: those inside of one that fails are lost with it.
fn left_by(levels: usize, fails: &[usize]) -> Vec<String> {
    let kept = (1..=levels).take_while(|level| !fails.contains(level)).count();
    let names = (1..=kept).map(|level| ".".repeat(level));
    let ends = (1..=kept).rev().map(|level| format!("{} end", ".".repeat(level)));
    names.chain(ends).collect()
}

const SUBSETS: [&[usize]; 8] = [&[], &[1], &[2], &[3], &[1, 2], &[1, 3], &[2, 3], &[1, 2, 3]];

macro_rules! three_levels {
    ($($test:ident: $($level:ident)*;)*) => {$(
        #[test]
        fn $test() {
            for fails in SUBSETS {
                let db = TestDb::new();
                let run = || -> Result<()> { chain!(&*db, fails, "."; $($level)*) };
                assert_eq!(run().is_err(), fails.contains(&1), "{fails:?}");
                assert_eq!(db.names(), left_by(3, fails), "{fails:?}");
                assert_eq!(db.stats().commits, u64::from(!fails.contains(&1)), "{fails:?}");
            }
        }
    )*};
}

three_levels! {
    once_in_once_in_once: once once once;
    idempotent_in_once_in_once: once once again;
    idempotent_in_idempotent_in_once: once again again;
    idempotent_in_idempotent_in_idempotent: again again again;
}

/// Counts a run of its level, and what is called after its commit.
fn counted(w: &Writer<'_, impl Effect>, runs: &Runs, after: &Arc<AtomicUsize>) {
    runs.run();
    let after = Arc::clone(after);
    w.on_commit(move || _ = after.fetch_add(1, SeqCst));
}

/// A lock that the third level meets makes the first begin anew, and nobody else.
#[test]
fn a_lock_at_the_third_level_repeats_all_three_once() {
    let db = TestDb::new();
    let runs = [(); 3].map(|()| Runs::new());
    let after = Arc::new(AtomicUsize::new(0));
    let result = again(&*db, "a", &|w| {
        counted(w, &runs[0], &after);
        again(w, "b", &|w| {
            counted(w, &runs[1], &after);
            again(w, "c", &|w| {
                counted(w, &runs[2], &after);
                if runs[2].count() < 3 { Err(busy(db.path()).into()) } else { Ok(()) }
            })
        })
    });
    result.unwrap();
    assert_eq!(runs.map(|runs| runs.count()), [3, 3, 3]);
    assert_eq!(after.load(SeqCst), 3, "those of the attempts before are lost");
    assert_eq!(db.names(), ["a", "b", "c", "c end", "b end", "a end"]);
    assert_eq!((db.stats().commits, db.stats().retries), (1, 2));
}

/// In a body that runs once there is no other attempt, however deep they are declared.
#[test]
fn a_lock_at_the_third_level_ends_a_once_only_writer() {
    let db = TestDb::new();
    let runs = [(); 3].map(|()| Runs::new());
    let after = Arc::new(AtomicUsize::new(0));
    let result = once(&*db, "a", &|w| {
        counted(w, &runs[0], &after);
        again(w, "b", &|w| {
            counted(w, &runs[1], &after);
            again(w, "c", &|w| {
                counted(w, &runs[2], &after);
                Err(busy(db.path()).into())
            })
        })
    });
    assert!(result.unwrap_err().is_locked());
    assert_eq!(runs.map(|runs| runs.count()), [1, 1, 1]);
    assert_eq!(after.load(SeqCst), 0);
    assert_eq!(db.names(), [""; 0]);
    assert_eq!(db.stats().retries, 0);
}

/// The second level deals with the third's lock: then nobody is to begin anew, and what
/// the third has registered goes with its savepoint.
#[test]
fn a_lock_that_the_second_level_has_caught_repeats_nothing() {
    let db = TestDb::new();
    let runs = [(); 3].map(|()| Runs::new());
    let after = Arc::new(AtomicUsize::new(0));
    let result = again(&*db, "a", &|w| {
        counted(w, &runs[0], &after);
        again(w, "b", &|w| {
            counted(w, &runs[1], &after);
            let third = again(w, "c", &|w| {
                counted(w, &runs[2], &after);
                Err(busy(db.path()).into())
            });
            assert!(third.unwrap_err().is_locked());
            Ok(())
        })
    });
    result.unwrap();
    assert_eq!(runs.map(|runs| runs.count()), [1, 1, 1]);
    assert_eq!(after.load(SeqCst), 2);
    assert_eq!(db.names(), ["a", "b", "b end", "a end"]);
}

/// Three readers deep in a retried one: one moment for each attempt.
#[test]
fn a_lock_at_the_third_reader_begins_a_new_moment() {
    #[reader]
    #[retry_on_locked(max_attempts = 3, base_delay = 1ms, max_delay = 2ms)]
    fn read(db: &Reader, seen: &Runs, inner: InReader<'_>) -> Result<u32> {
        seen.run();
        let rows = count(db)?;
        inner(db)?;
        Ok(rows)
    }

    let db = TestDb::new();
    let runs = [(); 3].map(|()| Runs::new());
    let rows = read(&*db, &runs[0], &|r| {
        read(r, &runs[1], &|r| {
            read(r, &runs[2], &|r| {
                let attempt = u32::try_from(runs[2].count()).unwrap();
                assert_eq!(count(r)?, (attempt - 1) * 2);
                if attempt == 3 {
                    return Ok(());
                }
                let meanwhile = |name: String| once(&*db, &name, &|_w| Ok(()));
                std::thread::scope(|scope| {
                    scope.spawn(|| meanwhile(attempt.to_string())).join().unwrap()
                })?;
                assert_eq!(count(r)?, (attempt - 1) * 2);
                Err(locked_elsewhere(&db))
            })
            .map(drop)
        })
        .map(drop)
    });
    assert_eq!(rows.unwrap(), 4);
    assert_eq!(runs.map(|runs| runs.count()), [3, 3, 3]);
}

/// A lock error of SQLite's own making.
fn locked_elsewhere(db: &TestDb) -> Error {
    let holder = rusqlite::Connection::open(db.path()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    busy(db.path()).into()
}
