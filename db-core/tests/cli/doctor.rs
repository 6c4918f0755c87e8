//! All checks at once: what is told, and what it counts for.

use std::fs;

use rusqlite::Connection;
use serde_json::Value;

use super::files;
use super::kinds::called;
use super::run::run;

/// The levels of the checks of that name.
fn levels(told: &Value, name: &str) -> Vec<String> {
    let checks = told["checks"].as_array().unwrap().iter();
    let named = checks.filter(|check| check["name"] == name);
    named.map(|check| check["level"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_database_that_is_well_has_no_problems() {
    let file = files::database("wal");
    let ran = run(called("doctor", &file, true));
    let told = ran.json();
    assert_eq!((ran.status, &told["problems"]), (0, &Value::from(0)), "{told}");
    for name in ["file", "place", "structure", "journal", "free room", "log", "locks"] {
        assert_eq!(levels(&told, name), ["ok"], "{name}: {told}");
    }
    let ran = run(called("doctor", &file, false));
    assert!(ran.stdout.contains(": nothing wrong\n"), "{ran:?}");
}

#[test]
fn what_is_worth_changing_is_no_problem() {
    let file = files::database("delete");
    let conn = Connection::open(&file.path).unwrap();
    conn.execute_batch(
        "CREATE TABLE old (text);
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
             INSERT INTO old SELECT hex(zeroblob(1000)) FROM n;
         DROP TABLE old",
    )
    .unwrap();
    drop(conn);
    let ran = run(called("doctor", &file, true));
    let told = ran.json();
    assert_eq!(ran.status, 0, "{told}");
    for name in ["journal", "free room", "statistics"] {
        assert_eq!(levels(&told, name), ["advice"], "{name}: {told}");
    }
    let text = run(called("doctor", &file, false)).stdout;
    assert!(text.contains(": nothing wrong, 3 things to improve\n"), "{text}");
    for advice in ["PRAGMA journal_mode = WAL", "db-core vacuum", "db-core optimize"] {
        assert!(text.contains(advice), "{advice}: {text}");
    }
}

#[test]
fn what_is_advised_helps() {
    let file = files::database("wal");
    let conn = Connection::open(&file.path).unwrap();
    conn.execute_batch("INSERT INTO product (text, name) SELECT text, name || 'x' FROM product")
        .unwrap();
    conn.execute_batch("UPDATE product SET text = hex(zeroblob(1000))").unwrap();
    drop(conn);
    assert_eq!(levels(&run(called("doctor", &file, true)).json(), "statistics"), ["advice"]);
    assert_eq!(run(called("optimize", &file, false)).status, 0);
    assert_eq!(levels(&run(called("doctor", &file, true)).json(), "statistics"), ["ok"]);
}

#[test]
fn damage_and_what_is_half_done_are_problems() {
    for make in [files::corrupt, files::cut, files::with_journal] {
        let file = make();
        let before = file.all();
        let ran = run(called("doctor", &file, true));
        let told = ran.json();
        assert_eq!(ran.status, 1, "{told}");
        assert_eq!(told["checks"][0]["level"], "problem", "the worst comes first: {told}");
        assert_eq!(file.all(), before);
    }
}

#[test]
fn a_log_that_was_left_is_told_and_left() {
    let file = files::with_log();
    let told = run(called("doctor", &file, true)).json();
    assert_eq!(levels(&told, "log"), ["note"], "{told}");
}

#[test]
fn the_newest_backup_and_its_age_are_told() {
    let file = files::database("wal");
    let folder = file.beside("backups");
    let args =
        ["doctor", "--json", file.path.to_str().unwrap(), "--backups", folder.to_str().unwrap()];
    let ask = |more: &[&str]| {
        let ran = run(args.iter().chain(more));
        let told = ran.json();
        let check =
            told["checks"].as_array().unwrap().iter().find(|check| check["name"] == "backups");
        let check = check.unwrap();
        let text = |field: &str| check[field].as_str().unwrap().to_owned();
        (ran.status, text("level"), text("what"))
    };
    let (status, level, what) = ask(&[]);
    assert_eq!((status, level.as_str()), (1, "problem"), "{what}");
    fs::create_dir(&folder).unwrap();
    let (status, level, what) = ask(&[]);
    assert_eq!((status, level.as_str()), (1, "problem"), "{what}");
    assert!(what.contains("holds no backup"), "{what}");
    let backup = folder.join("shop-today.db");
    let made = run(["backup", file.path.to_str().unwrap(), backup.to_str().unwrap()]);
    assert_eq!(made.status, 0, "{made:?}");
    let (status, level, what) = ask(&[]);
    assert_eq!((status, level.as_str()), (0, "ok"), "{what}");
    assert!(what.contains("shop-today.db") && what.contains("it can be opened"), "{what}");
    let (status, level, what) = ask(&["--full"]);
    assert_eq!((status, level.as_str()), (0, "ok"), "{what}");
    assert!(what.ends_with(", and whole"), "{what}");
    let (status, level, what) = ask(&["--max-age", "0s"]);
    assert_eq!((status, level.as_str()), (1, "problem"), "{what}");
}

/// Backups of two days, and what the doctor says of them.
fn of_backups(file: &files::File, newest: &files::File, more: &[&str]) -> (i32, String) {
    let name = |day| file.beside(&format!("shop-2026010{day}T000000Z.db"));
    files::fill(&name(1), "delete");
    fs::copy(&newest.path, name(2)).unwrap();
    let (path, folder) = (file.path.to_str().unwrap(), file.folder.path().to_str().unwrap());
    let args = ["doctor", path, "--max-age", "99999d", "--backups", folder];
    let ran = run(args.iter().chain(more));
    (ran.status, ran.stdout)
}

#[test]
fn a_backup_that_can_not_be_used_is_a_problem_and_the_one_before_is_named() {
    let older = "shop-20260101T000000Z.db";
    for (newest, more) in [
        (files::text(), [].as_slice()),
        (files::cut(), &[]),
        (files::empty(), &[]),
        (files::corrupt(), &["--full"]),
    ] {
        let file = files::database("wal");
        let (status, told) = of_backups(&file, &newest, more);
        assert_eq!(status, 1, "{told}");
        assert!(told.contains("PROBLEM  backups: the newest can't be used: "), "{told}");
        let good = told.lines().find(|line| line.contains("the newest that can: ")).unwrap();
        assert!(good.contains(older), "{told}");
    }
    let (status, told) = of_backups(&files::database("wal"), &files::corrupt(), &[]);
    assert_eq!(status, 0, "what only a full check finds: {told}");
    assert!(told.contains("--full checks all of it"), "{told}");
}

#[test]
fn an_emptied_database_is_a_problem_if_its_backup_is_not_empty() {
    let (status, told) = of_backups(&files::empty(), &files::database("delete"), &[]);
    assert_eq!(status, 1, "{told}");
    assert!(told.contains("PROBLEM  file: it is empty, and its backup "), "{told}");
    let file = files::empty();
    let ran = run(called("doctor", &file, false));
    assert_eq!(ran.status, 0, "{ran:?}");
    assert!(ran.stdout.contains(": nothing wrong, 1 note\n"), "{ran:?}");
}

#[test]
fn the_backup_to_restore_is_named_if_the_folder_is_known() {
    for newest in [files::database("delete"), files::text()] {
        let file = files::corrupt();
        let day = if newest.bytes().unwrap().starts_with(b"SQLite") { 2 } else { 1 };
        let (status, told) = of_backups(&file, &newest, &[]);
        assert_eq!(status, 1, "{told}");
        let backup = file.beside(&format!("shop-2026010{day}T000000Z.db"));
        let advice = format!("db-core restore {} {}", backup.display(), file.path.display());
        assert!(told.contains(&advice), "{told}");
        assert!(!told.contains("restore BACKUP"), "{told}");
    }
}
