//! A database that somebody has open is not replaced.

use common::Foreign;

use super::*;

const IDLER: &str = "in_use::idler";

/// Another process with db-core that has the database open and does nothing.
#[test]
fn idler() {
    let Some(path) = Process::role() else { return };
    let db = Database::open(path).unwrap();
    Process::say("idler: open");
    std::io::stdin().read_line(&mut String::new()).unwrap();
    db.close().unwrap();
    Process::say("idler: closed");
    std::io::stdin().read_line(&mut String::new()).unwrap();
}

#[track_caller]
fn is_refused(shop: &Shop, who: &str) {
    let before = fs::read(shop.database()).unwrap();
    let mut called = false;
    let failed = failed(restore(shop.backup(), shop.database(), |_progress| called = true));
    assert_eq!(failed.task, BackupTask::Restore);
    assert!(matches!(failed.problem, BackupProblem::InUse { .. }), "{failed:?}");
    assert!(!called, "it is known before the work");
    let told = Error::Backup(Box::new(failed)).report();
    assert!(told.contains("shop.db is open in "), "{told}");
    assert!(told.contains(who), "{told}");
    assert!(told.contains("end the programs that use it"), "{told}");
    assert!(fs::read(shop.database()).unwrap() == before);
    no_partial_files(shop.folder.path());
}

fn number(id: u32) -> String {
    if cfg!(target_os = "linux") { format!("process {id} ") } else { String::new() }
}

#[test]
fn by_this_process() {
    let shop = Shop::new();
    let db = Database::open(shop.database()).unwrap();
    is_refused(&shop, "this process");
    drop(db);
    let conn = Connection::open(shop.database()).unwrap();
    conn.execute_batch("SELECT * FROM item").unwrap();
    if cfg!(target_os = "linux") {
        is_refused(&shop, "this process");
    }
    // Its locks were not lost by the looking.
    drop(conn);
    shop.restore().unwrap();
    shop.is_restored();
}

#[test]
fn by_another_process_with_db_core() {
    let shop = Shop::new();
    let mut other = Process::again(IDLER, shop.database());
    assert_eq!(other.hear("idler: ").as_deref(), Some("open"));
    is_refused(&shop, &number(other.id()));
    other.tell("close");
    assert_eq!(other.hear("idler: ").as_deref(), Some("closed"));
    shop.restore().unwrap();
    shop.is_restored();
}

#[test]
fn by_a_program_that_knows_nothing_of_db_core() {
    let shop = Shop::new();
    let mut foreign = Foreign::open(&shop.database());
    foreign.run("SELECT * FROM item").unwrap();
    is_refused(&shop, "process ");
    foreign.run("BEGIN IMMEDIATE").unwrap();
    is_refused(&shop, "process ");
    drop(foreign);
    // It was killed, with its log beside.
    shop.restore().unwrap();
    shop.is_restored();
}

/// Then it has no lock, and only the system's list of open files tells of it.
#[cfg(target_os = "linux")]
#[test]
fn by_an_idle_program_with_a_rollback_journal() {
    let shop = Shop::new();
    let conn = Connection::open(shop.database()).unwrap();
    conn.query_row("PRAGMA journal_mode = DELETE", [], |_row| Ok(())).unwrap();
    drop(conn);
    let mut foreign = Foreign::open(&shop.database());
    foreign.run("SELECT * FROM item").unwrap();
    is_refused(&shop, "process ");
    drop(foreign);
    shop.restore().unwrap();
    shop.is_restored();
}

/// It came after the first look, while the backup was copied.
#[test]
fn by_somebody_who_comes_meanwhile() {
    let shop = Shop::new();
    let mut foreign = None;
    let comes = |_progress| {
        let mut process = Foreign::open(&shop.database());
        process.run("SELECT * FROM item").unwrap();
        foreign = Some(process);
    };
    let failed = failed(restore(shop.backup(), shop.database(), comes));
    assert!(matches!(failed.problem, BackupProblem::InUse { .. }), "{failed:?}");
    drop(foreign);
    shop.is_as_it_was();
}

/// No lock of the system's stands between two users in one process.
#[test]
fn by_this_process_meanwhile() {
    let shop = Shop::new();
    let mut db = None;
    let opens = |_progress| db = Some(Database::open(shop.database()).unwrap());
    let failed = failed(restore(shop.backup(), shop.database(), opens));
    let BackupProblem::InUse { here: true, .. } = failed.problem else { panic!("{failed:?}") };
    let db = db.unwrap();
    add(&db, "plum");
    db.close().unwrap();
    assert_eq!(names(&shop.database()), ["apple", "pear", "plum"]);
    assert_whole(&shop.database());
}
