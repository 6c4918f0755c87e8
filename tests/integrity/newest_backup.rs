//! The error of a damaged file names the newest backup, and how to put it back.

use super::*;

struct Kept {
    made: Made,
    newest: PathBuf,
}

fn options(made: &Made) -> Options {
    Options::new().backups(made.folder.path().join("backups"))
}

/// A database with two backups, of which the second is the newest, and then damaged.
fn kept() -> Kept {
    let made = Made::of(STOCK);
    let db = made.open(options(&made)).unwrap();
    let first = db.backup(|_progress| ()).unwrap();
    let newest = db.backup(|_progress| ()).unwrap();
    assert_ne!(first, newest);
    drop(db);
    ruin_page(&made.path(), 2);
    Kept { made, newest }
}

#[track_caller]
fn names(error: &Error, Kept { made, newest }: &Kept) {
    let Error::Corrupt(corrupt) = error else { panic!("{error}") };
    assert_eq!(corrupt.backup.as_deref(), Some(newest.as_path()));
    let (newest, path) = (newest.display(), made.path());
    let report = error.report();
    assert!(report.contains(&format!("the newest backup is {newest}")), "{report}");
    let restore = format!("restore the newest backup: db-core restore {newest} {}", path.display());
    assert!(report.contains(&restore), "{report}");
}

#[test]
fn by_the_check_at_the_start() {
    let kept = kept();
    let options = options(&kept.made).startup_check(IntegrityCheck::Quick);
    names(&kept.made.open(options).unwrap_err(), &kept);
}

#[test]
fn by_calls_that_meet_the_damage() {
    let kept = kept();
    let db = kept.made.open(options(&kept.made)).unwrap();
    let count = "SELECT sum(qty) FROM stock";
    let read = db.read(|r| Ok::<i64, Error>(r.query_row(count, [], |row| row.get(0))?));
    names(&read.unwrap_err(), &kept);
    let write = db.write(|w| Ok::<_, Error>(w.execute("UPDATE stock SET qty = 1", [])?));
    names(&write.unwrap_err(), &kept);
}

#[test]
fn of_a_file_that_is_no_database_any_more() {
    let kept = kept();
    ruin_page(&kept.made.path(), 1);
    let error = kept.made.open(options(&kept.made)).unwrap_err();
    names_not_one(&error, &kept);
}

#[track_caller]
fn names_not_one(error: &Error, kept: &Kept) {
    let report = error.report();
    assert!(report.contains("is not an SQLite database"), "{report}");
    let restore =
        format!("db-core restore {} {}", kept.newest.display(), kept.made.path().display());
    assert!(report.contains(&restore), "{report}");
}

#[test]
fn the_damaged_file_is_replaced_as_the_error_says() {
    let Kept { made, newest } = kept();
    let restored = db_core::restore(newest, made.path(), |_progress| ()).unwrap();
    assert!(restored.kept.is_some());
    let db = made.open(options(&made).startup_check(IntegrityCheck::Full)).unwrap();
    let qty: i64 =
        db.read(|r| r.query_row("SELECT sum(qty) FROM stock", [], |row| row.get(0))).unwrap();
    assert_eq!(qty, 5);
}

#[test]
fn without_one_none_is_named() {
    let made = Made::of(STOCK);
    ruin_page(&made.path(), 2);
    for options in [FULL(), options(&made).startup_check(IntegrityCheck::Full)] {
        let error = made.open(options).unwrap_err();
        let report = error.report();
        assert!(!report.contains("newest backup is"), "{report}");
        assert!(report.contains("restore the newest backup: db-core restore BACKUP /"), "{report}");
    }
}
