//! A backup that is put back.

use super::*;

#[test]
fn the_old_file_is_kept_beside_with_all_that_was_in_it() {
    let shop = Shop::new();
    let mut reports = Vec::new();
    let progress = |progress| reports.push(progress);
    let restored = restore(shop.backup(), shop.database(), progress).unwrap();
    let last: Progress = *reports.last().unwrap();
    assert!(last.pages_done == last.pages_total && last.pages_total > 1, "{last:?}");
    shop.is_restored();
    let kept = restored.kept.unwrap();
    let name = kept.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("shop.db.replaced-2") && name.ends_with('Z'), "{name}");
    assert_eq!(names(&kept), ["apple", "pear"]);
    assert_whole(&kept);
    assert_eq!(names(&shop.backup()), ["apple"], "the backup stays");
    let copies: Vec<_> =
        files(shop.folder.path()).into_iter().filter(|name| name.starts_with("copy.db")).collect();
    assert_eq!(copies, ["copy.db"], "and nothing is left beside it");

    // The same second or not: the other old one stays as well.
    let again = shop.restore().unwrap().kept.unwrap();
    assert_ne!(again, kept);
    assert!(kept.exists() && again.exists());
    let db = Database::open(shop.database()).unwrap();
    add(&db, "plum");
    db.close().unwrap();
    assert_eq!(names(&shop.database()), ["apple", "plum"]);
}

#[test]
fn there_need_not_be_an_old_one() {
    let shop = Shop::new();
    let new = shop.folder.path().join("new.db");
    assert_eq!(restore(shop.backup(), &new, quiet).unwrap().kept, None);
    assert_eq!(names(&new), ["apple"]);
    assert_whole(&new);
}

#[test]
fn missing_and_senseless_paths_are_told_in_plain_words() {
    let shop = Shop::new();
    let folder = shop.folder.path();
    let before = files(folder);
    let told = |backup: &Path, database: &Path| told(restore(backup, database, quiet));
    let text = told(&folder.join("nowhere.db"), &shop.database());
    assert!(text.contains("shop.db was not restored: there is no backup at "), "{text}");
    let text = told(&folder.join("nowhere").join("copy.db"), &shop.database());
    assert!(text.contains("there is no backup at "), "{text}");
    let text = told(folder, &shop.database());
    assert!(text.contains(" is a folder, not a file"), "{text}");
    let text = told(&shop.backup(), folder);
    assert!(text.contains(" is a folder, not a file"), "{text}");
    let text = told(&shop.backup(), &folder.join("nowhere").join("shop.db"));
    assert!(text.contains("the folder ") && text.contains(" does not exist"), "{text}");
    let text = told(&shop.backup(), &shop.backup());
    assert!(text.contains("is the database itself"), "{text}");
    let text = told(Path::new(""), &shop.database());
    assert!(text.contains("the path is empty"), "{text}");
    assert_eq!(files(folder), before);
    shop.is_as_it_was();
}

#[test]
fn a_database_whose_handle_is_closed_is_not_open() {
    let shop = Shop::new();
    let db = Database::open(shop.database()).unwrap();
    add(&db, "plum");
    db.close().unwrap();
    shop.restore().unwrap();
    shop.is_restored();
    drop(db);
}

/// As a copy of a database that was in use: what is committed is in the log.
#[test]
fn a_backup_with_a_log_beside_is_read_with_it() {
    let shop = Shop::new();
    let copy = shop.folder.path().join("copied.db");
    fs::copy(shop.backup(), &copy).unwrap();
    left_beside::leave_log(&copy, "INSERT INTO item (name) VALUES ('in the log')");
    let log = shop.folder.path().join("copied.db-wal");
    let before = (fs::read(&copy).unwrap(), fs::read(&log).unwrap());
    restore(&copy, shop.database(), quiet).unwrap();
    assert_eq!(names(&shop.database()), ["apple", "in the log"]);
    assert_whole(&shop.database());
    assert!((fs::read(&copy).unwrap(), fs::read(&log).unwrap()) == before);
}

/// What undoes it would have to be written into the backup.
#[test]
fn a_backup_with_half_a_transaction_is_refused_and_left_as_it_is() {
    let shop = Shop::new();
    left_beside::leave_journal(&shop.backup());
    let before = (fs::read(shop.backup()).unwrap(), files(shop.folder.path()));
    let told = told(shop.restore());
    assert!(told.contains("copy.db is in ") && told.contains("copy.db-journal"), "{told}");
    assert!(told.contains("make a backup of it first"), "{told}");
    assert!((fs::read(shop.backup()).unwrap(), files(shop.folder.path())) == before);
    shop.is_as_it_was();
}

