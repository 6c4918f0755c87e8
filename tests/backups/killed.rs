//! A process that is killed on its way leaves what was there before, and the next one removes
//! what it has left.

use std::sync::OnceLock;

use super::*;

const MAKER: &str = "killed::maker";
const RESTORER: &str = "killed::restorer";

/// Waits for a word from the parent, which may never come.
fn wait() {
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

/// A process that makes a backup and stops half-way. It is given the folder.
#[test]
fn maker() {
    let Some(folder) = Process::role() else { return };
    let folder = PathBuf::from(folder);
    let db = Database::open(folder.join("shop.db")).unwrap();
    let mut is_first = true;
    db.backup_to(folder.join("copy.db"), |progress| {
        assert!(!is_first || progress.pages_done < progress.pages_total);
        if std::mem::replace(&mut is_first, false) {
            Process::say("maker: half");
            wait();
        }
    })
    .unwrap();
    Process::say("maker: done");
}

fn half_made(shop: &Shop) -> Process {
    let maker = Process::again(MAKER, shop.folder.path());
    assert_eq!(maker.hear("maker: ").as_deref(), Some("half"));
    maker
}

#[test]
fn a_killed_backup_leaves_the_old_one_and_the_next_one_cleans_up() {
    let shop = Shop::new();
    fill(&shop.database());
    let before = fs::read(shop.backup()).unwrap();
    half_made(&shop).kill();
    assert!(fs::read(shop.backup()).unwrap() == before);
    let left = partial_files(shop.folder.path());
    assert_eq!(left.len(), 1);

    let mut under_way = half_made(&shop);
    let other = partial_files(shop.folder.path());
    assert_eq!(other.len(), 1, "{other:?}");
    assert_ne!(other, left);
    let db = Database::open(shop.database()).unwrap();
    add(&db, "plum");
    db.backup_to(shop.backup(), quiet).unwrap();
    assert_eq!(partial_files(shop.folder.path()), other, "that one is under way");
    assert_eq!(names(&shop.backup()), ["apple", "pear", "plum"]);
    under_way.tell("go on");
    assert_eq!(under_way.hear("maker: ").as_deref(), Some("done"));
    assert!(under_way.ended().success());
    no_partial_files(shop.folder.path());
    assert_eq!(names(&shop.backup()), ["apple", "pear"], "of an earlier moment");
    assert_whole(&shop.backup());
}

static STOP_AT: OnceLock<String> = OnceLock::new();

fn stop_at(step: &'static str) {
    if STOP_AT.get().is_some_and(|stop| stop == step) {
        Process::say("restorer: there");
        wait();
    }
}

/// A process that restores and stops at a step. It is given the step and the folder, on two
/// lines.
#[test]
fn restorer() {
    let Some(given) = Process::role() else { return };
    let given = given.into_string().unwrap();
    let (step, folder) = given.split_once('\n').unwrap();
    STOP_AT.set(step.to_owned()).unwrap();
    assert!(db_core::__faults::intercept_restore(stop_at));
    let folder = Path::new(folder);
    restore(folder.join("copy.db"), folder.join("shop.db"), |_progress| stop_at("copying"))
        .unwrap();
}

fn stopped_at(step: &str, shop: &Shop) -> Process {
    let folder = shop.folder.path().to_str().unwrap();
    let restorer = Process::again(RESTORER, format!("{step}\n{folder}"));
    assert_eq!(restorer.hear("restorer: ").as_deref(), Some("there"), "{step}");
    restorer
}

/// With a log that a killed writer has left, so that there is something to lose.
#[test]
fn a_restore_killed_anywhere_leaves_the_old_database_or_the_new_one() {
    for step in ["copying", "copied", "settled", "kept", "aside", "renamed"] {
        let shop = Shop::new();
        left_beside::leave_log(&shop.database(), "INSERT INTO item (name) VALUES ('plum')");
        stopped_at(step, &shop).kill();
        let is_new = step == "renamed";
        let expected: &[&str] = if is_new { &["apple"] } else { &["apple", "pear", "plum"] };
        assert_eq!(names(&shop.database()), expected, "{step}");
        assert_whole(&shop.database());

        let kept = shop.restore().unwrap().kept.unwrap();
        shop.is_restored();
        assert_eq!(names(&kept), expected, "{step}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let links = fs::metadata(&kept).unwrap().nlink();
            assert_eq!(links, 1, "{step}: two names of one database");
        }
    }
}

/// Then the log can't be carried over, and is moved: it stays with the old file.
#[test]
fn a_restore_of_a_damaged_database_that_is_killed_loses_nothing_of_it() {
    for step in ["copied", "settled", "kept", "aside", "renamed"] {
        let shop = Shop::new();
        fill(&shop.database());
        left_beside::leave_log(&shop.database(), "INSERT INTO item (name) VALUES ('in the log')");
        let mut bytes = fs::read(shop.database()).unwrap();
        // Too short for what its header says, which SQLite refuses to read.
        bytes.truncate(bytes.len() / 2);
        fs::write(shop.database(), &bytes).unwrap();
        let log = fs::read(left_beside::log_of(&shop.database())).unwrap();
        stopped_at(step, &shop).kill();
        shop.restore().unwrap();
        shop.is_restored();
        let is_kept = |name: &String| name.contains(".replaced-") && !name.ends_with("-wal");
        let kept: Vec<_> = files(shop.folder.path()).into_iter().filter(is_kept).collect();
        let is_old = |name: &&String| fs::read(shop.folder.path().join(name)).unwrap() == bytes;
        let old: Vec<_> = kept.iter().filter(is_old).collect();
        let [old] = &old[..] else { panic!("{step}: {kept:?}") };
        let beside = left_beside::log_of(&shop.folder.path().join(old));
        assert!(fs::read(beside).unwrap() == log, "{step}");
    }
}

/// From the lock to the end nobody else gets at the old file.
#[cfg(unix)]
#[test]
fn while_it_is_exchanged_nobody_reads_it() {
    let shop = Shop::new();
    let mut restorer = stopped_at("kept", &shop);
    let conn = Connection::open(shop.database()).unwrap();
    conn.busy_timeout(std::time::Duration::ZERO).unwrap();
    let read = conn.query_row("SELECT count(*) FROM item", [], |_row| Ok(()));
    let code = read.unwrap_err().sqlite_error_code();
    assert_eq!(code, Some(rusqlite::ffi::ErrorCode::DatabaseBusy));
    let second = failed(shop.restore());
    assert!(matches!(second.problem, BackupProblem::InUse { .. }), "{second:?}");
    if cfg!(target_os = "linux") {
        // This process has opened the old one in the last moment: so it stays.
        restorer.tell("go on");
        assert!(!restorer.ended().success());
        shop.is_as_it_was();
        drop(conn);
        shop.restore().unwrap();
        shop.is_restored();
    }
}
