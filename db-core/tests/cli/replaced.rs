//! What a backup may take the place of.

use std::fs;
use std::path::Path;

use super::files::{self, File};
use super::foreign::{ForeignLock, Lock};
use super::run::{Ran, run};

fn backup(from: &Path, to: &Path, more: &[&str]) -> Ran {
    let paths = [from.to_str().unwrap(), to.to_str().unwrap()];
    run(["backup"].iter().chain(&paths).chain(more))
}

/// Replaces nothing without `--replace`, and says why with that word.
#[track_caller]
fn assert_kept(from: &File, to: &File, word: &str) {
    let before = to.all();
    let ran = backup(&from.path, &to.path, &[]);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.stderr.contains(word) && ran.stderr.contains("--replace"), "{ran:?}");
    assert_eq!(to.all(), before);
    let ran = backup(&from.path, &to.path, &["--replace"]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert_ne!(to.bytes(), before.get(&to.path).cloned());
}

#[test]
fn the_backup_of_the_night_before_is_replaced() {
    let (file, old) = (files::database("wal"), files::database("delete"));
    let text = fs::read(&old.path).unwrap();
    assert_eq!(backup(&file.path, &old.path, &[]).status, 0);
    assert_ne!(fs::read(&old.path).unwrap(), text);
    assert_eq!(backup(&file.path, &old.path, &[]).status, 0);
    // As `mktemp` makes them.
    assert_eq!(backup(&file.path, &files::empty().path, &[]).status, 0);
}

#[test]
fn what_is_no_database_is_not_replaced() {
    assert_kept(&files::database("wal"), &files::text(), "no SQLite database");
}

/// The two paths are swapped all too easily.
#[test]
fn what_looks_like_a_database_in_use_is_not_replaced() {
    assert_kept(&files::database("wal"), &files::with_log(), "shop.db-wal is beside it");
    assert_kept(&files::database("wal"), &files::with_journal(), "shop.db-journal is beside it");
    let used = files::database("delete");
    assert_eq!(run(["optimize", used.path.to_str().unwrap()]).status, 0);
    assert_kept(&files::database("wal"), &used, " is beside it");
}

#[test]
fn an_empty_file_takes_the_place_of_no_backup() {
    assert_kept(&files::empty(), &files::database("delete"), "is empty");
}

/// Not even with `--replace`; and the way that was meant is shown.
#[test]
fn a_database_that_others_have_open_is_never_replaced() {
    let (file, used) = (files::database("wal"), files::database("wal"));
    let held = ForeignLock::take(&used.path, Lock::Reading);
    for more in [[].as_slice(), &["--replace"]] {
        let before = used.bytes();
        let ran = backup(&file.path, &used.path, more);
        assert_eq!(ran.status, if more.is_empty() { 3 } else { 4 }, "{ran:?}");
        let (from, to) = (file.path.to_str().unwrap(), used.path.to_str().unwrap());
        assert!(ran.stderr.contains(&format!("db-core restore {from} {to}")), "{ran:?}");
        assert!(!ran.stderr.contains("stop the programs"), "{ran:?}");
        assert_eq!(used.bytes(), before);
    }
    held.release();
}

#[test]
fn stdout_is_no_place_for_a_database() {
    let file = files::database("wal");
    let path = file.path.to_str().unwrap();
    for args in [
        ["backup", path, "-"].as_slice(),
        &["vacuum", path, "--into", "-"],
        &["restore", path, "-"],
    ] {
        let ran = super::run::run_in(file.folder.path(), args);
        assert_eq!(ran.status, 2, "{ran:?}");
        assert!(ran.stderr.contains("./-"), "{ran:?}");
        assert_eq!(file.all().len(), 1, "{args:?}");
    }
    assert_eq!(super::run::run_in(file.folder.path(), ["backup", path, "./-"]).status, 0);
}
