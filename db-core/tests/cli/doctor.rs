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
    assert!(text.contains("3 things to improve"), "{text}");
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
    assert!(what.contains("shop-today.db"), "{what}");
    let (status, level, what) = ask(&["--max-age", "0s"]);
    assert_eq!((status, level.as_str()), (1, "problem"), "{what}");
}
