//! A body of a group that forks: in the child nobody else is run or told, and the parent
//! goes on as if nothing had happened.
#![cfg(unix)]

mod common;

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::thread;

use common::{PATIENCE, TestDb, wait_until};
use db_core::{Error, Options, Result, Writer, retry_on_locked, writer};

unsafe extern "C" {
    fn fork() -> i32;
    fn waitpid(child: i32, status: *mut i32, options: i32) -> i32;
    fn _exit(code: i32) -> !;
}

/// Set in a child, which is to end as soon as its call is back.
static IS_CHILD: AtomicBool = AtomicBool::new(false);

#[writer(group)]
#[retry_on_locked(max_attempts = 1, idempotent)]
fn add(db: &Writer, name: &str, forks: bool) -> Result<()> {
    db.execute("INSERT INTO item (name) VALUES (?1)", [name])?;
    if IS_CHILD.load(SeqCst) {
        // SAFETY: ends the child. Nobody runs a body there but the one that forked.
        unsafe { _exit(9) };
    }
    if forks {
        // SAFETY: no test runs beside this one; the others of this process sleep, and hold
        // no lock that the child would need. The child ends with `_exit`.
        match unsafe { fork() } {
            0 => IS_CHILD.store(true, SeqCst),
            child => {
                let mut status = 0;
                // SAFETY: a child of this process, and a place to write to.
                assert_eq!(unsafe { waitpid(child, &raw mut status, 0) }, child);
                assert_eq!(status, 0, "the child was not refused, or did not end");
            }
        }
    }
    Ok(())
}

/// Ends a child: with 0 if its call was refused for being one.
fn end_child(result: &Result<()>) {
    if IS_CHILD.load(SeqCst) {
        let refused = matches!(result, Err(Error::Forked { .. }));
        // SAFETY: ends the child, and runs none of the harness.
        unsafe { _exit(if refused { 0 } else { 1 }) };
    }
}

#[test]
fn a_child_runs_nobody_and_its_parent_goes_on() {
    // The one that leads forks, the first that follows, the last.
    for forking in 0..3 {
        let db = TestDb::with(Options::new().max_group_age(PATIENCE).writer_timeout(PATIENCE));
        let before = db.stats();
        thread::scope(|scope| {
            let other = db.writer().unwrap();
            let threads: Vec<_> = (0..3)
                .map(|n| {
                    let db = &db;
                    let thread = scope.spawn(move || {
                        let result = add(&**db, &n.to_string(), n == forking);
                        end_child(&result);
                        result
                    });
                    wait_until("it waits", || db.stats().waiting == n + 1);
                    thread
                })
                .collect();
            drop(other);
            threads.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
        });
        let stats = db.stats();
        assert_eq!((stats.commits - before.commits, stats.grouped), (1, 2), "{forking}");
        assert_eq!(db.names(), ["0", "1", "2"], "{forking}");
        db.assert_whole();
    }
}
