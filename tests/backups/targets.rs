//! Where a backup may be written, and where not.

use super::*;

#[track_caller]
fn refused(db: &Database, path: impl AsRef<Path>, words: &str) {
    let folder = db.path().parent().unwrap();
    let before = files(folder);
    let told = told(db.backup_to(path.as_ref(), quiet));
    assert!(told.starts_with("no backup of "), "{told}");
    assert!(told.lines().next().unwrap().contains(words), "{told}");
    assert!(told.contains("\n\nAction:") || told.contains("\n\nMay occur if:"), "{told}");
    assert_eq!(files(folder), before);
    add(db, "still written");
}

#[test]
fn paths_that_make_no_sense_are_refused_in_plain_words() {
    let db = TestDb::new();
    refused(&db, "", "the path is empty");
    refused(&db, db.beside(""), "is a folder");
    let missing = db.beside("nowhere").join("copy.db");
    refused(&db, &missing, "the folder ");
    refused(&db, db.beside("shop.db").join("copy.db"), "does not exist");
    // Not a device of the system's: a broken check would replace it for everybody.
    #[cfg(unix)]
    {
        let socket = db.beside("socket");
        let _listens = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        refused(&db, &socket, "not an ordinary file");
    }
}

#[test]
fn the_database_itself_is_refused_by_all_its_names() {
    let db = TestDb::new();
    refused(&db, db.path(), "the database itself");
    for suffix in ["-wal", "-shm", "-journal", "-next", "-writer", "-sync"] {
        refused(&db, db.beside(&format!("shop.db{suffix}")), "belongs to it");
    }
    let hard = db.beside("hard.db");
    fs::hard_link(db.path(), &hard).unwrap();
    refused(&db, &hard, "the database itself");
    #[cfg(unix)]
    {
        let soft = db.beside("soft.db");
        std::os::unix::fs::symlink(db.path(), &soft).unwrap();
        refused(&db, &soft, "the database itself");
        let folder = db.beside("folder");
        std::os::unix::fs::symlink(db.beside("."), &folder).unwrap();
        refused(&db, folder.join("shop.db-wal"), "belongs to it");
        let nowhere = db.beside("nowhere.db");
        std::os::unix::fs::symlink(db.beside("not there"), &nowhere).unwrap();
        refused(&db, &nowhere, "nowhere.db");
    }
    fs::remove_file(hard).unwrap();
    db.assert_whole();
}

/// It was opened by a link that leads elsewhere now.
#[cfg(unix)]
#[test]
fn the_database_itself_is_known_whatever_a_link_leads_to() {
    let shop = Shop::new();
    let link = shop.folder.path().join("link.db");
    std::os::unix::fs::symlink(shop.database(), &link).unwrap();
    let db = Database::open(&link).unwrap();
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink(shop.backup(), &link).unwrap();
    let refused = failed(db.backup_to(shop.database(), quiet));
    assert!(matches!(refused.problem, BackupProblem::Itself), "{refused:?}");
    add(&db, "plum");
    drop(db);
    assert_eq!(names(&shop.database()), ["apple", "pear", "plum"]);
}

#[cfg(unix)]
#[test]
fn a_link_is_followed_and_permissions_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let set = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let db = TestDb::new();
    add(&db, "apple");
    set(db.path(), 0o640);
    let (copy, link) = (db.beside("copy.db"), db.beside("link.db"));
    db.backup_to(&copy, quiet).unwrap();
    assert_eq!(mode(&copy), 0o640, "as the database has them");
    set(&copy, 0o600);
    std::os::unix::fs::symlink(&copy, &link).unwrap();
    add(&db, "pear");
    db.backup_to(&link, quiet).unwrap();
    assert!(link.is_symlink());
    assert_eq!(names(&copy), ["apple", "pear"]);
    assert_eq!(mode(&copy), 0o600, "as the old backup had them");
}

#[test]
fn a_path_with_signs_that_mean_something_in_a_uri() {
    let db = TestDb::new();
    add(&db, "apple");
    let copy = db.beside("a ?b#c%20d&immutable=0.db");
    db.backup_to(&copy, quiet).unwrap();
    assert_eq!(names(&copy), ["apple"]);
}

/// Somebody has looked into the old backup, and was killed: what it has left beside would be
/// taken for the log of the new one.
#[test]
fn the_log_of_an_old_backup_is_not_applied_to_the_new_one() {
    let shop = Shop::new();
    left_beside::leave_log(&shop.backup(), "INSERT INTO item (name) VALUES ('stale')");
    let db = Database::open(shop.database()).unwrap();
    db.backup_to(shop.backup(), quiet).unwrap();
    assert!(!shop.folder.path().join("copy.db-wal").exists());
    assert_eq!(names(&shop.backup()), ["apple", "pear"]);
    assert_whole(&shop.backup());
}

