//! `on_commit` of a member: on its own caller's thread, after the commit, once.

use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};

use db_core::{Error, RetryPolicy};

use super::*;

/// What callbacks write down: the name of their thread, and a word.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(String, String)>>>);

impl Log {
    fn adds(&self, word: impl Into<String>) -> impl FnOnce() + Send + 'static {
        let (log, word) = (self.clone(), word.into());
        move || {
            let thread = thread::current().name().unwrap_or_default().to_owned();
            log.0.lock().unwrap().push((thread, word));
        }
    }

    /// Sorted: there is no order between callers.
    fn lines(&self) -> Vec<(String, String)> {
        let mut lines = self.0.lock().unwrap().clone();
        lines.sort();
        lines
    }
}

fn line(thread: usize, word: &str) -> (String, String) {
    (thread.to_string(), word.to_owned())
}

#[test]
fn they_run_on_the_callers_own_thread_with_the_lane_free() {
    let (db, log) = (open(), Log::default());
    let calls = (0..4).map(|n| {
        let (db, log) = (&db, log.clone());
        call(move || {
            let again = (**db).clone();
            db.write_grouped(&RetryPolicy::attempts(1), |w| {
                insert(w, &n.to_string())?;
                w.on_commit(log.adds("first"));
                let (again, log) = (again.clone(), log.clone());
                w.on_commit(move || {
                    // Committed, and free: a writer goes through.
                    let names = super::common::names(again.path());
                    assert!(names.contains(&n.to_string()));
                    add(&again, "by a callback").unwrap();
                    log.adds("second")();
                });
                Ok::<_, Error>(())
            })
            .unwrap();
        })
    });
    let (_, grown) = counted(&db, calls);
    assert!(grown.grouped >= 3);
    let all = (0..4).flat_map(|n| [line(n, "first"), line(n, "second")]);
    assert_eq!(log.lines(), all.collect::<Vec<_>>());
    assert_eq!(db.names().len(), 8);
}

#[test]
fn those_of_an_undone_member_never_run() {
    let (db, log) = (open(), Log::default());
    let calls = (0..4).map(|n| {
        let (db, log) = (&db, log.clone());
        call(move || {
            let result = db.write_grouped(&RetryPolicy::attempts(1), |w| {
                w.on_commit(log.adds("whole"));
                let part = w.savepoint(|w| {
                    w.on_commit(log.adds("part"));
                    if n == 1 { Err(Error::NoGlobal) } else { Ok(()) }
                });
                assert_eq!(part.is_err(), n == 1);
                if n == 2 { Err(Error::NoGlobal) } else { Ok(()) }
            });
            assert_eq!(result.is_err(), n == 2);
        })
    });
    let (_, grown) = counted(&db, calls);
    assert_eq!(grown.grouped, 3);
    let expected =
        [line(0, "part"), line(0, "whole"), line(1, "whole"), line(3, "part"), line(3, "whole")];
    assert_eq!(log.lines(), expected);
}

/// The transaction is lost, and each runs again: what the first run registered is lost.
#[test]
fn those_of_a_lost_group_run_once() {
    let (db, log) = (open(), Log::default());
    let calls = (0..3).map(|n| {
        let (db, log) = (&db, log.clone());
        call(move || {
            let runs = Runs::new();
            let result = db.write_grouped(&RetryPolicy::attempts(1), |w| {
                w.on_commit(log.adds(format!("run {}", runs.run())));
                if n == 2 {
                    w.execute_batch(
                        "INSERT OR ROLLBACK INTO item VALUES (1, 'x', 1), (1, 'x', 1)",
                    )?;
                }
                Ok::<_, Error>(())
            });
            assert_eq!(result.is_err(), n == 2);
        })
    });
    counted(&db, calls);
    assert_eq!(log.lines(), [line(0, "run 2"), line(1, "run 2")]);
}

/// The commit is kept, and the others hear nothing of it.
#[test]
fn one_that_panics_panics_its_own_caller() {
    let (db, log) = (open(), Log::default());
    let calls = (0..3).map(|n| {
        let (db, log) = (&db, log.clone());
        call(move || {
            db.write_grouped(&RetryPolicy::attempts(1), |w| {
                insert(w, &n.to_string())?;
                if n == 1 {
                    w.on_commit(|| resume_unwind(Box::new("of the callback")));
                }
                w.on_commit(log.adds("after it"));
                Ok::<_, Error>(())
            })
        })
    });
    let ended = queued(&db, calls);
    assert_eq!(ended[1].as_ref().unwrap_err().downcast_ref(), Some(&"of the callback"));
    assert!(matches!(ended[0], Ok(Ok(()))) && matches!(ended[2], Ok(Ok(()))));
    assert_eq!(db.names(), ["0", "1", "2"]);
    assert_eq!(log.lines(), (0..3).map(|n| line(n, "after it")).collect::<Vec<_>>());
}
