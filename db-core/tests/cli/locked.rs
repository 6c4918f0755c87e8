//! Databases that another program holds: a real one, that knows nothing of db-core.

use std::time::{Duration, Instant};

use super::files::{self, File};
use super::foreign::{ForeignLock, Lock};
use super::kinds::{assert_refusal, called};
use super::run::{COMMANDS, Ran, run};

const WRITES: Lock<'static> = Lock::Writing("INSERT INTO line VALUES (1, 1)");

/// Where the system tells who has it.
const HELD: i32 = if cfg!(target_os = "linux") { 1 } else { 0 };

/// Runs all subcommands while the lock is held; `expected` in the order of [`COMMANDS`].
#[track_caller]
fn check(file: &File, lock: Lock<'_>, expected: [i32; 10]) {
    let held = ForeignLock::take(&file.path, lock);
    for (command, expected) in COMMANDS.into_iter().zip(expected) {
        for json in [false, true] {
            let before = file.bytes();
            let ran = run(called(command, file, json));
            let what = format!("{command} with {lock:?}: {ran:?}");
            assert_eq!(ran.status, expected, "{what}");
            // The doctor tells it among its checks.
            let refused = expected == 4 && command != "doctor";
            if refused {
                assert_refusal(&ran, &file.path);
                assert_names_somebody(&ran);
                assert_eq!(file.bytes(), before, "{what}");
            }
            if json {
                let told = ran.json();
                assert_eq!(told["status"], expected, "{what}");
                let kind = told["error"]["kind"].as_str();
                assert_eq!(kind, refused.then_some("locked"), "{what}");
            }
            let _ = std::fs::remove_file(file.beside("other.db"));
        }
    }
    held.release();
}

#[track_caller]
fn assert_names_somebody(ran: &Ran) {
    let first = ran.stderr.lines().next().unwrap();
    assert!(first.contains("is locked by "), "{ran:?}");
    if cfg!(target_os = "linux") {
        assert!(first.contains("process "), "{ran:?}");
    }
}

#[test]
fn with_a_rollback_journal_nobody_gets_past_an_exclusive_lock() {
    // verify, backup, restore, vacuum, reindex, optimize, checkpoint, stats, locks, doctor
    check(&files::database("delete"), Lock::Exclusive, [4, 4, 4, 4, 4, 4, 4, 4, 0, 4]);
}

#[test]
fn with_a_rollback_journal_a_writer_is_in_the_way_of_writers() {
    check(&files::database("delete"), WRITES, [0, 0, 0, 4, 4, 4, 0, 0, 0, HELD]);
}

#[test]
fn with_a_log_a_writer_is_in_the_way_of_writers() {
    check(&files::database("wal"), WRITES, [0, 0, 0, 4, 4, 4, 4, 0, 0, HELD]);
    check(&files::database("wal"), Lock::Exclusive, [0, 0, 0, 4, 4, 4, 4, 0, 0, HELD]);
}

#[test]
fn a_reader_is_in_the_way_of_who_must_have_the_file_alone() {
    let file = files::database("wal");
    // Something that the reader keeps in the log.
    let reader = ForeignLock::take(&file.path, Lock::Reading);
    let writer = ForeignLock::take(&file.path, WRITES);
    writer.commit();
    let ran = run(called("checkpoint", &file, false));
    assert_eq!(ran.status, 4, "{ran:?}");
    assert_names_somebody(&ran);
    let path = file.path.to_str().unwrap();
    let ran = run(["checkpoint", "--mode", "passive", path]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains("still needed by readers"), "{ran:?}");
    reader.release();
    let ran = run(called("checkpoint", &file, false));
    assert_eq!(ran.status, 0, "{ran:?}");
}

#[test]
fn the_doctor_names_who_holds_the_lock() {
    let file = files::database("delete");
    let held = ForeignLock::take(&file.path, Lock::Exclusive);
    let ran = run(called("doctor", &file, true));
    let told = ran.json();
    let problem = &told["checks"][0];
    assert_eq!(problem["level"], "problem", "{ran:?}");
    assert!(problem["what"].as_str().unwrap().contains("is locked by process"), "{ran:?}");
    assert!(!problem["advice"].as_array().unwrap().is_empty(), "{ran:?}");
    let text = run(called("doctor", &file, false)).stdout;
    for name in ["place", "structure", "journal", "free room", "statistics"] {
        assert!(text.contains(&format!("?        {name}: not checked\n")), "{name}: {text}");
    }
    held.release();
}

/// Nobody can write, for longer than anybody waits: no monitoring may miss that.
#[cfg(target_os = "linux")]
#[test]
fn the_doctor_waits_for_a_writer_as_long_as_others_would() {
    let file = files::database("wal");
    let path = file.path.to_str().unwrap();
    let held = ForeignLock::take(&file.path, WRITES);
    let ran = run(["doctor", "--timeout", "300ms", path]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.contains("which has the write lock: nobody else can write"), "{ran:?}");
    assert!(ran.stdout.contains("its transaction is undone"), "{ran:?}");
    let ran = run(["doctor", "--timeout", "0s", path]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains(": nothing wrong, 1 note\n"), "{ran:?}");
    // One that lets go in time is nobody's problem.
    let start = Instant::now();
    let child = super::run::command(["doctor", "--timeout", "20s", path]).spawn().unwrap();
    // Most times it is seen held first; if not, the answer is the same.
    std::thread::sleep(Duration::from_millis(300));
    held.release();
    let ran = super::run::end(child);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(start.elapsed() < Duration::from_secs(15), "{ran:?}");
}

/// The time that was given is the time that is waited, and no more.
#[test]
fn the_wait_ends_with_the_timeout() {
    let file = files::database("delete");
    let held = ForeignLock::take(&file.path, Lock::Exclusive);
    let path = file.path.to_str().unwrap();
    for command in ["verify", "stats", "optimize"] {
        for (time, least, most) in [("0s", 0.0, 2.0), ("1s", 0.9, 4.0)] {
            let start = Instant::now();
            let ran = run([command, path, "--timeout", time]);
            let took = start.elapsed().as_secs_f64();
            assert_eq!(ran.status, 4, "{ran:?}");
            assert!((least..most).contains(&took), "{command} {time}: {took}");
        }
    }
    held.release();
}

/// Who waits long enough gets the lock.
#[test]
fn a_lock_that_is_let_go_in_time_is_no_failure() {
    let file = files::database("delete");
    let held = ForeignLock::take(&file.path, Lock::Exclusive);
    let path = file.path.to_str().unwrap();
    let child = super::run::command(["verify", path, "--timeout", "20s"]).spawn().unwrap();
    held.release();
    assert_eq!(super::run::end(child).status, 0);
}