#[test]
fn an_old_backup_that_is_open_is_not_replaced() {
    let shop = Shop::new();
    let db = Database::open(shop.database()).unwrap();
    let mut foreign = common::Foreign::open(&shop.backup());
    foreign.run("SELECT * FROM item").unwrap();
    let told = told(db.backup_to(shop.backup(), quiet));
    assert!(told.contains("copy.db is open in "), "{told}");
    no_partial_files(shop.folder.path());
    drop(foreign);
    db.backup_to(shop.backup(), quiet).unwrap();
    assert_eq!(names(&shop.backup()), ["apple", "pear"]);
}

/// With a rollback journal it has neither a log nor a lock.
#[cfg(target_os = "linux")]
#[test]
fn a_database_that_is_open_is_not_replaced() {
    let shop = Shop::new();
    let live = shop.folder.path().join("live.db");
    make_file(&live);
    let mut foreign = common::Foreign::open(&live);
    foreign.run("INSERT INTO item (name) VALUES ('live')").unwrap();
    let db = Database::open(shop.database()).unwrap();
    let mut called = false;
    let refused = failed(db.backup_to(&live, |_progress| called = true));
    assert!(matches!(refused.problem, BackupProblem::InUse { .. }), "{refused:?}");
    assert!(!called, "it is known before the work");
    drop(foreign);
    let mut foreign = None;
    let comes = |_progress| {
        let mut process = common::Foreign::open(&live);
        process.run("INSERT INTO item (name) VALUES ('late')").unwrap();
        foreign = Some(process);
    };
    let refused = failed(db.backup_to(&live, comes));
    assert!(matches!(refused.problem, BackupProblem::InUse { .. }), "{refused:?}");
    foreign.unwrap().run("INSERT INTO item (name) VALUES ('later')").unwrap();
    assert_eq!(names(&live), ["live", "late", "later"]);
}

/// For the copy of the backup, for that of the old content, and while that is overwritten.
#[cfg(target_os = "linux")]
fn no_room_to_restore(small: &Path) {
    for (old, new) in [(500, 700), (500, 300), (250, 400)] {
        let shop = Shop::new();
        let fill = |path: &Path, kilobytes: u32| {
            let conn = Connection::open(path).unwrap();
            conn.execute_batch(&format!(
                "CREATE TABLE filler (x);
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {kilobytes})
                 INSERT INTO filler SELECT zeroblob(1000) FROM n",
            ))
            .unwrap();
        };
        let database = small.join("shop.db");
        fs::copy(shop.database(), &database).unwrap();
        fill(&database, old);
        fill(&shop.backup(), new);
        let before = (fs::read(&database).unwrap(), files(small));
        let told = told(restore(shop.backup(), &database, quiet));
        assert!(told.contains("there is no room for ") && told.contains("shop.db"), "{told}");
        assert_eq!(files(small), before.1, "{old}, {new}");
        assert_eq!(names(&database), ["apple", "pear"]);
        assert_whole(&database);
        let conn = Connection::open(&database).unwrap();
        let mode = conn.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
        assert_eq!(mode.unwrap(), "wal", "{old}, {new}");
        drop(conn);
        for name in files(small) {
            fs::remove_file(small.join(name)).unwrap();
        }
    }
}

/// A small drive of its own, which goes with its process.
#[cfg(target_os = "linux")]
#[test]
fn no_room() {
    use std::process::Command;
    const FOLDER: &str = "DB_CORE_TEST_SMALL";
    let name = "targets::no_room";
    if let Some(small) = std::env::var_os(FOLDER) {
        let db = TestDb::new();
        fill(db.path());
        let small = PathBuf::from(small);
        let told = told(db.backup_to(small.join("copy.db"), quiet));
        assert!(told.contains("there is no room for "), "{told}");
        assert!(told.contains("make room"), "{told}");
        assert!(files(&small).is_empty());
        no_room_to_restore(&small);
        println!("there was no room");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mount = "mount -t tmpfs -o size=1m none \"$1\" && exec \"$0\" \"$2\" --exact --nocapture";
    let ran = Command::new("unshare")
        .args(["-rm", "sh", "-c", mount])
        .arg(std::env::current_exe().unwrap())
        .arg(folder.path())
        .arg(name)
        .env(FOLDER, folder.path())
        .output();
    match ran {
        Ok(ran) if String::from_utf8_lossy(&ran.stdout).contains("running 1 test") => {
            let text = String::from_utf8_lossy(&ran.stdout);
            let errors = String::from_utf8_lossy(&ran.stderr);
            assert!(text.contains("there was no room"), "{text}\n{errors}");
        }
        _ => println!("skipped: no drive of its own can be had here"),
    }
}
