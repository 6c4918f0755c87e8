//! The cells, one by one: what is committed, and what is undone to where.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;

/// How a nested call ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Ok,
    Err,
    Panic,
}

const ENDS: [End; 3] = [End::Ok, End::Err, End::Panic];

impl End {
    fn reach(self) -> Result<()> {
        match self {
            Self::Ok => Ok(()),
            Self::Err => fail(),
            Self::Panic => std::panic::panic_any(Bang),
        }
    }
}

struct Bang;

/// Runs `call`, whose body reaches `end`, and takes its failure for dealt with.
#[track_caller]
fn reaches(end: End, call: impl FnOnce() -> Result<()>) {
    match (end, catch_unwind(AssertUnwindSafe(call))) {
        (End::Ok, Ok(Ok(()))) | (End::Err, Ok(Err(Error::NoGlobal))) => {}
        (End::Panic, Err(payload)) => assert!(payload.is::<Bang>()),
        (end, other) => panic!("{end:?}: {:?}", other.map_err(drop)),
    }
}

/// The rows that are in the file after `call`, and how many commits that took.
#[track_caller]
fn commits(call: impl FnOnce(&TestDb)) -> (Vec<String>, u64) {
    let db = TestDb::new();
    call(&db);
    assert!(db.open_guards().is_empty());
    db.assert_whole();
    (db.names(), db.stats().commits)
}

#[track_caller]
fn left(end: End, ok: &[&str], otherwise: &[&str], commits: (Vec<String>, u64), expected: u64) {
    let names = if matches!(end, End::Ok) { ok } else { otherwise };
    assert_eq!(commits.0, names, "{end:?}");
    assert_eq!(commits.1, expected, "{end:?}");
}

#[test]
fn a_database_passed_to_a_once_only_writer() {
    for end in ENDS {
        let done = commits(|db| reaches(end, || once(&**db, "a", &|_w| end.reach())));
        left(end, &["a", "a end"], &[], done, u64::from(matches!(end, End::Ok)));
    }
}

#[test]
fn a_database_passed_to_an_idempotent_writer() {
    for end in ENDS {
        let done = commits(|db| reaches(end, || again(&**db, "a", &|_w| end.reach())));
        left(end, &["a", "a end"], &[], done, u64::from(matches!(end, End::Ok)));
    }
}

#[test]
fn a_database_passed_to_a_reader() {
    for end in ENDS {
        let done = commits(|db| {
            once(&**db, "a", &|_w| Ok(())).unwrap();
            reaches(end, || sees(&**db, 2, &|_r| end.reach()));
            assert_eq!(count(&**db).unwrap(), 2);
        });
        left(end, &["a", "a end"], &["a", "a end"], done, 1);
    }
}

/// `outer` and `inner`, one in the other: only the inner one's part is undone.
macro_rules! joined {
    ($($test:ident: $outer:ident, $inner:ident;)*) => {$(
        #[test]
        fn $test() {
            for end in ENDS {
                let done = commits(|db| {
                    let result = $outer(&**db, "a", &|w| {
                        reaches(end, || $inner(w, "b", &|_w| end.reach()));
                        assert_eq!(db.names(), [""; 0], "nothing is committed yet");
                        Ok(())
                    });
                    result.unwrap();
                });
                left(end, &["a", "b", "b end", "a end"], &["a", "a end"], done, 1);
                // And all of it, if the outer one fails after all.
                let done = commits(|db| {
                    let result = $outer(&**db, "a", &|w| {
                        reaches(end, || $inner(w, "b", &|_w| end.reach()));
                        fail()
                    });
                    failed(&result);
                });
                left(end, &[], &[], done, 0);
            }
        }
    )*};
}

joined! {
    a_once_only_writer_passed_to_a_once_only_writer: once, once;
    a_once_only_writer_passed_to_an_idempotent_writer: once, again;
    an_idempotent_writer_passed_to_an_idempotent_writer: again, again;
}

/// `outer` with a reader in it, that sees the outer one's rows and leaves them alone.
macro_rules! read_inside {
    ($($test:ident: $outer:ident;)*) => {$(
        #[test]
        fn $test() {
            for end in ENDS {
                let done = commits(|db| {
                    let result = $outer(&**db, "a", &|w| {
                        reaches(end, || sees(w, 1, &|_r| end.reach()));
                        failed(&$outer(w, "lost", &|w| {
                            sees(w, 2, &|_r| Ok(()))?;
                            fail()
                        }));
                        sees(w, 1, &|_r| Ok(()))?;
                        assert_eq!(count(&**db)?, 0, "the database is outside of it");
                        Ok(())
                    });
                    result.unwrap();
                });
                left(end, &["a", "a end"], &["a", "a end"], done, 1);
            }
        }
    )*};
}

read_inside! {
    a_once_only_writer_passed_to_a_reader: once;
    an_idempotent_writer_passed_to_a_reader: again;
}

#[test]
fn a_reader_passed_to_a_reader() {
    for end in ENDS {
        let done = commits(|db| {
            let result = sees(&**db, 0, &|r| {
                // Committed by somebody else meanwhile: not in this moment.
                std::thread::scope(|scope| {
                    scope.spawn(|| once(&**db, "a", &|_w| Ok(()))).join().unwrap()
                })?;
                assert_eq!(count(&**db)?, 2);
                reaches(end, || sees(r, 0, &|_r| end.reach()));
                sees(r, 0, &|_r| Ok(()))
            });
            result.unwrap();
            assert_eq!(count(&**db).unwrap(), 2);
        });
        left(end, &["a", "a end"], &["a", "a end"], done, 1);
    }
}

/// The body of the outer one decides, as it does for SQL of its own: an error that it
/// passes on takes everything with it.
#[test]
fn an_error_that_is_passed_on_undoes_all_levels() {
    let done = commits(|db| {
        failed(&once(&**db, "a", &|w| again(w, "b", &|w| again(w, "c", &|_w| fail()))));
        failed(&again(&**db, "a", &|w| again(w, "b", &|w| sees(w, 2, &|_r| fail()))));
    });
    left(End::Ok, &[], &[], done, 0);
}
