//! Every subcommand on every kind of file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::files::{self, File};
use super::run::{COMMANDS, Ran, run};

/// These must not change the file, whatever it is.
const READS: [&str; 5] = ["verify", "backup", "stats", "locks", "doctor"];

/// How a subcommand is called with a file; `restore` has it as the backup.
pub fn called(command: &str, file: &File, json: bool) -> Vec<OsString> {
    let other = file.beside("other.db");
    let mut args = vec![OsString::from(command), file.path.clone().into_os_string()];
    if matches!(command, "backup" | "restore") {
        args.push(other.into_os_string());
    }
    if !matches!(command, "locks" | "restore") {
        args.extend(["--timeout".into(), "200ms".into()]);
    }
    if json {
        args.push("--json".into());
    }
    args
}

/// What is said when the work could not be done: one sentence, and advice beneath it.
#[track_caller]
pub fn assert_refusal(ran: &Ran, path: &Path) {
    let mut lines = ran.stderr.lines();
    let first = lines.next().unwrap_or_default();
    assert!(first.starts_with("db-core: "), "{ran:?}");
    assert!(first.contains(&*path.file_name().unwrap().to_string_lossy()), "{ran:?}");
    assert!(lines.all(|line| line.starts_with("  ")), "{ran:?}");
    for word in ["Error", "Some(", "Sqlite", "Options", "Database::"] {
        assert!(!first.replace("SQLite", "").contains(word), "{word}: {ran:?}");
    }
}

/// Runs all subcommands on a file of that kind; `expected` are the statuses that each may end
/// with, in the order of [`COMMANDS`].
#[track_caller]
fn check(kind: &str, make: fn() -> File, expected: [&[i32]; 10]) {
    for (command, expected) in COMMANDS.into_iter().zip(expected) {
        for json in [false, true] {
            let file = make();
            let before = file.bytes();
            let beside = file.lasting();
            let ran = run(called(command, &file, json));
            let what = format!("{command} on {kind}: {ran:?}");
            assert!(expected.contains(&ran.status), "{what}");
            let refused = ran.status > 1;
            if json {
                let told = ran.json();
                assert_eq!(told["command"], command, "{what}");
                assert!(told["file"].is_string(), "{what}");
                assert_eq!(told["ok"], ran.status == 0, "{what}");
                assert_eq!(told["status"], ran.status, "{what}");
                assert_eq!(told["error"].is_object(), refused, "{what}");
                if refused {
                    assert!(told["error"]["kind"].is_string(), "{what}");
                    assert!(
                        ran.stderr.contains(told["error"]["message"].as_str().unwrap()),
                        "{what}"
                    );
                    assert!(told["error"]["advice"].is_array(), "{what}");
                }
            } else if refused {
                assert_eq!(ran.stdout, "", "{what}");
            }
            if refused {
                assert_refusal(&ran, &file.path);
            } else {
                assert_eq!(ran.stderr, "", "{what}");
            }
            if refused || READS.contains(&command) {
                assert_eq!(file.bytes(), before, "{what}");
            }
            // Where writers of db-core's queue stays, once one has asked for its turn.
            let queues = |path: &PathBuf| {
                ["-next", "-writer"].iter().any(|end| path.to_string_lossy().ends_with(end))
            };
            let mut left = file.lasting();
            left.retain(|path, _| !queues(path) || READS.contains(&command));
            if refused || (READS.contains(&command) && command != "backup") {
                assert!(left.keys().eq(beside.keys()), "{what}: {:?}", left.keys());
            }
        }
    }
}

const DONE: &[i32] = &[0];
const FOUND: &[i32] = &[1];
const UNUSABLE: &[i32] = &[3];
const DAMAGED: &[i32] = &[5];

#[test]
fn a_database_that_is_well() {
    check("a database with a log", || files::database("wal"), [DONE; 10]);
    check("a database with a rollback journal", || files::database("delete"), [DONE; 10]);
}

#[test]
fn an_empty_file() {
    let mut expected = [DONE; 10];
    // As a backup it would take everything away.
    expected[2] = DAMAGED;
    check("an empty file", files::empty, expected);
}

#[test]
fn no_file() {
    check("no file", files::missing, [UNUSABLE; 10]);
}

#[test]
fn a_folder() {
    check("a folder", files::folder, [UNUSABLE; 10]);
}

#[test]
fn some_other_file() {
    let mut expected = [UNUSABLE; 10];
    // It may be an encrypted database, and its locks can be told all the same.
    expected[8] = DONE;
    check("a text", files::text, expected);
}

#[test]
fn a_damaged_file() {
    check(
        "a damaged file",
        files::corrupt,
        // What of the file each of them needs is not damaged for all.
        [FOUND, DAMAGED, DAMAGED, DAMAGED, DAMAGED, &[0, 5], DONE, &[0, 5], DONE, FOUND],
    );
}

#[test]
fn a_file_that_is_cut_short() {
    check(
        "a file that is cut short",
        files::cut,
        [FOUND, DAMAGED, DAMAGED, DAMAGED, DAMAGED, DAMAGED, DAMAGED, DAMAGED, DONE, FOUND],
    );
    let file = files::cut();
    let ran = run(called("stats", &file, false));
    assert!(ran.stderr.contains("cut short"), "{ran:?}");
}

#[test]
fn a_log_that_a_killed_program_has_left() {
    let mut expected = [DONE; 10];
    // As a backup it is not alone.
    expected[2] = UNUSABLE;
    check("a database with a full log", files::with_log, expected);
}

/// SQLite would delete the log, and with it what may be all that is left.
#[test]
fn an_emptied_file_with_a_full_log() {
    let mut expected = [DAMAGED; 10];
    (expected[0], expected[2], expected[8], expected[9]) = (FOUND, UNUSABLE, DONE, FOUND);
    check("an emptied file", files::emptied, expected);
    for command in COMMANDS {
        let file = files::emptied();
        let before = file.lasting();
        run(called(command, &file, false));
        assert_eq!(file.lasting(), before, "{command}");
    }
}

#[test]
fn half_a_commit_of_a_killed_program() {
    let mut expected = [UNUSABLE; 10];
    // Those that write let SQLite undo it first.
    for at in [3, 4, 5, 6, 8] {
        expected[at] = DONE;
    }
    expected[9] = FOUND;
    check("a database with a hot journal", files::with_journal, expected);
}