#[test]
fn a_backup_that_is_in_use_is_read_as_it_is_at_one_moment() {
    let shop = Shop::new();
    let db = Database::open(shop.backup()).unwrap();
    add(&db, "in use");
    shop.restore().unwrap();
    assert_eq!(names(&shop.database()), ["apple", "in use"]);
}

/// Somebody takes the backup for a database while it is copied.
#[test]
fn a_backup_that_is_written_meanwhile_is_of_one_moment() {
    for mode in ["DELETE", "WAL"] {
        let shop = Shop::new();
        fill(&shop.backup());
        let set_mode = |conn: &Connection| {
            let sql = format!("PRAGMA journal_mode = {mode}");
            conn.query_row(&sql, [], |_row| Ok(())).unwrap();
        };
        set_mode(&Connection::open(shop.backup()).unwrap());
        let mut written = Vec::new();
        let writes = |_progress| {
            let conn = Connection::open(shop.backup()).unwrap();
            conn.busy_timeout(std::time::Duration::ZERO).unwrap();
            let sql = "UPDATE filler SET x = randomblob(1000); INSERT INTO item (name) VALUES (1)";
            written.push(conn.execute_batch(&format!("BEGIN; {sql}; COMMIT")).is_ok());
        };
        restore(shop.backup(), shop.database(), writes).unwrap();
        assert!(written.len() > 1 && written.iter().all(|done| *done == (mode == "WAL")));
        shop.is_restored();
        let conn = Connection::open(shop.database()).unwrap();
        let sql = "SELECT count(*) FROM filler WHERE x != zeroblob(1000)";
        let newer: i64 = conn.query_row(sql, [], |row| row.get(0)).unwrap();
        assert_eq!(newer, 0, "{mode}");
    }
}

/// It is waited for some seconds.
#[test]
fn a_backup_that_is_locked_is_told_as_that() {
    let shop = Shop::new();
    let conn = Connection::open(shop.backup()).unwrap();
    conn.query_row("PRAGMA journal_mode = DELETE", [], |_row| Ok(())).unwrap();
    conn.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let told = told(shop.restore());
    assert!(told.contains("copy.db: database is locked"), "{told}");
    assert!(told.contains("wait for who is at work in it"), "{told}");
    drop(conn);
    shop.is_as_it_was();
}

/// Then SQLite can take no lock on it.
#[cfg(unix)]
#[test]
fn a_backup_that_cannot_be_written_is_read_all_the_same() {
    use std::os::unix::fs::PermissionsExt;
    let shop = Shop::new();
    fill(&shop.backup());
    let apart = shop.folder.path().join("apart");
    fs::create_dir(&apart).unwrap();
    let backup = apart.join("copy.db");
    fs::rename(shop.backup(), &backup).unwrap();
    let set = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    set(&backup, 0o400);
    set(&apart, 0o500);
    restore(&backup, shop.database(), quiet).unwrap();
    shop.is_restored();
    if fs::File::options().write(true).open(&backup).is_ok() {
        println!("skipped: this user may write everything");
        return;
    }
    let replaced = |_progress| {
        set(&apart, 0o700);
        fs::copy(&backup, apart.join("other.db")).unwrap();
        fs::rename(apart.join("other.db"), &backup).unwrap();
    };
    let changed = failed(restore(&backup, shop.database(), replaced));
    assert!(matches!(changed.problem, BackupProblem::InUse { .. }), "{changed:?}");
    assert_eq!(changed.path, backup);
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_links_are_followed() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let shop = Shop::new();
    fs::set_permissions(shop.database(), fs::Permissions::from_mode(0o640)).unwrap();
    let link = shop.folder.path().join("link.db");
    symlink(shop.database(), &link).unwrap();
    let kept = restore(shop.backup(), &link, quiet).unwrap().kept.unwrap();
    assert!(link.is_symlink());
    shop.is_restored();
    let name = kept.file_name().unwrap().to_str().unwrap();
    assert!(name.starts_with("shop.db.replaced-"), "{name}");
    let mode = fs::metadata(shop.database()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o640);
}

#[test]
fn a_panic_in_the_callback_leaves_the_database_as_it_was() {
    let shop = Shop::new();
    let panics = || restore(shop.backup(), shop.database(), |_progress| panic!("no progress"));
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).unwrap_err();
    shop.is_as_it_was();
}
