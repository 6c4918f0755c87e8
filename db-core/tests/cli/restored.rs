//! What a restore tells besides that it is done, and what it advises if it is not.

use std::fs;

use super::files;
use super::foreign::{ForeignLock, Lock};
use super::run::run;

/// Of a database that is gone it may be all that is left.
#[test]
fn a_log_that_was_moved_away_is_told() {
    let (file, backup) = (files::with_log(), files::database("delete"));
    fs::remove_file(&file.path).unwrap();
    let log = fs::read(file.beside("shop.db-wal")).unwrap();
    let args = ["restore", backup.path.to_str().unwrap(), file.path.to_str().unwrap()];
    let ran = run(args.iter().chain(&["--json"]));
    assert_eq!(ran.status, 0, "{ran:?}");
    let told = ran.json();
    assert!(told["kept"].is_null(), "{told}");
    let kept = told["kept_logs"][0].as_str().unwrap();
    assert_eq!(fs::read(kept).unwrap(), log);
    // An older one is not told again.
    fs::remove_file(&file.path).unwrap();
    let ran = run(args);
    assert_eq!((ran.status, ran.stdout.lines().count()), (0, 1), "{ran:?}");
}

#[test]
fn the_log_is_told_as_text_too() {
    let (file, backup) = (files::emptied(), files::database("delete"));
    let ran = run(["restore", backup.path.to_str().unwrap(), file.path.to_str().unwrap()]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains("the file that was there is kept: "), "{ran:?}");
    assert!(ran.stdout.contains("the log that was beside it is kept: "), "{ran:?}");
}

#[test]
fn instead_of_a_damaged_backup_the_next_older_one_is_named() {
    let (damaged, cut) = (files::corrupt(), files::text());
    for damaged in [damaged, cut] {
        let file = files::database("wal");
        let name = |day| file.beside(&format!("shop-2026010{day}T000000Z.db"));
        for day in [1, 2, 4] {
            files::fill(&name(day), "delete");
        }
        fs::copy(&damaged.path, name(3)).unwrap();
        let path = file.path.to_str().unwrap();
        let ran = run(["restore", name(3).to_str().unwrap(), path]);
        assert!([3, 5].contains(&ran.status), "{ran:?}");
        let advice = format!("db-core restore {} {path}", name(2).display());
        assert!(ran.stderr.contains(&advice), "{ran:?}");
    }
}

#[test]
fn a_missing_backup_is_told_as_that() {
    let file = files::database("wal");
    let missing = file.beside("missing.db");
    let ran = run(["restore", missing.to_str().unwrap(), file.path.to_str().unwrap()]);
    assert_eq!(ran.status, 3, "{ran:?}");
    assert!(ran.stderr.contains("missing.db does not exist"), "{ran:?}");
}

/// A restore waits for as long as it does.
#[test]
fn of_a_locked_backup_no_option_is_advised_that_there_is_not() {
    let (file, backup) = (files::database("wal"), files::database("delete"));
    let held = ForeignLock::take(&backup.path, Lock::Exclusive);
    let ran = run(["restore", backup.path.to_str().unwrap(), file.path.to_str().unwrap()]);
    assert_eq!(ran.status, 4, "{ran:?}");
    assert!(!ran.stderr.contains("--timeout"), "{ran:?}");
    held.release();
}

/// Who may not give it away may still replace it, in a folder that anybody may write.
#[cfg(unix)]
#[test]
fn a_new_owner_is_told_with_what_gives_the_file_back() {
    use super::permissions::Guarded;

    // One that can't be read: else it keeps its owner.
    let guarded = Guarded::new(files::text(), 0o666, 0o777);
    if !guarded.is_root {
        // Only root can call it as somebody else.
        return;
    }
    let backup = guarded.file.beside("backup.db");
    fs::copy(&files::database("delete").path, &backup).unwrap();
    let ran =
        guarded.run(&["restore", backup.to_str().unwrap(), guarded.file.path.to_str().unwrap()]);
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains("chown --reference="), "{ran:?}");
    #[cfg(target_os = "linux")]
    assert!(ran.stdout.contains("programs of other users can't be seen"), "{ran:?}");
}

/// Whoever has it open goes on with the new content.
#[cfg(unix)]
#[test]
fn a_database_that_is_written_to_stays_whose_it_is() {
    use super::permissions::Guarded;

    let guarded = Guarded::new(files::database("delete"), 0o666, 0o777);
    if !guarded.is_root {
        return;
    }
    let backup = guarded.file.beside("backup.db");
    fs::copy(&guarded.file.path, &backup).unwrap();
    let ran =
        guarded.run(&["restore", backup.to_str().unwrap(), guarded.file.path.to_str().unwrap()]);
    assert_eq!((ran.status, ran.stdout.lines().count()), (0, 2), "{ran:?}");
}
