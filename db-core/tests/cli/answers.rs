//! How answers are given: one document, one sentence, no bars where nobody sees them.

use std::fs;
use std::io::Read;
use std::process::Stdio;

use super::files;
use super::kinds::called;
use super::run::{COMMANDS, command, run, run_in};

#[test]
fn what_is_called_wrongly_is_told_as_text_and_as_json() {
    let wrong: [&[&str]; 6] = [
        &["verify"],
        &["unknown", "x.db"],
        &["verify", "x.db", "--timeout", "10"],
        &["verify", "x.db", "--full", "--quick"],
        &["checkpoint", "x.db", "--mode", "half"],
        &["locks", "x.db", "--interval", "1s"],
    ];
    for args in wrong {
        let ran = run(args);
        assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{args:?}");
        assert!(ran.stderr.contains("--help"), "{args:?}: {ran:?}");
        let ran = run(args.iter().chain(&["--json"]));
        assert_eq!(ran.status, 2, "{args:?}");
        let told = ran.json();
        assert_eq!(told["error"]["kind"], "usage", "{told}");
        let meant = COMMANDS.contains(&args[0]).then_some(args[0]);
        assert_eq!(told["command"].as_str(), meant, "{told}");
        assert_eq!(told["ok"], false, "{told}");
    }
}

#[test]
fn a_time_without_its_unit_is_told_how_to_be_written() {
    let ran = run(["verify", "x.db", "--timeout", "10"]);
    assert!(ran.stderr.contains("a time needs its unit, as in 500ms, 10s, 2m"), "{ran:?}");
}

#[test]
fn whoever_stops_reading_breaks_nothing() {
    let file = files::database("wal");
    for command_name in ["verify", "stats", "doctor", "locks"] {
        for args in [vec![], vec!["--json"]] {
            let path = file.path.to_str().unwrap();
            let mut child = command([command_name, path].iter().chain(&args)).spawn().unwrap();
            let mut stderr = child.stderr.take().unwrap();
            drop(child.stdout.take());
            let mut told = String::new();
            stderr.read_to_string(&mut told).unwrap();
            assert_eq!(child.wait().unwrap().code(), Some(0), "{command_name}: {told}");
            assert_eq!(told, "", "{command_name}");
        }
    }
    let mut child = command(["--help"]).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn what_is_missing_in_the_call_is_named() {
    let told = run(["verify", "--json"]).json();
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.ends_with(": <FILE>"), "{told}");
}

/// Whoever saves the answer on a full disk must not take it for an empty one.
#[cfg(target_os = "linux")]
#[test]
fn an_answer_that_could_not_be_written_is_told() {
    let file = files::database("wal");
    let path = file.path.to_str().unwrap();
    for args in [
        ["verify", path].as_slice(),
        &["stats", "--json", path],
        &["locks", "--watch", path],
        &["--help"],
    ] {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let child = command(args).stdout(full).spawn().unwrap();
        let ended = child.wait_with_output().unwrap();
        let told = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(3), "{args:?}: {told}");
        assert!(told.starts_with("db-core: the answer can't be written: "), "{told}");
    }
}

/// Nor an error where there is nobody to read it.
#[test]
fn an_error_that_nobody_reads_is_told_by_the_status() {
    let child = command(["verify", "missing.db"]).stderr(Stdio::null()).spawn().unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(3));
}

#[test]
fn progress_is_not_shown_where_there_is_no_terminal() {
    for name in COMMANDS {
        let file = files::database("wal");
        let ran = run(called(name, &file, false));
        assert_eq!(ran.stderr, "", "{name}");
        assert!(!ran.stdout.contains('\x1b') && !ran.stdout.contains('\r'), "{name}");
        assert!(ran.stdout.ends_with('\n'), "{name}");
    }
}

/// Names are given to the system as they are.
#[test]
fn names_with_blanks_and_other_signs_are_names() {
    for name in
        ["with blank.db", "-dash.db", "ünïcode.db", "per%20cent?mode=ro#.db", "'quoted\".db"]
    {
        let file = files::File::new();
        let path = file.beside(name);
        files::fill(&path, "wal");
        for command_name in ["verify", "stats", "locks", "doctor"] {
            let ran = run_in(file.folder.path(), [command_name, "--", name]);
            assert_eq!(ran.status, 0, "{name}: {ran:?}");
            assert!(ran.stdout.contains(name), "{name}: {ran:?}");
        }
        assert_eq!(file.all().len(), 1, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_leads_to_the_database() {
    let file = files::with_log();
    let other = files::File::new();
    std::os::unix::fs::symlink(&file.path, &other.path).unwrap();
    let ran = run(called("stats", &other, true));
    assert_eq!(ran.json()["wal_bytes"], fs::metadata(file.beside("shop.db-wal")).unwrap().len());
    assert_eq!(ran.status, 0, "{ran:?}");
    let broken = files::File::new();
    std::os::unix::fs::symlink("nowhere.db", &broken.path).unwrap();
    assert_eq!(run(called("stats", &broken, false)).status, 3);
    assert!(!broken.beside("nowhere.db").exists());
}

/// A pipe would be waited for without an end.
#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_at_once() {
    let file = files::File::new();
    let made = std::process::Command::new("mkfifo").arg(&file.path).status();
    assert!(made.unwrap().success());
    for name in COMMANDS {
        let ran = run(called(name, &file, false));
        assert_eq!(ran.status, 3, "{ran:?}");
        assert!(ran.stderr.contains("not a database file"), "{ran:?}");
    }
}
