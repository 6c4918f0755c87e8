//! Who holds what, told without the database being opened.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::Value;

use super::files;
use super::foreign::{ForeignLock, Lock};
use super::run::{command, run};
use super::signals::wait_until;

const WRITES: Lock<'static> = Lock::Writing("INSERT INTO line VALUES (1, 1)");

#[test]
#[cfg(target_os = "linux")]
fn who_writes_and_who_reads_is_named() {
    let file = files::database("wal");
    let path = file.path.to_str().unwrap();
    let writer = ForeignLock::take(&file.path, WRITES);
    let reader = ForeignLock::take(&file.path, Lock::Reading);
    let ran = run(["locks", path]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains("2 processes have locks"), "{ran:?}");
    assert!(ran.stdout.contains("nobody else can write"), "{ran:?}");
    assert!(ran.stdout.contains("can't leave the log"), "{ran:?}");
    let told = run(["locks", "--json", path]).json();
    assert_eq!(told["told"], true);
    assert_eq!(told["writers"].as_array().unwrap().len(), 1, "{told}");
    assert_eq!(told["writers"][0]["lock"], "write", "{told}");
    assert!(told["writers"][0]["process"].is_u64(), "{told}");
    assert!(!told["readers"].as_array().unwrap().is_empty(), "{told}");
    writer.release();
    reader.release();
    let ran = run(["locks", path]);
    assert!(ran.stdout.contains("nobody reads or writes"), "{ran:?}");
}

/// One that is stopped keeps its lock for ever.
#[test]
#[cfg(target_os = "linux")]
fn who_is_stopped_is_told_how_to_go_on() {
    let file = files::database("wal");
    let path = file.path.to_str().unwrap();
    let writer = ForeignLock::take(&file.path, WRITES);
    let id = run(["locks", "--json", path]).json()["writers"][0]["process"].to_string();
    let signal = |name: &str| {
        let sent = std::process::Command::new("kill").args([name, &id]).status();
        assert!(sent.unwrap().success());
    };
    signal("-STOP");
    let stopped = || run(["locks", "--json", path]).json()["writers"][0]["stopped"] == true;
    wait_until("it is stopped", stopped);
    let advice = format!("kill -CONT {id}");
    let told = run(["locks", path]).stdout;
    assert!(told.contains("and is stopped: nobody else can write"), "{told}");
    assert!(told.contains(&advice), "{told}");
    let doctor = run(["doctor", path]);
    assert_eq!(doctor.status, 1, "{doctor:?}");
    assert!(doctor.stdout.contains(&advice), "{doctor:?}");
    let refused = run(["optimize", "--timeout", "100ms", path]);
    assert_eq!(refused.status, 4, "{refused:?}");
    assert!(refused.stderr.contains(&advice), "{refused:?}");
    signal("-CONT");
    writer.release();
}

/// In the worst of times it must not be one more who waits, or who breaks something.
#[test]
fn nothing_is_opened_that_others_would_notice() {
    let file = files::with_log();
    let before = file.all();
    let path = file.path.to_str().unwrap();
    assert_eq!(run(["locks", path]).status, 0);
    assert_eq!(file.all(), before, "not even the shared memory is touched");
}

#[test]
fn watching_tells_a_line_for_each_look_and_ends_with_its_reader() {
    let file = files::database("wal");
    let path = file.path.to_str().unwrap();
    let args = ["locks", "--watch", "--interval", "20ms", "--json", path];
    let mut child = command(args).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let look = |line: Option<std::io::Result<String>>| -> Value {
        serde_json::from_str(&line.unwrap().unwrap()).unwrap()
    };
    assert_eq!(look(lines.next())["writers"], Value::Array(Vec::new()));
    if cfg!(target_os = "linux") {
        let writer = ForeignLock::take(&file.path, WRITES);
        // Those from before it was taken may still be in the pipe.
        let seen = lines.by_ref().take(500).any(|line| look(Some(line))["writers"][0].is_object());
        assert!(seen);
        writer.release();
    }
    // As `| head` does.
    drop(lines);
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(ended.stderr.is_empty(), "{ended:?}");
}

#[test]
fn watching_ends_when_the_file_is_gone() {
    let file = files::database("delete");
    let path = file.path.to_str().unwrap();
    let mut child = command(["locks", "--watch", "--interval", "20ms", path]).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    assert!(first.contains("UTC"), "{first}");
    fs::remove_file(&file.path).unwrap();
    let mut rest = lines.map_while(Result::ok);
    while rest.next().is_some() {}
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(3), "{ended:?}");
}
